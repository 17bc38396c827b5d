"""What was recorded under a decision for legal recovery, and what may come next."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from cases.enums import DecisionKind, LegalStepKind
from cases.models import Decision, LegalStep
from cases.rules.legal_steps import NextStep, Step, next_steps, recovery_stands

_NEXT: Final[Mapping[str, Promise]] = {
    LegalStepKind.MEDIATION_OFFERED: _("Offer mediation"),
    LegalStepKind.MEDIATION_AGREED: _("Record an agreement in mediation; a repayment plan follows"),
    LegalStepKind.MEDIATION_FAILED: _("Record that the mediation failed"),
    LegalStepKind.FILED: _("File the claim with a court"),
    LegalStepKind.CLOSED: _("Close the legal recovery"),
}


def recorded_steps(*, decision: Decision) -> list[Step]:
    """Return the steps of a decision in the order in which they were recorded. One query."""
    rows = LegalStep.objects.filter(decision=decision).order_by("pk").values_list("kind", "happened_on")
    return [Step(kind=kind, on=happened_on) for kind, happened_on in rows]


def recovery_began_on(*, decision: Decision) -> date:
    """Return the local day from which steps may have happened: that of the approval."""
    return localdate(decision.approved_at) if decision.approved_at else decision.business_date


def coming_steps(*, decision: Decision, on: date) -> tuple[NextStep, ...]:
    """
    Return what may come next under a decision as of `on`; nothing where it is none of legal recovery. One query.

    Under a decision that does not stand nothing goes on: what was begun can be closed.
    """
    if decision.kind != DecisionKind.LEGAL:
        return ()
    coming = next_steps(steps=recorded_steps(decision=decision), begins_on=recovery_began_on(decision=decision))
    if recovery_stands(state=decision.state, expires_on=decision.expires_on, on=on):
        return coming
    return tuple(each for each in coming if each.kind == LegalStepKind.CLOSED)


def coming_words(*, steps: tuple[NextStep, ...], on: date) -> list[str]:
    """Return what may come next as sentences, with the day from which it may where that is after `on`."""
    words = []
    for step in steps:
        text = str(_NEXT[step.kind])
        if step.from_on > on:
            text = str(_("{step}, from {day}")).format(step=text, day=date_format(step.from_on))
        words.append(text)
    return words
