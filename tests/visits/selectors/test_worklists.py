"""Worklists: the right rows for each person, with the same number of queries for one and for three."""

import pytest

from tests.factories.visits import (
    AT,
    VISIT_AT,
    make_agency,
    make_case,
    make_member,
    make_order,
    make_placement,
)
from visits.selectors.conduct import conduct_histories


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
def test_conduct_histories(item_count, orders, django_assert_num_queries):
    made = orders(item_count, "VERIFIED")

    # holidays, visits, refusals, promises, flags, plans, arrears, payments, hits, policies, attempts, phones, logins, agreements
    with django_assert_num_queries(17):
        known = conduct_histories(borrower_ids=[order.case.borrower_id for order in made], at=AT)

    assert len(known) == item_count
    for facts in known.values():
        assert [visit.starts_at for visit in facts.history.visits] == [VISIT_AT]
        assert (facts.flags, facts.reasons) == ((), {"UNREACHABLE"})
