"""Find conditions of a rule that could be left out, and alternatives that can never hold."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from cases.rules.policy.body import AllOf, AnyOf, Condition, Not, PolicyRules, Tree
from cases.rules.policy.findings import Finding, FindingKind, Severity
from cases.rules.policy.placed_rules import PlacedRule, Section
from cases.rules.policy.satisfiability import ALWAYS, NEVER, Node, Solver, every, some
from cases.rules.policy.sentences import tree_sentence

Way = tuple[int, ...]


def redundancies(section: Section, placed: PlacedRule, solver: Solver, policy: PolicyRules) -> Iterator[Finding]:
    """
    Yield a finding for each part of a rule that changes nothing: a condition that holds whenever the rest does, or an
    alternative that adds no account.

    A part that was found counts as removed afterwards, so that of two equal conditions only one is reported.

    :raises TooComplex: if the solver gives up.
    """
    when = placed.rule.when
    # A restriction may repeat the protection that always holds, for its readers; that is not reported.
    context = section.context if section.name == "rules" else ALWAYS
    gone: dict[Way, Node] = {}
    for way, path, part, in_every in _parts(when, (), f"{placed.path}.when"):
        if any(way[: len(other)] == other for other in gone):
            continue
        alone: dict[Way, Node] = {way: ALWAYS if in_every else NEVER}
        # The part must change nothing in the whole rule, and nothing in the rule without the parts found before.
        if not _is_same(when, {}, alone, context, solver) or (
            gone and not _is_same(when, gone, gone | alone, context, solver)
        ):
            continue
        gone |= alone
        sentence = tree_sentence(part, policy=policy)
        if in_every:
            kind, severity = FindingKind.REDUNDANT, Severity.NOTE
            message = _("Could be left out, it holds whenever the rest does: {condition}.").format(condition=sentence)
        elif solver.can_hold(context, solver.node(part)):
            kind, severity = FindingKind.REDUNDANT, Severity.NOTE
            message = _("Could be left out, this alternative adds no account: {condition}.").format(condition=sentence)
        else:
            kind, severity = FindingKind.NEVER_HOLDS, Severity.WARNING
            message = _("This alternative can never hold: {condition}.").format(condition=sentence)
        yield Finding(kind=kind, severity=severity, paths=(path,), codes=(placed.rule.code,), message=message)


def _is_same(when: Tree, some_gone: dict[Way, Node], more_gone: dict[Way, Node], context: Node, solver: Solver) -> bool:
    """Return whether a rule holds for the same accounts without `some_gone` and without `more_gone`."""
    return not any(
        solver.can_hold(context, _node(when, solver, one, ()), _node(when, solver, other, (), negated=True))
        for one, other in ((more_gone, some_gone), (some_gone, more_gone))
    )


def _parts(tree: Tree, way: Way, path: str) -> Iterator[tuple[Way, str, Tree, bool]]:
    """Yield the parts of all groups: a group before its parts, the parts of a group from last to first."""
    if isinstance(tree, Not):
        yield from _parts(tree.part, (*way, 0), f"{path}.not")
    elif isinstance(tree, AllOf | AnyOf):
        word = "all" if isinstance(tree, AllOf) else "any"
        for i in reversed(range(len(tree.parts))):
            if len(tree.parts) > 1:
                yield (*way, i), f"{path}.{word}[{i}]", tree.parts[i], isinstance(tree, AllOf)
            yield from _parts(tree.parts[i], (*way, i), f"{path}.{word}[{i}]")


def _node(tree: Tree, solver: Solver, gone: dict[Way, Node], way: Way, *, negated: bool = False) -> Node:
    """Return a tree over cells in which the parts in `gone` are replaced by ALWAYS or NEVER."""
    if way in gone:
        return NEVER if (gone[way] is ALWAYS) is negated else ALWAYS
    if isinstance(tree, Condition):
        return solver.node(tree, negated=negated)
    if isinstance(tree, Not):
        return _node(tree.part, solver, gone, (*way, 0), negated=not negated)
    parts = [_node(part, solver, gone, (*way, i), negated=negated) for i, part in enumerate(tree.parts)]
    return every(parts) if isinstance(tree, AllOf) is not negated else some(parts)
