"""Proposals of the standing job that nobody could approve any more leave the desks."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils.timezone import localdate

from backoffice.audit.services import record
from backoffice.core.id_lists import any_of
from backoffice.core.transitions import move_all
from cases.enums import ADVERSE_KINDS, DecisionGround, DecisionOrigin, DecisionState, PlanState
from cases.models import BorrowerFlag, Decision, RepaymentPlan
from cases.rules.circumstances import PROTECTIVE
from cases.rules.lifecycle import DECISION
from cases.rules.policy.features import REWARD_KINDS
from cases.services.decisions.locks import lock_decisions
from cases.services.decisions.trail import log_all_to_timeline, return_cases_to_work


@transaction.atomic
def withdraw_overtaken(*, at: datetime, most: int = 5_000) -> int:
    """
    Withdraw proposals of the standing job that no longer fit their accounts, at most `most` a call; return how many.

    These are decisions against a borrower who has paid, keeps a plan or is protected, and rewards of accounts on which
    something is due: rules/approval.py refuses them. The job proposes again what fits again. Proposals of people and of
    verifications wait for a person. A constant number of statements.
    """
    rows = Decision.objects.filter(
        _overtaken(at), state=DecisionState.PROPOSED, origin=DecisionOrigin.STANDING
    ).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:most])
    if not ids:
        return 0
    lock_decisions(decisions=ids)
    # Asked again under the locks: a person may have decided meanwhile.
    ids = list(rows.filter(pk__in=any_of(ids)).values_list("pk", flat=True))
    withdrawn = Decision.objects.filter(pk__in=any_of(ids))
    moved = move_all(rows=withdrawn, lifecycle=DECISION, action="supersede", at=at, ground=DecisionGround.OVERTAKEN)
    log_all_to_timeline(withdrawn, "supersede", actor=None, at=at)
    return_cases_to_work(withdrawn, at=at)
    record(actor=None, action="decision.overtaken", subject=("cases.decision", "set"), at=at, body={"decisions": ids})
    return moved


def _overtaken(at: datetime) -> Q:
    plans = RepaymentPlan.objects.filter(account=OuterRef("account"), state=PlanState.ACTIVE)
    flags = BorrowerFlag.objects.filter(
        Q(expires_on__isnull=True) | Q(expires_on__gte=localdate(at)),
        borrower__person_key=OuterRef("borrower__person_key"),
        kind__in=PROTECTIVE,
        cleared_at__isnull=True,
    )
    paid = Q(account__arrears_amount__lte=0, account__days_past_due=0)
    return Q(kind__in=ADVERSE_KINDS) & (paid | Q(Exists(plans)) | Q(Exists(flags))) | Q(kind__in=REWARD_KINDS) & ~paid
