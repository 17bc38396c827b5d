"""A report goes back only to an agency that can redo it."""

import pytest

from backoffice.core.errors import InvalidInput
from tests.visits.services.review.conftest import DONE
from visits.models import VisitOrder
from visits.services.review.returning import must_be_held


def test_an_agency_that_holds_the_case_can_redo_a_report(make_report):
    must_be_held(order=make_report().order)


def test_without_a_live_placement_nobody_can(make_report, placement):
    order = make_report().order
    placement.state, placement.ended_on = "RECALLED", DONE.date()
    placement.save(update_fields=["state", "ended_on"])

    for each in (VisitOrder.objects.get(pk=order.pk), VisitOrder(placement=None)):
        with pytest.raises(InvalidInput):
            must_be_held(order=each)
