"""A repayment plan beside two others that an officer may offer instead."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from cases.enums import PlanMethod
from cases.rules.calendar import Calendar
from cases.rules.plans.affordability import Means, shortest_affordable
from cases.rules.plans.amounts import TooSteep
from cases.rules.plans.limits import MAX_INSTALMENTS, allowed_count
from cases.rules.plans.schedule import PlanSchedule, PlanTerms, schedule_plan

OTHERS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanOption:
    """One plan that may be offered. `fits` says whether its payments are affordable; None where that is unknown."""

    terms: PlanTerms
    schedule: PlanSchedule
    all_in_rate: Decimal
    fits: bool | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """
    The plan that was asked for, first, and up to two others.

    `affordable` is the largest monthly payment that the means allow, None if they are unknown; `advised` the smallest number
    of instalments that keeps to it, None if the means are unknown or no number does.
    """

    options: tuple[PlanOption, ...]
    affordable: Decimal | None
    advised: int | None


def compare_plans(*, terms: PlanTerms, means: Means, starts_on: date, calendar: Calendar) -> Comparison:
    """
    Return the schedule of `terms` beside two others: what the means advise, the other method, more and fewer instalments.

    :raises TooSteep: if a stepped plan begins with payments below its interest.
    :raises ValueError: if the total is not positive, or there are fewer than 1 or more than 60 instalments.
    """
    affordable = means.affordable(currency=terms.currency)

    def option(each: PlanTerms) -> PlanOption:
        schedule = schedule_plan(terms=each, starts_on=starts_on, calendar=calendar)
        fits = None if affordable is None else schedule.largest <= affordable
        return PlanOption(terms=each, schedule=schedule, all_in_rate=schedule.all_in_rate, fits=fits)

    options = [option(terms)]
    most = allowed_count(total=terms.total, wanted=MAX_INSTALMENTS)
    advised = None
    if affordable is not None:
        advised = shortest_affordable(
            affordable=affordable,
            most=most,
            scheduled=lambda count: schedule_plan(
                terms=replace(terms, instalments=count), starts_on=starts_on, calendar=calendar
            ),
        )
    for each in _others(terms, advised, most):
        if len(options) > OTHERS:
            break
        if all(each != known.terms for known in options):
            try:
                options.append(option(each))
            except TooSteep:
                continue
    return Comparison(options=tuple(options), affordable=affordable, advised=advised)


def _others(terms: PlanTerms, advised: int | None, most: int) -> Iterator[PlanTerms]:
    """Yield other plans, the most useful first; some may equal the plan itself."""
    if advised is not None:
        yield replace(terms, instalments=advised)
    is_equal_principal = terms.method == PlanMethod.EQUAL_PRINCIPAL
    yield replace(terms, method=PlanMethod.EQUAL_PAYMENT if is_equal_principal else PlanMethod.EQUAL_PRINCIPAL)
    yield replace(terms, instalments=min(terms.instalments * 3 // 2, most))
    yield replace(terms, instalments=max(terms.instalments * 2 // 3, 1))
    if terms.method != PlanMethod.STEPPED:
        yield replace(terms, method=PlanMethod.STEPPED)
