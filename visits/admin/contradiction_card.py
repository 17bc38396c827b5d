"""The card of contradictions on the pages of a case and of a report."""

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string

from backoffice.core.pages.cells import chip
from cases.models import Borrower
from visits.admin.contradiction_words import (
    STATE_TONES,
    difference_words,
    settled_words,
    side_words,
    value_words,
    weight_label,
)
from visits.contradiction_enums import ContradictionState
from visits.models import Contradiction
from visits.selectors.contradictions import contradictions_of


def contradictions_card(*, request: HttpRequest, borrower: Borrower) -> Any:
    """Return the card of a person's contradictions; empty without any, and for roles that see none."""
    if not request.user.has_perm("visits.view_contradiction"):
        return ""
    rows = [_row(each) for each in contradictions_of(user=request.user, borrower=borrower)]
    return render_to_string("admin/visits/contradictions.html", {"rows": rows}, request=request) if rows else ""


def _row(row: Contradiction) -> dict[str, Any]:
    return {
        "record": row,
        "subject": row.get_subject_display(),
        "difference": difference_words(contradiction=row),
        "left": side_words(contradiction=row, side="left"),
        "left_value": value_words(contradiction=row, side="left"),
        "right": side_words(contradiction=row, side="right"),
        "right_value": value_words(contradiction=row, side="right"),
        "weight": weight_label(row),
        "decider": row.get_decided_by_display(),
        "is_open": row.state == ContradictionState.OPEN,
        "state": chip(row, "state", STATE_TONES),
        "settled": settled_words(contradiction=row),
    }
