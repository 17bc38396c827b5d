"""The criteria under which an agency may enter the list (domain table b, agency entry): each is met or open."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

YEARS_MIN: Final = 3
CAPITAL_MIN: Final = Decimal(10_000_000)
STAFF_MIN: Final = 30


class EntryCriterion(StrEnum):
    """One criterion; the value is stored in the trail."""

    AGE = "AGE"
    CAPITAL = "CAPITAL"
    STAFF = "STAFF"


@dataclass(frozen=True, slots=True, kw_only=True)
class Criterion:
    """A criterion in words, and whether the agency meets it. What is not stated is open."""

    criterion: EntryCriterion
    words: str | Promise
    is_met: bool


def entry_criteria(
    *, founded_on: date | None, capital: Decimal | None, staff: int | None, day: date
) -> tuple[Criterion, ...]:
    """Return the three criteria as they stand on `day`: age in years, registered capital in RMB, number of staff."""
    return (
        Criterion(
            criterion=EntryCriterion.AGE,
            words=format_lazy(_("at least {n} years in business"), n=YEARS_MIN),
            is_met=founded_on is not None and _years_after(founded_on) <= day,
        ),
        Criterion(
            criterion=EntryCriterion.CAPITAL,
            words=format_lazy(_("registered capital of at least RMB {n} million"), n=int(CAPITAL_MIN / 1_000_000)),
            is_met=capital is not None and capital >= CAPITAL_MIN,
        ),
        Criterion(
            criterion=EntryCriterion.STAFF,
            words=format_lazy(_("at least {n} staff"), n=STAFF_MIN),
            is_met=staff is not None and staff >= STAFF_MIN,
        ),
    )


def _years_after(day: date) -> date:
    """Return the anniversary `YEARS_MIN` years later; 29 February has its own on 1 March."""
    year = day.year + YEARS_MIN
    try:
        return day.replace(year=year)
    except ValueError:
        return date(year, 3, 1)
