"""How an agency's score stands in lists and pages: the score, the interval that holds it, and its parts."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.admin import ScopedInline
from backoffice.core.pages.cells import EMPTY, label, lines, share
from visits.models import AgencyEvaluation
from visits.rules.scorecard import EXIT_BELOW, RESTRICT_BELOW
from visits.selectors.agency_scores import with_last_score

PARTS = {
    "conduct": _("Conduct"),
    "quality": _("Quality of reports"),
    "timeliness": _("Punctuality"),
    "recovery": _("Recovery"),
}


def score_shown(*, score: int | None, low: int | None, high: int | None) -> Any:
    """Return "84 (79-88)" as a chip in the colour of its consequence; without a score that there is too little data."""
    if score is None:
        return label(_("too little data"))
    text = str(score) if low is None or high is None else f"{score} ({low}\u2013{high})"
    if score < EXIT_BELOW:
        return label(text, "danger")
    return label(text, "warning" if score < RESTRICT_BELOW else "success")


def parts_shown(parts: Mapping[str, str | None]) -> Any:
    """Return the measured parts of a score below each other, in whole percent."""
    measured = [f"{title} {share(Decimal(value))}" for name, title in PARTS.items() if (value := parts.get(name))]
    return lines(measured) if measured else EMPTY


class ScoreColumn:
    """The column of a list of agencies that shows the last score, to those who may see evaluations."""

    def get_queryset(self, request: HttpRequest) -> Any:
        return with_last_score(super().get_queryset(request))  # type: ignore[misc]

    def get_list_display(self, request: HttpRequest) -> Any:
        shown = super().get_list_display(request)  # type: ignore[misc]
        if request.user.has_perm("visits.view_agencyevaluation"):
            return shown
        return [column for column in shown if column != "scored"]

    @admin.display(description=_("score"))
    def scored(self, agency: Any) -> Any:
        return EMPTY if agency.last_score is None else score_shown(**agency.last_score)


class EvaluationInline(ScopedInline):
    """The evaluations of an agency, the newest first."""

    model = AgencyEvaluation
    tab = True
    ordering = ("-evaluated_on", "-pk")
    fields = ("evaluated_on", "scored", "parts_shown", "evaluated_by", "note")

    @admin.display(description=_("score"))
    def scored(self, evaluation: AgencyEvaluation) -> Any:
        return score_shown(score=evaluation.score, low=evaluation.score_low, high=evaluation.score_high)

    @admin.display(description=_("parts"))
    def parts_shown(self, evaluation: AgencyEvaluation) -> Any:
        return parts_shown(evaluation.parts)
