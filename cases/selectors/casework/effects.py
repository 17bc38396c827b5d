"""What a decision changes for its borrower: the terms of the account with it and without it."""

from collections import defaultdict
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
    effects = MEASURES_OF_KIND.get(DecisionKind(decision.kind), ())
    if not effects:
        return ()
    bases, standing = _known(decision)
    found = []
    for field, mode in effects:
        base = bases.get(field) or _base(decision, field)
        others = standing[field]
        without = effective_value(field=field, base=base, standing=others)
        own = _own(decision, mode, without)
        if own is not None:
            with_it = effective_value(field=field, base=base, standing=[*others, own])
            found.append(Effect(field=field, without=without, with_it=with_it))
    return tuple(found)


def _known(decision: Decision) -> tuple[dict[str, str], dict[str, list[Standing]]]:
    """Return the bases of the account's terms and what other decisions do to them now."""
    bases = dict(AccountTerm.objects.filter(account=decision.account_id).values_list("field", "base"))
    measures = TermsMeasure.objects.filter(
        account=decision.account_id, ended_at__isnull=True, suspended_at__isnull=True
    ).exclude(decision=decision)
    standing: dict[str, list[Standing]] = defaultdict(list)
    for field, mode, amount in measures.values_list("field", "mode", "amount"):
        standing[field].append(Standing(mode=mode, amount=Decimal(0) if amount is None else amount))
    return bases, standing


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
