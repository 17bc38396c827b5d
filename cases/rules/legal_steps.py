"""
The steps of legal recovery: mediation first, then the court.

The borrower has `ANSWER_DAYS` from the day of an offer of mediation. Whoever has not answered by then has not agreed, so the
mediation counts as failed; a refusal on record does not shorten these days, since the borrower may still come round. While an
agreement stands nothing is filed: a repayment plan is agreed instead, which ends the decision.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.enums import LegalStepKind
from cases.rules.lifecycle import STANDING_DECISION

# House value: days from the offer of mediation on which the borrower may agree before a court is asked. A trigger of the
# database holds the same number.
ANSWER_DAYS: Final = 15

# What may follow each last step; None is the beginning. Nothing follows the end.
_FOLLOWS: Final[Mapping[str | None, tuple[str, ...]]] = {
    None: (LegalStepKind.MEDIATION_OFFERED,),
    LegalStepKind.MEDIATION_OFFERED: (
        LegalStepKind.MEDIATION_AGREED,
        LegalStepKind.MEDIATION_FAILED,
        LegalStepKind.FILED,
        LegalStepKind.CLOSED,
    ),
    LegalStepKind.MEDIATION_AGREED: (LegalStepKind.MEDIATION_FAILED, LegalStepKind.CLOSED),
    LegalStepKind.MEDIATION_FAILED: (LegalStepKind.MEDIATION_OFFERED, LegalStepKind.FILED, LegalStepKind.CLOSED),
    LegalStepKind.FILED: (LegalStepKind.CLOSED,),
    LegalStepKind.CLOSED: (),
}
_OUT_OF_ORDER: Final[Mapping[str | None, str | Promise]] = {
    None: _("Mediation comes first: record the offer of mediation."),
    LegalStepKind.MEDIATION_OFFERED: _("A mediation is offered already; record what came of it."),
    LegalStepKind.MEDIATION_AGREED: _(
        "The borrower agreed in mediation: agree a repayment plan. Nothing is filed while the agreement stands."
    ),
    LegalStepKind.MEDIATION_FAILED: _("The mediation failed; offer another one, file, or close."),
    LegalStepKind.FILED: _("The claim is filed; what is left is to close."),
    LegalStepKind.CLOSED: _("The legal recovery is closed."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One recorded step: its kind and its local day."""

    kind: str
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """A step that may come next, and the first day on which it may."""

    kind: str
    from_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class StepRefusal:
    """Why a step may not be recorded: a code for programs, and words for the reader."""

    code: str
    text: str | Promise


def recovery_stands(*, state: str, expires_on: date | None, on: date) -> bool:
    """Return whether a decision for legal recovery stands on `on`: approved, not ended, and within its time."""
    return state in STANDING_DECISION and (expires_on is None or on <= expires_on)


def next_steps(*, steps: Sequence[Step], begins_on: date) -> tuple[NextStep, ...]:
    """
    Return what may come after `steps` (in the order in which they were recorded), each with its first day.

    `begins_on` is the day on which the decision was approved: nothing happened before it.
    """
    last = steps[-1] if steps else None
    earliest = last.on if last else begins_on
    return tuple(
        NextStep(kind=kind, from_on=max(earliest, *_filing_days(steps)) if kind == LegalStepKind.FILED else earliest)
        for kind in _FOLLOWS[last.kind if last else None]
    )


def step_refusal(*, steps: Sequence[Step], step: Step, begins_on: date, today: date) -> StepRefusal | None:
    """Return why `step` may not be recorded after `steps` on `today`; None where it may."""
    if step.on > today:
        return StepRefusal(code="FUTURE", text=_("This day is still to come; enter the day on which it happened."))
    allowed = {each.kind: each.from_on for each in next_steps(steps=steps, begins_on=begins_on)}
    if step.kind not in allowed:
        return StepRefusal(code="OUT_OF_ORDER", text=_OUT_OF_ORDER[steps[-1].kind if steps else None])
    if step.on >= allowed[step.kind]:
        return None
    first = date_format(allowed[step.kind])
    last_day = steps[-1].on if steps else begins_on
    if step.kind == LegalStepKind.FILED and step.on >= last_day:
        text = _(
            "The borrower has {days} days to answer the offer of mediation; a court is asked from {day} at the earliest."
        )
        return StepRefusal(code="MEDIATION_RUNS", text=format_lazy(text, days=ANSWER_DAYS, day=first))
    text = _("This is before the last step or the approval of the decision; the first possible day is {day}.")
    return StepRefusal(code="BACKWARDS", text=format_lazy(text, day=first))


def _filing_days(steps: Sequence[Step]) -> Iterator[date]:
    """Yield the first day on which the newest offer of mediation has waited long enough."""
    for step in reversed(steps):
        if step.kind == LegalStepKind.MEDIATION_OFFERED:
            yield step.on + timedelta(days=ANSWER_DAYS)
            return
