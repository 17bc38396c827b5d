"""Records of a decision's steps: lines of its case's timeline and the body of its audit entries."""

from datetime import datetime
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet

from backoffice.core.transitions import move_all
from cases.enums import CaseEventKind, DecisionState, WaiverState
from cases.models import Case, Decision, Waiver
from cases.rules.lifecycle import CASE, STANDING_DECISION
from cases.services.casework.digests import text_digest
from cases.services.casework.events import write_event, write_events

# Names the digests of what people write about decisions.
NOTE: Final = "decision.note"
# What is longer is cut.
LONGEST_NOTE: Final = 300


def return_cases_to_work(decisions: QuerySet[Decision], *, at: datetime) -> None:
    """Move the cases of `decisions` back to IN_WORK where no other decision is proposed or in force."""
    waiting = Decision.objects.filter(case=OuterRef("pk"), state__in=(DecisionState.PROPOSED, *STANDING_DECISION))
    # Of an earned waiver nothing is left to be watched.
    waiting = waiting.filter(~Exists(Waiver.objects.filter(decision=OuterRef("pk"), state=WaiverState.USED)))
    sources = CASE.step("rework").sources
    cases = Case.objects.filter(~Exists(waiting), decisions__in=decisions.values("pk"), stage__in=sources)
    ids = list(cases.order_by("pk").values_list("pk", flat=True).distinct())
    if ids:
        move_all(rows=Case.objects.filter(pk__in=ids), lifecycle=CASE, action="rework", at=at)
        write_events(kind=CaseEventKind.STAGE, actor=None, at=at, events=[(pk, {"action": "rework"}) for pk in ids])


def audit_body(decision: Decision, *, note: str = "") -> dict[str, Any]:
    """Return what the audit keeps of a decision: codes and ids, and the digest of the text written at this step."""
    return {
        "kind": decision.kind,
        "account": decision.account_id,
        "case": decision.case_id,
        "reasons": decision.reasons,
        "policy_version": decision.policy_version_id,
        "approved_for": [who for who in (decision.approved_for_id, decision.second_approved_for_id) if who is not None],
        "ground": decision.ground,
        "note_digest": text_digest(text=note.strip(), kind=NOTE),
    }


def log_to_timeline(decision: Decision, action: str, *, actor: Any, at: datetime, note: str = "") -> None:
    """Write a decision's step into its case's timeline, if it has a case; `note` is sealed there."""
    if decision.case_id is None:
        return
    body = {"action": action, "decision": decision.pk, "kind": decision.kind, "reasons": decision.reasons}
    write_event(case_id=decision.case_id, kind=CaseEventKind.DECISION, actor=actor, at=at, body=body, note=note)


def log_all_to_timeline(decisions: QuerySet[Decision], action: str, *, actor: Any, at: datetime) -> None:
    """Write one step of many decisions into their cases' timelines. Two statements."""
    rows = decisions.filter(case__isnull=False).values_list("case_id", "pk", "kind")
    events = [(case_id, {"action": action, "decision": pk, "kind": kind}) for case_id, pk, kind in rows]
    write_events(kind=CaseEventKind.DECISION, actor=actor, at=at, events=events)
