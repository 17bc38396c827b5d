"""Read a policy's JSON body strictly into the frozen values of body.py; all other code trusts those values."""

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.rules.policy.body import (
    AllOf,
    AnyOf,
    Caps,
    Condition,
    Effect,
    Not,
    Parameters,
    PolicyRules,
    Rule,
    StandingRule,
    Title,
    Tree,
    leaves,
)
from cases.rules.policy.features import (
    FEATURES,
    LARGEST_COUNT,
    PROTECTED_TRAITS,
    RESTRICTION_KINDS,
    REWARD_KINDS,
    Place,
    Unit,
)
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

MAX_DEPTH: Final = 6
MAX_CONDITIONS: Final = 60
MAX_WORDS: Final = 40
CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{1,39}")
CURRENCY: Final = re.compile(r"[A-Z]{3}")

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


def parse_policy(body: Any) -> PolicyRules:
    """
    Return the policy that `body`, a value read from JSON, describes.

    :raises InvalidInput: if a part is unknown, missing, too large or of the wrong type; `field` is its path, such as
        rules[2].when.all[0].value.
    """
    top = read_object(
        body,
        "",
        required=("currency", "rates", "gate", "rules"),
        optional=("parameters", "rewards", "restrictions", "caps"),
    )
    currency = read_text(top["currency"], "currency", pattern=CURRENCY)
    rules = tuple(_rule(item, f"rules[{i}]") for i, item in enumerate(read_list(top["rules"], "rules")))
    rewards = _standing(top.get("rewards", []), "rewards", REWARD_KINDS)
    restrictions = _standing(top.get("restrictions", []), "restrictions", RESTRICTION_KINDS)
    seen: set[str] = set()
    coded: dict[str, tuple[Rule, ...] | tuple[StandingRule, ...]]
    coded = {"rules": rules, "rewards": rewards, "restrictions": restrictions}
    for name, items in coded.items():
        for i, code in enumerate([item.code for item in items]):
            if code in seen:
                raise refused_at(_("This code is used twice."), f"{name}[{i}].code")
            seen.add(code)
    return PolicyRules(
        currency=currency,
        rates=_rates(top["rates"], currency),
        parameters=_parameters(top.get("parameters", {})),
        gate=_tree(top["gate"], "gate", place=Place.GATE),
        rules=rules,
        rewards=rewards,
        restrictions=restrictions,
        caps=_caps(top.get("caps", {})),
    )


def _title(value: Any, path: str) -> Title:
    both = read_object(value, path, required=("en", "zh"))
    return Title(en=read_text(both["en"], f"{path}.en"), zh=read_text(both["zh"], f"{path}.zh"))


def _tree(value: Any, path: str, *, place: Place) -> Tree:
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
    feature = FEATURES.get(name)
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


def _rule(value: Any, path: str) -> Rule:
    item = read_object(value, path, required=("code", "title", "priority", "needs_visit", "when"))
    return Rule(
        code=read_text(item["code"], f"{path}.code", pattern=CODE),
        title=_title(item["title"], f"{path}.title"),
        priority=read_whole(item["priority"], f"{path}.priority", least=1, most=3),
        needs_visit=read_flag(item["needs_visit"], f"{path}.needs_visit"),
        when=_tree(item["when"], f"{path}.when", place=Place.RULES),
    )


def _standing(value: Any, path: str, kinds: tuple[str, ...]) -> tuple[StandingRule, ...]:
    rules = []
    for i, entry in enumerate(read_list(value, path)):
        at = f"{path}[{i}]"
        item = read_object(entry, at, required=("code", "title", "when", "effect"))
        rules.append(
            StandingRule(
                code=read_text(item["code"], f"{at}.code", pattern=CODE),
                title=_title(item["title"], f"{at}.title"),
                when=_tree(item["when"], f"{at}.when", place=Place(path)),
                effect=_effect(item["effect"], f"{at}.effect", kinds),
            )
        )
    return tuple(rules)


