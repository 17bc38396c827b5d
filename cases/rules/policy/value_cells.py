"""
Divide the values of each feature into cells: two values of one cell meet the same conditions of a policy.

A condition is then a set of cells (bits of a number), and satisfiability.py decides with sets whether rules can hold
together. Cells respect whole numbers and the bounds of a feature. Amounts are in the policy's currency: one exchange
rate converts all thresholds of an account alike.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from typing import Any, Final

from cases.enums import AccountStatus, Product
from cases.rules.policy.body import AllOf, AnyOf, Condition, PolicyRules, Tree, leaves
from cases.rules.policy.feature import Unit
from cases.rules.policy.features import CONTACT_WINDOW_DAYS, STATEMENT_WINDOW_MONTHS
from cases.rules.policy.verified_facts import FACT_WORDS, feature_of
from cases.rules.standing_ladder import HIGHEST

NUMBERS: Final = frozenset({Unit.DAYS, Unit.COUNT, Unit.MONEY, Unit.PERCENT, Unit.SHARE})
WHOLE: Final = frozenset({Unit.DAYS, Unit.COUNT})
# Features whose words are ours and complete; the words of other features are the lender's own.
KNOWN_WORDS: Final[Mapping[str, tuple[str, ...]]] = {
    "status": tuple(AccountStatus.values),
    "product": tuple(Product.values),
    **FACT_WORDS,
}
# Least and largest value that a source can give. A feature that is missing here may be any number, a count any from 0.
_RANGES: Final[Mapping[str, tuple[int, int | None]]] = {
    "credit_limit": (0, None),
    "annual_rate": (0, 1),
    "arrears_amount": (0, None),
    "days_past_due": (0, None),
    "bucket": (0, 7),
    "attempt_days": (0, CONTACT_WINDOW_DAYS),
    "attempt_span_days": (0, CONTACT_WINDOW_DAYS),
    "attempt_channels": (0, 5),
    "attempt_day_parts": (0, 3),
    "voice_failure_days": (0, CONTACT_WINDOW_DAYS),
    "on_time_months": (0, STATEMENT_WINDOW_MONTHS),
    "months_since_statement": (0, STATEMENT_WINDOW_MONTHS - 1),
    "standing_score": (0, HIGHEST),
    "suspicion_confidence": (0, 1),
    "days_since_login": (0, None),
}
_LAST_BUCKET: Final = 7
_DAYS_A_BUCKET: Final = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """
    Values that meet the same conditions. `sample` is one of them; None is unknown, or a word that no rule names.

    Numbers lie between `low` and `high`; None is no bound, and an open bound does not belong to the cell.
    """

    sample: Any
    low: Decimal | None = None
    high: Decimal | None = None
    is_low_open: bool = False
    is_high_open: bool = False
    is_unknown: bool = False
    is_other_word: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """One feature with its cells in rising order; the cell of the unknown value, if there is one, comes last."""

    name: str
    cells: tuple[Cell, ...]

    @property
    def full(self) -> int:
        """Return the bits of all cells."""
        return (1 << len(self.cells)) - 1

    @property
    def known(self) -> int:
        """Return the bits of all cells except the unknown one."""
        return sum(1 << i for i, cell in enumerate(self.cells) if not cell.is_unknown)

    def meeting(self, condition: Condition) -> int:
        """Return the bits of the cells whose values meet a comparison; an unknown value meets none."""
        return sum(1 << i for i, cell in enumerate(self.cells) if _meets(cell, condition))


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """One axis for each feature that the conditions of a policy use; `index` is the position of each feature."""

    axes: tuple[Axis, ...]
    index: Mapping[str, int]

    def axis(self, name: str) -> Axis:
        """Return the axis of a feature. :raises KeyError: if no condition uses it."""
        return self.axes[self.index[name]]


def space_of(*, trees: Iterable[Tree], policy: PolicyRules, segment: str = "") -> Space:
    """
    Return the space of the features that the conditions of `trees` use.

    The currency is one that the policy has a rate for. With a `segment` every account belongs to it.
    """
    asked: dict[str, list[Condition]] = {}
    for tree in trees:
        for leaf in leaves(tree):
            asked.setdefault(leaf.feature, []).append(leaf)
    closed = {**KNOWN_WORDS, "currency": tuple(sorted(policy.rates)), **({"segment": (segment,)} if segment else {})}
    axes = tuple(Axis(name=name, cells=_cells(name, conditions, closed)) for name, conditions in asked.items())
    return Space(axes=axes, index={axis.name: i for i, axis in enumerate(axes)})


def laws_of(trees: Iterable[Tree]) -> tuple[Tree, ...]:
    """Return conditions that always hold between features of the trees: a bucket is a range of 30 days past due."""
    named = {leaf.feature for tree in trees for leaf in leaves(tree)}
    if not {"bucket", "days_past_due"} <= named:
        return ()
    parts: list[Tree] = []
    for bucket in range(_LAST_BUCKET + 1):
        part: list[Tree] = [Condition(feature="bucket", op="eq", value=bucket)]
        if bucket:
            part.append(Condition(feature="days_past_due", op="gt", value=(bucket - 1) * _DAYS_A_BUCKET))
        if bucket < _LAST_BUCKET:
            part.append(Condition(feature="days_past_due", op="lte", value=bucket * _DAYS_A_BUCKET))
        parts.append(AllOf(parts=tuple(part)))
    return (AnyOf(parts=tuple(parts)),)


def is_number(name: str) -> bool:
    """Return whether a feature's values are numbers, which have an order."""
    return feature_of(name).unit in NUMBERS


