"""Waivers follow the payments: earned, waiting again, lapsed, or overtaken by a plan or by the arrears' end."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from backoffice.audit.services import record
from backoffice.core.id_lists import any_of
from backoffice.core.transitions import move_all
from cases.enums import DecisionGround, DecisionKind, DecisionState, LetterOccasion, PlanState, WaiverState
from cases.models import Decision, RepaymentPlan, Waiver
from cases.models.repayment import LEFT_ON
from cases.rules.lifecycle import DECISION, STANDING_DECISION
from cases.rules.waivers import FILE_DAYS
from cases.services.casework.reevaluation import mark_for_reevaluation
from cases.services.decisions.concessions import change_waivers, release_concessions
from cases.services.decisions.letters import write_letters
from cases.services.decisions.locks import lock_decisions
from cases.services.decisions.trail import log_all_to_timeline, return_cases_to_work

# What is left of the repayments from the day of the approval up to the day to pay by, beside what was asked for.
_PAID: Final = f"""
    SELECT w.id FROM cases_waiver w JOIN cases_decision d ON d.id = w.decision_id
    WHERE w.state = %(state)s AND d.state = ANY(%(standing)s)
      AND (%(accounts)s::bigint[] IS NULL OR w.account_id = ANY(%(accounts)s::bigint[]))
      AND (%(decisions)s::bigint[] IS NULL OR w.decision_id = ANY(%(decisions)s::bigint[]))
      AND (SELECT coalesce(sum({LEFT_ON}), 0) FROM cases_repayment r
           WHERE r.account_id = w.account_id AND r.paid_on BETWEEN w.counts_from AND least(w.settle_by, %(on)s)
          ) {{compared}} w.pay
    ORDER BY w.id LIMIT %(most)s"""  # noqa: S608  our own words


@transaction.atomic
def follow_waivers(
    *, business_date: date, at: datetime, changed_accounts: Sequence[int] = (), most: int = 2_000
) -> int:
    """
    Take each waiver where payments and plans have brought it; return how many decisions were concerned.

    Overtaken first: a proposal whose arrears were paid, and any waiver whose account has an active plan, is released. An
    approved one is earned once the payments since the approval reach what was asked for; the core is told. Three days after the day
    to pay by, when the last files have come, it lapses. An earned one of `changed_accounts` (ids) whose money was taken back
    waits again, or is withdrawn after that day. At most `most` of each a call; a constant number of statements. Called again
    it changes nothing.
    """
    ended_by_plan = _overtaken(at=at, most=most)
    unpaid = _unpaid(business_date, changed_accounts, at=at, most=most) if changed_accounts else 0
    earned = _earned(business_date, at=at, most=most)
    return ended_by_plan + unpaid + earned + _lapsed(business_date, at=at, most=most)


def _overtaken(*, at: datetime, most: int) -> int:
    plans = Exists(RepaymentPlan.objects.filter(account=OuterRef("account"), state=PlanState.ACTIVE))
    waivers = Decision.objects.filter(kind=DecisionKind.WAIVER)
    paid = Q(account__arrears_amount__lte=0, account__days_past_due=0)
    proposed = waivers.filter(Q(plans) | paid, state=DecisionState.PROPOSED)
    standing = waivers.filter(
        plans, state__in=STANDING_DECISION, pk__in=Waiver.objects.filter(state=WaiverState.HELD).values("decision")
    )
    dropped, lifted = _ids(proposed, most), _ids(standing, most)
    if not dropped and not lifted:
        return 0
    lock_decisions(decisions=[*dropped, *lifted])
    # Asked again under the locks: a person may have decided meanwhile.
    dropped = _ids(proposed.filter(pk__in=any_of(dropped)), most)
    lifted = _ids(standing.filter(pk__in=any_of(lifted)), most)
    release_concessions(decisions=[*dropped, *lifted], at=at)
    rows = Decision.objects.filter(pk__in=any_of(dropped))
    move_all(rows=rows, lifecycle=DECISION, action="supersede", at=at, ground=DecisionGround.OVERTAKEN)
    log_all_to_timeline(rows, "supersede", actor=None, at=at)
    ended = Decision.objects.filter(pk__in=any_of(lifted))
    move_all(rows=ended, lifecycle=DECISION, action="lift", at=at)
    write_letters(decisions=ended, occasion=LetterOccasion.LIFTED, at=at)
    log_all_to_timeline(ended, "lift", actor=None, at=at)
    return_cases_to_work(Decision.objects.filter(pk__in=any_of([*dropped, *lifted])), at=at)
    _recorded("waiver.overtaken", [*dropped, *lifted], at=at)
    return len(dropped) + len(lifted)


def _earned(on: date, *, at: datetime, most: int) -> int:
    found = _decisions_of(_by_payments(">=", WaiverState.HELD, on=on, most=most))
    if not found:
        return 0
    lock_decisions(decisions=found)
    paid = _by_payments(">=", WaiverState.HELD, on=on, most=most, decisions=found)
    moved = _decisions_of(change_waivers(waivers=paid, action="earn", at=at, earned_on=on))
    rows = Decision.objects.filter(pk__in=any_of(moved))
    # The offer had an end; what was earned has none.
    rows.update(expires_on=None, updated_at=at)
    return _told(rows, moved, LetterOccasion.WAIVER_EARNED, "earn", at=at)


def _unpaid(on: date, accounts: Sequence[int], *, at: datetime, most: int) -> int:
    found = _decisions_of(_by_payments("<", WaiverState.USED, on=on, most=most, accounts=accounts))
    if not found:
        return 0
    lock_decisions(decisions=found)
    unpaid = Waiver.objects.filter(
        pk__in=any_of(_by_payments("<", WaiverState.USED, on=on, most=most, decisions=found))
    )
    waiting = _pks(unpaid.filter(settle_by__gte=on))
    over = _pks(unpaid.filter(settle_by__lt=on))
    again = _decisions_of(change_waivers(waivers=waiting, action="wait_again", at=at, earned_on=None))
    rows = Decision.objects.filter(pk__in=any_of(again))
    last_days = Waiver.objects.filter(decision=OuterRef("pk")).values("settle_by")
    rows.update(expires_on=Subquery(last_days), updated_at=at)
    concerned = _told(rows, again, LetterOccasion.WAIVER_UNPAID, "wait_again", at=at)
    return concerned + _end(_decisions_of(over), at=at)


def _lapsed(on: date, *, at: datetime, most: int) -> int:
    late = Waiver.objects.filter(
        state=WaiverState.HELD, settle_by__lt=on - timedelta(days=FILE_DAYS), decision__state__in=STANDING_DECISION
    )
    found = list(late.order_by("pk").values_list("decision_id", flat=True)[:most])
    if not found:
        return 0
    lock_decisions(decisions=found)
    still = list(late.filter(decision__in=any_of(found)).order_by("pk").values_list("decision_id", flat=True))
    return _end(still, at=at)


def _end(decisions: list[int], *, at: datetime) -> int:
    """End waivers (ids of locked decisions) whose day has passed without the payment."""
    if not decisions:
        return 0
    release_concessions(decisions=decisions, at=at)
    rows = Decision.objects.filter(pk__in=any_of(decisions))
    move_all(rows=rows, lifecycle=DECISION, action="expire", at=at)
    return_cases_to_work(rows, at=at)
    return _told(rows, decisions, LetterOccasion.WAIVER_LAPSED, "lapse", at=at)


def _told(rows: QuerySet[Decision], ids: list[int], occasion: LetterOccasion, step: str, *, at: datetime) -> int:
    """Tell borrower, timeline and audit what has become of waivers; return how many."""
    if not ids:
        return 0
    write_letters(decisions=rows, occasion=occasion, at=at)
    log_all_to_timeline(rows, step, actor=None, at=at)
    mark_for_reevaluation(borrowers=rows.values_list("borrower_id", flat=True), at=at)
    _recorded(f"waiver.{step}", ids, at=at)
    return len(ids)


def _by_payments(
    compared: str,
    state: WaiverState,
    *,
    on: date,
    most: int,
    accounts: Sequence[int] | None = None,
    decisions: Sequence[int] | None = None,
) -> list[int]:
    """Return the waivers of a state whose payments compare (">=" or "<") to what was asked for."""
    bounds: dict[str, Any] = {
        "state": str(state),
        "standing": sorted(str(each) for each in STANDING_DECISION),
        "on": on,
        "most": most,
        "accounts": None if accounts is None else list(accounts),
        "decisions": None if decisions is None else list(decisions),
    }
    with connection.cursor() as cursor:
        cursor.execute(_PAID.format(compared=compared), bounds)
        return [row[0] for row in cursor.fetchall()]


def _ids(rows: QuerySet[Decision], most: int) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True)[:most])


def _pks(rows: QuerySet[Waiver]) -> list[int]:
    return list(rows.order_by("pk").values_list("pk", flat=True))


def _decisions_of(waivers: Sequence[int]) -> list[int]:
    if not waivers:
        return []
    return list(Waiver.objects.filter(pk__in=any_of(waivers)).order_by("pk").values_list("decision_id", flat=True))


def _recorded(action: str, decisions: list[int], *, at: datetime) -> None:
    record(actor=None, action=action, subject=("cases.decision", "set"), at=at, body={"decisions": decisions})
