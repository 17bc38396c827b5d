"""Whether decisions may be approved as things stand, why not, and by how many people. Doors and services ask here."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q
from django.utils.timezone import localdate

from cases.enums import DecisionKind, DecisionOrigin, DecisionState
from cases.models import Account, Decision, PolicyVersion
from cases.rules.approval import ProposalView, Refusal, StandingNow, still_true
from cases.rules.approval_matrix import MATRIX, approvals_needed, decide_by, outside_envelope
from cases.rules.policy.features import REWARD_KINDS
from cases.selectors.casework.concessions import known_parts
from cases.selectors.casework.standing_decisions import account_now, standing_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What the rules of approval say of a decision: why it may not be taken (empty if it may), and one or two approvers."""

    refusals: tuple[Refusal, ...]
    approvals_needed: int


def decided_by(*, decision: Decision) -> date | None:
    """Return the last day on which a proposal is decided in time; None for one that is decided."""
    if decision.state != DecisionState.PROPOSED:
        return None
    return decide_by(kind=decision.kind, proposed_on=localdate(decision.created_at))


def overdue_proposals(*, on: date) -> Q:
    """Return the condition over decisions that were not decided in time, as of `on`."""
    late = Q(pk__in=())
    for kind, row in MATRIX.items():
        late |= Q(kind=kind, created_at__date__lt=on - timedelta(days=row.decide_within))
    return Q(state=DecisionState.PROPOSED) & late


def in_bulk() -> Q:
    """
    Return the condition over decisions that many may be approved at once: rewards, and stops of drawing by the standing job.

    A stop of drawing follows from the arrears alone and ends with them; every other decision against a borrower is read
    and approved on its own page.
    """
    return Q(kind__in=REWARD_KINDS) | Q(kind=DecisionKind.FREEZE, origin=DecisionOrigin.STANDING)


def judge_decisions(*, decisions: Iterable[Decision], on: date) -> dict[int, Judgement]:
    """
    Judge decisions (with their account loaded) by what stands on `on`. Three queries, one more for waivers.

    One that was found to need two people goes on to need them.
    """
    rows = list(decisions)
    standing = standing_of(accounts={row.account_id for row in rows}, on=on)
    waived = {row.account_id for row in rows if row.kind == DecisionKind.WAIVER}
    for account, parts in (known_parts(accounts=waived, on=on) if waived else {}).items():
        standing[account] = replace(standing[account], known_parts=parts)
    bodies = _bodies({row.policy_version_id for row in rows})
    found = {}
    for row in rows:
        view = proposal_view(
            kind=row.kind,
            origin=row.origin,
            reasons=row.reasons,
            terms=row.terms,
            body=bodies[row.policy_version_id],
            currency=row.account.currency,
        )
        judged = judge(proposal=view, account=row.account, standing=standing[row.account_id], on=on)
        needed = max(row.approvals_needed, judged.approvals_needed)
        found[row.pk] = Judgement(refusals=judged.refusals, approvals_needed=needed)
    return found


def judge(*, proposal: ProposalView, account: Account, standing: StandingNow, on: date) -> Judgement:
    """Judge one proposal by its account and by what stands for it on `on`. No query."""
    now = account_now(account)
    refusals = still_true(decision=proposal, account=now, standing=standing, on=on)
    refusals += outside_envelope(decision=proposal, account=now, standing=standing)
    needed = approvals_needed(decision=proposal, account=now, standing=standing)
    return Judgement(refusals=refusals, approvals_needed=needed)


def proposal_view(
    *, kind: str, origin: str, reasons: Sequence[str], terms: Mapping[str, object], body: Any, currency: str
) -> ProposalView:
    """Return what the rules read of a proposal; `body` is that of its policy version, `currency` its account's."""
    given = body if isinstance(body, dict) else {}
    caps, rates = given.get("caps", {}), given.get("rates", {"CNY": "1"})
    return ProposalView(
        kind=kind,
        origin=origin,
        reasons=tuple(reasons),
        terms=terms,
        max_limit_percent=Decimal(str(caps.get("max_limit_percent", 50))),
        rate_max=Decimal(str(caps.get("rate_max", "0.03"))),
        currency_rate=Decimal(str(rates[currency])) if currency in rates else None,
    )


def _bodies(versions: Iterable[int]) -> dict[int, Any]:
    return dict(PolicyVersion.objects.filter(pk__in=versions).values_list("pk", "body"))
