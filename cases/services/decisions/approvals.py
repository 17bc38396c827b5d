"""What must hold before a decision is proposed or approved, the first of two approvals, and the choice of a bulk approval."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final

from django.db.models import QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, SelfApproval, StateConflict
from backoffice.core.transitions import move
from cases.enums import DecisionKind, DecisionOrigin, DecisionState
from cases.models import Account, Decision
from cases.rules.approval import OWN_JUDGEMENT, Refusal
from cases.rules.lifecycle import DECISION
from cases.selectors.casework.approvals import Judgement, in_bulk, judge, judge_decisions, proposal_view
from cases.selectors.casework.concessions import known_parts
from cases.selectors.casework.standing_decisions import standing_of
from cases.services.decisions.locks import lock_decision
from cases.services.decisions.trail import audit_body, log_to_timeline

# Decisions that one call approves at most.
MOST_AT_ONCE: Final = 20_000
# The field of the officer's form that a refusal belongs to; every other belongs to the kind.
_FIELDS: Final[Mapping[str, str]] = {
    "NOT_RAISED": "amount",
    "NOT_LOWERED": "amount",
    "RAISED_TOO_FAR": "amount",
    "ABOVE_OLD_LIMIT": "amount",
    "SHARE_TOO_LARGE": "amount",
    "AMOUNT_TOO_LARGE": "amount",
    "DAYS_TOO_MANY": "days",
    "MORE_THAN_DUE": "due",
    "WAIVED_TOO_MUCH": "amount",
    "PAYS_TOO_MUCH": "pay",
    "DAY_OUT_OF_RANGE": "settle_by",
}
TWO_PEOPLE: Final = Refusal(code="TWO_PEOPLE", text=_("Two people approve this decision on its own page."))


@dataclass(frozen=True, slots=True, kw_only=True)
class BulkApproval:
    """How many decisions a call approved, and how many it passed over for which reason; each counts once."""

    approved: int
    passed_over: tuple[tuple[Refusal, int], ...] = ()


def approvals_for_own_proposal(
    *, kind: str, terms: Mapping[str, object], account: Account, body: Any, at: datetime
) -> int:
    """
    Return how many people approve an officer's own proposal on an account; `body` is that of the policy version.

    :raises InvalidInput: if it goes beyond what an officer may propose, or does not fit what stands on the account.
    """
    today = localdate(at)
    view = proposal_view(
        kind=kind,
        origin=DecisionOrigin.OFFICER,
        reasons=(OWN_JUDGEMENT,),
        terms=terms,
        body=body,
        currency=account.currency,
    )
    standing = standing_of(accounts=[account.pk], on=today)[account.pk]
    if kind == DecisionKind.WAIVER:
        standing = replace(standing, known_parts=known_parts(accounts=[account.pk], on=today)[account.pk])
    judged = judge(proposal=view, account=account, standing=standing, on=today)
    if judged.refusals:
        raise InvalidInput(_in_words(judged.refusals), field=_FIELDS.get(judged.refusals[0].code, "kind"))
    return judged.approvals_needed


def must_still_be_true(*, decision: Decision, actor: Any, note: str, at: datetime) -> Judgement:
    """
    Lock all that a decision touches, and judge it as things stand; return the judgement.

    `decision` is brought up to date: a page that was opened earlier does not know who approved meanwhile.

    :raises SelfApproval: if the actor gave the first of two approvals.
    :raises InvalidInput: if the decision takes something from the borrower and the note is empty.
    :raises StateConflict: if it is no longer a proposal, or no longer fits the account.
    """
    if decision.is_adverse and not note.strip():
        raise InvalidInput(_("Say why you approve a decision against the borrower."), field="note")
    lock_decision(decision=decision)
    account = Account.objects.get(pk=decision.account_id)
    decision.refresh_from_db(fields=["state", "approved_by", "approvals_needed"])
    if decision.state != DecisionState.PROPOSED:
        raise StateConflict
    if decision.approved_by_id == actor.pk:
        raise SelfApproval(_("You gave the first approval yourself; another person gives the second."))
    decision.account = account
    judged = judge_decisions(decisions=[decision], on=localdate(at))[decision.pk]
    if judged.refusals:
        raise StateConflict(_in_words(judged.refusals))
    return judged


def approve_first(*, decision: Decision, actor: Any, note: str, at: datetime, changes: Mapping[str, Any]) -> None:
    """
    Record the first of two approvals, in the caller's transaction. The decision stays a proposal and changes nothing.

    `changes` are the columns of the approval: who, for whom, when, ground and note.
    """
    move(record=decision, lifecycle=DECISION, action="approve_first", actor=actor, at=at, approvals_needed=2, **changes)
    log_to_timeline(decision, "approve_first", actor=actor, at=at)
    body = audit_body(decision, note=note)
    record(actor=actor, action="decision.approved_first", subject=decision, at=at, body=body)


def choose_for_bulk(
    *, decisions: QuerySet[Decision], actor: Any, at: datetime, note: str
) -> tuple[list[int], BulkApproval]:
    """
    Lock those of `decisions` that the actor may approve in bulk, and return the ids of those that still fit the account.

    The result beside them has no approvals yet, and counts those that do not fit any more or take two people. Decisions
    beyond 20,000 are left for another call. Six statements for any number.

    :raises InvalidInput: if one takes something from a borrower and the note is empty.
    """
    wanted = Decision.objects.visible_to(actor).filter(
        in_bulk(), pk__in=decisions.values("pk"), state=DecisionState.PROPOSED
    )
    ids = list(wanted.exclude(proposed_by=actor).order_by("pk").values_list("pk", flat=True)[:MOST_AT_ONCE])
    # Accounts before decisions, as in a single approval.
    accounts = Account.objects.filter(decisions__in=ids)
    list(accounts.select_for_update(no_key=True, of=("self",)).order_by("pk").values_list("pk", flat=True))
    still = Decision.objects.filter(pk__in=ids, state=DecisionState.PROPOSED).select_related("account")
    rows = list(still.select_for_update(no_key=True, of=("self",)).order_by("pk"))
    if any(row.is_adverse for row in rows) and not note:
        raise InvalidInput(_("Say why you approve decisions against borrowers."), field="note")
    judged = judge_decisions(decisions=rows, on=localdate(at))
    chosen: list[int] = []
    counts: Counter[str] = Counter()
    words: dict[str, Refusal] = {}
    for row in rows:
        refusals: Sequence[Refusal] = judged[row.pk].refusals or (
            (TWO_PEOPLE,) if judged[row.pk].approvals_needed == 2 else ()
        )
        if refusals:
            counts[refusals[0].code] += 1
            words.setdefault(refusals[0].code, refusals[0])
        else:
            chosen.append(row.pk)
    return chosen, BulkApproval(approved=0, passed_over=tuple((words[code], n) for code, n in counts.items()))


def _in_words(refusals: Sequence[Refusal]) -> str:
    return " ".join(str(refusal.text) for refusal in refusals)
