"""What nobody could approve any more leaves the desks, and may come again."""

from datetime import timedelta

import pytest

from backoffice.audit.models import AuditEntry
from cases.models import Account, RepaymentPlan
from cases.services.casework.circumstances import protect
from cases.services.decisions.overtaken import withdraw_overtaken
from cases.tasks import check_terms
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.portfolio import make_overdue, pay_up
from tests.factories.standing import FREEZE, judge, make_good, version_with

LATER = AT + timedelta(minutes=3, microseconds=77)


def state_of(decision):
    decision.refresh_from_db()
    return decision.state, decision.ground


@pytest.mark.parametrize("kind", ["FREEZE", "LIMIT_CUT"])
def test_what_a_payment_overtook_is_withdrawn(shanghai, kind):
    account = make_overdue(territory=shanghai)
    decision = make_decision(account=account, kind=kind, origin="STANDING")
    assert withdraw_overtaken(at=LATER) == 0
    pay_up(account)

    assert withdraw_overtaken(at=LATER) == 1

    assert state_of(decision) == ("REJECTED", "OVERTAKEN")
    assert AuditEntry.objects.get(action="decision.overtaken").body == {"decisions": [decision.pk]}
    assert withdraw_overtaken(at=LATER) == 0


def test_a_protection_or_a_plan_overtakes_a_restriction(shanghai):
    protected, planned = make_overdue(territory=shanghai), make_overdue(territory=shanghai)
    both = [make_decision(account=account, kind="FREEZE", origin="STANDING") for account in (protected, planned)]
    protect(borrower=protected.borrower, kind="HARDSHIP", source="CALL", actor=None, at=AT)
    RepaymentPlan.objects.create(
        account=planned,
        decision=make_decision(account=planned, kind="PLAN"),
        total_amount=1000,
        annual_rate="0.1",
        starts_on=TODAY,
        state="ACTIVE",
        agreement_ref="REC",
        created_at=AT,
        updated_at=AT,
    )

    assert withdraw_overtaken(at=LATER) == 2

    assert {state_of(decision) for decision in both} == {("REJECTED", "OVERTAKEN")}


def test_arrears_overtake_a_reward(shanghai):
    account = make_good(shanghai)
    reward = make_decision(account=account, kind="LIMIT_INCREASE", origin="STANDING")
    assert withdraw_overtaken(at=LATER) == 0
    Account.objects.update(days_past_due=1, arrears_amount=5)

    assert withdraw_overtaken(at=LATER) == 1
    assert state_of(reward) == ("REJECTED", "OVERTAKEN")


@pytest.mark.parametrize("origin", ["OFFICER", "VERIFICATION"])
def test_what_a_person_or_a_visit_proposed_waits_for_a_person(shanghai, origin):
    account = make_overdue(territory=shanghai)
    decision = make_decision(account=account, kind="FREEZE", origin=origin)
    pay_up(account)

    assert withdraw_overtaken(at=LATER) == 0
    assert state_of(decision)[0] == "PROPOSED"


def test_what_was_withdrawn_comes_again_with_the_next_arrears(shanghai):
    account = make_overdue(territory=shanghai)
    version = version_with(restrictions=[FREEZE])
    judge(version)
    pay_up(account)
    withdraw_overtaken(at=LATER)
    later = TODAY + timedelta(days=9)
    Account.objects.filter(pk=account.pk).update(days_past_due=1, arrears_amount=5, as_of=later)

    assert judge(version, on=later, at=AT + timedelta(days=9)).proposed == 1


def test_the_task_of_terms_withdraws(shanghai):
    account = make_overdue(territory=shanghai)
    decision = make_decision(account=account, kind="FREEZE", origin="STANDING")
    pay_up(account)

    check_terms()

    assert state_of(decision) == ("REJECTED", "OVERTAKEN")


@pytest.mark.parametrize("count", [1, 3])
def test_withdraw_overtaken_costs_the_same_for_one_and_three(shanghai, django_assert_num_queries, count):
    for _number in range(count):
        make_decision(account=pay_up(make_overdue(territory=shanghai)), kind="FREEZE", origin="STANDING")

    with django_assert_num_queries(11):
        assert withdraw_overtaken(at=LATER) == count
