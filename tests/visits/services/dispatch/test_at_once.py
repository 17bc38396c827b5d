"""Two people at the same moment, on real connections: one wins, the other is told, nothing is done twice."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from backoffice.core.errors import DoorstepError
from tests.factories.visits import AT, TODAY, make_agency, make_case, make_member, make_order, make_placement
from visits.models import Placement, VisitOrder
from visits.services.agencies.placement import place_case, recall_placement
from visits.services.dispatch.orders import accept_visit
from visits.services.dispatch.sweeping import sweep_visits_needed

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*works):
    """Run the works in threads that start together; return what each gave, or the refusal it met."""
    start = Barrier(len(works))

    def run(work):
        start.wait(timeout=10)
        try:
            return work()
        except DoorstepError as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as threads:
        return list(threads.map(run, works))


def test_the_last_place_of_an_agency_is_taken_once(shanghai):
    agency = make_agency(territory=shanghai, capacity=1)
    cases = [make_case(territory=shanghai) for _each in range(3)]

    outcomes = at_once(
        *(
            lambda case=case: place_case(case=case, agency=agency, actor=None, at=AT, business_date=TODAY)
            for case in cases
        )
    )

    assert sum(isinstance(each, DoorstepError) for each in outcomes) == 2
    assert Placement.objects.count() == 1


def test_a_visit_accepted_while_its_case_is_recalled_ends_cancelled(shanghai, approver):
    agency = make_agency(territory=shanghai)
    case = make_case(territory=shanghai)
    placement = make_placement(case=case, agency=agency)
    pair = make_member(agency=agency), make_member(agency=agency)
    order = make_order(case=case, placement=placement, state="SCHEDULED", approver=approver, pair=pair)

    at_once(
        lambda: recall_placement(placement=placement, reason="x", actor=None, at=AT, business_date=TODAY),
        lambda: accept_visit(order=order, actor=None, at=AT),
    )

    assert VisitOrder.objects.get().state == "CANCELLED"


def test_two_sweeps_at_once_draft_each_case_once(shanghai):
    make_agency(territory=shanghai)
    for _each in range(4):
        make_case(territory=shanghai)

    at_once(*(lambda: sweep_visits_needed(at=AT, business_date=TODAY) for _each in range(2)))

    assert (VisitOrder.objects.count(), Placement.objects.count()) == (4, 4)
