"""The times of a report against what the server measured: the talk, the stay, and the window that was announced."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from visits.enums import Finding
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.report.draft import ReportDraft, ReportProblem

# Findings of a talk with somebody who was met: its times are asked for, and the longer stay is allowed.
TALK_FINDINGS = frozenset({Finding.F01, Finding.F02, Finding.F03, Finding.F11, Finding.F50})


def opened_at(*, draft: ReportDraft) -> datetime | None:
    """Return when the crew might knock: the later of the crew's last check-ins; None before all have checked in."""
    last_in = {check_in.crew_ref: check_in.at for check_in in sorted(draft.check_ins, key=lambda each: each.at)}
    crew = set(draft.crew_refs)
    return max(last_in[ref] for ref in crew) if crew and crew <= set(last_in) else None


def time_problems(*, policy: ConductPolicy, draft: ReportDraft) -> Iterator[ReportProblem]:
    """
    Yield what is wrong with the times: the talk must lie in the stay and in the window, and end with the consent that the
    visit rested on; the stay must keep its limit.

    The stay runs from the last check-in of the crew to the last check-out, both by the server's clock, whatever the crew
    states of the talk. A time that is merely missing is a fault to correct. The others are matters of conduct: either
    the time is a slip of the pen and is corrected, or it is true, and then it is explained as an incident.
    """
    began, ended = draft.contact_started_at, draft.contact_ended_at
    talked = bool(TALK_FINDINGS.intersection(draft.findings))
    opened, left = opened_at(draft=draft), draft.checked_out_at
    if talked and (began is None or ended is None):
        yield _problem("CONTACT_TIMES_MISSING", _("Somebody was spoken to; enter when the talk began and ended."))
    if began is not None and ended is not None:
        if opened is not None and began < opened:
            message = _("The talk began before the whole crew had checked in; correct it or explain it as an incident.")
            yield _problem("CONTACT_BEFORE_CHECK_IN", message, is_incident=True)
        if left is not None and ended > left:
            message = _("The talk ended after the crew had checked out; correct it or explain it as an incident.")
            yield _problem("CONTACT_AFTER_CHECK_OUT", message, is_incident=True)
        if draft.window is not None and not draft.window[0] <= began <= ended <= draft.window[1]:
            message = _("The talk left the window of the notice; correct it or explain it as an incident.")
            yield _problem("CONTACT_OUTSIDE_WINDOW", message, is_incident=True)
        if draft.consent_ended_at is not None and ended > draft.consent_ended_at:
            message = _("The talk went on after the borrower had withdrawn their consent; explain it as an incident.")
            yield _problem("CONTACT_WITHOUT_CONSENT", message, is_incident=True)
    limit_minutes = policy.met_minutes_max if talked else policy.unmet_minutes_max
    stays = [
        until - since for since, until in ((opened, left), (began, ended)) if since is not None and until is not None
    ]
    if stays and max(stays) > timedelta(minutes=limit_minutes):
        message = format_lazy(_("The crew stayed longer than {n} minutes; explain it as an incident."), n=limit_minutes)
        yield ReportProblem(field="checked_out_at", code="STAYED_TOO_LONG", message=message, is_incident=True)


def _problem(code: str, message: str | Promise, *, is_incident: bool = False) -> ReportProblem:
    return ReportProblem(field="contact_started_at", code=code, message=message, is_incident=is_incident)
