"""The contents of a run's page, in the reader's language: progress, pace, failures, exceeded limits."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.cells import EMPTY, linked, share, tones
from backoffice.core.scoping import acts_everywhere
from cases.enums import ChunkState, Job, Measure, RunPhase, RunState
from cases.models import Borrower, EvaluationRun
from cases.rules.run_lifecycle import RUN, UNFINISHED
from cases.selectors.runs.feeds import FeedWarning, feed_warnings
from cases.selectors.runs.views import PREVIEWED, RunView, get_run_view

RUN_TONES = tones(
    RunState, success=["FINISHED"], danger=["FAILED", "HELD"], info=["RUNNING"], warning=["PAUSED", "CANCELLED"]
)
CHUNK_TONES = tones(ChunkState, success=["DONE"], danger=["DEAD"], info=["LEASED"])
# The parts of the bar of chunks from left to right, with their labels.
_PARTS: tuple[tuple[str, Any], ...] = (
    (ChunkState.DONE, _("Applied")),
    (ChunkState.LEASED, _("Being worked")),
    (PREVIEWED, _("Previewed, not yet applied")),
    (ChunkState.READY, _("Not yet previewed")),
    (ChunkState.DEAD, _("Given up")),
)
_COUNTED: dict[str, tuple[tuple[str, Any], ...]] = {
    Job.TRIGGERS: (("hits", _("hits that hold")), ("opened", _("cases opened")), ("closed", _("cases closed"))),
    Job.STANDING: (("proposed", _("decisions proposed")),),
}


def live_panel(*, run: EvaluationRun, user: Any, at: datetime) -> dict[str, Any]:
    """Return the part of the page that is reloaded every two seconds while the run is live."""
    view = get_run_view(run=run, user=user, at=at)
    return {
        "run": run,
        "view": view,
        "phases": [_phase(phase) for phase in view.phases],
        "parts": _parts(view),
        "numbers": _numbers(view),
        "still_for": duration(at - (view.last_moved_at or run.started_at)) if view.is_still else "",
        "slowest": [
            {"range": _range(chunk), "accounts": chunk.account_count, "seconds": f"{chunk.worked_ms / 1000:.2f}"}
            for chunk in view.slowest
            if chunk.worked_ms is not None
        ],
        "failing": [
            {
                "range": _range(chunk),
                "state": ChunkState(chunk.state).label,
                "tone": CHUNK_TONES[chunk.state],
                "attempts": chunk.attempts,
                "error": error_words(chunk.last_error),
            }
            for chunk in view.failing
        ],
        "aside": [
            {
                "borrower": borrower_link(row),
                "error": error_words(row.error),
                "at": row.created_at,
                "row": row,
                "is_tried_again": getattr(row, "is_tried_again", False),
            }
            for row in view.aside
        ],
    }


def run_page(*, run: EvaluationRun, user: Any, at: datetime) -> dict[str, Any]:
    """Return the panels of a run's page: the live part, the exceeded limits, who started it, and the policies."""
    panel = live_panel(run=run, user=user, at=at)
    kept = panel["view"].policies
    return panel | {
        "source": reverse("admin:cases_evaluationrun_progress", args=[run.pk]),
        "limits": held_measures(run),
        "old_figures": [each for each in run.held_because if each["measure"] == Measure.FIGURES],
        "does_too_much": any(each["measure"] != Measure.FIGURES for each in run.held_because),
        "feeds": _feeds(run, user, at),
        "is_own": run.started_by_id is not None and run.started_by_id == user.pk,
        "buttons": _release_buttons(run, user),
        "segments": [
            {
                "segment": segment or (_("everybody else") if len(kept) > 1 else _("everybody")),
                "version": linked(version),
            }
            for segment, version in kept
        ],
    }


def borrower_link(row: Any) -> Any:
    """Return the number of a quarantined borrower, as a link if `has_visible_borrower` of the row is true."""
    number = f"#{row.borrower_id}"
    return linked(Borrower(pk=row.borrower_id), number) if row.has_visible_borrower else number