def _effect(value: Any, path: str, kinds: tuple[str, ...]) -> Effect:
    item = read_object(value, path, required=("kind",), optional=("percent", "points", "max_amount", "expires_days"))
    kind = item["kind"]
    if kind not in kinds:
        raise refused_at(_("Effects allowed here: {kinds}.").format(kinds=", ".join(kinds)), f"{path}.kind")
    needed = {
        "LIMIT_INCREASE": ("percent",),
        "LIMIT_CUT": ("percent", "expires_days"),
        "FREEZE": ("expires_days",),
        "RATE_REDUCTION": ("points",),
    }[kind]
    extra = {
        "LIMIT_INCREASE": ("max_amount", "expires_days"),
        "LIMIT_CUT": ("max_amount",),
        "FREEZE": (),
        "RATE_REDUCTION": ("expires_days",),
    }[kind]
    read_object(value, path, required=("kind", *needed), optional=extra)
    return Effect(
        kind=kind,
        percent=read_number(item["percent"], f"{path}.percent", least=1, most=100) if "percent" in item else None,
        points=read_number(item["points"], f"{path}.points", most=Decimal("0.05")) if "points" in item else None,
        max_amount=read_number(item["max_amount"], f"{path}.max_amount", most=LARGEST[Unit.MONEY])
        if "max_amount" in item
        else None,
        expires_days=read_whole(item["expires_days"], f"{path}.expires_days", least=1, most=1830)
        if "expires_days" in item
        else None,
    )


def _rates(value: Any, currency: str) -> Mapping[str, Decimal]:
    if not isinstance(value, Mapping) or not 1 <= len(value) <= MAX_WORDS:
        raise refused_at(_("An object of currencies is expected here."), "rates")
    rates = {}
    for code, rate in value.items():
        path = f"rates.{str(code)[:10]}"
        rates[read_text(code, path, pattern=CURRENCY)] = read_number(
            rate, path, least=Decimal("0.000001"), most=1_000_000
        )
    if rates.get(currency) != 1:
        raise refused_at(_("The policy's own currency has the rate 1."), f"rates.{currency}")
    return MappingProxyType(rates)


def _parameters(value: Any) -> Parameters:
    optional = ("grade_a_amount", "grade_b_amount", "sla_days", "visit_days", "max_figures_age_days")
    item = read_object(value, "parameters", optional=optional)
    values: dict[str, Any] = {}
    for name in ("grade_a_amount", "grade_b_amount"):
        if name in item:
            values[name] = read_number(item[name], f"parameters.{name}", most=LARGEST[Unit.MONEY])
    for name in ("sla_days", "visit_days"):
        if name in item:
            path = f"parameters.{name}"
            days = read_object(item[name], path, required=("1", "2", "3"))
            values[name] = MappingProxyType(
                {int(p): read_whole(d, f"{path}.{p}", least=1, most=180) for p, d in days.items()}
            )
    if "max_figures_age_days" in item:
        path = "parameters.max_figures_age_days"
        values["max_figures_age_days"] = read_whole(item["max_figures_age_days"], path, least=1, most=365)
    parameters = Parameters(**values)
    if parameters.grade_b_amount > parameters.grade_a_amount:
        raise refused_at(_("Grade A begins above grade B."), "parameters.grade_a_amount")
    return parameters


def _caps(value: Any) -> Caps:
    # Largest steps of rate relief and limits (domain 5.2 and table b). A policy may only set lower ones.
    bounds = {
        "max_share_rewarded": Decimal(1),
        "max_share_restricted": Decimal(1),
        "max_exposure_share": Decimal(1),
        "rate_step": Decimal("0.005"),
        "rate_max": Decimal("0.03"),
        "max_limit_percent": Decimal(50),
    }
    item = read_object(value, "caps", optional=tuple(bounds))
    return Caps(**{name: read_number(item[name], f"caps.{name}", most=bounds[name]) for name in bounds if name in item})
