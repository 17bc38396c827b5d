"""The card that shows what was tried before a visit, step by step and contact by contact."""

from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from cases.models import Borrower
from visits.selectors.receipts import receipts


def last_resort_card(*, user: Any, borrower: Borrower, is_wished: bool = False) -> str:
    """Return the HTML of steps and contacts. `is_wished`: the borrower asked for the visit, which replaces the steps."""
    found = receipts(user=user, borrower=borrower, at=timezone.now())
    context = {"receipts": found, "is_wished": is_wished, "is_met": not any(step.gap for step in found.steps)}
    return render_to_string("admin/visits/last_resort.html", context)


def last_resort_steps_card(*, user: Any, borrower: Borrower) -> str:
    """Return the HTML of the steps alone, for a narrow card beside a list of the contacts."""
    found = receipts(user=user, borrower=borrower, at=timezone.now())
    return render_to_string("admin/visits/last_resort_short.html", {"receipts": found})
