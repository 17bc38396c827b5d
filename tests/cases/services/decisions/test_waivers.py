"""Waivers follow payments: earned, waiting again, lapsed, overtaken; each told to the borrower, the core and the audit."""

from datetime import timedelta

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.outbox.models import OutboxEvent
from cases.models import Account, ConcessionBudget, DecisionLetter, RepaymentPlan, Waiver
from cases.services.decisions.expiry import expire_decisions
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.settlement import settle_repayments
from cases.services.decisions.waivers import follow_waivers
from tests.factories.casework import AT, TODAY, make_case, make_decision
from tests.factories.concessions import make_budget, pay, propose_waiver
from tests.factories.portfolio import make_overdue, pay_up, take_back

LAST_DAY = TODAY + timedelta(days=20)


@pytest.fixture
def budget(person, approver):
    return make_budget(set_by=person("RISK_MANAGER"), confirmed_by=approver, amount="5000")


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


@pytest.fixture
def approved(budget, account, officer, approver):
    decision = propose_waiver(account=account, officer=officer)
    return approve_decision(decision=decision, actor=approver, at=AT)


def after(days):
    return {"business_date": TODAY + timedelta(days=days), "at": AT + timedelta(days=days)}


def state(decision):
    decision.refresh_from_db()
    budget = ConcessionBudget.objects.get()
    return decision.state, Waiver.objects.get(decision=decision).state, budget.held, budget.used


def letters(decision):
    return list(DecisionLetter.objects.filter(decision=decision).order_by("pk").values_list("kind", flat=True))


def agree_a_plan(account):
    return RepaymentPlan.objects.create(
        account=account,
        decision=make_decision(account=account, kind="PLAN", state="REJECTED"),
        state="ACTIVE",
        total_amount=2000,
        annual_rate="0.1",
        starts_on=TODAY,
        agreement_ref="REC",
        created_at=AT,
        updated_at=AT,
    )


def test_follow_waivers_grants_what_payments_have_earned(approved, account):
    pay(account=account, amount="30000", on=TODAY)
    assert follow_waivers(**after(1)) == 0
    pay(account=account, amount="1200", on=TODAY + timedelta(days=2))

    assert follow_waivers(**after(2)) == 1

    assert state(approved) == ("APPROVED", "USED", 0, 800)
    assert (approved.expires_on, letters(approved)) == (None, ["GRANTED", "EARNED"])
    event = OutboxEvent.objects.get(topic="waiver.granted")
    assert (event.key, event.order_key, event.payload["amount"]) == (
        f"waiver-{approved.waiver.pk}-1",
        f"terms:{account.pk}",
        "800.00",
    )
    assert AuditEntry.objects.filter(action="waiver.earn").count() == 1
    assert follow_waivers(**after(2)) == 0


@pytest.mark.parametrize(("on", "earned"), [(-1, False), (0, True), (20, True), (21, False)])
def test_follow_waivers_counts_payments_from_the_approval_to_the_day(approved, account, on, earned):
    pay(account=account, amount="31200", on=TODAY + timedelta(days=on))

    assert follow_waivers(**after(22)) == (1 if earned else 0)


def test_follow_waivers_lets_a_waiver_lapse_once_the_last_files_have_come(approved, account):
    pay(account=account, amount="31199.99", on=LAST_DAY)

    assert follow_waivers(**after(23)) == 0
    expire_decisions(**after(23))
    assert state(approved)[:2] == ("APPROVED", "HELD")

    assert follow_waivers(**after(24)) == 1
    assert state(approved) == ("EXPIRED", "RELEASED", 0, 0)
    assert (letters(approved), OutboxEvent.objects.filter(topic__startswith="waiver").count()) == (
        ["GRANTED", "LAPSED"],
        0,
    )
    assert follow_waivers(**after(24)) == 0


def test_follow_waivers_counts_a_payment_that_was_filed_after_the_day(approved, account):
    follow_waivers(**after(22))
    pay(account=account, amount="31200", on=LAST_DAY)

    assert follow_waivers(**after(23)) == 1
    assert state(approved)[:2] == ("APPROVED", "USED")


