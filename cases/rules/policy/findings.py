"""The findings of the static checks, with their texts for the person who writes the policy."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from cases.rules.policy.body import PolicyRules
from cases.rules.policy.sentences import value_text
from cases.rules.policy.value_cells import Axis
from cases.rules.policy.verified_facts import feature_of


class Severity(StrEnum):
    """An error is refused on submission, a warning must be accepted, a note is only shown."""

    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


class FindingKind(StrEnum):
    """What a finding is about."""

    UNKNOWN_WORD = "unknown_word"
    NEVER_FIRES = "never_fires"
    NEVER_HOLDS = "never_holds"
    ALWAYS_HOLDS = "always_holds"
    REDUNDANT = "redundant"
    SHADOWED = "shadowed"
    DUPLICATE = "duplicate"
    COVERED = "covered"
    CONTRADICTION = "contradiction"
    GAP = "gap"
    OVERLAP = "overlap"
    UNCOVERED = "uncovered"
    RIGHT_COSTS_REWARD = "right_costs_reward"
    RIGHT_COSTS_SOMETHING = "right_costs_something"
    BEYOND_CEILING = "beyond_ceiling"
    REASON_MISSING = "reason_missing"
    NO_RESULT = "no_result"
    TOO_COMPLEX = "too_complex"


ORDER = tuple(Severity)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """
    One finding. `paths` point into the body (rules[2].when.all[0]), the main one first; `codes` are the rules.

    `example` holds facts of one account that shows the finding, by feature; amounts are in the policy's currency.
    """

    kind: FindingKind
    severity: Severity
    paths: tuple[str, ...]
    message: str
    codes: tuple[str, ...] = ()
    example: Mapping[str, Any] | None = field(default=None)

    def summary(self) -> dict[str, Any]:
        """Return what a version keeps of an accepted warning: no text, because a text is in one language."""
        return {"kind": str(self.kind), "paths": list(self.paths), "codes": list(self.codes)}


def example_text(example: Mapping[str, Any], *, policy: PolicyRules) -> str:
    """Return facts as one line in the reader's language; amounts are in the policy's currency."""
    return _(", ").join(
        _("{label}: {value}").format(
            label=feature_of(name).label, value=value_text(name, value, currency=policy.currency)
        )
        for name, value in example.items()
    )


def ranges_of(*, axis: Axis, cells: int) -> list[int]:
    """Return a set of cells of a number as runs of adjacent cells, from low to high, without the unknown cell."""
    runs: list[int] = []
    is_running = False
    for i, cell in enumerate(axis.cells):
        if cell.is_unknown or not cells >> i & 1:
            is_running = False
        elif is_running:
            runs[-1] |= 1 << i
        else:
            runs.append(1 << i)
            is_running = True
    return runs


def range_text(*, axis: Axis, cells: int, policy: PolicyRules) -> str:
    """Return a run of cells as a range in words: "61 days", "at least 31 days and at most 60 days"."""
    among = [cell for i, cell in enumerate(axis.cells) if cells >> i & 1]
    first, last = among[0], among[-1]

    def worded(text: str | Promise, value: Decimal) -> str:
        return str(text).format(value=value_text(axis.name, value, currency=policy.currency))

    if first.low is not None and first.low == last.high:
        return worded("{value}", first.low)
    ends = []
    if first.low is not None:
        ends.append(worded(_("more than {value}") if first.is_low_open else _("at least {value}"), first.low))
    if last.high is not None:
        ends.append(worded(_("less than {value}") if last.is_high_open else _("at most {value}"), last.high))
    return _(" and ").join(ends) or _("any value")


def sorted_findings(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return findings with the most severe first; findings of one severity keep their order."""
    return tuple(sorted(findings, key=lambda finding: ORDER.index(finding.severity)))


def named(codes: Sequence[str]) -> str:
    """Return codes as a comma-separated list in the reader's language."""
    return _(", ").join(codes)
