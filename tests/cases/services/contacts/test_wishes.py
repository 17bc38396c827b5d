"""A borrower's own wish about the times of contact."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import ContactWish
from cases.services.contacts.wishes import end_wish, record_wish
from tests.factories.contacts import ask, rules
from tests.factories.portfolio import AT, TODAY, make_borrower

# Half past ten in the evening in Shanghai.
LATE = AT.replace(hour=14, minute=30)


@pytest.fixture
def borrower(shanghai: Any) -> Any:
    return make_borrower(territory=shanghai)


def noted(borrower: Any, actor: Any, **fields: Any) -> ContactWish:
    values = {
        "kind": "ALSO_THEN",
        "opens": time(22),
        "closes": time(23),
        "last_day": TODAY + timedelta(days=30),
        "evidence_ref": "REC-1",
    } | fields
    return record_wish(borrower=borrower, actor=actor, at=AT, **values)


def test_a_wish_opens_quiet_hours_until_it_is_ended(borrower: Any, officer: Any) -> None:
    assert rules(ask(borrower=borrower, at=LATE)) == ["QUIET_HOURS"]
    wish = noted(borrower, officer)
    allowed = ask(borrower=borrower, at=LATE)
    end_wish(wish=wish, actor=officer, at=LATE)

    assert allowed.granted
    assert rules(ask(borrower=borrower, at=LATE)) == ["QUIET_HOURS"]
    with pytest.raises(StateConflict):
        end_wish(wish=wish, actor=officer, at=LATE)
    entries = AuditEntry.objects.filter(action__startswith="contactwish.").order_by("sequence")
    assert [(entry.action, entry.actor_id) for entry in entries] == [
        ("contactwish.recorded", officer.pk),
        ("contactwish.ended", officer.pk),
    ]
    assert entries[0].body == {
        "borrower": borrower.pk,
        "kind": "ALSO_THEN",
        "opens": "22:00:00",
        "closes": "23:00:00",
        "last_day": "2026-04-01",
    }


def test_only_then_forbids_all_other_times(borrower: Any, officer: Any) -> None:
    noted(borrower, officer, kind="ONLY_THEN", opens=time(18), closes=time(20))

    assert rules(ask(borrower=borrower)) == ["AGREED_TIME"]
    assert ask(borrower=borrower, at=AT.replace(hour=10)).granted


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "NEVER"}, "kind"),
        ({"closes": time(22)}, "closes"),
        ({"last_day": date(2026, 3, 1)}, "last_day"),
        ({"evidence_ref": " "}, "evidence_ref"),
    ],
)
def test_a_wish_without_time_or_evidence_is_refused(
    borrower: Any, officer: Any, fields: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        noted(borrower, officer, **fields)

    assert refused.value.field == field
    assert ContactWish.objects.count() == 0


def test_a_program_cannot_open_quiet_hours(borrower: Any, person: Any, officer: Any) -> None:
    dialler = person("MACHINE", name="dialler", scopes=["contacts:ask", "portfolio:write"])

    with pytest.raises(NotAllowed):
        noted(borrower, dialler)
    with pytest.raises(NotAllowed):
        end_wish(wish=noted(borrower, officer), actor=dialler, at=AT)
