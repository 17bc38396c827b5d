"""The approvers' queue: whose proposals wait for whom, and what comes before and after a decision in it."""

import pytest

from cases.models import Decision
from cases.selectors.casework.waiting_decisions import neighbours_of, waiting_for
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_overdue


@pytest.fixture
def five(shanghai):
    return [make_decision(account=make_overdue(territory=shanghai)) for _one in range(5)]


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


def test_the_queue_goes_from_the_newest_to_the_oldest_and_round(approver, five):
    oldest, _two, middle, four, newest = five

    beside = neighbours_of(decision=middle, user=approver)

    assert (beside.previous, beside.following) == (four, five[1])
    assert neighbours_of(decision=oldest, user=approver).following == newest
    assert neighbours_of(decision=newest, user=approver).previous == oldest


def test_a_decided_one_leads_on_to_what_waits_after_it(approver, five):
    Decision.objects.filter(pk__in=[five[3].pk, five[2].pk]).update(state="REJECTED")

    assert neighbours_of(decision=five[3], user=approver).following == five[1]


def test_nothing_else_waits(approver, shanghai):
    beside = neighbours_of(decision=make_decision(account=make_overdue(territory=shanghai)), user=approver)

    assert (beside.previous, beside.following) == (None, None)


@pytest.mark.parametrize("place", [0, 2, 4])
def test_it_costs_at_most_four_queries(approver, five, place, django_assert_max_num_queries):
    approver.has_perm("cases.approve_decision"), approver.territory_ids

    with django_assert_max_num_queries(4):
        neighbours_of(decision=five[place], user=approver)