def _cells(name: str, conditions: list[Condition], closed: Mapping[str, tuple[str, ...]]) -> tuple[Cell, ...]:
    feature = feature_of(name)
    if feature.unit == Unit.FLAG:
        cells = [Cell(sample=False), Cell(sample=True)]
    elif feature.unit == Unit.WORD:
        cells = _word_cells(conditions, closed.get(name))
    else:
        cells = _number_cells(name, {_number(c) for c in conditions}, is_whole=feature.unit in WHOLE)
    if feature.nullable:
        cells.append(Cell(sample=None, is_unknown=True))
    return tuple(cells)


def _word_cells(conditions: list[Condition], closed: tuple[str, ...] | None) -> list[Cell]:
    named = dict.fromkeys(word for c in conditions for word in _words(c))
    if closed is None:
        return [*(Cell(sample=word) for word in named), Cell(sample=None, is_other_word=True)]
    # A word that no account can have gets no cell, so that a condition on it is never met.
    return [Cell(sample=word) for word in closed]


def _number_cells(name: str, thresholds: set[Decimal], *, is_whole: bool) -> list[Cell]:
    least, most = _bounds(name)
    marks = sorted({t for t in thresholds if (least is None or t >= least) and (most is None or t <= most)})
    cells: list[Cell] = []
    before: Decimal | None = None
    for mark in marks:
        cells += _between(before, mark, least if before is None else None, None, is_whole)
        cells.append(Cell(sample=_plain(mark, is_whole), low=mark, high=mark))
        before = mark
    return cells + _between(before, None, least if before is None else None, most, is_whole)


def _between(
    after: Decimal | None, before: Decimal | None, least: Decimal | None, most: Decimal | None, is_whole: bool
) -> list[Cell]:
    """Return the cell between two thresholds, or between a threshold and a bound; no cell if no value lies there."""
    low, is_low_open = (after, True) if after is not None else (least, False)
    high, is_high_open = (before, True) if before is not None else (most, False)
    if is_whole:
        low = None if low is None else (low.to_integral_value(ROUND_FLOOR) + 1 if is_low_open else low)
        high = None if high is None else (high.to_integral_value(ROUND_CEILING) - 1 if is_high_open else high)
        is_low_open = is_high_open = False
    if low is not None and high is not None and (low > high or (low == high and (is_low_open or is_high_open))):
        return []
    return [
        Cell(
            sample=_plain(_sample(low, high, is_low_open, is_whole), is_whole),
            low=low,
            high=high,
            is_low_open=is_low_open and low is not None,
            is_high_open=is_high_open and high is not None,
        )
    ]


def _sample(low: Decimal | None, high: Decimal | None, is_low_open: bool, is_whole: bool) -> Decimal:
    if low is None:
        return Decimal(0) if high is None else high - 1
    if is_whole or not is_low_open:
        return low
    # The threshold plus one where that is possible: a round number is easier to read in an example.
    return low + 1 if high is None or high > low + 1 else (low + high) / 2


def _bounds(name: str) -> tuple[Decimal | None, Decimal | None]:
    feature = feature_of(name)
    least, most = _RANGES.get(name, (0 if feature.unit == Unit.COUNT else None, None))
    if name.startswith("signal_") or name.endswith("_confidence"):
        least, most = 0, 1
    return (None if least is None else Decimal(least), None if most is None else Decimal(most))


def _meets(cell: Cell, condition: Condition) -> bool:
    if cell.is_unknown:
        return False
    if condition.op in ("in", "not_in"):
        return (cell.sample in _words(condition)) is (condition.op == "in")
    if condition.op in ("eq", "ne"):
        return bool(cell.sample == condition.value) is (condition.op == "eq")
    if condition.op == "is":
        return cell.sample is condition.value
    value, asked = Decimal(cell.sample), _number(condition)
    return {"gte": value >= asked, "gt": value > asked, "lte": value <= asked, "lt": value < asked}[condition.op]


def _words(condition: Condition) -> tuple[str, ...]:
    return condition.value if isinstance(condition.value, tuple) else (str(condition.value),)


def _number(condition: Condition) -> Decimal:
    assert isinstance(condition.value, Decimal | int)  # noqa: S101 - the parser gives numbers for these units
    return Decimal(condition.value)


def _plain(number: Decimal, is_whole: bool) -> int | Decimal:
    return int(number) if is_whole else number
