"""Plans that follow from a verification keep to the income that papers prove; their figures are kept under seal."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils.translation import override

from cases.admin.decisions.text import more_sentences
from cases.models import Decision
from cases.rules.plans.affordability import Means
from cases.rules.plans.means import means_of
from cases.selectors.casework.plan_schedules import plan_schedule
from tests.cases.services.decisions.test_settlement import make_plan
from tests.clear_text import tables_with
from tests.factories.casework import AT, TODAY, fact, make_case, verify
from tests.factories.portfolio import make_account, make_overdue

ENOUGH = Means(monthly_income=Decimal("8123.00"), monthly_expenses=Decimal("5321.00"))
FOR_TWO = Means(monthly_income=Decimal("10000.00"), monthly_expenses=Decimal("5000.00"))
TOO_LITTLE = Means(monthly_income=Decimal("3000.00"), monthly_expenses=Decimal("2950.00"))
PARTLY = (fact("IDENTITY", "CONFIRMED"), fact("CAPACITY", "PARTLY_ABLE"), fact("CAUSE", "TEMPORARY"))


def planned(shanghai: Any, **more: Any) -> Decision:
    verification = verify(case=make_case(account=make_overdue(territory=shanghai)), facts=PARTLY, **more)
    return verification.decisions.get(kind="PLAN")


def largest(decision: Decision) -> Decimal:
    return plan_schedule(account=decision.account, terms=decision.terms, starts_on=TODAY).largest


def test_a_plan_keeps_to_what_the_means_allow_and_keeps_them_sealed(shanghai: Any) -> None:
    unsized = planned(shanghai)
    decision = planned(shanghai, means=ENOUGH)

    affordable = Decimal("1961.40")
    assert largest(unsized) > affordable >= largest(decision)
    assert decision.terms["instalments"] > unsized.terms["instalments"]
    assert means_of(text=decision.means) == {
        "monthly_income": "8123.00",
        "monthly_expenses": "5321.00",
        "surplus": "2802.00",
        "affordable": "1961.40",
    }
    assert decision.terms["means_source"] == "PAPERS"
    assert "exceeds_means" not in decision.terms
    assert tables_with("8123.00") == []


def test_a_plan_that_nobody_can_afford_stays_as_the_table_gives_it_and_says_so(shanghai: Any) -> None:
    unsized = planned(shanghai)
    decision = planned(shanghai, means=TOO_LITTLE)

    assert decision.terms == {
        **unsized.terms,
        "means_source": "PAPERS",
        "means_as_of": "2026-03-02",
        "exceeds_means": True,
    }
    assert decision.reasons == unsized.reasons
    with override("en"):
        assert "No plan of up to 60 instalments keeps to what is affordable a month" in more_sentences(
            decision.terms, "CNY"
        )


@pytest.mark.parametrize("state", ["ACTIVE", "PROPOSED"])
def test_two_plans_and_one_that_runs_or_is_on_offer_share_one_income(shanghai: Any, state: str) -> None:
    first = make_overdue(territory=shanghai)
    second = make_account(borrower=first.borrower, days_past_due=60, arrears_amount=Decimal("3000"))
    case = make_case(account=first)
    make_plan(make_account(borrower=first.borrower), case=case, state=state)
    make_plan(make_account(borrower=first.borrower), case=case, state="CANCELLED")

    decisions = verify(case=case, facts=PARTLY, means=FOR_TWO).decisions.filter(kind="PLAN")

    assert {each.account_id for each in decisions} == {first.pk, second.pk}
    # 70 % of the 5,000.00 left, less 100.00 of the plan that runs.
    affordable = [Decimal(means_of(text=each.means)["affordable"]) for each in decisions]
    assert affordable == [Decimal("1700.00")] * 2
    assert all(largest(each) <= amount for each, amount in zip(decisions, affordable, strict=True))
    assert {means_of(text=each.means)["running_plans"] for each in decisions} == {"100.00"}


@pytest.mark.parametrize("means", [None, Means()])
def test_without_means_a_plan_keeps_none(shanghai: Any, means: Means | None) -> None:
    decision = planned(shanghai, means=means)

    assert (decision.means_ref, decision.means, "means_source" in decision.terms) == (None, None, False)


def test_a_later_check_without_papers_keeps_to_the_means_that_still_count(shanghai: Any) -> None:
    case = make_case(account=make_overdue(territory=shanghai))
    first = verify(case=case, facts=PARTLY, means=ENOUGH).decisions.get(kind="PLAN")

    second = verify(case=case, facts=PARTLY, at=AT + timedelta(days=1)).decisions.get(kind="PLAN")

    assert second.terms["instalments"] == first.terms["instalments"]
    assert means_of(text=second.means) == means_of(text=first.means)
    # A capacity counts for 90 days: those of the papers, which the second check did not see.
    for days, is_sized in ((90, True), (91, False)):
        late = verify(
            case=case, facts=PARTLY, at=AT + timedelta(days=days), verified_on=TODAY + timedelta(days=days)
        ).decisions.get(kind="PLAN")
        assert (late.means is not None, "means_source" in late.terms) == (is_sized, is_sized)


def test_an_income_alone_is_kept_and_sizes_nothing(shanghai: Any) -> None:
    unsized = planned(shanghai)
    decision = planned(shanghai, means=Means(monthly_income=Decimal("900.00")))

    assert means_of(text=decision.means) == {"monthly_income": "900.00"}
    assert (decision.terms["instalments"], decision.reasons) == (unsized.terms["instalments"], unsized.reasons)


def test_other_decisions_keep_no_means(shanghai: Any) -> None:
    case = make_case(account=make_overdue(territory=shanghai))

    verify(case=case, facts=(fact("CAPACITY", "UNABLE"), fact("CAUSE", "FORCE_MAJEURE")), means=ENOUGH)

    assert {(each.kind, each.means) for each in Decision.objects.all()} == {("SPECIAL_CARE", None)}
