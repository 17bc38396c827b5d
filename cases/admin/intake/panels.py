"""What the page of an intake file shows beside its record: progress, what became of missing accounts, the difference."""

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.core.pages.cells import EMPTY, chip, tones
from cases.admin.runs.page import duration
from cases.enums import IntakeState, MissingState
from cases.models import IntakeFile
from cases.selectors.intake.progress import difference_of, difference_tables, intake_progress
from cases.services.intake.missing_accounts import SETTLE, UNDECIDED

STATE_TONES = tones(IntakeState, success=["FINISHED"], danger=["FAILED"], info=["RUNNING", "QUEUED"])
MISSING_TONES = tones(MissingState, success=["SETTLED", "NONE"], warning=["HELD", "UNREAD"], info=["TRIED"])


def live_panel(*, file: IntakeFile, at: datetime) -> dict[str, Any]:
    """Return what changes while the file is worked; the page asks for it again and again."""
    view = intake_progress(file=file, at=at)
    numbers = {
        _("new"): file.created_count,
        _("changed"): file.updated_count,
        _("as before"): file.unchanged_count,
        _("rejected"): file.rejected_count,
    }
    return {
        "view": view,
        "file": file,
        "rate": EMPTY if view.rate is None else f"{view.rate:,.0f}",
        "eta": None if view.eta is None else duration(view.eta),
        "rows": f"{view.rows:,}",
        "total": None if view.total is None else f"{view.total:,}",
        "numbers": [{"label": label, "value": f"{value:,}"} for label, value in numbers.items()],
    }


def intake_page(*, file: IntakeFile, user: Any, at: datetime) -> dict[str, Any]:
    """Return the panels of the page for a person who may see it."""
    page = live_panel(file=file, at=at) | {
        "source": reverse("admin:cases_intakefile_progress", args=[file.pk]),
        "missing": _missing(file, user) if file.missing_state else None,
        "difference": None,
    }
    difference = difference_of(file=file) if file.dry_run else None
    if difference is not None:
        page["difference"] = {
            "tables": difference_tables(difference=difference),
            "sampled": len(difference.sample),
            "address": reverse("admin:cases_intakefile_difference", args=[file.pk]),
        }
    return page


def _missing(file: IntakeFile, user: Any) -> dict[str, Any]:
    share = 100 * file.missing_count / file.known_count if file.known_count else 0
    return {
        "chip": chip(file, "missing_state", MISSING_TONES),
        "share": f"{share:.1f}%",
        "waits": file.missing_state in UNDECIDED,
        "may": user.has_perm(SETTLE),
        "is_own": file.taken_by_id == user.pk,
    }
