"""Letters that wait: made once each, of the plan that stands, and found again when a worker died."""

import hashlib
from datetime import timedelta

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import StateConflict
from tests.factories.visits import AT, make_letters, make_order, stored
from visits.models import LetterDue, VisitOrder
from visits.services.dispatch.letters import issue_letter
from visits.services.dispatch.letters_due import ATTEMPTS_MAX, LEASE, make_letter, sweep_letters, want_letters
from visits.services.dispatch.orders import accept_visit

pytestmark = pytest.mark.usefixtures("english")

NO_LETTER = {"letter_code": None, "letter_issued_at": None}


@pytest.fixture
def order(case, placement, pair, approver):
    return make_order(case=case, placement=placement, state="SCHEDULED", approver=approver, pair=pair, **NO_LETTER)


def due():
    return list(LetterDue.objects.order_by("pk").values_list("state", "attempts"))


def test_a_letter_is_made_once_and_kept(order):
    want_letters(orders=[order, order], at=AT)

    assert (make_letters(), make_letters()) == (1, 0)

    order.refresh_from_db()
    assert due() == [("MADE", 1)]
    assert hashlib.sha256(stored(order.letter_file.name)).hexdigest() == order.letter_sha256
    assert order.letter_issued_at == AT
    assert AuditEntry.objects.get(action="visit.letter_issued").body == {
        "action": "letter",
        "order": str(order),
        "sha256": order.letter_sha256,
    }


def test_an_agency_cannot_accept_before_the_letter_is_made(order, coordinator):
    want_letters(orders=[order], at=AT)

    with pytest.raises(StateConflict, match="still being made"):
        accept_visit(order=order, actor=coordinator, at=AT)
    make_letters()

    assert accept_visit(order=order, actor=coordinator, at=AT).state == "ACCEPTED"


def test_the_letter_of_a_visit_that_was_taken_back_is_dropped(order):
    want_letters(orders=[order], at=AT)
    VisitOrder.objects.filter(pk=order.pk).update(state="APPROVED")

    make_letters()

    assert due() == [("DROPPED", 1)]
    assert VisitOrder.objects.get().letter_code is None


def test_a_letter_whose_worker_died_is_made_after_the_lease_and_given_up_in_the_end(order):
    want_letters(orders=[order], at=AT)
    LetterDue.objects.update(attempts=1, leased_until=AT + LEASE)

    assert (make_letter(at=AT + LEASE), sweep_letters(at=AT + LEASE)) == (False, 0)
    later = AT + LEASE + timedelta(microseconds=1)
    assert sweep_letters(at=later) == 1
    LetterDue.objects.update(attempts=ATTEMPTS_MAX)

    assert make_letter(at=later) is True
    assert due() == [("FAILED", ATTEMPTS_MAX)]
    assert (sweep_letters(at=later), VisitOrder.objects.get().letter_code) == (0, None)


def test_a_letter_that_is_issued_by_hand_is_not_made_a_second_time(order, dispatcher):
    want_letters(orders=[order], at=AT)

    by_hand = issue_letter(order=order, actor=dispatcher, at=AT)

    assert (make_letters(), due()) == (0, [("MADE", 0)])
    assert VisitOrder.objects.get().letter_code == by_hand.letter_code