def duration(span: timedelta | float | None) -> str:
    """Return a duration in words; numbers are seconds, None is a dash."""
    if span is None:
        return EMPTY
    seconds = round(span.total_seconds() if isinstance(span, timedelta) else span)
    if seconds < 60:
        return str(_("{s} s")).format(s=seconds)
    if seconds < 3600:
        return str(_("{m} min {s} s")).format(m=seconds // 60, s=seconds % 60)
    return str(_("{h} h {m} min")).format(h=seconds // 3600, m=seconds % 3600 // 60)


def error_words(error: str) -> str:
    """Return an error's name with its meaning, where that is known. The error's text is never kept: it may quote a row."""
    meanings = {
        "cancelled": _("The run was cancelled"),
        "superseded": _("A later day was begun"),
        "worker lost": _("Its worker died"),
        "22003": _("A number is beyond what its column holds"),
        "23514": _("A value breaks a rule of the database"),
        "23505": _("A row is there twice"),
        "22P02": _("A value cannot be read"),
        "57014": _("It took too long"),
        "40P01": _("It conflicted with another change"),
        "55P03": _("It waited too long for another change"),
    }
    for code, meaning in meanings.items():
        if error.endswith(code):
            return f"{meaning} ({error})"
    return error


def held_measures(run: EvaluationRun) -> list[dict[str, Any]]:
    """
    Return what a previewed run would do against its limits, as bars; measures that exceed a limit first.

    Old figures are no effect of a run and stand apart on the page.
    """
    beyond: dict[str, Mapping[str, Any]] = {
        each["measure"]: each for each in run.held_because if each["measure"] != Measure.FIGURES
    }
    effects, of = run.preview.get("effects", {}), run.preview.get("of", {})
    shown = [
        _measure(name, count=effects.get(name, 0), of=of.get(name, 0), limit=beyond.get(name))
        for name in sorted({*effects, *beyond}, key=lambda name: (name not in beyond, name))
    ]
    return [each for each in shown if each is not None]


def _feeds(run: EvaluationRun, user: Any, at: datetime) -> list[FeedWarning]:
    """Return the sources that need a look; what is known of them today says nothing about a run of an earlier day."""
    is_past = run.state not in UNFINISHED and run.business_date < timezone.localdate(at) - timedelta(days=1)
    return [] if is_past else feed_warnings(user=user, business_date=run.business_date, at=at)


def _measure(name: str, *, count: int, of: int, limit: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if name not in Measure.values:
        return None
    bars: list[tuple[Any, Decimal, str]] = [(_("this run"), Decimal(count), "ds-now")]
    if limit:
        by_share = Decimal(limit["max_share"]) * of
        bars.append((_("limit: {share} of {of}").format(share=share(Decimal(limit["max_share"])), of=of), by_share, ""))
        if limit.get("median") is not None:
            usual = Decimal(limit["median"])
            times = f"{Decimal(limit['max_multiple']).normalize():f}"
            bars.append((_("limit: {times} times the usual").format(times=times), usual * Decimal(times), ""))
            bars.append((_("usual (median of the last runs)"), usual, "ds-usual"))
    longest = max((value for _label, value, _tone in bars), default=Decimal(0)) or Decimal(1)
    return {
        "label": Measure(name).label,
        "count": count,
        "of": of,
        "share": share(Decimal(count) / of) if of else EMPTY,
        "is_beyond": limit is not None,
        "is_share": bool(limit and limit.get("is_share")),
        "is_multiple": bool(limit and limit.get("is_multiple")),
        "bars": [
            {"label": label, "value": f"{value:,.0f}", "tone": tone, "width": f"{100 * value / longest:.1f}"}
            for label, value, tone in bars
        ],
    }


def _phase(phase: Any) -> dict[str, Any]:
    return {
        "label": RunPhase(phase.phase).label,
        "phase": phase,
        "percent": phase.percent,
        "rate": EMPTY if phase.rate is None else f"{phase.rate:,.0f}",
        "eta": duration(phase.eta) if phase.eta is not None else "",
    }


def _parts(view: RunView) -> list[dict[str, Any]]:
    total = sum(view.chunks.get(state, 0) for state, _label in _PARTS)
    return [
        {
            "state": str(state).lower(),
            "label": label,
            "number": view.chunks[state],
            "width": f"{100 * view.chunks[state] / total:.2f}",
        }
        for state, label in _PARTS
        if view.chunks.get(state)
    ]


def _numbers(view: RunView) -> list[dict[str, Any]]:
    run = view.run
    numbers = [{"label": _("accounts judged"), "value": f"{view.accounts:,}"}]
    numbers += [{"label": label, "value": f"{view.totals[name]:,}"} for name, label in _COUNTED[run.job]]
    if view.totals["uncompared"]:
        numbers.append({"label": _("currency without a rate"), "value": f"{view.totals['uncompared']:,}"})
    numbers.append({"label": _("set aside"), "value": f"{view.aside_count:,}"})
    if view.seconds is not None:
        numbers.append({"label": _("took"), "value": duration(view.seconds)})
    if view.rate:
        numbers.append({"label": _("accounts a second"), "value": f"{view.rate:,.0f}"})
    return numbers


def _range(chunk: Any) -> str:
    if chunk.of_people:
        # The last range of people is open.
        return f"P{chunk.lower:07d}" if chunk.upper == chunk.lower + 1 else f"P{chunk.lower:07d} -"
    return f"#{chunk.lower} - #{chunk.upper - 1}" if chunk.upper - chunk.lower > 1 else f"#{chunk.lower}"


def _release_buttons(run: EvaluationRun, user: Any) -> list[dict[str, Any]]:
    """Return the approver's two buttons; they open the same dialogs as those at the top of the page."""
    if run.state != RunState.HELD or run.started_by_id == user.pk or not acts_everywhere(user=user):
        return []
    shown = []
    for action, variant in (("release", "primary"), ("refuse", "danger")):
        step = RUN.step(action)
        if user.has_perm(step.permission):
            attrs = {
                "hx-get": reverse(f"admin:cases_evaluationrun_{action}", args=[run.pk]),
                "hx-target": "#modal-content",
                "hx-select": "#dialog",
                "x-on:htmx:after-on-load": "openModal = true",
            }
            shown.append({"label": step.label, "variant": variant, "attrs": attrs})
    return shown
