"""What the rules of contact look at: everything of the person, a plan of the borrower."""

from datetime import date, time, timedelta
from decimal import Decimal
from typing import Any

import pytest

from cases.models import BorrowerFlag, ContactStop, ContactWish, PromiseToPay
from cases.rules.contact_budget.jurisdictions import CHINA
from cases.rules.contact_budget.question import Circumstance, KnownOfPerson, PastContact, Reservation, Wish
from cases.selectors.contacts.known import known_of_person, standing_permits
from tests.factories.contacts import ask, report
from tests.factories.people import make_sharing, merged
from tests.factories.portfolio import AT, make_account, make_borrower, make_phone, make_related

MINUTE = timedelta(minutes=1)


@pytest.fixture
def both(shanghai: Any, risk_manager: Any) -> Any:
    borrowers = make_sharing(territory=shanghai)
    merged(*borrowers, approver=risk_manager)
    for each in borrowers:
        each.refresh_from_db()
    return borrowers


def known(both: Any, number: bytes = b"", *, for_related: bool = False, at: Any = AT + MINUTE) -> KnownOfPerson:
    people = [each.pk for each in both]
    return known_of_person(
        borrower=both[0],
        people=people,
        policy=CHINA,
        standing=standing_permits(people=people, number=number),
        number=number,
        for_related=for_related,
        at=at,
    )


def test_of_somebody_new_nothing_is_known(both: Any) -> None:
    assert known(both) == KnownOfPerson()


def test_everything_of_all_borrowers_of_the_person_counts(both: Any, officer: Any) -> None:
    one, two = both
    phone = make_phone(borrower=two)
    number = bytes(phone.number_index)
    report(borrower=one, at=AT)
    report(borrower=two, phone=phone, outcome="TALK_REFUSED", at=AT)
    report(borrower=one, direction="INBOUND", at=AT)
    PromiseToPay.objects.create(
        borrower=two,
        account=make_account(borrower=two),
        external_ref="P1",
        channel="APP",
        amount=Decimal(9),
        promised_on=date(2026, 3, 1),
        due_on=date(2026, 3, 20),
        created_at=AT,
        updated_at=AT,
    )
    held = ask(borrower=one, phone=make_phone(borrower=one), purpose="DUE_REMINDER", at=AT)
    BorrowerFlag.objects.create(borrower=two, kind="CEASE", source="CALL", set_at=AT, expires_on=date(2026, 3, 9))
    BorrowerFlag.objects.create(borrower=two, kind="DISASTER", source="CALL", set_at=AT, cleared_at=AT)
    ContactWish.objects.create(
        borrower=two,
        kind="ALSO_THEN",
        opens=time(22),
        closes=time(23),
        last_day=date(2026, 3, 9),
        evidence_ref="REC",
        granted_at=AT,
    )
    make_related(borrower=one, role="REPRESENTATIVE", ends_on=date(2026, 3, 4))
    make_related(borrower=one, role="REPRESENTATIVE", ends_on=date(2026, 2, 4))
    ContactStop.objects.create(number_index=number, borrower=one, noted_at=AT)

    reservation = Reservation(asked_at=AT, ends_at=held.counts_until, channel="VOICE", number=number)
    assert known(both, number) == KnownOfPerson(
        contacts=(
            PastContact(at=AT, channel="APP", reached=True),
            PastContact(at=AT, channel="VOICE", number=number, reached=True),
        ),
        contacts_by_number=(AT,),
        reservations=(reservation,),
        reservations_by_number=(reservation,),
        circumstances=(Circumstance(kind="CEASE", last_day=date(2026, 3, 9)),),
        wishes=(
            Wish(
                kind="ALSO_THEN",
                opens=time(22),
                closes=time(23),
                granted_at=AT,
                last_day=date(2026, 3, 9),
                evidence_ref="REC",
            ),
        ),
        talk_refused_at=AT,
        promise_due_on=date(2026, 3, 20),
        represented=True,
        representative_until=date(2026, 3, 4),
        number_stopped=True,
    )


def test_tries_of_the_number_at_other_people_count(both: Any, shanghai: Any) -> None:
    stranger = make_borrower(territory=shanghai, id_number="")
    phone = make_phone(borrower=stranger)
    make_related(borrower=stranger, number="13800000009")
    report(borrower=stranger, phone=phone, outcome="BUSY")
    report(borrower=stranger, phone=phone, outcome="BUSY", attempted_at=AT - timedelta(days=4))
    held = ask(borrower=stranger, phone=phone)

    found = known(both, bytes(phone.number_index))

    assert (found.contacts, found.reservations) == ((), ())
    assert found.contacts_by_number == (AT,)
    assert [each.asked_at for each in found.reservations_by_number] == [held.asked_at]


def test_a_permit_that_turns_into_a_contact_between_the_two_looks_counts_once(both: Any) -> None:
    held = ask(borrower=both[0])
    people = [each.pk for each in both]
    standing = standing_permits(people=people, number=b"")
    report(borrower=both[0], permit_ref=held.reference, at=AT)

    found = known_of_person(
        borrower=both[0], people=people, policy=CHINA, standing=standing, number=b"", for_related=False, at=AT
    )

    assert (len(found.contacts), found.reservations) == (1, ())


def test_unreachable_is_found_out_only_for_related_people(both: Any) -> None:
    for days in (3, 2, 1):
        report(borrower=both[days % 2], channel="VOICE", outcome="BUSY", attempted_at=AT - timedelta(days=days))

    assert known(both).unreachable is False
    assert known(both, for_related=True).unreachable is True
    both[1].last_app_login_at = AT
    both[1].save()
    assert known(both, for_related=True).unreachable is False
    make_phone(borrower=both[0], verdict="INVALID")
    assert known(both, for_related=True, at=AT + timedelta(days=8)).unreachable is True
