"""A plan beside two others."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

from cases.enums import PlanMethod
from cases.rules.calendar import Calendar
from cases.rules.plans.affordability import Means
from cases.rules.plans.comparison import compare_plans
from cases.rules.plans.schedule import PlanTerms, schedule_plan

START = date(2026, 3, 2)
TERMS = PlanTerms(total=Decimal(24000), annual_rate=Decimal("0.12"), instalments=24)


def compared(terms=TERMS, **means):
    return compare_plans(terms=terms, means=Means(**means), starts_on=START, calendar=Calendar())


def test_a_plan_stands_beside_the_other_method_and_more_instalments():
    found = compared()

    assert [(each.terms.method, each.terms.instalments, each.fits) for each in found.options] == [
        (PlanMethod.EQUAL_PAYMENT, 24, None),
        (PlanMethod.EQUAL_PRINCIPAL, 24, None),
        (PlanMethod.EQUAL_PAYMENT, 36, None),
    ]
    assert (found.affordable, found.advised) == (None, None)
    first = found.options[0]
    assert first.schedule == schedule_plan(terms=TERMS, starts_on=START, calendar=Calendar())
    assert first.all_in_rate == first.schedule.all_in_rate


def test_what_the_means_advise_comes_first_among_the_others():
    found = compared(monthly_income=Decimal(8000), monthly_expenses=Decimal(6900))

    assert (found.affordable, found.advised) == (Decimal("770.00"), 38)
    assert [(each.terms.instalments, each.fits) for each in found.options] == [(24, False), (38, True), (24, False)]


def test_nothing_is_advised_where_no_number_of_instalments_fits():
    found = compared(monthly_income=Decimal(3000), monthly_expenses=Decimal(2900))

    assert (found.advised, [each.fits for each in found.options]) == (None, [False, False, False])


def test_a_small_debt_has_fewer_others():
    found = compared(replace(TERMS, total=Decimal(150), instalments=1))

    assert [(each.terms.method, each.terms.instalments) for each in found.options] == [
        (PlanMethod.EQUAL_PAYMENT, 1),
        (PlanMethod.EQUAL_PRINCIPAL, 1),
        (PlanMethod.STEPPED, 1),
    ]
