"""Decisions for legal recovery that stand, and their steps."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from cases.models import Account, Decision, LegalStep
from cases.services.decisions.legal_steps import record_legal_step
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import make_case, make_decision

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)
TODAY = date(2026, 3, 2)
# When the days to answer an offer of TODAY are over.
LATER = AT + timedelta(days=20)


def make_recovery(*, account: Account, approver: Any, **fields: Any) -> Decision:
    """Make an approved decision for legal recovery of a case."""
    case = make_case(account=account)
    decision = make_decision(account=account, kind="LEGAL", case=case, **fields)
    approve_decision(decision=decision, actor=approver, at=AT, note="withheld on purpose")
    decision.refresh_from_db()
    return decision


def record_step(
    *, decision: Decision, actor: Any, kind: str = "MEDIATION_OFFERED", days: int = 0, at: datetime = LATER
) -> LegalStep:
    """Record one step that happened `days` after TODAY."""
    return record_legal_step(
        decision=decision,
        kind=kind,
        happened_on=TODAY + timedelta(days=days),
        court="上海市黄浦区人民法院" if kind == "FILED" else "",
        reference=f"REF-{kind}-{days}",
        actor=actor,
        at=at,
    )
