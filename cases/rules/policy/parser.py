"""Read a policy's JSON body strictly into the frozen values of body.py; all other code trusts those values."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from types import MappingProxyType
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from backoffice.core.errors import InvalidInput
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
from cases.rules.policy.misplaced_conditions import misplaced

MAX_DEPTH: Final = 6
MAX_CONDITIONS: Final = 60
MAX_RULES: Final = 40
MAX_WORDS: Final = 40
CODE: Final = re.compile(r"[A-Z][A-Z0-9_]{1,39}")
CURRENCY: Final = re.compile(r"[A-Z]{3}")
# Characters that the database's JSON cannot hold or that no page can show.
UNWRITABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")

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
    top = _mapping(
        body,
        "",
        required=("currency", "rates", "gate", "rules"),
        optional=("parameters", "rewards", "restrictions", "caps"),
    )
    currency = _text(top["currency"], "currency", pattern=CURRENCY)
    rules = tuple(_rule(item, f"rules[{i}]") for i, item in enumerate(_list(top["rules"], "rules")))
    rewards = _standing(top.get("rewards", []), "rewards", REWARD_KINDS)
    restrictions = _standing(top.get("restrictions", []), "restrictions", RESTRICTION_KINDS)
    seen: set[str] = set()
    coded: dict[str, tuple[Rule, ...] | tuple[StandingRule, ...]]
    coded = {"rules": rules, "rewards": rewards, "restrictions": restrictions}
    for name, items in coded.items():
        for i, code in enumerate([item.code for item in items]):
            if code in seen:
                raise _bad(_("This code is used twice."), f"{name}[{i}].code")
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


def _bad(message: str | Promise, path: str) -> InvalidInput:
    return InvalidInput(f"{path}: {message}" if path else message, field=path or "body")


def _mapping(value: Any, path: str, *, required: Sequence[str] = (), optional: Sequence[str] = ()) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise _bad(_("An object is expected here."), path)
    inside = f"{path}." if path else ""
    for key in value:
        if key not in required and key not in optional:
            raise _bad(_("This name is not known here."), f"{inside}{str(key)[:60]}")
    for key in required:
        if key not in value:
            raise _bad(_("This is missing."), f"{inside}{key}")
    return value


def _list(value: Any, path: str, *, most: int = MAX_RULES, least: int = 0) -> list[Any]:
    if not isinstance(value, list):
        raise _bad(_("A list is expected here."), path)
    if not least <= len(value) <= most:
        raise _bad(_("From {least} to {most} entries are allowed here.").format(least=least, most=most), path)
    return value


def _text(value: Any, path: str, *, pattern: re.Pattern[str] | None = None, most: int = 80) -> str:
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise _bad(_("A text of at most {most} characters is expected here.").format(most=most), path)
    if UNWRITABLE.search(value):
        raise _bad(_("This text holds a character that cannot be written."), path)
    if pattern is not None and not pattern.fullmatch(value):
        raise _bad(_("This is not written as a code."), path)
    return value


def _number(value: Any, path: str, *, least: Decimal | int = 0, most: Decimal | int) -> Decimal:
    number = None
    # A decimal may be written as text, so that no digit is lost. A JSON float is read by its shortest decimal form.
    if isinstance(value, int | float | str) and not isinstance(value, bool) and len(str(value)) <= 30:
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            number = None
    if number is None or not number.is_finite():
        raise _bad(_("A number is expected here."), path)
    if not least <= number <= most:
        raise _bad(_("A number from {least} to {most} is expected here.").format(least=least, most=most), path)
    return number


def _whole(value: Any, path: str, *, least: int = 0, most: int) -> int:
    number = _number(value, path, least=least, most=most)
    if number != number.to_integral_value():
        raise _bad(_("A whole number is expected here."), path)
    return int(number)


def _flag(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise _bad(_("Yes or no (true or false) is expected here."), path)
    return value


def _title(value: Any, path: str) -> Title:
    both = _mapping(value, path, required=("en", "zh"))
    return Title(en=_text(both["en"], f"{path}.en"), zh=_text(both["zh"], f"{path}.zh"))


def _tree(value: Any, path: str, *, place: Place) -> Tree:
    tree = _node(value, path, depth=1)
    if len(leaves(tree)) > MAX_CONDITIONS:
        raise _bad(_("At most {most} conditions are allowed here.").format(most=MAX_CONDITIONS), path)
    for where, message in misplaced(tree, place=place, path=path):
        raise _bad(message, where)
    return tree


def _node(value: Any, path: str, *, depth: int) -> Tree:
    if depth > MAX_DEPTH:
        raise _bad(_("Conditions may be nested {most} deep.").format(most=MAX_DEPTH), path)
    node = _mapping(value, path, optional=("all", "any", "not", "feature", "op", "value"))
    for word, kind in (("all", AllOf), ("any", AnyOf)):
        if word in node:
            _mapping(value, path, required=(word,))
            parts = _list(node[word], f"{path}.{word}", most=MAX_CONDITIONS, least=1)
            return kind(parts=tuple(_node(p, f"{path}.{word}[{i}]", depth=depth + 1) for i, p in enumerate(parts)))
    if "not" in node:
        _mapping(value, path, required=("not",))
        return Not(part=_node(node["not"], f"{path}.not", depth=depth + 1))
    return _condition(node, path)


def _condition(node: Mapping[str, Any], path: str) -> Condition:
    node = _mapping(node, path, required=("feature", "op", "value"))
    name = _text(node["feature"], f"{path}.feature")
    if name.lower() in PROTECTED_TRAITS:
        raise _bad(_("A protected trait is never a reason: {name}.").format(name=name), f"{path}.feature")
    feature = FEATURES.get(name)
    if feature is None or not feature.in_rules:
        raise _bad(_("No such feature: {name}.").format(name=name), f"{path}.feature")
    allowed = OPS[feature.unit]
    op = node["op"]
    if op not in allowed:
        raise _bad(_("Operators allowed here: {ops}.").format(ops=", ".join(allowed)), f"{path}.op")
    return Condition(feature=name, op=op, value=_value(node["value"], f"{path}.value", unit=feature.unit, op=op))


def _value(value: Any, path: str, *, unit: Unit, op: str) -> Decimal | int | bool | str | tuple[str, ...]:
    if unit == Unit.FLAG:
        return _flag(value, path)
    if unit == Unit.WORD:
        if op not in ("in", "not_in"):
            return _text(value, path, most=40)
        words = _list(value, path, most=MAX_WORDS, least=1)
        return tuple(_text(word, f"{path}[{i}]", most=40) for i, word in enumerate(words))
    if unit in (Unit.DAYS, Unit.COUNT):
        return _whole(value, path, most=int(LARGEST[unit]))
    return _number(value, path, most=LARGEST[unit])


def _rule(value: Any, path: str) -> Rule:
    item = _mapping(value, path, required=("code", "title", "priority", "needs_visit", "when"))
    return Rule(
        code=_text(item["code"], f"{path}.code", pattern=CODE),
        title=_title(item["title"], f"{path}.title"),
        priority=_whole(item["priority"], f"{path}.priority", least=1, most=3),
        needs_visit=_flag(item["needs_visit"], f"{path}.needs_visit"),
        when=_tree(item["when"], f"{path}.when", place=Place.RULES),
    )


def _standing(value: Any, path: str, kinds: tuple[str, ...]) -> tuple[StandingRule, ...]:
    rules = []
    for i, entry in enumerate(_list(value, path)):
        at = f"{path}[{i}]"
        item = _mapping(entry, at, required=("code", "title", "when", "effect"))
        rules.append(
            StandingRule(
                code=_text(item["code"], f"{at}.code", pattern=CODE),
                title=_title(item["title"], f"{at}.title"),
                when=_tree(item["when"], f"{at}.when", place=Place(path)),
                effect=_effect(item["effect"], f"{at}.effect", kinds),
            )
        )
    return tuple(rules)


def _effect(value: Any, path: str, kinds: tuple[str, ...]) -> Effect:
    item = _mapping(value, path, required=("kind",), optional=("percent", "points", "max_amount", "expires_days"))
    kind = item["kind"]
    if kind not in kinds:
        raise _bad(_("Effects allowed here: {kinds}.").format(kinds=", ".join(kinds)), f"{path}.kind")
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
    _mapping(value, path, required=("kind", *needed), optional=extra)
    return Effect(
        kind=kind,
        percent=_number(item["percent"], f"{path}.percent", least=1, most=100) if "percent" in item else None,
        points=_number(item["points"], f"{path}.points", most=Decimal("0.05")) if "points" in item else None,
        max_amount=_number(item["max_amount"], f"{path}.max_amount", most=LARGEST[Unit.MONEY])
        if "max_amount" in item
        else None,
        expires_days=_whole(item["expires_days"], f"{path}.expires_days", least=1, most=1830)
        if "expires_days" in item
        else None,
    )


def _rates(value: Any, currency: str) -> Mapping[str, Decimal]:
    if not isinstance(value, Mapping) or not 1 <= len(value) <= MAX_WORDS:
        raise _bad(_("An object of currencies is expected here."), "rates")
    rates = {}
    for code, rate in value.items():
        path = f"rates.{str(code)[:10]}"
        rates[_text(code, path, pattern=CURRENCY)] = _number(rate, path, least=Decimal("0.000001"), most=1_000_000)
    if rates.get(currency) != 1:
        raise _bad(_("The policy's own currency has the rate 1."), f"rates.{currency}")
    return MappingProxyType(rates)


def _parameters(value: Any) -> Parameters:
    item = _mapping(value, "parameters", optional=("grade_a_amount", "grade_b_amount", "sla_days", "visit_days"))
    values: dict[str, Any] = {}
    for name in ("grade_a_amount", "grade_b_amount"):
        if name in item:
            values[name] = _number(item[name], f"parameters.{name}", most=LARGEST[Unit.MONEY])
    for name in ("sla_days", "visit_days"):
        if name in item:
            path = f"parameters.{name}"
            days = _mapping(item[name], path, required=("1", "2", "3"))
            values[name] = MappingProxyType(
                {int(p): _whole(d, f"{path}.{p}", least=1, most=180) for p, d in days.items()}
            )
    parameters = Parameters(**values)
    if parameters.grade_b_amount > parameters.grade_a_amount:
        raise _bad(_("Grade A begins above grade B."), "parameters.grade_a_amount")
    return parameters


def _caps(value: Any) -> Caps:
    # Largest steps of rate relief and limits (domain 5.2 and table b). A policy may only set lower ones.
    bounds = {
        "max_share_rewarded": Decimal(1),
        "max_share_restricted": Decimal(1),
        "rate_step": Decimal("0.005"),
        "rate_max": Decimal("0.03"),
        "max_limit_percent": Decimal(50),
    }
    item = _mapping(value, "caps", optional=tuple(bounds))
    return Caps(**{name: _number(item[name], f"caps.{name}", most=bounds[name]) for name in bounds if name in item})
