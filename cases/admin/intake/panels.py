"""The panels and buttons of an intake file's page: progress, missing accounts, what a dry run would change, rejects."""

import json
from datetime import datetime
from typing import Any, Final

from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.core.pages.cells import EMPTY, chip, tones
from backoffice.core.scoping import acts_everywhere
from cases.admin.runs.page import duration
from cases.enums import IntakeState, MissingState, TotalsState
from cases.models import IntakeFile, IntakeProfile
from cases.selectors.intake.differences import difference_of, difference_tables
from cases.selectors.intake.files import taken_before
from cases.selectors.intake.progress import IntakeProgress, intake_progress
from cases.selectors.intake.reject_releases import open_releases, usable_release
from cases.services.intake.missing_accounts import SETTLE, UNDECIDED
from cases.services.intake.row_totals import ANSWER

# So many rows that look like totals are named on the page.
SHOWN_TOTALS: Final = 5

STATE_TONES = tones(
    IntakeState,
    success=[IntakeState.FINISHED],
    danger=[IntakeState.FAILED],
    info=[IntakeState.RUNNING, IntakeState.QUEUED],
)
MISSING_TONES = tones(
    MissingState,
    success=[MissingState.SETTLED, MissingState.NONE],
    warning=[MissingState.HELD, MissingState.UNREAD],
    info=[MissingState.TRIED],
)


def live_panel(*, file: IntakeFile, at: datetime) -> dict[str, Any]:
    """Return the part of the page that changes while the file is worked; the page asks for it repeatedly."""
    view = intake_progress(file=file, at=at)
    numbers = {
        _("new"): file.created_count,
        _("changed"): file.updated_count,
        _("as before"): file.unchanged_count,
        _("rejected"): file.rejected_count,
        _("doubtful values"): file.doubtful_count,
    }
    # Rows that no count of rows contains; most files have none.
    passed_over = {_("blank rows"): file.blank_count, _("rows of totals"): file.totals_count}
    numbers |= {label: count for label, count in passed_over.items() if count}
    return {
        "view": view,
        "file": file,
        "rate": EMPTY if view.rate is None else f"{view.rate:,.0f}",
        "eta": None if view.eta is None else duration(view.eta),
        "rows": f"{view.rows:,}",
        "total": None if view.total is None else f"{view.total:,}",
        "numbers": [{"label": label, "value": f"{value:,}"} for label, value in numbers.items()],
    }


def live_figures(view: IntakeProgress) -> dict[str, Any]:
    """Return the figures of an intake's progress as JSON; `rate` is rows a second, `eta_seconds` the seconds left."""
    return {
        "state": view.state,
        "live": view.is_live,
        "rows": view.rows,
        "total": view.total,
        "percent": view.percent,
        "rate": None if view.rate is None else round(view.rate),
        "eta_seconds": None if view.eta is None else int(view.eta.total_seconds()),
    }


def intake_page(*, file: IntakeFile, user: Any, at: datetime) -> dict[str, Any]:
    """Return the panels of the page as `user` sees them at a moment."""
    page = live_panel(file=file, at=at) | {
        "source": reverse("admin:cases_intakefile_progress", args=[file.pk]),
        "twins": taken_before(file=file, user=user),
        "is_behind": file.as_of is not None and file.known_as_of is not None and file.as_of < file.known_as_of,
        "missing": _missing(file, user) if file.missing_state else None,
        "totals": _totals(file, user) if file.totals_state else None,
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
        "after_totals": file.totals_state == TotalsState.ASKED
        and file.missing_state == MissingState.UNREAD
        and file.missing_if_totals != MissingState.UNREAD,
        "may": user.has_perm(SETTLE),
        "is_own": file.taken_by_id == user.pk,
    }


def _totals(file: IntakeFile, user: Any) -> dict[str, Any]:
    """Return the question whether rows are totals, or its answer; also where the profile can be changed."""
    words = sorted({word for _row, word in file.doubtful_rows})
    own = IntakeProfile.objects.filter(name=file.profile_name).values_list("pk", flat=True).first()
    return {
        "rows": [{"number": number, "word": word} for number, word in file.doubtful_rows[:SHOWN_TOTALS]],
        "more": max(0, len(file.doubtful_rows) - SHOWN_TOTALS),
        "waits": file.totals_state == TotalsState.ASKED,
        "may": user.has_perm(ANSWER) and acts_everywhere(user=user),
        "is_own_profile": own is not None,
        "line": f"total_rows = {json.dumps(words, ensure_ascii=False)}",
        "add": reverse("admin:cases_intakeprofile_add"),
    }


def offered_buttons(*, file: IntakeFile, user: Any, at: datetime) -> set[str]:
    """Return the names of the buttons that the state of the file offers this person; their role decides besides."""
    is_own = file.taken_by_id == user.pk
    offered = set()
    if file.missing_state in UNDECIDED and not is_own:
        offered |= {"confirm_missing", "drop_missing"}
    if file.totals_state == TotalsState.ASKED and file.state == IntakeState.FINISHED:
        offered |= {"confirm_totals", "deny_totals"}
    if not file.rejected_count:
        return offered
    waiting = [release.asked_by_id for release in open_releases(file=file)]
    if is_own or usable_release(file=file, actor=user, at=at) is not None:
        offered.add("take_rejects")
    elif user.pk not in waiting:
        offered.add("ask_for_rejects")
    if any(person != user.pk for person in waiting):
        offered.add("release_rejects")
    return offered
