"""Measures: what the decisions in force do to the terms of their accounts, begun, suspended, resumed and ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import localdate

from backoffice.core.id_lists import any_of
from backoffice.core.queue import enqueue
from backoffice.core.transitions import move_all
from cases.enums import DecisionKind, DecisionState, MeasureEnd, MeasureMode, PlanState
from cases.models import AccountTerm, Decision, TermsMeasure
from cases.rules.lifecycle import DECISION
from cases.rules.terms import MEASURES_OF_KIND
from cases.services.decisions.locks import lock_decisions
from cases.services.decisions.terms_ledger import lock_terms, settle_terms

_KINDS: Final = ", ".join(
    f"('{kind}', '{field}', '{mode}')" for kind, effects in MEASURES_OF_KIND.items() for field, mode in effects
)
# While these run nobody is visited: visits that are planned are called off at once.
REST_VISITS: Final = (DecisionKind.GRACE, DecisionKind.PLAN)
# What a limit or a rate is set to is kept as the difference to the value that holds at the beginning, so that measures add
# up in any order. A plan's rate is the highest that may be asked; it raises none.
_BEGIN: Final = f"""
    INSERT INTO cases_termsmeasure (account_id, decision_id, field, mode, amount, way_back, version, began_at, end_reason)
    SELECT d.account_id, d.id, effect.field, effect.mode, found.amount, coalesce(d.terms ->> 'way_back', ''), 0, %s, ''
    FROM cases_decision d
    LEFT JOIN cases_repaymentplan p ON p.decision_id = d.id
    JOIN (VALUES {_KINDS}) AS effect (kind, field, mode) ON effect.kind = d.kind
    JOIN cases_accountterm t ON t.account_id = d.account_id AND t.field = effect.field
    CROSS JOIN LATERAL (SELECT CASE effect.mode
        WHEN '{MeasureMode.CAP}' THEN (d.terms ->> 'limit')::numeric
        WHEN '{MeasureMode.INCREASE}' THEN (d.terms ->> 'limit')::numeric - t.effective::numeric
        WHEN '{MeasureMode.REDUCTION}' THEN t.effective::numeric - (d.terms ->> 'rate')::numeric
        WHEN '{MeasureMode.CEILING}' THEN p.annual_rate
        END AS amount) found
    WHERE d.id = ANY(%s::bigint[])
      AND (d.kind <> '{DecisionKind.PLAN}' OR p.state = '{PlanState.ACTIVE}')
      AND (effect.mode <> '{MeasureMode.WAIVED}' OR d.terms ->> 'waive_penalty' = 'true')
      AND (effect.mode NOT IN ('{MeasureMode.INCREASE}', '{MeasureMode.REDUCTION}') OR found.amount > 0)
    ON CONFLICT (decision_id, field) DO NOTHING"""  # noqa: S608  our own words


def begin_measures(*, decisions: "QuerySet[Decision]", at: datetime) -> int:
    """
    Begin the measures of approved decisions, and instruct the core of what changes; return how many lines are new.

    A constant number of statements. A plan begins once it is agreed; closing a case and a waiver have no measure. A decision for which
    nothing has to change is in force at once. Run again it changes nothing.

    :raises RuntimeError: if there is no transaction.
    """
    found = list(
        decisions.filter(kind__in=MEASURES_OF_KIND)
        .filter(~Q(kind=DecisionKind.PLAN) | Q(plan__state=PlanState.ACTIVE))
        .values_list("pk", "account_id", "kind", "borrower_id")
    )
    if not found:
        return 0
    ids = [pk for pk, *_rest in found]
    terms = [
        (account, str(field))
        for _pk, account, kind, _borrower in found
        for field, _mode in MEASURES_OF_KIND[DecisionKind(kind)]
    ]
    lock_terms(terms=terms, at=at)
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [at, ids])
    written = settle_terms(terms=terms, causes=ids, at=at)
    put_in_force(decisions=Decision.objects.filter(pk__in=any_of(ids)), at=at)
    resting = sorted({borrower for _pk, _account, kind, borrower in found if kind in REST_VISITS})
    if resting:
        enqueue("visits.tasks.stand_down", borrowers=resting)
    return written


def end_measures(
    *, measures: "QuerySet[TermsMeasure]", reason: MeasureEnd, at: datetime, settle: bool = True
) -> list[int]:
    """
    End those of the measures that have not ended, instruct the core of what changes, and return their decisions.

    Without `settle` the caller settles the terms, which it has locked. A constant number of statements.

    :raises RuntimeError: if there is no transaction.
    """
    return _change(measures.filter(ended_at__isnull=True), at=at, settle=settle, ended_at=at, end_reason=reason)


def suspend_measures(*, measures: "QuerySet[TermsMeasure]", at: datetime) -> list[int]:
    """Suspend those that stand; the core is instructed of what changes. Returns their decisions."""
    standing = measures.filter(ended_at__isnull=True, suspended_at__isnull=True)
    return _change(standing, at=at, suspended_at=at)


def resume_measures(*, measures: "QuerySet[TermsMeasure]", at: datetime) -> list[int]:
    """Let those stand again that are suspended; the core is instructed of what changes. Returns their decisions."""
    suspended = measures.filter(ended_at__isnull=True, suspended_at__isnull=False)
    return _change(suspended, at=at, suspended_at=None)


def reopen_plan_measures(*, decisions: Sequence[int], at: datetime) -> list[int]:
    """Let the measures of plans stand again whose fulfilment was undone because their money was taken back."""
    ended = TermsMeasure.objects.filter(decision__in=decisions, end_reason=MeasureEnd.FULFILLED)
    return _change(ended, at=at, ended_at=None, end_reason="")


def _change(
    measures: "QuerySet[TermsMeasure]", *, at: datetime, settle: bool = True, **changes: datetime | str | None
) -> list[int]:
    """Write a change of what stands under the locks of its terms, and settle them; return the decisions concerned."""
    found = list(measures.values_list("pk", "account_id", "field", "decision_id"))
    if not found:
        return []
    terms = [(account, field) for _pk, account, field, _decision in found]
    lock_decisions(decisions=[decision for *_rest, decision in found])
    lock_terms(terms=terms, at=at)
    # The condition is asked again under the locks.
    written = measures.filter(pk__in=any_of(pk for pk, *_rest in found))
    decisions = sorted(set(written.values_list("decision_id", flat=True)))
    written.update(**changes)
    if settle:
        settle_terms(terms=terms, causes=decisions, at=at)
    return decisions


def put_in_force(*, decisions: "QuerySet[Decision]", at: datetime) -> int:
    """
    Put those approved or sent decisions in force of whose measures the core holds every one; return how many.

    Two statements. A plan that is not agreed yet has no measure and waits.
    """
    term = AccountTerm.objects.filter(
        account=OuterRef("account"), field=OuterRef("field"), acknowledged_version__gte=OuterRef("version")
    )
    measures = TermsMeasure.objects.filter(decision=OuterRef("pk"))
    held = decisions.filter(
        ~Exists(measures.filter(~Exists(term))),
        Q(Exists(measures)) | ~Q(kind=DecisionKind.PLAN),
        state__in=(DecisionState.APPROVED, DecisionState.SENT),
    ).exclude(kind=DecisionKind.CLOSE)
    ids = list(held.values_list("pk", flat=True))
    if not ids:
        return 0
    rows = Decision.objects.filter(pk__in=any_of(ids))
    return move_all(rows=rows, lifecycle=DECISION, action="acknowledge", at=at, effective_on=localdate(at))
