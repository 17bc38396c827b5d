"""Accounts with a known outcome, and how many of them each version flags."""

from datetime import timedelta
from typing import Any

import pytest

from cases.models import ObservedOutcome, PolicyVersion, RuleMute
from cases.services.trials.compared_versions import compared_versions
from cases.services.trials.fact_ranges import BEYOND
from cases.services.trials.outcomes import OUTCOME_DAYS, outcomes_range
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import AT, TODAY, make_account, make_borrower, make_overdue

pytestmark = pytest.mark.django_db


def observe(account: Any, *, is_bad: bool, days: int = 30, kind: str = "DEFAULT") -> None:
    ObservedOutcome.objects.create(
        external_ref=f"{account.pk}-{days}-{kind}",
        account=account,
        kind=kind,
        observed_on=TODAY + timedelta(days=days),
        is_bad=is_bad,
        created_at=AT,
    )


def counted(*, lower: int = 0, upper: int = BEYOND) -> Any:
    new = make_version(rules=[make_rule(code="LARGE", value="20000")])
    old = make_version(state="DRAFT", number=2, rules=[make_rule(code="OLD", feature="days_past_due", value=60)])
    compared = compared_versions(version=new, body=new.body, against=old, others={})
    return outcomes_range(compared=compared, business_date=TODAY, lower=lower, upper=upper)


def test_flagged_and_bad_accounts_are_counted_by_version_and_rule(shanghai: Any) -> None:
    flagged = [make_overdue(territory=shanghai, arrears="30000", days=20) for _account in range(3)]
    other = make_overdue(territory=shanghai, arrears="100", days=90)
    current = make_account(borrower=make_borrower(territory=shanghai))
    for account, is_bad in ((flagged[0], True), (flagged[1], False), (other, True), (current, True)):
        make_facts(account=account)
        observe(account, is_bad=is_bad)
    make_facts(account=flagged[2])

    assert counted() == {
        "DEFAULT": {
            "all": {"observed": 4, "observed_bad": 3, "judged": 3, "judged_bad": 2},
            "new": {"": 2, "LARGE": 2},
            "new_bad": {"": 1, "LARGE": 1},
            "old": {"": 1, "OLD": 1},
            "old_bad": {"": 1, "OLD": 1},
        }
    }


def test_only_outcomes_of_the_time_after_the_business_date_count(shanghai: Any) -> None:
    account = make_overdue(territory=shanghai, arrears="30000")
    make_facts(account=account)
    for days in (0, OUTCOME_DAYS + 1):
        observe(account, is_bad=True, days=days)
    assert counted() == {}

    observe(account, is_bad=True, days=OUTCOME_DAYS, kind="ROLLED")

    assert list(counted_again()) == ["ROLLED"]


def counted_again() -> Any:
    new, old = PolicyVersion.objects.order_by("number")
    compared = compared_versions(version=new, body=new.body, against=old, others={})
    return outcomes_range(compared=compared, business_date=TODAY, lower=0, upper=BEYOND)


def test_a_muted_rule_flags_no_account_and_other_borrowers_are_left_out(shanghai: Any, risk_manager: Any) -> None:
    account = make_overdue(territory=shanghai, arrears="30000")
    make_facts(account=account)
    observe(account, is_bad=True)
    RuleMute.objects.create(
        borrower=account.borrower, rule="LARGE", until=TODAY, why="known", set_by=risk_manager, created_at=AT
    )

    found = counted()

    assert (found["DEFAULT"]["all"]["judged"], found["DEFAULT"]["new"]) == (1, {})
    RuleMute.objects.all().delete()
    assert counted_again()["DEFAULT"]["new"] == {"": 1, "LARGE": 1}
