"""Read a policy's JSON body strictly into the frozen values of body.py; all other code trusts those values."""

import re
from collections.abc import Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.rules.plans.limits import MAX_FIRST_SHARE
from cases.rules.policy.body import Caps, Effect, Parameters, PolicyRules, ProposalRow, Rule, StandingRule
from cases.rules.policy.feature import Place, Unit
from cases.rules.policy.features import RESTRICTION_KINDS, REWARD_KINDS
from cases.rules.policy.json_values import (
    read_flag,
    read_list,
    read_number,
    read_object,
    read_text,
    read_whole,
    refused_at,
)
from cases.rules.policy.proposal_parser import read_proposals
from cases.rules.policy.tree_parser import CODE, LARGEST, MAX_WORDS, read_title, read_tree

CURRENCY: Final = re.compile(r"[A-Z]{3}")
# House floor: no policy takes less sure a fact for firm. House bound: a plan on offer waits three months at most.
LEAST_FIRM: Final = Decimal("0.80")
MOST_OFFER_DAYS: Final = 90


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
        optional=("parameters", "rewards", "restrictions", "proposals", "caps"),
    )
    currency = read_text(top["currency"], "currency", pattern=CURRENCY)
    rules = tuple(_rule(item, f"rules[{i}]") for i, item in enumerate(read_list(top["rules"], "rules")))
    rewards = _standing(top.get("rewards", []), "rewards", REWARD_KINDS)
    restrictions = _standing(top.get("restrictions", []), "restrictions", RESTRICTION_KINDS)
    proposals = read_proposals(top["proposals"], "proposals") if "proposals" in top else ()
    seen: set[str] = set()
    coded: dict[str, tuple[Rule | StandingRule | ProposalRow, ...]]
    coded = {"rules": rules, "rewards": rewards, "restrictions": restrictions, "proposals": proposals}
    for name, items in coded.items():
        for i, code in enumerate([item.code for item in items]):
            if code in seen:
                raise refused_at(_("This code is used twice."), f"{name}[{i}].code")
            seen.add(code)
    return PolicyRules(
        currency=currency,
        rates=_rates(top["rates"], currency),
        parameters=read_parameters(top.get("parameters", {})),
        gate=read_tree(top["gate"], "gate", place=Place.GATE),
        rules=rules,
        rewards=rewards,
        restrictions=restrictions,
        proposals=proposals,
        caps=_caps(top.get("caps", {})),
    )


def _rule(value: Any, path: str) -> Rule:
    item = read_object(value, path, required=("code", "title", "priority", "needs_visit", "when"))
    return Rule(
        code=read_text(item["code"], f"{path}.code", pattern=CODE),
        title=read_title(item["title"], f"{path}.title"),
        priority=read_whole(item["priority"], f"{path}.priority", least=1, most=3),
        needs_visit=read_flag(item["needs_visit"], f"{path}.needs_visit"),
        when=read_tree(item["when"], f"{path}.when", place=Place.RULES),
    )


def _standing(value: Any, path: str, kinds: tuple[str, ...]) -> tuple[StandingRule, ...]:
    rules = []
    for i, entry in enumerate(read_list(value, path)):
        at = f"{path}[{i}]"
        item = read_object(entry, at, required=("code", "title", "when", "effect"))
        rules.append(
            StandingRule(
                code=read_text(item["code"], f"{at}.code", pattern=CODE),
                title=read_title(item["title"], f"{at}.title"),
                when=read_tree(item["when"], f"{at}.when", place=Place(path)),
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


def read_parameters(value: Any) -> Parameters:
    """Return grades, days and the parameters of proposals. :raises InvalidInput: if one is out of its bounds."""
    optional = (
        "grade_a_amount",
        "grade_b_amount",
        "sla_days",
        "visit_days",
        "max_figures_age_days",
        "firm_confidence",
        "plan_offer_days",
        "plan_first_share",
    )
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
    if "firm_confidence" in item:
        path = "parameters.firm_confidence"
        values["firm_confidence"] = read_number(item["firm_confidence"], path, least=LEAST_FIRM, most=1)
    if "plan_offer_days" in item:
        path = "parameters.plan_offer_days"
        values["plan_offer_days"] = read_whole(item["plan_offer_days"], path, least=1, most=MOST_OFFER_DAYS)
    if "plan_first_share" in item:
        path = "parameters.plan_first_share"
        values["plan_first_share"] = read_number(item["plan_first_share"], path, most=MAX_FIRST_SHARE)
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
