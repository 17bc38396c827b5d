"""The cast: one person of each role, two territories, and what every test stands on."""

import os
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from backoffice.embedded import default_home, ensure_running

if not os.environ.get("DATABASE_URL") or not os.environ.get("BROKER_URL"):
    ensure_running(
        home=default_home(), database=not os.environ.get("DATABASE_URL"), broker=not os.environ.get("BROKER_URL")
    )

AT = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
TODAY = date(2026, 3, 2)


@pytest.fixture
def at() -> datetime:
    """Ten in the morning in Shanghai, a Monday that is no holiday."""
    return AT


@pytest.fixture
def today() -> date:
    return TODAY


@pytest.fixture(autouse=True)
def _quick_passwords(settings: Any, tmp_path: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: Any, django_db_blocker: Any) -> None:
    """Let tests that commit empty the tables afterwards, which the trail's own guard would refuse."""
    from django.db import connection

    from backoffice.audit.chain import GENESIS
    from backoffice.audit.models import AuditHead

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_entry_no_truncate")
        # A kept database may have been emptied by the last run's tests that commit.
        AuditHead.objects.get_or_create(pk=1, defaults={"sequence": 0, "hash": GENESIS})


@pytest.fixture(autouse=True)
def _chain_has_a_head(request: pytest.FixtureRequest) -> None:
    """Give the chain its head back where a test before, in this session or the last, committed and emptied the tables."""
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if marker or commits or "db" in request.fixturenames:
        from backoffice.audit.chain import GENESIS
        from backoffice.audit.models import AuditHead

        request.getfixturevalue(
            "transactional_db" if commits or (marker and marker.kwargs.get("transaction")) else "db"
        )
        AuditHead.objects.get_or_create(pk=1, defaults={"sequence": 0, "hash": GENESIS})


@pytest.fixture
def shanghai(db: Any) -> Any:
    from backoffice.access.models import Territory

    return Territory.objects.create(code="310000", name="上海", name_en="Shanghai")


@pytest.fixture
def chengdu(db: Any) -> Any:
    from backoffice.access.models import Territory

    return Territory.objects.create(code="510100", name="成都", name_en="Chengdu")


@pytest.fixture
def person(shanghai: Any) -> Callable[..., Any]:
    """Return a maker of people: person("CASE_OFFICER"), by default working in Shanghai."""
    from backoffice.access.models import User

    def make(role: str, *, name: str = "", territories: Any = (shanghai,), **fields: Any) -> Any:
        user = User.objects.create_user(name or role.lower(), "correct horse battery", role=role, **fields)
        user.territories.set(territories)
        return user

    return make


@pytest.fixture
def officer(person: Any) -> Any:
    return person("CASE_OFFICER")


@pytest.fixture
def approver(person: Any) -> Any:
    return person("APPROVER")


@pytest.fixture
def risk_manager(person: Any) -> Any:
    return person("RISK_MANAGER")


@pytest.fixture
def dispatcher(person: Any) -> Any:
    return person("DISPATCHER")


@pytest.fixture
def reviewer(person: Any) -> Any:
    return person("REVIEWER")


@pytest.fixture
def auditor(person: Any) -> Any:
    return person("AUDITOR")


@pytest.fixture
def administrator(person: Any) -> Any:
    return person("ADMINISTRATOR")


@pytest.fixture
def general_approver(person: Any) -> Any:
    """An approver of all territories, who approves what holds for every territory (policies, runs)."""
    return person("APPROVER", name="general_approver", all_territories=True)
