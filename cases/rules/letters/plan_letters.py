"""What letters say of a plan that the borrower agreed to: agreed, not kept, fulfilled, or open again."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Final

from cases.enums import LetterKind
from cases.rules.letters.facts import LetterFacts
from cases.rules.letters.figures import amount, day, percent
from cases.rules.plans.limits import BREAK_AT_DAYS, BREAK_AT_MISSED

# Paths in the bank: what has happened, and what the borrower can do.
WHAT_OF_PLANS: Final[Mapping[str, tuple[str, ...]]] = {
    LetterKind.AGREED: ("what.AGREED.PLAN", "details.plan_sum", "details.plan_peace"),
    LetterKind.BROKEN: ("what.BROKEN.PLAN", "details.nothing_at_once", "details.in_touch", "details.missed"),
    LetterKind.FULFILLED: (
        "what.FULFILLED.PLAN",
        "details.collection_over",
        "details.as_before",
        "details.account_now",
    ),
    LetterKind.REOPENED: ("what.REOPENED.PLAN", "details.plan_peace", "details.open_again"),
}
WAY_OF_PLANS: Final[Mapping[str, tuple[str, ...]]] = {
    LetterKind.AGREED: ("way.keep_plan", "way.two_missed", "way.hard_early"),
    LetterKind.BROKEN: ("way.new_plan", "way.talk_first"),
    LetterKind.REOPENED: ("way.keep_plan", "way.two_missed", "way.hard_early"),
}


def shown_instalments(*, kind: str, facts: LetterFacts) -> list[tuple[int, date, Decimal]]:
    """Return number, day and amount of the instalments that a letter lists: all of an offer or agreement, those missed or open."""
    every = [(number, on, value) for number, (on, value) in enumerate(facts.instalments, start=1)]
    if kind in (LetterKind.GRANTED, LetterKind.AGREED):
        return every
    listed = kind in (LetterKind.BROKEN, LetterKind.REOPENED)
    return [each for each in every if each[0] in facts.missed] if listed else []


def plan_values(*, facts: LetterFacts, language: str) -> dict[str, str]:
    """Return what fills the places of sentences about a plan: as it was agreed, or else as the decision offers it."""
    days = [on for on, _value in facts.instalments]
    total = facts.figure("total") if facts.plan_total is None else facts.plan_total
    rate = facts.figure("annual_rate") if facts.plan_rate is None else facts.plan_rate
    together = sum((value for _on, value in facts.instalments), Decimal(0))
    return {
        "total": amount(total, currency=facts.currency, language=language),
        "sum": amount(together, currency=facts.currency, language=language),
        "count": str(len(facts.instalments) or facts.terms.get("instalments", "—")),
        "plan_rate": percent(rate),
        "first_due": day(days[0] if days else None, language=language),
        "last_due": day(days[-1] if days else None, language=language),
        "missed": str(len(facts.missed)),
        "break_missed": str(BREAK_AT_MISSED),
        "break_days": str(BREAK_AT_DAYS),
    }
