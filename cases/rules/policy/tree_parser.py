"""Read names and trees of conditions of a policy's body: what may be compared, how deep, and where."""

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.rules.policy.body import AllOf, AnyOf, Condition, Not, Title, Tree, leaves
from cases.rules.policy.feature import Place, Unit
from cases.rules.policy.features import LARGEST_COUNT, PROTECTED_TRAITS
from cases.rules.policy.json_values import (
    read_flag,
    read_list,
    read_number,
    read_object,
    read_text,
    read_whole,
    refused_at,
)
from cases.rules.policy.misplaced_conditions import misplaced
from cases.rules.policy.verified_facts import find_feature

MAX_DEPTH: Final = 6
MAX_CONDITIONS: Final = 60
MAX_WORDS: Final = 40
CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{1,39}")

ORDER_OPS: Final = ("gte", "gt", "lte", "lt")
OPS: Final[Mapping[Unit, tuple[str, ...]]] = MappingProxyType(
    {
        Unit.DAYS: (*ORDER_OPS, "eq"),
        Unit.COUNT: (*ORDER_OPS, "eq"),
        Unit.MONEY: ORDER_OPS,
        Unit.PERCENT: ORDER_OPS,
        Unit.SHARE: ORDER_OPS,
        Unit.FLAG: ("is",),
        Unit.WORD: ("eq", "ne", "in", "not_in"),
    }
)
LARGEST: Final[Mapping[Unit, Decimal]] = MappingProxyType(
    {
        Unit.DAYS: Decimal(100_000),
        Unit.COUNT: Decimal(LARGEST_COUNT),
        Unit.MONEY: Decimal(10) ** 11,
        Unit.PERCENT: Decimal(100_000),
        Unit.SHARE: Decimal(1),
    }
)


def read_title(value: Any, path: str) -> Title:
    """Return a name in both languages. :raises InvalidInput: if one is missing."""
    both = read_object(value, path, required=("en", "zh"))
    return Title(en=read_text(both["en"], f"{path}.en"), zh=read_text(both["zh"], f"{path}.zh"))


def read_tree(value: Any, path: str, *, place: Place) -> Tree:
    """
    Return the conditions at `path` of the part `place` of a policy.

    :raises InvalidInput: if they are too many, too deep, of the wrong type, or have no place there.
    """
    tree = _node(value, path, depth=1)
    if len(leaves(tree)) > MAX_CONDITIONS:
        raise refused_at(_("At most {most} conditions are allowed here.").format(most=MAX_CONDITIONS), path)
    for where, message in misplaced(tree, place=place, path=path):
        raise refused_at(message, where)
    return tree


def _node(value: Any, path: str, *, depth: int) -> Tree:
    if depth > MAX_DEPTH:
        raise refused_at(_("Conditions may be nested {most} deep.").format(most=MAX_DEPTH), path)
    node = read_object(value, path, optional=("all", "any", "not", "feature", "op", "value"))
    for word, kind in (("all", AllOf), ("any", AnyOf)):
        if word in node:
            read_object(value, path, required=(word,))
            parts = read_list(node[word], f"{path}.{word}", most=MAX_CONDITIONS, least=1)
            return kind(parts=tuple(_node(p, f"{path}.{word}[{i}]", depth=depth + 1) for i, p in enumerate(parts)))
    if "not" in node:
        read_object(value, path, required=("not",))
        return Not(part=_node(node["not"], f"{path}.not", depth=depth + 1))
    return _condition(node, path)


def _condition(node: Mapping[str, Any], path: str) -> Condition:
    node = read_object(node, path, required=("feature", "op", "value"))
    name = read_text(node["feature"], f"{path}.feature")
    if name.lower() in PROTECTED_TRAITS:
        raise refused_at(_("A protected trait is never a reason: {name}.").format(name=name), f"{path}.feature")
    feature = find_feature(name)
    if feature is None or not feature.in_rules:
        raise refused_at(_("No such feature: {name}.").format(name=name), f"{path}.feature")
    allowed = OPS[feature.unit]
    op = node["op"]
    if op not in allowed:
        raise refused_at(_("Operators allowed here: {ops}.").format(ops=", ".join(allowed)), f"{path}.op")
    return Condition(feature=name, op=op, value=_value(node["value"], f"{path}.value", unit=feature.unit, op=op))


def _value(value: Any, path: str, *, unit: Unit, op: str) -> Decimal | int | bool | str | tuple[str, ...]:
    if unit == Unit.FLAG:
        return read_flag(value, path)
    if unit == Unit.WORD:
        if op not in ("in", "not_in"):
            return read_text(value, path, most=40)
        words = read_list(value, path, most=MAX_WORDS, least=1)
        return tuple(read_text(word, f"{path}[{i}]", most=40) for i, word in enumerate(words))
    if unit in (Unit.DAYS, Unit.COUNT):
        return read_whole(value, path, most=int(LARGEST[unit]))
    return read_number(value, path, most=LARGEST[unit])
