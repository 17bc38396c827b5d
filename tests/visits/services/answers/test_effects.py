"""What an answer does to visits: planned ones are taken back, crews called back, the visits of others stay."""

from decimal import Decimal

from django.db import transaction

from tests.factories.visits import make_case, make_order, make_placement
from tests.visits.services.answers.conftest import ANSWERED_AT
from visits.models import VisitOrder
from visits.services.answers.effects import take_back


def test_planned_visits_are_taken_back_and_crews_called_back(shanghai, agency, pair, approver):
    orders = {}
    for state in ("DRAFT", "APPROVED", "SCHEDULED", "ACCEPTED", "EN_ROUTE", "CHECKED_IN", "REPORTED"):
        case = make_case(territory=shanghai)
        orders[state] = make_order(
            case=case, placement=make_placement(case=case, agency=agency), state=state, approver=approver, pair=pair
        )
    other = make_case(territory=shanghai)
    kept = make_order(
        case=other, placement=make_placement(case=other, agency=agency), state="ACCEPTED", approver=approver, pair=pair
    )

    borrowers = [order.case.borrower_id for order in orders.values()]
    with transaction.atomic():
        take_back(borrowers=borrowers, actor=None, at=ANSWERED_AT)

    after = {state: VisitOrder.objects.get(pk=order.pk) for state, order in orders.items()}
    assert {state: order.state for state, order in after.items()} == {
        "DRAFT": "DRAFT",
        "APPROVED": "APPROVED",
        "SCHEDULED": "APPROVED",
        "ACCEPTED": "APPROVED",
        "EN_ROUTE": "ABORTED",
        "CHECKED_IN": "ABORTED",
        "REPORTED": "REPORTED",
    }
    assert (after["ACCEPTED"].letter_code, after["ACCEPTED"].notice_sent_at) == (None, None)
    # The crew went, and is paid for the way.
    assert after["EN_ROUTE"].fee == Decimal("140.00")
    assert VisitOrder.objects.get(pk=kept.pk).state == "ACCEPTED"
