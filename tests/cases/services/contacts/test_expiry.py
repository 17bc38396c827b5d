"""Permits that were not used in time."""

from datetime import timedelta
from typing import Any

from backoffice.audit.models import AuditEntry
from cases.models import ContactPermit
from cases.services.contacts.expiry import expire, expire_permits
from tests.factories.contacts import ask, report
from tests.factories.portfolio import AT, make_borrower

HELD = timedelta(minutes=75)


def states() -> list[str]:
    return list(ContactPermit.objects.order_by("pk").values_list("state", flat=True))


def test_permits_are_marked_once_their_place_was_held_long_enough(shanghai: Any) -> None:
    used, left, later = (
        ask(borrower=make_borrower(territory=shanghai, id_number=""), at=AT + timedelta(minutes=minutes))
        for minutes in (0, 0, 1)
    )
    report(borrower=used.borrower, permit_ref=used.reference)

    assert expire_permits(at=AT + HELD - timedelta(microseconds=1)) == 0
    assert expire_permits(at=AT + HELD) == 1

    assert states() == ["USED", "EXPIRED", "RESERVED"]
    left.refresh_from_db()
    assert left.settled_at == AT + HELD
    entry = AuditEntry.objects.get(action="contactpermit.expired")
    assert (entry.actor_id, entry.body) == (None, {"count": 1})
    assert later.state == "RESERVED"


def test_the_task_marks_them(shanghai: Any, monkeypatch: Any) -> None:
    import time_machine

    from cases.tasks import expire_contact_permits

    ask(borrower=make_borrower(territory=shanghai))
    with time_machine.travel(AT + HELD, tick=False):
        expire_contact_permits()

    assert states() == ["EXPIRED"]


def test_a_permit_that_was_settled_meanwhile_stays(shanghai: Any) -> None:
    permit = ask(borrower=make_borrower(territory=shanghai))
    ContactPermit.objects.update(state="RELEASED", settled_at=AT)

    assert expire([permit.pk], at=AT + HELD) == 0
    assert expire([], at=AT + HELD) == 0
    assert states() == ["RELEASED"]
