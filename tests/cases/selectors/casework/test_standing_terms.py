"""What stands on a borrower's accounts: measures with the value that holds, and plans with what is next."""

from decimal import Decimal

import pytest

from cases.models import AccountTerm, TermsMeasure
from cases.selectors.casework.standing_terms import running_plans, standing_terms
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.plans import agree_plan
from tests.factories.casework import AT, TODAY, make_decision
from tests.factories.portfolio import make_account, make_borrower, make_overdue


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def approved(account, approver, *, kind):
    decision = make_decision(account=account, kind=kind)
    return approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")


def terms(account, user):
    found = standing_terms(borrower_id=account.borrower_id, user=user)
    return [(each.decision.kind, str(each.field), each.base, each.holds, each.rests) for each in found]


def test_each_measure_shows_the_value_that_holds(account, approver, officer):
    approved(account, approver, kind="LIMIT_CUT")
    approved(account, approver, kind="FREEZE")

    assert terms(account, officer) == [
        ("LIMIT_CUT", "LIMIT", "60000.00", "30000.00", False),
        ("FREEZE", "STATUS", "ACTIVE", "FROZEN", False),
    ]


def test_what_ended_is_left_out_and_what_is_suspended_rests(account, approver, officer):
    approved(account, approver, kind="LIMIT_CUT")
    approved(account, approver, kind="FREEZE")
    TermsMeasure.objects.filter(field="LIMIT").update(ended_at=AT, end_reason="REVERSED")
    TermsMeasure.objects.filter(field="STATUS").update(suspended_at=AT)

    assert terms(account, officer) == [("FREEZE", "STATUS", "ACTIVE", "FROZEN", True)]


def test_trouble_with_a_term_is_said(account, approver, officer):
    approved(account, approver, kind="FREEZE")
    AccountTerm.objects.update(trouble="REFUSED", trouble_since=AT)

    (found,) = standing_terms(borrower_id=account.borrower_id, user=officer)

    assert found.trouble == str(AccountTerm.objects.get().get_trouble_display()) != ""


def test_a_running_plan_shows_what_is_paid_and_what_is_next(account, approver, officer):
    decision = approved(account, approver, kind="PLAN")
    plan = decision.plan
    agree_plan(plan=plan, agreement_ref="REC-1", actor=officer, at=AT)
    first, second = plan.instalments.order_by("number")[:2]
    plan.instalments.filter(pk=first.pk).update(paid_on=TODAY)

    (running,) = running_plans(borrower_id=account.borrower_id, user=officer)

    every = sum((each.amount for each in plan.instalments.all()), Decimal(0))
    assert (running.plan, running.paid, running.instalments, running.following) == (
        plan,
        1,
        plan.instalments.count(),
        second,
    )
    assert running.left == every - first.amount


def test_a_finished_plan_does_not_run(account, approver, officer):
    plan = approved(account, approver, kind="PLAN").plan
    type(plan).objects.filter(pk=plan.pk).update(state="BROKEN")

    assert running_plans(borrower_id=account.borrower_id, user=officer) == []


def test_other_territories_show_nothing(chengdu, officer, person):
    everywhere = person("APPROVER", name="everywhere", all_territories=True)
    account = make_overdue(territory=chengdu)
    for kind in ("LIMIT_CUT", "PLAN"):
        approved(account, everywhere, kind=kind)

    assert standing_terms(borrower_id=account.borrower_id, user=officer) == []
    assert running_plans(borrower_id=account.borrower_id, user=officer) == []
    assert len(standing_terms(borrower_id=account.borrower_id, user=everywhere)) > 0


@pytest.mark.parametrize("count", [1, 3])
def test_both_cost_two_queries(shanghai, approver, officer, count, django_assert_num_queries):
    borrower = make_borrower(territory=shanghai)
    for _one in range(count):
        account = make_account(borrower=borrower, days_past_due=95, arrears_amount=Decimal(32000))
        for kind in ("LIMIT_CUT", "PLAN"):
            approved(account, approver, kind=kind)
    officer.territory_ids  # noqa: B018 - read once a request

    with django_assert_num_queries(2):
        assert len(standing_terms(borrower_id=borrower.pk, user=officer)) >= count
    with django_assert_num_queries(2):
        assert len(running_plans(borrower_id=borrower.pk, user=officer)) == count
