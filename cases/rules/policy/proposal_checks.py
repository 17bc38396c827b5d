"""
Checks of the table from verified facts to proposals, proved over all facts that a verification can establish.

A row counts where its own conditions hold and those of no earlier row do. An error where a restriction could rest on anything
but firm facts, or where a combination of facts has no result; a warning for a row that no facts reach.
"""

from collections.abc import Iterator, Sequence
from typing import Final

from django.utils.translation import gettext as _

from cases.enums import ADVERSE_KINDS, DecisionKind
from cases.rules.policy.body import PolicyRules, ProposalRow, Tree
from cases.rules.policy.findings import Finding, FindingKind, Severity, example_text, named
from cases.rules.policy.placed_rules import leaf_paths
from cases.rules.policy.proposal_ceilings import CEILINGS, STRENGTH
from cases.rules.policy.satisfiability import Node, Solver, TooComplex
from cases.rules.policy.sentences import condition_sentence
from cases.rules.policy.value_cells import space_of
from cases.rules.policy.verified_facts import NEUTRAL_FACTS, feature_of

# A restriction names both: people read them in the letter, and the second asks for two approvals (rules/approval_matrix.py).
REASONS_TO_TAKE: Final = frozenset({"ABLE_WITH_EVIDENCE", "WILFUL_WITH_EVIDENCE"})


def check_proposals(policy: PolicyRules) -> Iterator[Finding]:
    """Yield the errors and warnings about the table of a policy; none for a policy without one."""
    rows = policy.proposals
    if not rows:
        return
    trees: list[Tree] = [row.when for row in rows] + [ceiling.finding for ceiling in CEILINGS]
    solver = Solver(space=space_of(trees=trees, policy=policy))
    earlier: list[Node] = []
    for index, row in enumerate(rows):
        yield from _terms(row, f"proposals[{index}]")
        try:
            yield from _reach(row, index, earlier, solver)
            if takes(row):
                yield from _neutral(rows, index)
                yield from _ceilings(row, index, earlier, solver, policy)
        except TooComplex:
            yield _unproved(row, index)
        earlier.append(solver.node(row.when, negated=True))
    yield from _rest(rows, earlier, solver, policy)


def takes(row: ProposalRow) -> bool:
    """Return whether a row proposes a restriction."""
    return any(decision.kind in ADVERSE_KINDS for decision in row.decisions)


def _terms(row: ProposalRow, path: str) -> Iterator[Finding]:
    """Yield a finding where the reasons of a row do not fit what it proposes, or where it helps and takes at once."""
    if takes(row):
        if not set(row.reasons) >= REASONS_TO_TAKE:
            yield _error(
                FindingKind.REASON_MISSING,
                row,
                (f"{path}.result.reasons",),
                _("A restriction names its reasons, able and withheld on purpose: the second asks for two approvals."),
            )
        if not all(decision.kind in ADVERSE_KINDS for decision in row.decisions):
            yield _error(
                FindingKind.CONTRADICTION,
                row,
                (f"{path}.result.decisions",),
                _("This row helps and restricts at once."),
            )
    elif REASONS_TO_TAKE & set(row.reasons):
        yield _error(
            FindingKind.REASON_MISSING,
            row,
            (f"{path}.result.reasons",),
            _("Able or withheld on purpose, with evidence, is a reason of restrictions only."),
        )


def _reach(row: ProposalRow, index: int, earlier: Sequence[Node], solver: Solver) -> Iterator[Finding]:
    path, own = f"proposals[{index}]", solver.node(row.when)
    if not solver.can_hold(own):
        message = _("This row can never fit: its conditions exclude each other.")
        yield _error(FindingKind.NEVER_FIRES, row, (path,), message)
    elif not solver.can_hold(own, *earlier):
        yield Finding(
            kind=FindingKind.SHADOWED,
            severity=Severity.WARNING,
            paths=(path,),
            codes=(row.code,),
            message=_("No verification reaches this row: an earlier one always fits first."),
        )


def _neutral(rows: Sequence[ProposalRow], index: int) -> Iterator[Finding]:
    """Yield a finding for each neutral fact on which it depends whether a restriction follows."""
    # An earlier row takes facts away from this one, so it must not name them either.
    for i, row in enumerate(rows[: index + 1]):
        for path, leaf in leaf_paths(row.when, path=f"proposals[{i}].when"):
            if leaf.feature in NEUTRAL_FACTS:
                yield _error(
                    FindingKind.RIGHT_COSTS_SOMETHING,
                    rows[index],
                    (path, f"proposals[{index}]"),
                    _(
                        "{code} takes something, and whether it does may not depend on a neutral fact: {fact}. Being away, not opening, not talking or living elsewhere costs nobody anything. Put this row below {code}, or take the condition out."
                    ).format(code=rows[index].code, fact=feature_of(leaf.feature).label),
                )


def _ceilings(
    row: ProposalRow, index: int, earlier: Sequence[Node], solver: Solver, policy: PolicyRules
) -> Iterator[Finding]:
    """Yield a finding for each finding of a verification that allows less than the row takes and is possible with it."""
    strongest = max((d.kind for d in row.decisions if d.kind in ADVERSE_KINDS), key=STRENGTH.index)
    reached = (solver.node(row.when), *earlier)
    for ceiling in CEILINGS:
        if not ceiling.allows(strongest) and solver.can_hold(*reached, solver.node(ceiling.finding)):
            yield _error(
                FindingKind.BEYOND_CEILING,
                row,
                (f"proposals[{index}]",),
                _("{kind} may not follow while this is possible: {finding}. Ask for the contrary in this row.").format(
                    kind=DecisionKind(strongest).label, finding=condition_sentence(ceiling.finding, policy=policy)
                ),
            )


def _rest(
    rows: Sequence[ProposalRow], earlier: Sequence[Node], solver: Solver, policy: PolicyRules
) -> Iterator[Finding]:
    last = f"proposals[{len(rows) - 1}]"
    try:
        box = solver.solution(earlier)
    except TooComplex:
        yield _unproved(rows[-1], len(rows) - 1)
        return
    if box is not None:
        names = dict.fromkeys(leaf.feature for row in rows for _path, leaf in leaf_paths(row.when, path=""))
        example = solver.example(box, names=names)
        yield Finding(
            kind=FindingKind.NO_RESULT,
            severity=Severity.ERROR,
            paths=(last,),
            codes=(rows[-1].code,),
            message=_(
                "No row fits some facts, for example {example}. The last row must fit everything that is left."
            ).format(example=example_text(example, policy=policy)),
            example=example,
        )


def _unproved(row: ProposalRow, index: int) -> Finding:
    message = _("The table is too complex to prove that {code} follows from firm facts only. Make it simpler.")
    return _error(FindingKind.TOO_COMPLEX, row, (f"proposals[{index}]",), message.format(code=named([row.code])))


def _error(kind: FindingKind, row: ProposalRow, paths: tuple[str, ...], message: str) -> Finding:
    return Finding(kind=kind, severity=Severity.ERROR, paths=paths, codes=(row.code,), message=message)
