"""A case's timeline: events as sentences in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.contrib.auth import get_user_model
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from cases.enums import (
    CaseEventKind,
    Channel,
    CloseReason,
    ComplaintKind,
    ContactOutcome,
    DecisionKind,
    FlagKind,
    Priority,
    PromiseState,
    ReversalReason,
    VerificationSource,
    WordMark,
)
from cases.models import Case, CaseEvent
from cases.selectors.policies.versions import titles_of

NEWEST: Final = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class TimelineLine:
    """
    One line: when, the sentence, the note that a person wrote, and who acted.

    `at` is None where the line was written for another day than its business date (a night's work, a replay).
    """

    on: date
    at: datetime | None
    kind: str
    sentence: str
    note: str
    actor: str


# By kind and the body's "action". Names in braces are values of the body, codes already turned into words.
SENTENCES: Final[Mapping[tuple[str, str], Promise]] = {
    (CaseEventKind.OPENED, ""): _("Case opened under policy version {policy}"),
    (CaseEventKind.TRIGGER_ENTERED, ""): _("Reason arose: {rule}"),
    (CaseEventKind.TRIGGER_LEFT, ""): _("Reason ended: {rule}"),
    (CaseEventKind.ASSIGNED, ""): _("Assigned to {owner}"),
    (CaseEventKind.NOTE, ""): _("Note"),
    (CaseEventKind.NOTE, "marked"): _("Note, found in it: {marks}"),
    (CaseEventKind.REGRADED, ""): _("Grade {grade_before} → {grade}, priority {priority_before} → {priority}"),
    (CaseEventKind.STAGE, "hold"): _("Put on hold until {until}"),
    (CaseEventKind.STAGE, "resume"): _("Taken off hold"),
    (CaseEventKind.STAGE, "rework"): _("Back in work: nothing is pending"),
    (CaseEventKind.STAGE, "join"): _("Joined with case {case} of the same person, which was closed"),
    (CaseEventKind.CLOSED, ""): _("Case closed: {reason}"),
    (CaseEventKind.CLOSED, "join"): _("Case closed: joined with case {case} of the same person"),
    (CaseEventKind.CONTACT, "attempt"): _("{channel}: {outcome}"),
    (CaseEventKind.CONTACT, "flag_set"): _("Circumstance noted: {flag}"),
    (CaseEventKind.CONTACT, "flag_cleared"): _("Circumstance ended: {flag}"),
    (CaseEventKind.VERIFICATION, ""): _("Facts verified ({source})"),
    (CaseEventKind.DECISION, "propose"): _("Decision proposed: {kind}"),
    (CaseEventKind.DECISION, "approve"): _("Decision approved: {kind}"),
    (CaseEventKind.DECISION, "reject"): _("Decision rejected: {kind}"),
    (CaseEventKind.DECISION, "reverse"): _("Decision reversed: {kind}"),
    (CaseEventKind.DECISION, "expire"): _("Decision expired: {kind}"),
    (CaseEventKind.DECISION, "plan_agreed"): _("Repayment plan agreed"),
    (CaseEventKind.DECISION, "plan_broken"): _("Repayment plan broken; to be looked at again"),
    (CaseEventKind.DECISION, "plan_reopened"): _(
        "Repayment plan in force again: money that had fulfilled it was taken back"
    ),
    (CaseEventKind.DECISION, "instalments_unpaid"): _(
        "Instalments of the repayment plan that are unpaid again: {count}"
    ),
    (CaseEventKind.DECISION, "legal_MEDIATION_OFFERED"): _("Legal recovery: mediation offered on {on}"),
    (CaseEventKind.DECISION, "legal_MEDIATION_AGREED"): _("Legal recovery: agreement in mediation on {on}"),
    (CaseEventKind.DECISION, "legal_MEDIATION_FAILED"): _("Legal recovery: mediation failed on {on}"),
    (CaseEventKind.DECISION, "legal_FILED"): _("Legal recovery: claim filed with a court on {on}"),
    (CaseEventKind.DECISION, "legal_CLOSED"): _("Legal recovery: closed on {on}"),
    (CaseEventKind.REPAYMENT, "taken_back"): _("Repayment {repayment}: {amount} {currency} taken back on {on} ({why})"),
    (CaseEventKind.REPAYMENT, "promise_settled_again"): _(
        "Promise of {amount} by {due_on}: {promise_before} → {promise}, because repayments changed"
    ),
    (CaseEventKind.COMPLAINT, "receive"): _("Received: {kind}"),
    (CaseEventKind.COMPLAINT, "acknowledge"): _("Receipt acknowledged: {kind}"),
    (CaseEventKind.COMPLAINT, "uphold"): _("Upheld: {kind}"),
    (CaseEventKind.COMPLAINT, "reject"): _("Found without ground: {kind}"),
    (CaseEventKind.VISIT, "ask"): _("Visit asked for by {by}"),
    (CaseEventKind.VISIT, "request"): _("Visit {order} drafted"),
    (CaseEventKind.VISIT, "skip"): _("No visit drafted"),
    (CaseEventKind.VISIT, "approve"): _("Visit {order} approved"),
    (CaseEventKind.VISIT, "schedule"): _("Visit {order} scheduled"),
    (CaseEventKind.VISIT, "unschedule"): _("Visit {order} taken back to plan anew"),
    (CaseEventKind.VISIT, "accept"): _("Visit {order} accepted by the agency"),
    (CaseEventKind.VISIT, "decline"): _("Visit {order} declined by the agency"),
    (CaseEventKind.VISIT, "letter"): _("Letter of visit {order} issued"),
    (CaseEventKind.VISIT, "start_visit"): _("Visit {order} under way"),
    (CaseEventKind.VISIT, "depart"): _("Crew of visit {order} set out"),
    (CaseEventKind.VISIT, "check_in"): _("Crew of visit {order} at the door"),
    (CaseEventKind.VISIT, "report"): _("Report of visit {order} handed in"),
    (CaseEventKind.VISIT, "begin_review"): _("Report of visit {order} under review"),
    (CaseEventKind.VISIT, "review"): _("Report of visit {order} reviewed"),
    (CaseEventKind.VISIT, "abort"): _("Visit {order} broken off"),
    (CaseEventKind.VISIT, "cancel"): _("Visit {order} cancelled"),
    (CaseEventKind.VISIT, "expire"): _("Visit {order} lapsed"),
    (CaseEventKind.VISIT, "end_visit"): _("Visit {order} ended"),
    (CaseEventKind.VISIT, "answer_DECLINE"): _("Letter of visit {order}: visits are declined"),
    (CaseEventKind.VISIT, "answer_OTHER_TIME"): _("Letter of visit {order}: another time or video is asked for"),
    (CaseEventKind.VISIT, "answer_PAPER"): _("Letter of visit {order}: a paper came in"),
    (CaseEventKind.VISIT, "answer_COMPLAINT"): _("Letter of visit {order}: somebody complains"),
    (CaseEventKind.VISIT, "answer_REPRESENTED"): _("Letter of visit {order}: a representative is named"),
    (CaseEventKind.VISIT, "answer_HOSPITAL"): _("Letter of visit {order}: the borrower is said to be in hospital"),
    (CaseEventKind.VISIT, "answer_BEREAVED"): _("Letter of visit {order}: a relative is said to have died"),
    (CaseEventKind.VISIT, "answer_NOT_HERE"): _("Letter of visit {order}: the borrower is said not to be there"),
    (CaseEventKind.VISIT, "answer_handled"): _("Answer {answer} to the letter of visit {order} is handled"),
    (CaseEventKind.VISIT, "agreed_TIME"): _("The borrower asked for a time of a visit ({agreement})"),
    (CaseEventKind.VISIT, "agreed_PLACE"): _("The borrower consented to a visit to a place ({agreement})"),
    (CaseEventKind.VISIT, "withdrawn_TIME"): _("The borrower withdrew a time of a visit ({agreement})"),
    (CaseEventKind.VISIT, "withdrawn_PLACE"): _("The borrower withdrew the consent to a place ({agreement})"),
    (CaseEventKind.VISIT, "place"): _("Placed with agency {agency}"),
    (CaseEventKind.VISIT, "retain"): _("Placement retained until {until}"),
    (CaseEventKind.VISIT, "recall"): _("Placement recalled"),
    (CaseEventKind.VISIT, "return_case"): _("Placement returned by the agency"),
}

_WORDS: Final[Mapping[str, Any]] = {
    "channel": Channel,
    "outcome": ContactOutcome,
    "flag": FlagKind,
    "source": VerificationSource,
    "reason": CloseReason,
    "priority": Priority,
    "priority_before": Priority,
    "promise": PromiseState,
    "promise_before": PromiseState,
    "why": ReversalReason,
}
_DAYS: Final = ("until", "by", "on", "due_on")


def timeline(*, case: Case) -> list[TimelineLine]:
    """
    Return the newest 200 lines of a case by business date, newest first, with clear notes. Two queries, and one
    for the policy where the case does not hold it yet.

    The caller has checked that the reader may see the case.
    """
    events = list(
        CaseEvent.objects.filter(case=case).select_related("actor").order_by("-business_date", "-pk")[:NEWEST]
    )
    owners = {event.body["owner"] for event in events if "owner" in event.body}
    names = {user.pk: str(user) for user in get_user_model().objects.filter(pk__in=owners)} if owners else {}
    reasons = titles_of(version=case.policy_version)
    return [
        TimelineLine(
            on=event.business_date,
            at=event.at if localdate(event.at) == event.business_date else None,
            kind=event.kind,
            sentence=event_sentence(kind=event.kind, body=event.body, names=names, reasons=reasons),
            note=event.note or "",
            actor=str(event.actor) if event.actor is not None else "",
        )
        for event in events
    ]


def event_sentence(
    *, kind: str, body: Mapping[str, Any], names: Mapping[int, str], reasons: Mapping[str, str] | None = None
) -> str:
    """
    Return one event in the reader's language; an event of unknown codes shows its kind.

    `names` are people by id, `reasons` the titles of rules by code.
    """
    sentence = SENTENCES.get((kind, str(body.get("action", ""))))
    if sentence is None:
        return str(CaseEventKind(kind).label)
    words = _Words({name: _word(kind, name, value, names) for name, value in body.items()})
    if "rule" in body and reasons:
        words["rule"] = reasons.get(body["rule"], body["rule"])
    return str(sentence).format_map(words)


class _Words(dict[str, str]):
    """Values of a sentence; one that the event lacks shows as a dash."""

    def __missing__(self, key: str) -> str:
        return "–"


def _word(kind: str, name: str, value: Any, names: Mapping[int, str]) -> str:
    if name == "owner":
        return names.get(value, str(value))
    if name == "case":
        return str(Case(pk=value))
    if name in _DAYS:
        return date_format(date.fromisoformat(str(value)))
    if name == "marks":
        return ", ".join(str(WordMark(mark).label) for mark in value)
    if name == "kind":
        choices = ComplaintKind if kind == CaseEventKind.COMPLAINT else DecisionKind
        return str(dict(choices.choices).get(value, value))
    if name in _WORDS:
        return str(dict(_WORDS[name].choices).get(value, value))
    return str(value)
