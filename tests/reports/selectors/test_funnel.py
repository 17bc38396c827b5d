"""How far the cases of a period came."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from cases.models import Case, Policy, PolicyVersion, Repayment, TriggerHit, Verification
from reports.selectors.funnel import funnel
from tests.factories.portfolio import make_overdue, take_back

START, END = date(2026, 3, 1), date(2026, 3, 31)


@pytest.fixture
def version(db, at):
    policy = Policy.objects.create(name="Default", created_at=at)
    return PolicyVersion.objects.create(policy=policy, number=1, body={}, created_at=at, updated_at=at)


def make_case(*, territory, version, at, opened_on):
    account = make_overdue(territory=territory)
    hit = {"policy_version": version, "entered_on": opened_on, "created_at": at, "borrower": account.borrower}
    TriggerHit.objects.create(account=account, rule="LARGE", **hit)
    TriggerHit.objects.create(account=account, rule="LONG", **hit)
    return account, Case.objects.create(
        borrower=account.borrower,
        territory=territory,
        policy_version=version,
        opened_on=opened_on,
        sla_due_on=opened_on,
        created_at=at,
        updated_at=at,
    )


def counts(user, **fields):
    return {step.name: step.count for step in funnel(user=user, **{"start_on": START, "end_on": END, **fields})}


def test_funnel_follows_the_cases_of_the_period(risk_manager, version, shanghai, at, today):
    account, case = make_case(territory=shanghai, version=version, at=at, opened_on=today)
    make_case(territory=shanghai, version=version, at=at, opened_on=today)
    make_case(territory=shanghai, version=version, at=at, opened_on=START - timedelta(days=1))
    Verification.objects.create(
        borrower=account.borrower,
        case=case,
        source="DESK",
        source_ref="V1",
        verified_on=END + timedelta(days=9),
        created_at=at,
    )
    paid = Repayment.objects.create(account=account, external_ref="R1", amount=Decimal(5), paid_on=today, created_at=at)

    found = counts(risk_manager)
    take_back(repayment=paid, on=today)
    without = counts(risk_manager)

    assert found == {
        "hits": 2,
        "cases": 2,
        "ordered": 0,
        "done": 0,
        "verified": 1,
        "decided": 0,
        "in_force": 0,
        "recovered": 1,
    }
    assert without == found | {"recovered": 0}


def test_funnel_shares_are_of_the_first_step(risk_manager, version, shanghai, at, today):
    make_case(territory=shanghai, version=version, at=at, opened_on=today)

    steps = funnel(user=risk_manager, start_on=START, end_on=END)

    assert [step.share for step in steps[:3]] == [Decimal(1), Decimal(1), Decimal(0)]


def test_funnel_counts_only_what_the_person_may_see(officer, version, shanghai, chengdu, at, today):
    make_case(territory=shanghai, version=version, at=at, opened_on=today)
    make_case(territory=chengdu, version=version, at=at, opened_on=today)

    assert counts(officer)["cases"] == 1
    assert counts(officer)["hits"] == 1
    assert counts(officer, territory=chengdu)["cases"] == 0


@pytest.mark.parametrize("item_count", [1, 3])
def test_funnel_takes_two_statements(risk_manager, version, shanghai, at, today, item_count, django_assert_num_queries):
    for _n in range(item_count):
        make_case(territory=shanghai, version=version, at=at, opened_on=today)

    with django_assert_num_queries(2):
        assert counts(risk_manager)["cases"] == item_count
