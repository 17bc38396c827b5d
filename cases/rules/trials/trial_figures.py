"""The figures of a trial: counts by rule code, city and bucket, which add up over ranges of borrowers."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from typing import Any, Final

Counts = dict[str, int]
# Days past due in started months: M1 is 1 to 30 days. M0 has arrears and no day past due; M7+ is everything above 180.
BUCKETS: Final = ("M0", "M1", "M2", "M3", "M4", "M5", "M6", "M7+")
DAYS_A_BUCKET: Final = 30
# Size of the sample of borrowers that only the new version would visit; the preview asks the conduct guard about them.
SAMPLE: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class TrialFigures:
    """
    One version ("new") against another ("old") on one business date.

    `accounts` overdue accounts were judged; `uncompared` of them have a currency without a rate under the new
    version. `hits` by side and rule code: "new", "old", "entered" (new only), "left" (old only), "both", and "muted"
    (new, but muted for the borrower). `borrowers`: "new" and "old" have an unmuted reason under that version, "opened"
    only under the new, "closed" only under the old, "kept" under both; "visits_new", "visits_old", "visits_more" and
    "visits_fewer" the same for reasons that need a visit. `opened`, `closed`, `visits_more` and `visits_fewer` count
    those borrowers by "reason", "city" (territory key) and "bucket". `standing` by side and code of rewards and
    restrictions; `outcomes` by OutcomeKind; `replay` by "same", "unrecorded" (the rule holds, no hit is kept),
    "unfounded" (a hit is kept, the rule does not hold) and "unjudged", by rule code; `differences` names the first
    accounts of the middle two.
    """

    business_date: date
    accounts: int = 0
    uncompared: int = 0
    hits: dict[str, Counts] = field(default_factory=dict)
    borrowers: Counts = field(default_factory=dict)
    opened: dict[str, Counts] = field(default_factory=dict)
    closed: dict[str, Counts] = field(default_factory=dict)
    visits_more: dict[str, Counts] = field(default_factory=dict)
    visits_fewer: dict[str, Counts] = field(default_factory=dict)
    standing: dict[str, Counts] = field(default_factory=dict)
    outcomes: dict[str, dict[str, Any]] = field(default_factory=dict)
    replay: dict[str, Counts] = field(default_factory=dict)
    differences: dict[str, dict[str, list[int]]] = field(default_factory=dict)
    seconds: float = 0.0

    def plus(self, other: "TrialFigures") -> "TrialFigures":
        """Return the sum with another range of the same business date."""
        summed = {
            each.name: added(getattr(self, each.name), getattr(other, each.name))
            for each in fields(self)
            if each.name != "business_date"
        }
        return replace(self, **summed)

    def as_json(self) -> dict[str, Any]:
        """Return the entry that PolicyTrial.figures keeps for this day."""
        kept = {each.name: getattr(self, each.name) for each in fields(self)}
        return kept | {"business_date": self.business_date.isoformat(), "seconds": round(self.seconds, 3)}


def figures_from(kept: Mapping[str, Any]) -> TrialFigures:
    """Return the figures of an entry that `as_json` wrote; names that this program does not have are ignored."""
    known = {each.name for each in fields(TrialFigures)}
    values = {name: value for name, value in kept.items() if name in known}
    return TrialFigures(**values | {"business_date": date.fromisoformat(kept["business_date"])})


def added(one: Any, other: Any) -> Any:
    """Return the sum of two numbers, or of two nested mappings of numbers key by key; lists are joined."""
    if isinstance(one, Mapping):
        both = {**one, **other}
        return {key: added(one[key], other[key]) if key in one and key in other else both[key] for key in both}
    return one + other


def total(days: Iterable[TrialFigures]) -> TrialFigures | None:
    """Return the sum over several days with the date of the last one; None without a day."""
    summed = None
    for day in days:
        summed = day if summed is None else replace(summed.plus(day), business_date=day.business_date)
    return summed


def bits_of(mask: int, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codes whose bits are set in `mask`, the first code being the lowest bit."""
    return tuple(code for place, code in enumerate(codes) if mask >> place & 1)
