"""What a decision changes for its borrower: the terms of the account with it and without it."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal

from cases.enums import DecisionKind, MeasureMode, PlanState, TermsField
from cases.models import AccountTerm, Decision, TermsMeasure
from cases.rules.terms import MEASURES_OF_KIND, NORMAL_COLLECTION, PENALTY_CHARGED, Standing, effective_value


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """One term of an account, as the ledger writes values, without a decision and with it."""

    field: TermsField
    without: str
    with_it: str


def effects_of(*, decision: Decision) -> tuple[Effect, ...]:
    """
    Return the terms that a decision touches, with it and without it, beside all else that stands on them now.

    A decision that changes nothing at present, because something stronger stands, shows the same value twice. Two queries
    beside the account and the plan.
    """
    return effects_of_each(decisions=[decision])[0]


def effects_of_each(*, decisions: Iterable[Decision]) -> list[tuple[Effect, ...]]:
    """
    Return the effects of each decision, in their order. A decision may be unsaved, to see what it would do.

    Two queries for any number of decisions whose account and plan were selected with them; none where no decision touches
    a term.
    """
    rows = list(decisions)
    accounts = {row.account_id for row in rows if MEASURES_OF_KIND.get(DecisionKind(row.kind))}
    if not accounts:
        return [() for _row in rows]
    bases: dict[int, dict[str, str]] = defaultdict(dict)
    terms = AccountTerm.objects.filter(account__in=accounts)
    for account, field, base in terms.values_list("account", "field", "base"):
        bases[account][field] = base
    measures: dict[int, list[tuple[int, str, Standing]]] = defaultdict(list)
    standing = TermsMeasure.objects.filter(account__in=accounts, ended_at__isnull=True, suspended_at__isnull=True)
    for account, decision, field, mode, amount in standing.values_list(
        "account", "decision", "field", "mode", "amount"
    ):
        one = Standing(mode=mode, amount=Decimal(0) if amount is None else amount)
        measures[account].append((decision, field, one))
    return [_effects(row, bases=bases[row.account_id], measures=measures[row.account_id]) for row in rows]


def _effects(
    decision: Decision, *, bases: Mapping[str, str], measures: list[tuple[int, str, Standing]]
) -> tuple[Effect, ...]:
    found = []
    for field, mode in MEASURES_OF_KIND.get(DecisionKind(decision.kind), ()):
        base = bases.get(field) or _base(decision, field)
        others = [one for of, term, one in measures if of != decision.pk and term == field]
        without = effective_value(field=field, base=base, standing=others)
        own = _own(decision, mode, without)
        if own is not None:
            with_it = effective_value(field=field, base=base, standing=[*others, own])
            found.append(Effect(field=field, without=without, with_it=with_it))
    return tuple(found)


def _base(decision: Decision, field: TermsField) -> str:
    account = decision.account
    return {
        TermsField.LIMIT: f"{account.credit_limit:.2f}",
        TermsField.RATE: f"{account.annual_rate:.5f}",
        TermsField.STATUS: account.status,
        TermsField.COLLECTION: NORMAL_COLLECTION,
        TermsField.PENALTY: PENALTY_CHARGED,
    }[field]


def _own(decision: Decision, mode: MeasureMode, without: str) -> Standing | None:
    """Return what the decision itself does to a term whose value without it is `without`; None if nothing."""
    terms = decision.terms
    if mode == MeasureMode.WAIVED:
        return Standing(mode=mode) if terms.get("waive_penalty") else None
    if mode == MeasureMode.CEILING:
        plan = getattr(decision, "plan", None)
        ended = plan is not None and plan.state not in (PlanState.PROPOSED, PlanState.ACTIVE)
        return None if ended else Standing(mode=mode, amount=Decimal(str(terms["annual_rate"])))
    if mode == MeasureMode.CAP:
        return Standing(mode=mode, amount=Decimal(str(terms["limit"])))
    if mode == MeasureMode.INCREASE:
        return Standing(mode=mode, amount=max(Decimal(str(terms["limit"])) - Decimal(without), Decimal(0)))
    if mode == MeasureMode.REDUCTION:
        return Standing(mode=mode, amount=max(Decimal(without) - Decimal(str(terms["rate"])), Decimal(0)))
    return Standing(mode=mode)
