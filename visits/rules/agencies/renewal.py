"""
When a contract, or the term of a placement, may be prolonged: the evaluations that must stand behind it (GB/T 45251).

The standard asks for an evaluation at least once a year and once before the contract ends, so there are two conditions.
One evaluation may meet both, if it was made in the last 12 months and in the 90 days before the end. 90 days are a house
value, the term of a placement: the last placement under the old contract begins no earlier, and what is found can still
be acted upon before the end.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

EVALUATION_DAYS: Final = 365
PRE_EXPIRY_DAYS: Final = 90
# Below this score an agency should leave (rules/scorecard.py), so nothing of it is prolonged.
SCORE_MIN: Final = 60
RENEWAL_DAYS_MAX: Final = 3 * 366


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluated:
    """One evaluation: its day and its score, 0 to 100, or None where there was too little to score."""

    on: date
    score: int | None


def prolonging_gaps(
    *, evaluations: Collection[Evaluated], contract_ends_on: date, day: date
) -> tuple[str | Promise, ...]:
    """
    Return what is missing on `day` for prolonging what ends with or under the contract; empty means nothing.

    The evaluation before the end is asked for as soon as the 90 days before it have begun.
    """
    known = sorted((each for each in evaluations if each.on <= day), key=lambda each: each.on)
    gaps: list[str | Promise] = []
    if not any(each.on > day - timedelta(days=EVALUATION_DAYS) for each in known):
        gaps.append(_("The agency has no evaluation of the last twelve months; evaluate it first."))
    begins = contract_ends_on - timedelta(days=PRE_EXPIRY_DAYS)
    if day >= begins and not any(begins <= each.on <= contract_ends_on for each in known):
        gaps.append(
            format_lazy(
                _("The evaluation before the contract's end is missing; it is made from {begins} to {ends}."),
                begins=begins.isoformat(),
                ends=contract_ends_on.isoformat(),
            )
        )
    last = known[-1].score if known else None
    if last is not None and last < SCORE_MIN:
        gaps.append(
            format_lazy(
                _("The last evaluation gave {score} of 100; below {least} nothing is prolonged."),
                score=last,
                least=SCORE_MIN,
            )
        )
    return tuple(gaps)


def renewal_gaps(
    *, evaluations: Collection[Evaluated], contract_ends_on: date, until: date, day: date
) -> tuple[str | Promise, ...]:
    """Return why the contract may not be renewed to `until` on `day`; empty means it may."""
    gaps: list[str | Promise] = []
    if until <= contract_ends_on:
        gaps.append(_("The new end must be later than the present one."))
    elif until > contract_ends_on + timedelta(days=RENEWAL_DAYS_MAX):
        gaps.append(_("A contract is renewed by at most three years."))
    if until <= day:
        gaps.append(_("The new end must be a day to come."))
    begins = contract_ends_on - timedelta(days=PRE_EXPIRY_DAYS)
    if day < begins:
        gaps.append(
            format_lazy(
                _("It is too early: a renewal is asked for from {begins} on, after the evaluation before the end."),
                begins=begins.isoformat(),
            )
        )
    return (*gaps, *prolonging_gaps(evaluations=evaluations, contract_ends_on=contract_ends_on, day=day))
