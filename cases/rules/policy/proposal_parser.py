"""Read the table from verified facts to proposals of a policy's body: its rows, and the terms of what they propose."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.enums import DecisionKind, FlagKind
from cases.rules.plans.limits import MAX_INSTALMENTS
from cases.rules.policy.body import ProposalRow, ProposedDecision
from cases.rules.policy.feature import Place
from cases.rules.policy.json_values import read_list, read_number, read_object, read_text, read_whole, refused_at
from cases.rules.policy.tree_parser import CODE, read_title, read_tree
from cases.rules.terms import MOST_RATE_OFF, RATE_STEP

# The terms of each kind: the first must be given, the second may be.
TERMS: Final[Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]]] = MappingProxyType(
    {
        DecisionKind.GRACE.value: (("days",), ()),
        DecisionKind.PLAN.value: (("instalments",), ("relief",)),
        DecisionKind.RATE_RELIEF.value: (("relief", "days"), ()),
        DecisionKind.SPECIAL_CARE.value: (("flag", "days"), ()),
        DecisionKind.LEGAL.value: (("days", "way_back"), ()),
        DecisionKind.FREEZE.value: (("days", "way_back"), ()),
        DecisionKind.LIMIT_CUT.value: (("percent", "days", "way_back"), ()),
    }
)
# What an officer may propose at most (rules/approval_matrix.py); everything adverse ends within a year.
MOST_DAYS: Final[Mapping[str, int]] = MappingProxyType(
    {
        DecisionKind.GRACE.value: 90,
        DecisionKind.RATE_RELIEF.value: 180,
        DecisionKind.SPECIAL_CARE.value: 365,
        DecisionKind.LEGAL.value: 365,
        DecisionKind.FREEZE.value: 365,
        DecisionKind.LIMIT_CUT.value: 365,
    }
)
MOST_CUT: Final = 50
FLAGS: Final = (FlagKind.HARDSHIP.value, FlagKind.VULNERABLE.value)
# What ends a restriction (services/decisions/ending.py); the legal route stops with a plan too.
WAYS_BACK: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        DecisionKind.LEGAL.value: ("SETTLE_OR_AGREE_A_PLAN", "PAY_THE_ARREARS"),
        DecisionKind.FREEZE.value: ("THREE_PAYMENTS_ON_TIME", "PAY_THE_ARREARS"),
        DecisionKind.LIMIT_CUT.value: ("THREE_PAYMENTS_ON_TIME", "PAY_THE_ARREARS"),
    }
)
# Reasons that a verification can give. The others belong to what is decided before the table, or to other origins.
TABLE_REASONS: Final = (
    "HARDSHIP",
    "HARDSHIP_AND_UNABLE",
    "UNABLE_TO_PAY",
    "PARTLY_ABLE",
    "TEMPORARY_SHORTAGE",
    "ABLE_AND_COOPERATIVE",
    "ABLE_WITH_EVIDENCE",
    "WILFUL_WITH_EVIDENCE",
    "EVIDENCE_TOO_WEAK",
    "ADDRESS_TO_REPAIR",
    "NOTHING_ESTABLISHED",
)
# Next steps of a row that proposes nothing.
TABLE_STEPS: Final = ("CONTINUE_CONTACT", "GATHER_EVIDENCE", "REPAIR_ADDRESS")
MOST_DECISIONS: Final = 3


def read_proposals(value: Any, path: str) -> tuple[ProposalRow, ...]:
    """
    Return the rows of the table at `path`, in their order; there is at least one.

    :raises InvalidInput: if a part is unknown, missing, out of its bounds or of the wrong type.
    """
    return tuple(_row(item, f"{path}[{i}]") for i, item in enumerate(read_list(value, path, least=1)))


def _row(value: Any, path: str) -> ProposalRow:
    item = read_object(value, path, required=("code", "title", "when", "result"))
    at = f"{path}.result"
    result = read_object(item["result"], at, required=("reasons",), optional=("decisions", "next_step"))
    listed = (
        read_list(result["decisions"], f"{at}.decisions", most=MOST_DECISIONS, least=1) if "decisions" in result else []
    )
    decisions = tuple(_decision(each, f"{at}.decisions[{i}]") for i, each in enumerate(listed))
    kinds = [decision.kind for decision in decisions]
    for i, kind in enumerate(kinds):
        if kind in kinds[:i]:
            raise refused_at(_("This kind of decision stands twice."), f"{at}.decisions[{i}].kind")
    if decisions and "next_step" in result:
        raise refused_at(_("Where something is proposed the next step is the decision."), f"{at}.next_step")
    if not decisions and "next_step" not in result:
        raise refused_at(_("Without a proposal a next step is needed."), f"{at}.next_step")
    step = "DECIDE" if decisions else _one_of(result["next_step"], f"{at}.next_step", TABLE_STEPS)
    reasons = read_list(result["reasons"], f"{at}.reasons", most=MOST_DECISIONS, least=1)
    return ProposalRow(
        code=read_text(item["code"], f"{path}.code", pattern=CODE),
        title=read_title(item["title"], f"{path}.title"),
        when=read_tree(item["when"], f"{path}.when", place=Place.PROPOSALS),
        reasons=tuple(_one_of(each, f"{at}.reasons[{i}]", TABLE_REASONS) for i, each in enumerate(reasons)),
        decisions=decisions,
        next_step=step,
    )


def _decision(value: Any, path: str) -> ProposedDecision:
    every = ("kind", "days", "instalments", "relief", "percent", "flag", "way_back")
    item = read_object(value, path, required=("kind",), optional=every)
    kind = _one_of(item["kind"], f"{path}.kind", tuple(TERMS))
    needed, extra = TERMS[kind]
    read_object(value, path, required=("kind", *needed), optional=extra)
    # A plan may keep the rate; relief that lowers nothing is none.
    least_relief = RATE_STEP if kind == DecisionKind.RATE_RELIEF else 0
    read: Mapping[str, Callable[[Any, str], Any]] = {
        "days": lambda each, at: read_whole(each, at, least=1, most=MOST_DAYS[kind]),
        "instalments": lambda each, at: read_whole(each, at, least=1, most=MAX_INSTALMENTS),
        "relief": lambda each, at: read_number(each, at, least=least_relief, most=MOST_RATE_OFF),
        "percent": lambda each, at: read_number(each, at, least=1, most=MOST_CUT),
        "flag": lambda each, at: _one_of(each, at, FLAGS),
        "way_back": lambda each, at: _one_of(each, at, WAYS_BACK[kind]),
    }
    terms = {name: read[name](item[name], f"{path}.{name}") for name in (*needed, *extra) if name in item}
    return ProposedDecision(kind=kind, **terms)


def _one_of(value: Any, path: str, words: tuple[str, ...]) -> str:
    if value not in words:
        raise refused_at(_("One of these is expected here: {words}.").format(words=", ".join(words)), path)
    return str(value)
