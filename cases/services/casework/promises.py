"""Promises to pay: kept, broken or still open, by what is left of the repayments that arrived."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final, NamedTuple

from django.db import connection, transaction

from backoffice.audit.services import record
from cases.enums import CaseEventKind, PromiseState
from cases.models.repayment import LEFT_ON
from cases.selectors.casework.open_cases import open_cases_of
from cases.selectors.policies.holidays import calendar_in_use
from cases.services.casework.events import write_events
from cases.services.casework.reevaluation import FEW, mark_for_reevaluation

# Table b: a promise is kept if at least 95 % of it is paid by its day plus three days of grace; a day without banking
# business moves to the next working day first.
KEPT_SHARE = Decimal("0.95")
GRACE_DAYS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """
    How many promises were found kept and broken, and how many settled ones are open again.

    `resettled` counts all that were settled before with another result.
    """

    kept: int
    broken: int
    reopened: int = 0
    resettled: int = 0


class _Judged(NamedTuple):
    """One promise whose state was written: its id and borrower, its terms, and the state now and before."""

    pk: int
    borrower_id: int
    amount: Decimal
    due_on: date
    state: str
    before: str


# An open promise is judged every time; one that was settled here is judged again only if repayments of its account
# changed, because a portfolio keeps its settled promises for years.
_JUDGED: Final = """p.promised_on <= %(on)s AND (p.state = %(open)s OR (
    p.settled_here AND p.state IN (%(kept)s, %(broken)s) AND p.account_id = ANY(%(changed)s::bigint[])))"""
_DUE_DAYS: Final = f"SELECT DISTINCT p.due_on FROM cases_promisetopay p WHERE {_JUDGED}"  # noqa: S608  our own words
# The calendar of working days is reckoned here, once for each of the few different due days.
_SETTLE: Final = f"""
    WITH judged AS (
        SELECT p.id, p.state AS before, CASE
                   WHEN money.paid >= p.amount * %(share)s THEN %(kept)s
                   WHEN grace.last_day < %(on)s THEN %(broken)s
                   ELSE %(open)s END AS state
        FROM cases_promisetopay p
        JOIN unnest(%(due_days)s::date[], %(last_days)s::date[]) AS grace (due_on, last_day) USING (due_on)
        CROSS JOIN LATERAL (
            SELECT COALESCE(SUM({LEFT_ON}), 0) AS paid FROM cases_repayment r
            WHERE r.account_id = p.account_id AND r.paid_on >= p.promised_on
              AND r.paid_on <= LEAST(grace.last_day, %(on)s::date)
        ) money
        WHERE {_JUDGED}
    )
    UPDATE cases_promisetopay p
    SET state = judged.state, settled_on = CASE WHEN judged.state <> %(open)s THEN %(on)s::date END,
        settled_here = judged.state <> %(open)s, updated_at = %(at)s
    FROM judged WHERE judged.id = p.id AND p.state = judged.before AND judged.state <> judged.before
    RETURNING p.id, p.borrower_id, p.amount, p.due_on, p.state, judged.before
"""  # noqa: S608  our own words


@transaction.atomic
def settle_promises(*, business_date: date, at: datetime, changed_accounts: Sequence[int] = ()) -> Settled:
    """
    Settle the open promises that are already paid or whose days are over; a constant number of statements.

    Kept: what is left of the account's repayments from the day of the promise to three days after it fell due reaches
    95 % of it. Broken: those days are over and it is less. A promise due on a day without banking business falls due on
    the next working day. A repayment counts for every promise whose days include it.

    The promises of `changed_accounts` (ids) that were settled here are judged again: the same rule holds, so one may be
    open again. What the lender's file calls settled stays.
    """
    judged = _judge(business_date, at, changed_accounts)
    again = [each for each in judged if each.before != PromiseState.OPEN]
    found = Settled(
        kept=sum(each.state == PromiseState.KEPT for each in judged),
        broken=sum(each.state == PromiseState.BROKEN for each in judged),
        reopened=sum(each.state == PromiseState.OPEN for each in judged),
        resettled=len(again),
    )
    if judged:
        _log_to_timelines(again, at)
        mark_for_reevaluation(borrowers=sorted({each.borrower_id for each in judged})[: FEW + 1], at=at)
        record(
            actor=None,
            action="promise.settled",
            subject=("cases.promisetopay", "set"),
            at=at,
            body={
                "kept": found.kept,
                "broken": found.broken,
                "reopened": found.reopened,
                "settled_again": sorted(each.pk for each in again),
                "business_date": business_date,
            },
        )
    return found


def _judge(business_date: date, at: datetime, changed_accounts: Sequence[int]) -> list[_Judged]:
    parameters: dict[str, Any] = {
        "on": business_date,
        "at": at,
        "share": KEPT_SHARE,
        "changed": list(changed_accounts),
        "open": str(PromiseState.OPEN),
        "kept": str(PromiseState.KEPT),
        "broken": str(PromiseState.BROKEN),
    }
    calendar = calendar_in_use()
    with connection.cursor() as cursor:
        cursor.execute(_DUE_DAYS, parameters)
        due_days = [row[0] for row in cursor.fetchall()]
        last_days = [calendar.last_day_of_grace(due_on=day, days=GRACE_DAYS) for day in due_days]
        cursor.execute(_SETTLE, parameters | {"due_days": due_days, "last_days": last_days})
        return [_Judged(*row) for row in cursor.fetchall()]


def _log_to_timelines(again: Sequence[_Judged], at: datetime) -> None:
    """Write into the open cases of the people that a settled promise has another state now."""
    if not again:
        return
    cases = open_cases_of(borrowers={each.borrower_id for each in again})
    events = [
        (
            cases[each.borrower_id],
            {
                "action": "promise_settled_again",
                "due_on": each.due_on.isoformat(),
                "amount": str(each.amount),
                "promise_before": each.before,
                "promise": each.state,
            },
        )
        for each in sorted(again)
        if each.borrower_id in cases
    ]
    write_events(kind=CaseEventKind.REPAYMENT, actor=None, at=at, events=events)
