"""The approvers' queue: whose proposals wait for whom, and what comes before and after a decision in it."""

from datetime import UTC, date, datetime, timedelta

import pytest

from cases.enums import DecisionKind
from cases.models import Decision
from cases.rules.approval_matrix import MATRIX
from cases.selectors.casework.approvals import decided_by
from cases.selectors.casework.waiting_decisions import by_last_day, neighbours_of, waiting_for
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.portfolio import make_overdue


@pytest.fixture
def five(shanghai):
    return [
        make_decision(account=make_overdue(territory=shanghai), kind="FREEZE", expires_on=TODAY) for _one in range(5)
    ]


def test_what_waits_is_what_the_person_may_still_decide(shanghai, chengdu, approver, officer, person):
    open_to_all = make_decision(account=make_overdue(territory=shanghai))
    half = make_decision(account=make_overdue(territory=shanghai), kind="FREEZE", approvals_needed=2)
    approve_decision(decision=half, actor=approver, at=AT, note="Evidence read")
    own = make_decision(account=make_overdue(territory=shanghai), proposed_by=approver)
    decided = make_decision(account=make_overdue(territory=shanghai))
    approve_decision(decision=decided, actor=approver, at=AT)
    make_decision(account=make_overdue(territory=chengdu))

    assert list(waiting_for(user=approver)) == [open_to_all]
    assert set(waiting_for(user=person("APPROVER", name="second"))) == {open_to_all, half, own}
    assert list(waiting_for(user=officer)) == []


def test_the_queue_goes_by_the_last_day_then_from_the_oldest_and_round(approver, five, shanghai):
    first, two, middle, _four, last = five
    # Help is decided within a day, so that it comes before older proposals.
    grace = make_decision(account=make_overdue(territory=shanghai), kind="GRACE", terms={"days": 30})

    beside = neighbours_of(decision=middle, user=approver)

    assert (beside.previous, beside.following) == (two, five[3])
    assert neighbours_of(decision=grace, user=approver).following == first
    assert neighbours_of(decision=grace, user=approver).previous == last
    assert neighbours_of(decision=last, user=approver).following == grace
    assert list(by_last_day(decisions=waiting_for(user=approver))) == [grace, *five]


@pytest.mark.parametrize("kind", DecisionKind.values)
def test_the_last_day_in_sql_is_that_of_the_matrix(shanghai, kind):
    # Half past midnight in Shanghai, the day before in UTC.
    at = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)
    terms = (
        {"limit": "1.00", "rate": "0.01", "before": "0.00"}
        if kind == "LIMIT_INCREASE"
        else {"before": "5", "limit": "1", "rate": "1"}
    )
    decision = make_decision(account=make_overdue(territory=shanghai), kind=kind, terms=terms, expires_on=TODAY)
    Decision.objects.filter(pk=decision.pk).update(created_at=at)

    row = by_last_day(decisions=Decision.objects.all()).get()

    assert row.last_day == decided_by(decision=row) == date(2026, 3, 2) + timedelta(days=MATRIX[kind].decide_within)


def test_a_decided_one_leads_on_to_what_waits_after_it(approver, five):
    Decision.objects.filter(pk__in=[five[3].pk, five[2].pk]).update(state="REJECTED")

    assert neighbours_of(decision=five[3], user=approver).following == five[4]


def test_nothing_else_waits(approver, shanghai):
    beside = neighbours_of(decision=make_decision(account=make_overdue(territory=shanghai)), user=approver)

    assert (beside.previous, beside.following) == (None, None)


@pytest.mark.parametrize("place", [0, 2, 4])
def test_it_costs_at_most_four_queries(approver, five, place, django_assert_max_num_queries):
    approver.has_perm("cases.approve_decision"), approver.territory_ids

    with django_assert_max_num_queries(4):
        neighbours_of(decision=five[place], user=approver)
