"""What a policy does when the figures of accounts get old: nothing begins and nothing ends until new ones come."""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction

from cases.models import Account, AccountFacts, BorrowerFlag, Case, CaseEvent, Decision, PolicyVersion, TriggerHit
from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.services.evaluation.triggers import RangeOutcome, evaluate_range
from cases.services.policies.policy_book import book_of
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import AT, TODAY, make_account, make_borrower, make_overdue
from tests.factories.standing import CUT, RAISE, judge, make_good, version_with

pytestmark = pytest.mark.django_db

OVERDUE = {"days_past_due": 95, "arrears_amount": Decimal(32000), "outstanding_principal": Decimal(60000)}
PAID = {"days_past_due": 0, "arrears_amount": Decimal(0), "outstanding_principal": Decimal(28000)}
GATE_DAYS = 3


def night(version: PolicyVersion, on: date) -> RangeOutcome:
    with transaction.atomic():
        return evaluate_range(book=book_of({"": version}), business_date=on, lower=0, upper=2**60, at=AT + (on - TODAY))


def tell(account: Account, on: date, **figures: Any) -> None:
    """The lender's core tells new figures of an account."""
    Account.objects.filter(pk=account.pk).update(as_of=on, **figures)


@pytest.mark.parametrize("seed", range(12))
def test_no_hit_begins_or_ends_and_no_case_opens_or_is_regraded_by_old_figures(seed: int, shanghai: Any) -> None:
    chance = random.Random(seed)
    version = make_version()
    borrowers = [make_borrower(territory=shanghai) for _ in range(4)]
    for borrower in (*borrowers, borrowers[0]):
        make_account(borrower=borrower, as_of=TODAY - timedelta(days=chance.randrange(6)), **OVERDUE)

    for days in range(14):
        on = TODAY + timedelta(days=days)
        for account in Account.objects.all():
            if chance.random() < 0.25:
                tell(account, on, **chance.choice([OVERDUE, OVERDUE, PAID]))
        for case in Case.objects.exclude(stage="CLOSED"):
            if chance.random() < 0.1:
                Case.objects.filter(pk=case.pk).update(stage="CLOSED", closed_on=on, close_reason="DECISION")
        ages = {account.pk: (on - account.as_of).days for account in Account.objects.all()}
        grades = dict(Case.objects.exclude(stage="CLOSED").values_list("pk", "grade"))
        held = set(TriggerHit.objects.filter(left_on=None).values_list("account_id", flat=True))

        night(version, on)

        now = set(TriggerHit.objects.filter(left_on=None).values_list("account_id", flat=True))
        fresh = {pk for pk, age in ages.items() if age <= GATE_DAYS}
        overdue = set(Account.objects.filter(arrears_amount__gt=0).values_list("pk", flat=True))
        # What is fresh holds exactly if it is overdue, from the same night on; what is old stays as it was.
        assert now & fresh == overdue & fresh
        assert now - fresh == held - fresh
        for case in Case.objects.exclude(stage="CLOSED"):
            reasons = now & set(case.borrower.accounts.values_list("pk", flat=True))
            assert reasons
            if not reasons & fresh:
                assert grades.get(case.pk) == case.grade
        with_case = set(Case.objects.exclude(stage="CLOSED").values_list("borrower_id", flat=True))
        assert set(Account.objects.filter(pk__in=now & fresh).values_list("borrower_id", flat=True)) <= with_case


def overdue_and_held(shanghai: Any, **changes: Any) -> tuple[PolicyVersion, Account]:
    version = make_version(**changes)
    account = make_overdue(territory=shanghai, outstanding_principal=60000)
    assert night(version, TODAY).opened == 1
    return version, account


def test_a_case_neither_closes_nor_changes_while_the_figures_are_old(shanghai: Any) -> None:
    version, _account = overdue_and_held(shanghai)
    before = (Case.objects.values().get(), TriggerHit.objects.values().get(), CaseEvent.objects.count())

    outcomes = [night(version, TODAY + timedelta(days=days)) for days in (4, 40, 400)]

    assert outcomes == [RangeOutcome(accounts=1, hits=1)] * 3
    assert (Case.objects.values().get(), TriggerHit.objects.values().get(), CaseEvent.objects.count()) == before
    ages = AccountFacts.objects.order_by("business_date").values_list("figures_age_days", flat=True)
    assert list(ages) == [0, 4, 40, 400]


def test_new_figures_end_what_old_ones_kept(shanghai: Any) -> None:
    version, account = overdue_and_held(shanghai)
    night(version, TODAY + timedelta(days=9))
    tell(account, TODAY + timedelta(days=10), **PAID)

    outcome = night(version, TODAY + timedelta(days=10))

    assert outcome == RangeOutcome(left=1, closed=1)
    assert Case.objects.get().close_reason == "CURED"


def close_the_account(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(status="CLOSED")


def protect(account: Account) -> None:
    BorrowerFlag.objects.create(borrower=account.borrower, kind="COMPLAINT", source="CALL", set_at=AT)


@pytest.mark.parametrize("happens", [close_the_account, protect])
def test_a_closed_account_and_a_protected_borrower_lose_their_reason_all_the_same(
    happens: Callable[[Account], None], shanghai: Any
) -> None:
    version, account = overdue_and_held(shanghai)
    happens(account)

    outcome = night(version, TODAY + timedelta(days=9))

    assert (outcome.left, outcome.closed) == (1, 1)


def test_a_rule_that_the_policy_no_longer_has_ends_for_old_figures_too(shanghai: Any) -> None:
    overdue_and_held(shanghai)
    other = make_version(number=2, state="APPROVED", rules=[make_rule(code="OTHER", value="900000")])

    outcome = night(other, TODAY + timedelta(days=9))

    assert (outcome.left, outcome.closed) == (1, 1)


def test_a_version_without_the_setting_judges_figures_of_any_age_as_before(shanghai: Any) -> None:
    parameters = {k: v for k, v in DEFAULT_POLICY["parameters"].items() if k != "max_figures_age_days"}
    make_overdue(territory=shanghai, outstanding_principal=60000, as_of=TODAY - timedelta(days=200))

    outcome = night(make_version(parameters=parameters), TODAY)

    assert (outcome.entered, outcome.opened) == (1, 1)


@pytest.mark.parametrize(("age", "decisions"), [(3, 2), (4, 0)])
def test_old_figures_earn_no_reward_and_no_restriction(age: int, decisions: int, shanghai: Any) -> None:
    make_good(shanghai, as_of=TODAY - timedelta(days=age))
    make_overdue(territory=shanghai, as_of=TODAY - timedelta(days=age))

    judge(version_with(rewards=[RAISE], restrictions=[CUT]), on=TODAY)

    assert Decision.objects.count() == decisions