def test_follow_waivers_waits_again_when_money_was_taken_back_before_the_day(approved, account):
    paid = pay(account=account, amount="31200", on=TODAY)
    settle_repayments(**after(0))
    take_back(repayment=paid, on=TODAY + timedelta(days=5))

    settle_repayments(**after(5))

    assert state(approved) == ("APPROVED", "HELD", 800, 0)
    assert (approved.expires_on, letters(approved)) == (LAST_DAY, ["GRANTED", "EARNED", "UNPAID"])
    told = OutboxEvent.objects.filter(topic__startswith="waiver").order_by("pk")
    assert [(e.topic, e.payload["version"], e.payload["amount"]) for e in told] == [
        ("waiver.granted", 1, "800.00"),
        ("waiver.withdrawn", 2, "0.00"),
    ]
    pay(account=account, amount="31200", on=TODAY + timedelta(days=6))
    settle_repayments(**after(6))
    assert state(approved) == ("APPROVED", "USED", 0, 800)


def test_follow_waivers_withdraws_when_money_was_taken_back_after_the_day(approved, account):
    paid = pay(account=account, amount="31200", on=LAST_DAY)
    settle_repayments(**after(20))
    take_back(repayment=paid, on=TODAY + timedelta(days=30))

    settle_repayments(**after(30))

    assert state(approved) == ("EXPIRED", "RELEASED", 0, 0)
    assert OutboxEvent.objects.filter(topic="waiver.withdrawn").count() == 1


def test_follow_waivers_of_an_account_with_a_plan_ends(approved, account):
    agree_a_plan(account)
    pay(account=account, amount="31200", on=TODAY)

    assert follow_waivers(**after(1)) == 1

    assert state(approved) == ("LIFTED", "RELEASED", 0, 0)
    assert letters(approved) == ["GRANTED", "LIFTED"]


@pytest.mark.parametrize("by", ["plan", "payment"])
def test_follow_waivers_withdraws_proposals_that_were_overtaken(budget, account, officer, by):
    decision = propose_waiver(account=account, officer=officer)
    assert follow_waivers(**after(0)) == 0
    if by == "plan":
        agree_a_plan(account)
    else:
        pay_up(Account.objects.get(pk=account.pk))

    assert follow_waivers(**after(1)) == 1

    assert state(decision) == ("REJECTED", "RELEASED", 0, 0)
    assert (decision.ground, letters(decision)) == ("OVERTAKEN", [])


def test_expire_decisions_releases_a_proposal_that_nobody_decided(budget, account, officer):
    decision = propose_waiver(account=account, officer=officer)

    expire_decisions(**after(21))

    assert state(decision) == ("REJECTED", "RELEASED", 0, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_follow_waivers_costs_the_same_for_one_and_three(
    budget, shanghai, officer, approver, count, django_assert_num_queries
):
    for _number in range(count):
        account = make_overdue(territory=shanghai)
        decision = propose_waiver(account=account, case=make_case(account=account), officer=officer)
        approve_decision(decision=decision, actor=approver, at=AT)
        pay(account=account, amount="31200", on=TODAY)

    # savepoint and release, overtaken ones (2), payments and decisions before the locks, locks of cases and decisions,
    # payments again, budgets, states, the step, version, accounts, events, decisions, end, letters with their events, timeline,
    # borrowers, audit (2), days
    with django_assert_num_queries(25):
        assert follow_waivers(**after(1)) == count

    # savepoint and release, proposals and standing ones that were overtaken, payments, days
    with django_assert_num_queries(6):
        assert follow_waivers(**after(1)) == 0


def test_a_waiver_changes_no_term_and_so_raises_no_rate(approved, account):
    pay(account=account, amount="31200", on=TODAY)
    follow_waivers(**after(1))

    assert state(approved)[1] == "USED"
    assert not OutboxEvent.objects.filter(topic="terms.changed").exists()
    assert Account.objects.get(pk=account.pk).annual_rate == account.annual_rate
