"""Find gaps and overlaps between rules that divide one feature into bands, such as ranges of days past due."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from django.utils.translation import gettext as _

from cases.rules.policy.body import PolicyRules, StandingRule, features_of
from cases.rules.policy.findings import (
    Finding,
    FindingKind,
    Severity,
    example_text,
    named,
    range_text,
    ranges_of,
)
from cases.rules.policy.placed_rules import PlacedRule, Section
from cases.rules.policy.satisfiability import Solver
from cases.rules.policy.value_cells import Axis, is_number
from cases.rules.policy.verified_facts import feature_of


def gaps_and_overlaps(section: Section, solver: Solver, policy: PolicyRules) -> Iterator[Finding]:
    """
    Yield the gaps and overlaps between bands, and values that pass the gate though no rule can hold for them.

    Rewards and restrictions are compared only with rules of the same kind of effect.

    :raises TooComplex: if the solver gives up.
    """
    ladders = [section.placed]
    if section.name != "rules":
        kinds = dict.fromkeys(p.rule.effect.kind for p in section.placed if isinstance(p.rule, StandingRule))
        ladders = [
            tuple(p for p in section.placed if isinstance(p.rule, StandingRule) and p.rule.effect.kind == kind)
            for kind in kinds
        ]
    reported: set[tuple[str, int]] = set()
    for steps_of in ladders:
        names = dict.fromkeys(name for p in steps_of for name in features_of(p.rule.when) if is_number(name))
        for name in names:
            for finding, gap in _ladder(section, steps_of, name, solver, policy):
                reported.add((name, gap))
                yield finding
    if section.name == "rules" and section.placed:
        for name in dict.fromkeys(features_of(policy.gate)):
            if is_number(name):
                yield from _uncovered(section, name, solver, policy, reported)


def _ladder(
    section: Section, steps_of: Sequence[PlacedRule], name: str, solver: Solver, policy: PolicyRules
) -> Iterator[tuple[Finding, int]]:
    axis = solver.space.axis(name)
    values = axis.known
    asked = [(p, solver.possible_cells(name, [p.node]) & values) for p in steps_of if name in features_of(p.rule.when)]
    bounded = [cells for _p, cells in asked if cells and not cells & 1 and not cells & _last(axis)]
    if not bounded:
        return
    # A rule that covers a whole band of another rule and more is no band of its own.
    steps = [
        (p, cells)
        for p, cells in asked
        if cells != values and not any(band & ~cells == 0 and band != cells for band in bounded)
    ]
    if len({cells for _p, cells in steps}) < 2:
        return
    alike = len({frozenset(features_of(p.rule.when)) for p, _cells in steps}) == 1
    severity = Severity.WARNING if alike else Severity.NOTE
    covered = 0
    for _p, cells in steps:
        covered |= cells
    passing = solver.possible_cells(name, [section.context]) & values
    for gap in ranges_of(axis=axis, cells=_hull(covered) & ~covered & passing):
        around = [p for p, cells in steps if cells & (gap << 1 | gap >> 1)] or [p for p, _cells in steps]
        yield _gap(axis, gap, around, severity, policy), gap
    for (one, cells), (other, others) in combinations(steps, 2):
        shared = cells & others
        # A band inside another one is a narrower case of it and no mistake.
        if not shared or shared in (cells, others):
            continue
        position = solver.space.index[name]
        within = tuple(shared if i == position else a.full for i, a in enumerate(solver.space.axes))
        box = solver.solution([section.context, one.node, other.node], within=within)
        if box is not None:
            yield (
                _overlap(
                    section,
                    axis,
                    shared,
                    one,
                    other,
                    severity,
                    solver.example(box, names=[name, *features_of(one.rule.when), *features_of(other.rule.when)]),
                    policy,
                ),
                0,
            )


def _gap(axis: Axis, gap: int, around: Sequence[PlacedRule], severity: Severity, policy: PolicyRules) -> Finding:
    return Finding(
        kind=FindingKind.GAP,
        severity=severity,
        paths=tuple(p.path for p in around),
        codes=tuple(p.rule.code for p in around),
        example={axis.name: next(c.sample for i, c in enumerate(axis.cells) if gap >> i & 1)},
        message=_("Between {codes} a gap is left: {label} {range}.").format(
            codes=named([p.rule.code for p in around]),
            label=feature_of(axis.name).label,
            range=range_text(axis=axis, cells=gap, policy=policy),
        ),
    )


def _overlap(
    section: Section,
    axis: Axis,
    shared: int,
    one: PlacedRule,
    other: PlacedRule,
    severity: Severity,
    example: dict[str, object],
    policy: PolicyRules,
) -> Finding:
    text = (
        _("{one} and {other} can hold together, {label} {range}: {example}.")
        if section.name == "rules"
        else _("{one} and {other} can hold together, and {one} counts, {label} {range}: {example}.")
    )
    return Finding(
        kind=FindingKind.OVERLAP,
        severity=severity,
        paths=(one.path, other.path),
        codes=(one.rule.code, other.rule.code),
        example=example,
        message=text.format(
            one=one.rule.code,
            other=other.rule.code,
            label=feature_of(axis.name).label,
            range=range_text(axis=axis, cells=ranges_of(axis=axis, cells=shared)[0], policy=policy),
            example=example_text(example, policy=policy),
        ),
    )


def _uncovered(
    section: Section, name: str, solver: Solver, policy: PolicyRules, reported: set[tuple[str, int]]
) -> Iterator[Finding]:
    """Yield the values of a feature with which an account passes the gate though no rule can hold for it."""
    axis = solver.space.axis(name)
    passing = solver.possible_cells(name, [section.context])
    covered = 0
    for placed in section.placed:
        covered |= solver.possible_cells(name, [section.context, placed.node])
    for left in ranges_of(axis=axis, cells=passing & ~covered & axis.known):
        if (name, left) in reported:
            continue
        is_inside = bool(left & _hull(covered))
        yield Finding(
            kind=FindingKind.GAP if is_inside else FindingKind.UNCOVERED,
            severity=Severity.WARNING if is_inside else Severity.NOTE,
            paths=("gate",),
            example={name: next(c.sample for i, c in enumerate(axis.cells) if left >> i & 1)},
            message=_("Accounts pass the gate though no rule can hold for them: {label} {range}.").format(
                label=feature_of(name).label, range=range_text(axis=axis, cells=left, policy=policy)
            ),
        )


def _last(axis: Axis) -> int:
    return 1 << (axis.known.bit_length() - 1)


def _hull(cells: int) -> int:
    """Return the bits of all cells from the lowest to the highest of a set."""
    return (1 << cells.bit_length()) - (cells & -cells) if cells else 0
