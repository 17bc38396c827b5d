"""Restrictions end when their way back was walked, and rewards rest while the account is late."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Account, TermsChange, TermsMeasure
from cases.services.decisions.ending import follow_payments
from cases.services.decisions.expiry import expire_decisions
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.plans import agree_plan
from tests.factories.casework import AT, TODAY, make_case, make_decision
from tests.factories.facts import make_facts
from tests.factories.portfolio import make_overdue

LATER = AT + timedelta(days=3, microseconds=11)


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def approve(account, approver, kind, **fields):
    decision = make_decision(account=account, kind=kind, **fields)
    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")
    return decision


def owes(account, days):
    arrears = Decimal(20000) if days else Decimal(0)
    Account.objects.filter(pk=account.pk).update(days_past_due=days, arrears_amount=arrears)
    return follow_payments(at=LATER)


@pytest.mark.parametrize(
    ("kind", "terms", "after"),
    [
        ("FREEZE", {"status": "FROZEN", "way_back": "PAY_THE_ARREARS"}, "ACTIVE"),
        ("LIMIT_CUT", {"limit": "30000.00", "way_back": "PAY_THE_ARREARS"}, "60000.00"),
        ("LEGAL", {"first_step": "MEDIATION", "way_back": "SETTLE_OR_AGREE_A_PLAN"}, "NORMAL"),
    ],
)
def test_a_restriction_ends_when_the_arrears_are_paid(account, approver, kind, terms, after):
    case = make_case(account=account, stage="DECIDED")
    decision = approve(account, approver, kind, terms=terms, case=case)
    assert owes(account, 40) == 0

    assert owes(account, 0) == 1

    decision.refresh_from_db()
    case.refresh_from_db()
    assert (decision.state, TermsMeasure.objects.get().end_reason) == ("LIFTED", "CURED")
    assert (TermsChange.objects.latest("version").after, case.stage) == (after, "IN_WORK")
    assert owes(account, 0) == 0


def test_a_freeze_for_wilfulness_ends_after_three_payments_on_time(account, approver):
    terms = {"status": "FROZEN", "way_back": "THREE_PAYMENTS_ON_TIME"}
    decision = approve(account, approver, "FREEZE", terms=terms)
    assert owes(account, 0) == 0
    make_facts(account=account, business_date=TODAY + timedelta(days=70), on_time_months=2)
    assert owes(account, 0) == 0
    make_facts(account=account, business_date=TODAY + timedelta(days=100), on_time_months=3)
    assert owes(account, 10) == 0

    assert owes(account, 0) == 1

    decision.refresh_from_db()
    assert (decision.state, TermsMeasure.objects.get().end_reason) == ("LIFTED", "RESTORED")
    assert TermsChange.objects.latest("version").after == "ACTIVE"


def test_a_reward_rests_from_thirty_days_late_until_the_account_is_paid(shanghai, approver):
    account = make_overdue(territory=shanghai, days=0, arrears="0")
    decision = approve(account, approver, "LIMIT_INCREASE")
    limits = []
    for days in (29, 30, 45, 5, 0, 0):
        owes(account, days)
        limits.append(TermsChange.objects.latest("version").after)

    assert limits == ["66000.00", "60000.00", "60000.00", "60000.00", "66000.00", "66000.00"]
    decision.refresh_from_db()
    assert decision.state == "APPROVED"


def test_relief_of_the_rate_rests_for_no_lateness_and_ends_on_its_day(account, approver):
    decision = approve(account, approver, "RATE_RELIEF", expires_on=TODAY + timedelta(days=90))
    for days in (95, 125, 0, 31):
        assert owes(account, days) == 0

    assert expire_decisions(business_date=TODAY + timedelta(days=91), at=LATER) == 1

    decision.refresh_from_db()
    rates = TermsChange.objects.filter(field="RATE").order_by("version").values_list("after", flat=True)
    assert (list(rates), decision.state) == (["0.17500", "0.18000"], "EXPIRED")


def test_an_agreed_plan_ends_the_legal_route(account, approver, officer):
    legal = approve(account, approver, "LEGAL")
    plan = approve(account, approver, "PLAN").plan

    agree_plan(plan=plan, agreement_ref="REC-1", actor=officer, at=LATER)

    legal.refresh_from_db()
    assert legal.state == "LIFTED"
    assert TermsChange.objects.filter(field="COLLECTION").latest("version").after == "ON_PLAN"


@pytest.mark.parametrize("count", [1, 3])
def test_follow_payments_costs_the_same_for_one_and_three(shanghai, approver, count, django_assert_num_queries):
    accounts = [make_overdue(territory=shanghai) for _each in range(count)]
    for each in accounts:
        approve(each, approver, "FREEZE", terms={"status": "FROZEN", "way_back": "PAY_THE_ARREARS"})
    Account.objects.update(days_past_due=0, arrears_amount=0)

    with django_assert_num_queries(27):
        assert follow_payments(at=LATER) == count


def test_decisions_are_locked_before_the_terms_of_any(shanghai, approver):
    cured, paid = make_overdue(territory=shanghai), make_overdue(territory=shanghai)
    approve(cured, approver, "FREEZE", terms={"status": "FROZEN", "way_back": "PAY_THE_ARREARS"})
    approve(paid, approver, "FREEZE", terms={"status": "FROZEN", "way_back": "THREE_PAYMENTS_ON_TIME"})
    Account.objects.update(days_past_due=0, arrears_amount=0)
    make_facts(account=paid, business_date=TODAY + timedelta(days=100), on_time_months=3)

    with CaptureQueriesContext(connection) as queries:
        assert follow_payments(at=LATER) == 2

    locks = [query["sql"] for query in queries if "FOR NO KEY UPDATE" in query["sql"]]
    first_of_terms = next(place for place, sql in enumerate(locks) if "cases_accountterm" in sql)
    # Those after it lock again what is locked.
    assert any("cases_decision" in sql for sql in locks[:first_of_terms])
    held = locks[:first_of_terms][-1]
    assert all(str(decision) in held for decision in TermsMeasure.objects.values_list("decision", flat=True))
