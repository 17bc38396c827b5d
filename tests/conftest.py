"""Fixtures for all tests: one person of each role, two territories, a fixed instant, and servers."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.utils import translation

from backoffice.embedded import default_home, ensure_running

if not os.environ.get("DATABASE_URL") or not os.environ.get("BROKER_URL"):
    ensure_running(
        home=default_home(), database=not os.environ.get("DATABASE_URL"), broker=not os.environ.get("BROKER_URL")
    )

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)
TODAY = date(2026, 3, 2)


# Audit bodies with a word that people chose: segments are values of a column of the lender's portfolio.
TYPED_TEXTS = frozenset({"policy.activated:segment", "policy.drafted:segment", "policy.retired:segment"})


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
    settings.AUDIT_CHECKPOINTS = str(tmp_path / "checkpoints")
    settings.AUDIT_STRICT, settings.AUDIT_TEXTS = True, TYPED_TEXTS


@pytest.fixture(autouse=True)
def _project_language() -> None:
    """Begin each test in the project's language: the language of a test client's last request stays active."""
    translation.deactivate()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings: Any) -> None:
    """Connect as the owner of the tables, who creates the test database; see `django_db_setup` for what follows."""
    from django.conf import settings

    settings.DATABASES["default"].update(settings.DATABASE_OWNER)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: Any, django_db_blocker: Any) -> Iterator[None]:
    """
    Let every test work with the rights of the running role: what it may not do fails here as it would in production.

    Only emptying the tables after a test that commits takes the owner's rights, and its guards are off for that.
    """
    from django.conf import settings
    from django.db import connection

    from backoffice.core.database_roles import has_two_roles

    options = settings.DATABASES["default"]["OPTIONS"]
    before, empty = options["options"], connection.ops.execute_sql_flush
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_auditentry DISABLE TRIGGER audit_entry_no_truncate")
        cursor.execute("ALTER TABLE audit_accessentry DISABLE TRIGGER access_entry_no_truncate")
        cursor.execute("SELECT pg_has_role(rolname, 'MEMBER') FROM pg_roles WHERE rolname = %s", [_running_role()])
        if has_two_roles() and cursor.fetchone() == (True,):
            options["options"] += f" -c role={_running_role()}"
            connection.ops.execute_sql_flush = lambda statements: empty(["SET LOCAL ROLE NONE", *statements])
        connection.close()
    yield
    options["options"], connection.ops.execute_sql_flush = before, empty


def _running_role() -> str:
    from django.conf import settings

    return str(settings.DATABASE_RUNNING_ROLE)


@contextmanager
def owner_rights() -> Iterator[None]:
    """Work as the owner of the tables while the body runs: for a test that changes a table or plays an intruder."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        role = cursor.fetchone()[0]
        cursor.execute("SET ROLE NONE")
    try:
        yield
    finally:
        # After an error the transaction's rollback gives the role back.
        if not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute(f"SET ROLE {connection.ops.quote_name(role)}")


def _give_rights_again() -> None:
    from django.db import connection

    from backoffice.core.database_roles import give_rights

    give_rights(connection)


@pytest.fixture(name="owner_rights")
def owner_rights_fixture() -> Callable[[], Any]:
    return owner_rights


@pytest.fixture(autouse=True)
def _database_is_ready(request: pytest.FixtureRequest) -> Iterator[None]:
    """Give the chains their heads where a committing test emptied the tables, and marked tests the owner's rights."""
    marker = request.node.get_closest_marker("django_db")
    commits = {"transactional_db", "live_server"} & set(request.fixturenames)
    if not (marker or commits or "db" in request.fixturenames):
        yield
        return
    from backoffice.audit.chain import GENESIS
    from backoffice.audit.enums import Chain
    from backoffice.audit.models import AuditHead

    request.getfixturevalue("transactional_db" if commits or (marker and marker.kwargs.get("transaction")) else "db")
    if AuditHead.objects.count() < len(Chain):
        with owner_rights():
            for chain in Chain:
                AuditHead.objects.get_or_create(pk=chain, defaults={"sequence": 0, "hash": GENESIS})
    with owner_rights() if request.node.get_closest_marker("owner_rights") else nullcontext():
        yield
        if "migrations" in request.path.parts:
            # A table that was dropped and made again has lost the rights of the running role.
            _give_rights_again()


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
    """Return a function that creates a user: person("CASE_OFFICER"), by default with the territory Shanghai."""
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
