"""Worklists: the right rows for each person, with the same number of queries for one and for three."""

from datetime import timedelta

import pytest

from tests.factories.visits import (
    AT,
    TODAY,
    VISIT_AT,
    make_agency,
    make_case,
    make_member,
    make_order,
    make_placement,
)
from visits.models import VisitReport
from visits.selectors.conduct import conduct_histories
from visits.selectors.least_view import least_view
from visits.selectors.worklists import (
    orders_of_day,
    orders_to_approve,
    orders_to_schedule,
    placements_ending,
    reports_to_review,
)


@pytest.fixture
def agency(shanghai):
    return make_agency(territory=shanghai)


@pytest.fixture
def pair(agency):
    return make_member(agency=agency), make_member(agency=agency)


@pytest.fixture
def orders(shanghai, agency, pair, approver):
    def make(number, state, **fields):
        made = []
        for _each in range(number):
            case = make_case(territory=shanghai)
            placement = make_placement(case=case, agency=agency)
            made.append(make_order(case=case, placement=placement, state=state, approver=approver, pair=pair, **fields))
        return made

    return make


@pytest.mark.parametrize("item_count", [1, 3])
def test_orders_to_approve(item_count, orders, approver, django_assert_num_queries):
    orders(item_count, "DRAFT")
    orders(1, "DRAFT", requested_by=approver)
    # The person's territories are read once.
    _ = approver.territory_ids

    # one for the orders with case, borrower, address, agency
    with django_assert_num_queries(1):
        found = [
            (str(order), order.case.borrower.masked_name, order.address.masked_line)
            for order in orders_to_approve(user=approver)
        ]

    assert len(found) == item_count


@pytest.mark.parametrize("item_count", [1, 3])
def test_orders_to_schedule(item_count, orders, dispatcher, django_assert_num_queries):
    orders(item_count, "APPROVED")
    _ = dispatcher.territory_ids

    with django_assert_num_queries(1):
        found = [order.placement.agency.name for order in orders_to_schedule(user=dispatcher)]

    assert len(found) == item_count


@pytest.mark.parametrize("item_count", [1, 3])
def test_orders_of_day_as_the_crew_sees_them(item_count, orders, pair, django_assert_num_queries):
    orders(item_count, "ACCEPTED")

    with django_assert_num_queries(1):
        found = [least_view(order=order) for order in orders_of_day(member=pair[1], day=VISIT_AT.date())]

    assert len(found) == item_count
    assert list(orders_of_day(member=pair[1], day=VISIT_AT.date() + timedelta(days=1))) == []


@pytest.mark.parametrize("item_count", [1, 3])
def test_reports_to_review(item_count, orders, reviewer, django_assert_num_queries):
    for order in orders(item_count, "REPORTED"):
        VisitReport.objects.create(
            order=order,
            external_ref=f"R{order.pk}",
            findings=["F20"],
            recommendation="CLOSE",
            submitted_at=AT,
            created_at=AT,
        )
    _ = reviewer.territory_ids

    # reports, sections, evidence
    with django_assert_num_queries(3):
        found = [
            (report.order.case.borrower.masked_name, list(report.sections.all()), list(report.evidence.all()))
            for report in reports_to_review(user=reviewer)
        ]

    assert len(found) == item_count


@pytest.mark.parametrize("item_count", [1, 3])
def test_placements_ending(item_count, orders, dispatcher, django_assert_num_queries):
    orders(item_count, "APPROVED")
    _ = dispatcher.territory_ids

    with django_assert_num_queries(1):
        found = [
            placement.agency.name for placement in placements_ending(user=dispatcher, until=TODAY + timedelta(days=90))
        ]

    assert len(found) == item_count
    assert not placements_ending(user=dispatcher, until=TODAY + timedelta(days=89)).exists()


def test_worklists_hold_nothing_of_another_territory(orders, person, chengdu):
    orders(1, "DRAFT")
    orders(1, "APPROVED")
    elsewhere = person("APPROVER", name="elsewhere", territories=(chengdu,))

    assert not orders_to_approve(user=elsewhere).exists()
    assert not orders_to_schedule(user=elsewhere).exists()
    assert not placements_ending(user=elsewhere, until=TODAY + timedelta(days=900)).exists()


@pytest.mark.parametrize("item_count", [1, 3])
def test_conduct_histories(item_count, orders, django_assert_num_queries):
    made = orders(item_count, "VERIFIED")

    # visits, refusals, promises, flags, plans, arrears, payments, hits, policies, attempts, phones, logins
    with django_assert_num_queries(12):
        known = conduct_histories(borrower_ids=[order.case.borrower_id for order in made], at=AT)

    assert len(known) == item_count
    for facts in known.values():
        assert [visit.starts_at for visit in facts.history.visits] == [VISIT_AT]
        assert (facts.flags, facts.reasons) == ((), {"UNREACHABLE"})
