"""Visit orders that the system ends: their validity is over, or they are no longer due."""

from datetime import timedelta
from decimal import Decimal

import pytest
from time_machine import travel

from cases.models import Account, BorrowerFlag, Repayment
from cases.services.casework.circumstances import protect
from tests.factories.people import merged_by_number
from tests.factories.visits import AT, TODAY, VISIT_AT, make_case, make_order, make_placement
from visits.models import VisitOrder
from visits.services.orders.automatic_endings import expire_orders, stand_down_visits
from visits.tasks import stand_down


def test_orders_lapse_after_their_last_day_and_only_while_they_wait(case, placement, pair, approver):
    order = make_order(
        case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair, valid_until=TODAY
    )

    assert expire_orders(business_date=TODAY, at=AT) == 0
    assert expire_orders(business_date=TODAY + timedelta(days=1), at=AT) == 1
    assert expire_orders(business_date=TODAY + timedelta(days=1), at=AT) == 0

    assert VisitOrder.objects.get(pk=order.pk).state == "EXPIRED"
    assert VisitOrder.objects.get(pk=order.pk).end_reason == "LAPSED"


@pytest.mark.parametrize(
    ("state", "ended"),
    [("APPROVED", "APPROVED"), ("SCHEDULED", "CANCELLED"), ("ACCEPTED", "CANCELLED"), ("EN_ROUTE", "ABORTED")],
)
def test_a_planned_visit_that_is_no_longer_due_ends_by_the_step_of_its_state(
    state, ended, case, placement, pair, approver
):
    order = make_order(case=case, placement=placement, state=state, approver=approver, pair=pair)
    assert stand_down_visits(at=VISIT_AT) == 0
    BorrowerFlag.objects.create(borrower=case.borrower, kind="DISPUTED", source="CALL", set_at=AT)

    stopped = stand_down_visits(at=VISIT_AT + timedelta(microseconds=1))

    found = VisitOrder.objects.get(pk=order.pk)
    assert (found.state, stopped) == (ended, int(ended != "APPROVED"))
    assert found.end_reason == ("NOT_DUE" if stopped else "")


@pytest.mark.parametrize(
    ("kind", "state"), [("CEASE", "ABORTED"), ("DECEASED", "ABORTED"), ("HOSPITAL", "ABORTED"), (None, "CHECKED_IN")]
)
def test_a_crew_at_the_door_is_stopped_by_what_protects_the_person(kind, state, case, placement, pair, approver):
    order = make_order(case=case, placement=placement, state="CHECKED_IN", approver=approver, pair=pair)
    if kind:
        protect(borrower=case.borrower, kind=kind, source="CALL", actor=None, at=VISIT_AT)

    stand_down_visits(at=VISIT_AT + timedelta(microseconds=1), borrowers=[case.borrower_id])

    found = VisitOrder.objects.get(pk=order.pk)
    # They came and are paid for the way.
    assert (found.state, found.fee) == (state, Decimal("140.00") if kind else None)


def test_money_paid_during_a_visit_does_not_break_it_off(case, placement, pair, approver):
    order = make_order(case=case, placement=placement, state="CHECKED_IN", approver=approver, pair=pair)
    account = Account.objects.get(borrower=case.borrower)
    Repayment.objects.create(
        account=account,
        external_ref="p1",
        amount=account.arrears_amount,
        paid_on=VISIT_AT.date(),
        created_at=VISIT_AT,
    )

    assert stand_down_visits(at=VISIT_AT + timedelta(microseconds=1)) == 0
    assert VisitOrder.objects.get(pk=order.pk).state == "CHECKED_IN"


def test_only_the_visits_of_the_named_borrowers_are_looked_at(shanghai, case, placement, agency, pair, approver):
    other = make_case(territory=shanghai)
    orders = [
        make_order(case=each, placement=held, state="SCHEDULED", approver=approver, pair=pair)
        for each, held in ((case, placement), (other, make_placement(case=other, agency=agency)))
    ]
    for each in (case, other):
        BorrowerFlag.objects.create(borrower=each.borrower, kind="CEASE", source="CALL", set_at=AT)

    assert stand_down_visits(at=VISIT_AT, borrowers=[other.borrower_id]) == 1

    assert [VisitOrder.objects.get(pk=order.pk).state for order in orders] == ["SCHEDULED", "CANCELLED"]


def test_a_circumstance_announces_the_task_that_calls_off_the_visits_of_the_person(
    shanghai, case, placement, pair, approver, risk_manager, django_capture_on_commit_callbacks
):
    """Noted at one of the person's customers, it stops the visit to the other."""
    other = make_case(territory=shanghai)
    order = make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)
    merged_by_number(case.borrower, other.borrower, approver=risk_manager)

    with django_capture_on_commit_callbacks() as announced:
        protect(borrower=other.borrower, kind="CEASE", source="LETTER", actor=None, at=AT)

    messages = [
        {cell.cell_contents for cell in each.__closure__ if isinstance(cell.cell_contents, str)} for each in announced
    ]
    assert messages == [{"cases.tasks.evaluate_due"}, {"visits.tasks.stand_down"}]
    assert stand_down.name == "visits.tasks.stand_down"
    with travel(AT, tick=False):
        stand_down(borrowers=[case.borrower_id, other.borrower_id])
    assert VisitOrder.objects.get(pk=order.pk).state == "CANCELLED"
