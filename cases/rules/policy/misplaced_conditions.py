"""Which features a condition may not use in a part of a policy: some never move price, some only protect."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from cases.rules.policy.body import AllOf, AnyOf, Condition, Not, Tree
from cases.rules.policy.feature import Place
from cases.rules.policy.verified_facts import feature_of


def misplaced(tree: Tree, *, place: Place, path: str, negated: bool = False) -> Iterator[tuple[str, str]]:
    """
    Yield path and message of every comparison that this part of a policy may not contain.

    Some features are not allowed in some parts. A circumstance that protects may prevent a rule from holding and never
    be the reason that it holds, also below negations; rewards are free of this rule, because they take nothing.
    """
    if isinstance(tree, Not):
        yield from misplaced(tree.part, place=place, path=f"{path}.not", negated=not negated)
    elif isinstance(tree, AllOf | AnyOf):
        word = "all" if isinstance(tree, AllOf) else "any"
        for i, part in enumerate(tree.parts):
            yield from misplaced(part, place=place, path=f"{path}.{word}[{i}]", negated=negated)
    else:
        feature = feature_of(tree.feature)
        if place not in feature.places:
            message = (
                _("Where somebody lives never moves price or limit: {name}.")
                if tree.feature == "territory"
                else _("This feature has no place here: {name}.")
            )
            yield f"{path}.feature", message.format(name=tree.feature)
        elif feature.protects and place != Place.REWARDS and not _protects(tree, negated=negated):
            message = _("A circumstance can only protect: it may keep a rule from holding, never make it hold: {name}.")
            yield path, message.format(name=tree.feature)


def _protects(leaf: Condition, *, negated: bool) -> bool:
    """Return whether a growing number of circumstances can only make the comparison (or its negation) fail."""
    if leaf.op == "is":
        return leaf.value is negated
    if leaf.op == "eq":
        # "Exactly two" begins to hold with the second circumstance and ends with the third, so it does not protect.
        return leaf.value == 0 and not negated
    return (leaf.op in ("gte", "gt")) is negated
