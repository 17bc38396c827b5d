"""
The house's table from verified facts to proposals. It is part of the shipped policy, and holds for versions without a table.

Each number is a house value unless its comment names a source ("5.3" is a part of the domain notes). A lender's lawyers and
risk committee confirm the table before use, and a lender writes its own in the policy editor.
"""

from typing import Any, Final


def _is(feature: str, value: str) -> dict[str, Any]:
    return {"feature": feature, "op": "eq", "value": value}


def _one_of(feature: str, *values: str) -> dict[str, Any]:
    return {"feature": feature, "op": "in", "value": list(values)}


def _row(code: str, en: str, zh: str, when: dict[str, Any], **result: Any) -> dict[str, Any]:
    return {"code": code, "title": {"en": en, "zh": zh}, "when": when, "result": result}


def _grace(days: int) -> list[dict[str, Any]]:
    return [{"kind": "GRACE", "days": days}]


def _plan(instalments: int, **more: str) -> list[dict[str, Any]]:
    return [{"kind": "PLAN", "instalments": instalments, **more}]


_COOPERATES: Final = {"feature": "cooperative", "op": "is", "value": True}
_HARDSHIP: Final = {
    "any": [_is("cause", "FORCE_MAJEURE"), {"feature": "hardship_told", "op": "is", "value": True}],
}

DEFAULT_PROPOSALS: Final[list[dict[str, Any]]] = [
    _row(
        "HARDSHIP_WITH_MEANS",
        "In hardship, can pay a part",
        "遇到困难，可部分还款",
        {"all": [_HARDSHIP, _one_of("capacity", "ABLE", "PARTLY_ABLE")]},
        reasons=["HARDSHIP", "PARTLY_ABLE"],
        decisions=_plan(36, relief="0.03"),
    ),
    _row(
        "HARDSHIP_UNABLE",
        "In hardship and surely unable to pay",
        "遇到困难且确实无力还款",
        {"all": [_HARDSHIP, _is("capacity", "UNABLE"), _is("capacity_certainty", "FIRM")]},
        reasons=["HARDSHIP_AND_UNABLE"],
        decisions=[{"kind": "SPECIAL_CARE", "flag": "HARDSHIP", "days": 90}],
    ),
    # 5.3: the first thirty days ask for no proof.
    _row("HARDSHIP_TOLD", "In hardship", "遇到困难", _HARDSHIP, reasons=["HARDSHIP"], decisions=_grace(30)),
    _row(
        "NO_MEANS",
        "Unable to pay",
        "无力还款",
        _is("capacity", "UNABLE"),
        reasons=["UNABLE_TO_PAY"],
        decisions=_grace(30),
    ),
    _row(
        "WITHHELD_PROVEN",
        "Withheld on purpose, with firm evidence",
        "有能力而故意不还，证据确凿",
        {
            "all": [
                _is("identity", "CONFIRMED"),
                _is("cause", "WILFUL"),
                _is("cause_certainty", "FIRM"),
                _is("capacity", "ABLE"),
                _is("capacity_certainty", "FIRM"),
            ]
        },
        reasons=["ABLE_WITH_EVIDENCE", "WILFUL_WITH_EVIDENCE"],
        decisions=[
            {"kind": "LEGAL", "days": 180, "way_back": "SETTLE_OR_AGREE_A_PLAN"},
            {"kind": "FREEZE", "days": 180, "way_back": "THREE_PAYMENTS_ON_TIME"},
        ],
    ),
    _row(
        "WITHHELD_UNPROVEN",
        "Withheld on purpose, the evidence is weak",
        "疑似故意不还，证据不足",
        {"all": [_is("cause", "WILFUL"), _is("capacity", "ABLE")]},
        reasons=["EVIDENCE_TOO_WEAK"],
        next_step="GATHER_EVIDENCE",
    ),
    _row(
        "PART_OF_MEANS",
        "Can pay a part",
        "可部分还款",
        _is("capacity", "PARTLY_ABLE"),
        reasons=["PARTLY_ABLE"],
        decisions=_plan(24),
    ),
    _row(
        "SHORT_AND_COOPERATES",
        "Short for a while, able and cooperating",
        "暂时周转困难，有能力且配合",
        {"all": [_is("cause", "TEMPORARY"), _is("capacity", "ABLE"), _COOPERATES]},
        reasons=["TEMPORARY_SHORTAGE"],
        decisions=_grace(7),
    ),
    _row(
        "SHORT_FOR_A_WHILE",
        "Short for a while",
        "暂时周转困难",
        _is("cause", "TEMPORARY"),
        reasons=["TEMPORARY_SHORTAGE"],
        decisions=_plan(6),
    ),
    _row(
        "ABLE_AND_COOPERATES",
        "Able and cooperating",
        "有能力且配合",
        {"all": [_is("capacity", "ABLE"), _COOPERATES]},
        reasons=["ABLE_AND_COOPERATIVE"],
        decisions=_grace(7),
    ),
    _row(
        "ADDRESS_DOUBTED",
        "The address is doubtful or refuted",
        "地址存疑或不实",
        _one_of("residence", "REFUTED", "DOUBTFUL"),
        reasons=["ADDRESS_TO_REPAIR"],
        next_step="REPAIR_ADDRESS",
    ),
    _row(
        "EVERYTHING_ELSE",
        "Everything else",
        "其他情况",
        {"feature": "days_past_due", "op": "gte", "value": 0},
        reasons=["NOTHING_ESTABLISHED"],
        next_step="CONTINUE_CONTACT",
    ),
]
