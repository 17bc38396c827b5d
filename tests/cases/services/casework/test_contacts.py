"""Attempts by people, and personal data shown for a purpose."""

from datetime import timedelta

import pytest

from backoffice.audit.models import AccessEntry
from backoffice.core.errors import InvalidInput, Missing, NotAllowed, StateConflict
from cases.models import ContactAttempt
from cases.services.casework.contacts import record_contact
from cases.services.casework.reveal import reveal_borrower
from tests.factories.casework import AT
from tests.factories.portfolio import make_address, make_borrower, make_phone


@pytest.fixture
def borrower(shanghai):
    return make_borrower(territory=shanghai, name="王小明")


@pytest.mark.parametrize(
    ("outcome", "reached"), [("RIGHT_PARTY", True), ("READ", True), ("NO_ANSWER", False), ("THIRD_PARTY", False)]
)
def test_record_contact_says_whether_the_borrower_was_reached(borrower, officer, outcome, reached):
    phone = make_phone(borrower=borrower)

    attempt = record_contact(borrower=borrower, channel="VOICE", outcome=outcome, phone=phone, actor=officer, at=AT)

    assert (attempt.right_party, attempt.attempted_at) == (reached, AT)
    assert bytes(attempt.number_index) == bytes(phone.number_index)


def test_record_contact_of_one_reference_once(borrower, officer):
    record_contact(borrower=borrower, channel="VOICE", outcome="BUSY", external_ref="CALL-1", actor=officer, at=AT)

    with pytest.raises(StateConflict):
        record_contact(borrower=borrower, channel="VOICE", outcome="BUSY", external_ref="CALL-1", actor=officer, at=AT)

    assert ContactAttempt.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [{"channel": "PIGEON"}, {"outcome": "?"}, {"direction": "UP"}, {"attempted_at": AT + timedelta(seconds=1)}],
)
def test_record_contact_refuses_what_does_not_fit(borrower, officer, fields):
    with pytest.raises(InvalidInput):
        record_contact(
            **{"borrower": borrower, "channel": "VOICE", "outcome": "BUSY", "actor": officer, "at": AT} | fields
        )


def test_record_contact_refuses_anothers_telephone(borrower, shanghai, officer):
    phone = make_phone(borrower=make_borrower(territory=shanghai))

    with pytest.raises(InvalidInput):
        record_contact(borrower=borrower, channel="VOICE", outcome="BUSY", phone=phone, actor=officer, at=AT)


def test_reveal_borrower_shows_and_logs_what_was_asked_for(borrower, officer):
    make_phone(borrower=borrower, number="13800000001")
    make_address(borrower=borrower, line="上海市黄浦区示范路1号")

    shown = reveal_borrower(borrower=borrower, purpose="Call back", fields=("name", "phones"), actor=officer, at=AT)

    assert shown == {"name": "王小明", "phones": ["13800000001"]}
    entry = AccessEntry.objects.get()
    assert (entry.actor_id, entry.subject_id, entry.fields, entry.note) == (
        officer.pk,
        str(borrower.pk),
        ["name", "phones"],
        "Call back",
    )


def test_reveal_borrower_without_purpose_shows_nothing(borrower, officer):
    with pytest.raises(InvalidInput):
        reveal_borrower(borrower=borrower, purpose=" ", actor=officer, at=AT)


def test_reveal_borrower_of_another_territory_is_missing(chengdu, officer):
    with pytest.raises(Missing):
        reveal_borrower(borrower=make_borrower(territory=chengdu), purpose="Call back", actor=officer, at=AT)

    assert AccessEntry.objects.count() == 0


@pytest.mark.parametrize("role", ["APPROVER", "AUDITOR", "RISK_MANAGER", "ADMINISTRATOR", "DISPATCHER"])
def test_reveal_borrower_is_for_case_officers(borrower, person, role):
    with pytest.raises(NotAllowed):
        reveal_borrower(borrower=borrower, purpose="Call back", actor=person(role), at=AT)
