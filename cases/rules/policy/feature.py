"""What a feature is: its unit, the rows that it is computed from, and the parts of a policy that may use it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise


class Unit(StrEnum):
    """The unit of a feature's values. It decides which operators and bounds a rule may use and how a value is shown."""

    DAYS = "DAYS"
    COUNT = "COUNT"
    MONEY = "MONEY"
    PERCENT = "PERCENT"
    SHARE = "SHARE"
    FLAG = "FLAG"
    WORD = "WORD"


class Source(StrEnum):
    """The rows that a feature is computed from; one SQL aggregate for each source (services/evaluation/facts.py)."""

    ACCOUNT = "account"
    CONTACTS = "contacts"
    NUMBERS = "numbers"
    PROMISES = "promises"
    SIGNALS = "signals"
    FLAGS = "flags"
    STATEMENTS = "statements"
    REPAYMENTS = "repayments"
    PLANS = "plans"
    UPGRADES = "upgrades"
    VERIFICATIONS = "verifications"
    STANDING_FACTS = "standing_facts"
    ANSWERS = "answers"
    DECISIONS = "decisions"
    CASES = "cases"
    VERDICTS = "verdicts"


class Place(StrEnum):
    """A part of a policy that holds conditions; the values are the names in the body."""

    GATE = "gate"
    RULES = "rules"
    REWARDS = "rewards"
    RESTRICTIONS = "restrictions"
    PROPOSALS = "proposals"


EVERYWHERE: Final = frozenset(Place) - {Place.PROPOSALS}
FOR_VISITS: Final = frozenset({Place.GATE, Place.RULES})
# A suspicion signal is a reason to verify, never a ground for a restriction (domain list c, 13).
NO_GROUND_TO_TAKE: Final = EVERYWHERE - {Place.RESTRICTIONS}
NOWHERE: Final[frozenset[Place]] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """
    One column of AccountFacts. `expression` is SQL over the rows of its source; services/evaluation/facts.py names the
    columns that it may use.

    `nullable`: the value can be unknown, and an unknown value meets no condition. `places`: parts of a policy that may
    use it. `protects`: in the gate, visit rules and restrictions it may prevent a rule from holding, but never be the
    reason that one holds.
    """

    name: str
    label: str | Promise
    unit: Unit
    source: Source
    expression: str
    doc: str | Promise
    nullable: bool = False
    places: frozenset[Place] = EVERYWHERE
    protects: bool = False

    @property
    def in_rules(self) -> bool:
        """Return whether any part of a policy may use it."""
        return bool(self.places)
