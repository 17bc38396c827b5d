"""The frozen facts of a letter, read from the JSON that is kept with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from cases.enums import ADVERSE_KINDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """How the facts were established that a decision rests on (VISIT or DESK), when, and which sections."""

    source: str
    on: date
    sections: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterFacts:
    """
    What was true when the letter was written. Amounts are in `currency`, rates are shares 0..1.

    `limit` and `rate` are those of the account before the change, `terms` holds what the decision changes. Of a plan that was
    agreed, `plan_total` and `plan_rate` are those agreed, and `missed` the numbers (from 1) of the instalments that were not paid
    when it was broken, or are open when it counts again. None is what was not known or does not apply.
    """

    kind: str
    reasons: tuple[str, ...]
    terms: Mapping[str, Any]
    policy_version: int
    by_person: bool
    decided_on: date | None
    happened_on: date
    ends_on: date | None
    currency: str
    as_of: date | None
    days_past_due: int
    arrears: Decimal
    limit: Decimal
    rate: Decimal
    on_time_months: int | None
    found: Found | None
    instalments: tuple[tuple[date, Decimal], ...]
    upheld: bool
    plan_total: Decimal | None = None
    plan_rate: Decimal | None = None
    missed: tuple[int, ...] = ()

    @property
    def is_adverse(self) -> bool:
        """Whether the decision took something from the borrower."""
        return self.kind in ADVERSE_KINDS

    def figure(self, name: str) -> Decimal | None:
        """Return an amount or rate of the terms; None where it is missing or no number."""
        try:
            return Decimal(str(self.terms[name]))
        except (KeyError, InvalidOperation):
            return None


def read_facts(kept: Mapping[str, Any]) -> LetterFacts:
    """Return the facts of the JSON object that is kept with a letter."""
    found = kept["verification"]
    plan = kept["instalments"]
    agreed = kept.get("plan") or {}
    return LetterFacts(
        kind=kept["kind"],
        reasons=tuple(kept["reasons"]),
        terms=kept["terms"],
        policy_version=kept["policy_version"],
        by_person=kept["by_person"],
        decided_on=_day(kept["decided_on"]),
        happened_on=date.fromisoformat(kept["happened_on"]),
        ends_on=_day(kept["ends_on"]),
        currency=kept["currency"],
        as_of=_day(kept["as_of"]),
        days_past_due=kept["days_past_due"],
        arrears=Decimal(kept["arrears"]),
        limit=Decimal(kept["limit"]),
        rate=Decimal(kept["rate"]),
        on_time_months=kept["on_time_months"],
        found=found
        and Found(source=found["source"], on=date.fromisoformat(found["on"]), sections=tuple(found["sections"])),
        instalments=tuple(
            (date.fromisoformat(each["on"]), Decimal(each["amount"])) for each in (plan["each"] if plan else ())
        ),
        upheld=kept.get("upheld", False),
        plan_total=Decimal(agreed["total"]) if agreed else None,
        plan_rate=Decimal(agreed["rate"]) if agreed else None,
        missed=tuple((kept.get("missed") or {}).get("numbers", ())),
    )


def _day(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)
