"""Contact attempts recorded by people."""

from datetime import timedelta

import pytest

from backoffice.core.errors import InvalidInput, StateConflict
from cases.models import ContactAttempt
from cases.services.casework.contacts import record_contact
from tests.factories.casework import AT
from tests.factories.portfolio import make_borrower, make_phone


@pytest.fixture
def borrower(shanghai):
    return make_borrower(territory=shanghai, name="王小明")


@pytest.mark.parametrize(
    ("outcome", "reached"),
    [("RIGHT_PARTY", True), ("TALK_REFUSED", True), ("READ", True), ("NO_ANSWER", False), ("THIRD_PARTY", False)],
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
