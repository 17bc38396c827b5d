"""Placements end after the last day of their term, with the visits that wait."""

from datetime import timedelta

from tests.factories.visits import AT, make_order
from visits.models import VisitOrder
from visits.services.agencies.placement_ends import end_placements


def test_terms_end_after_their_last_day(case, placement, pair, approver):
    order = make_order(case=case, placement=placement, state="SCHEDULED", approver=approver, pair=pair)
    last = placement.term_ends_on

    assert end_placements(business_date=last, at=AT) == 0
    assert end_placements(business_date=last + timedelta(days=1), at=AT) == 1
    assert end_placements(business_date=last + timedelta(days=1), at=AT) == 0

    placement.refresh_from_db()
    assert (placement.state, placement.ended_on) == ("EXPIRED", last + timedelta(days=1))
    assert VisitOrder.objects.get(pk=order.pk).state == "CANCELLED"
