"""Conditions of a rule that could be left out, and alternatives that can never be the reason."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from cases.rules.policy.body import AllOf, AnyOf, Condition, Not, PolicyRules, Tree
from cases.rules.policy.findings import Finding, FindingKind, Severity
from cases.rules.policy.placed_rules import Section, Spot
from cases.rules.policy.satisfiability import ALWAYS, NEVER, Logic, Node, every, some
from cases.rules.policy.sentences import tree_sentence

Way = tuple[int, ...]


def redundancies(section: Section, place: Spot, logic: Logic, policy: PolicyRules) -> Iterator[Finding]:
    """
    Yield the parts of a rule that change nothing: true whenever the rest is, or alternatives that add no account.

    What was found is left out when the rest is looked at, so of two equal conditions one is named.
    """
    when = place.rule.when
    # Who may not be restricted is named in a restriction for its readers, though it goes without saying.
    context = section.context if section.name == "rules" else ALWAYS
    gone: dict[Way, Node] = {}
    for way, path, part, in_every in _parts(when, (), f"{place.path}.when"):
        if any(way[: len(other)] == other for other in gone):
            continue
        alone: dict[Way, Node] = {way: ALWAYS if in_every else NEVER}
        # True of the rule as it stands, and still true once everything named before has been left out.
        if not _is_same(when, {}, alone, context, logic) or (
            gone and not _is_same(when, gone, gone | alone, context, logic)
        ):
            continue
        gone |= alone
        sentence = tree_sentence(part, policy=policy)
        if in_every:
            kind, severity = FindingKind.REDUNDANT, Severity.NOTE
            message = _("Could be left out, it holds whenever the rest does: {condition}.").format(condition=sentence)
        elif logic.can_hold(context, logic.node(part)):
            kind, severity = FindingKind.REDUNDANT, Severity.NOTE
            message = _("Could be left out, this alternative adds no account: {condition}.").format(condition=sentence)
        else:
            kind, severity = FindingKind.NEVER_HOLDS, Severity.WARNING
            message = _("This alternative can never hold: {condition}.").format(condition=sentence)
        yield Finding(kind=kind, severity=severity, paths=(path,), codes=(place.rule.code,), message=message)


def _is_same(when: Tree, some_gone: dict[Way, Node], more_gone: dict[Way, Node], context: Node, logic: Logic) -> bool:
    """Say whether a rule holds for the same accounts with fewer and with more of its parts left out."""
    return not any(
        logic.can_hold(context, _node(when, logic, one, ()), _node(when, logic, other, (), negated=True))
        for one, other in ((more_gone, some_gone), (some_gone, more_gone))
    )


def _parts(tree: Tree, way: Way, path: str) -> Iterator[tuple[Way, str, Tree, bool]]:
    """Yield the parts of all groups, a group before its own parts, the last part of a group first."""
    if isinstance(tree, Not):
        yield from _parts(tree.part, (*way, 0), f"{path}.not")
    elif isinstance(tree, AllOf | AnyOf):
        word = "all" if isinstance(tree, AllOf) else "any"
        for i in reversed(range(len(tree.parts))):
            if len(tree.parts) > 1:
                yield (*way, i), f"{path}.{word}[{i}]", tree.parts[i], isinstance(tree, AllOf)
            yield from _parts(tree.parts[i], (*way, i), f"{path}.{word}[{i}]")


def _node(tree: Tree, logic: Logic, gone: dict[Way, Node], way: Way, *, negated: bool = False) -> Node:
    """Return a tree over cells with some parts replaced by always or never."""
    if way in gone:
        return NEVER if (gone[way] is ALWAYS) is negated else ALWAYS
    if isinstance(tree, Condition):
        return logic.node(tree, negated=negated)
    if isinstance(tree, Not):
        return _node(tree.part, logic, gone, (*way, 0), negated=not negated)
    parts = [_node(part, logic, gone, (*way, i), negated=negated) for i, part in enumerate(tree.parts)]
    return every(parts) if isinstance(tree, AllOf) is not negated else some(parts)
