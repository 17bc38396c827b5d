"""What letters say of a waiver: offered, earned, lapsed, or waiting again because a payment was taken back."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from cases.enums import LetterKind
from cases.rules.letters.facts import LetterFacts
from cases.rules.letters.figures import amount, day

# Paths in the bank: what has happened, from when, and what the borrower can do.
WHAT_OF_WAIVERS: Final[Mapping[str, tuple[str, ...]]] = {
    LetterKind.GRANTED: ("what.GRANTED.WAIVER", "details.one_time"),
    LetterKind.EARNED: ("what.EARNED.WAIVER", "details.not_owed"),
    LetterKind.LAPSED: ("what.LAPSED.WAIVER", "details.owed_again"),
    LetterKind.UNPAID: ("what.UNPAID.WAIVER", "details.owed_again"),
}
WHEN_OF_WAIVERS: Final[Mapping[str, str]] = {
    LetterKind.GRANTED: "when.pay_by",
    LetterKind.EARNED: "when.granted",
    LetterKind.LAPSED: "when.over",
    LetterKind.UNPAID: "when.still_open",
}
WAY_OF_WAIVERS: Final[Mapping[str, tuple[str, ...]]] = {
    LetterKind.GRANTED: ("way.void_if_not", "way.hard_to_pay"),
    LetterKind.EARNED: ("way.nothing",),
    LetterKind.LAPSED: ("way.new_plan", "way.talk_first"),
    LetterKind.UNPAID: ("way.pay_again", "way.hard_to_pay"),
}
# Letters that only a waiver has.
OF_WAIVERS: Final = frozenset({LetterKind.EARNED, LetterKind.LAPSED, LetterKind.UNPAID})


def waiver_values(*, facts: LetterFacts, language: str) -> dict[str, str]:
    """Return what fills the places of sentences about a waiver; dashes for any other decision."""
    by = facts.terms.get("settle_by")
    return {
        "waived": amount(facts.figure("amount"), currency=facts.currency, language=language),
        "pay": amount(facts.figure("pay"), currency=facts.currency, language=language),
        "settle_by": day(date.fromisoformat(by) if by else None, language=language),
    }


def part_path(*, facts: LetterFacts) -> str:
    """Return the path of the word for what is waived; empty for any other decision."""
    part = facts.terms.get("part")
    return f"why.parts.{part}" if part else ""
