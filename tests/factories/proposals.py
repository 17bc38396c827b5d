"""Short ways to write rows of a policy's table of proposals."""

from typing import Any

FIRM = (
    {"feature": "identity", "op": "eq", "value": "CONFIRMED"},
    {"feature": "cause", "op": "eq", "value": "WILFUL"},
    {"feature": "cause_certainty", "op": "eq", "value": "FIRM"},
    {"feature": "capacity", "op": "eq", "value": "ABLE"},
    {"feature": "capacity_certainty", "op": "eq", "value": "FIRM"},
    {"feature": "hardship_told", "op": "is", "value": False},
)
TAKEN = ("ABLE_WITH_EVIDENCE", "WILFUL_WITH_EVIDENCE")


def asked(feature: str, value: Any, op: str = "") -> dict[str, Any]:
    """Return one condition: equal to a word, or a flag."""
    return {"feature": feature, "op": op or ("is" if isinstance(value, bool) else "eq"), "value": value}


def row(code: str, *when: dict[str, Any], **result: Any) -> dict[str, Any]:
    """Return a row that asks for all of `when`; it gives grace unless told otherwise."""
    given = result or {"reasons": ["HARDSHIP"], "decisions": [{"kind": "GRACE", "days": 30}]}
    return {"code": code, "title": {"en": code, "zh": code}, "when": {"all": list(when)}, "result": given}


def taking(code: str = "TAKES", *when: dict[str, Any], kind: str = "FREEZE", **changes: Any) -> dict[str, Any]:
    """Return a row with one restriction, on firm facts unless `when` says otherwise."""
    decision = {"kind": kind, "days": 180, "way_back": "PAY_THE_ARREARS"}
    if kind == "LIMIT_CUT":
        decision["percent"] = 20
    given = {"reasons": list(TAKEN), "decisions": [decision]} | changes
    return row(code, *(when or FIRM), **given)


def rest(code: str = "REST") -> dict[str, Any]:
    """Return the row that fits everything."""
    when = {"feature": "days_past_due", "op": "gte", "value": 0}
    return row(code, when, reasons=["NOTHING_ESTABLISHED"], next_step="CONTINUE_CONTACT")
