"""What the reader of the table of proposals refuses, and the path that it names."""

from typing import Any

import pytest

from backoffice.core.errors import InvalidInput
from cases.enums import DecisionKind
from cases.rules.policy.parser import parse_policy
from cases.rules.policy.proposal_parser import TERMS, WAYS_BACK, read_proposals
from tests.factories.policy import make_rule, policy_body
from tests.factories.proposals import asked, rest, row, taking

CASE = asked("capacity", "ABLE")


def giving(*decisions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return row("ROW", CASE, reasons=["HARDSHIP"], **({"decisions": list(decisions)} if decisions else {}), **more)


@pytest.mark.parametrize(
    ("rows", "field"),
    [
        ([], "proposals"),
        ("x", "proposals"),
        ([{**rest(), "priority": 1}], "proposals[0].priority"),
        ([{key: value for key, value in rest().items() if key != "result"}], "proposals[0].result"),
        ([row("ROW", {"feature": "attempts", "op": "gte", "value": 1})], "proposals[0].when.all[0].feature"),
        ([row("ROW", asked("gender", "F"))], "proposals[0].when.all[0].feature"),
        ([row("ROW", asked("cause", "WILFUL", "gte"))], "proposals[0].when.all[0].op"),
        ([row("ROW", asked("cooperative", "yes", "is"))], "proposals[0].when.all[0].value"),
        ([row("ROW", asked("cause_confidence", "1.1", "gte"))], "proposals[0].when.all[0].value"),
        ([row("ROW", CASE, reasons=[], next_step="CONTINUE_CONTACT")], "proposals[0].result.reasons"),
        ([row("ROW", CASE, reasons=["PAID"], next_step="CONTINUE_CONTACT")], "proposals[0].result.reasons[0]"),
        ([row("ROW", CASE, reasons=["HARDSHIP"], next_step="DECIDE")], "proposals[0].result.next_step"),
        ([row("ROW", CASE, reasons=["HARDSHIP"])], "proposals[0].result.next_step"),
        ([row("ROW", CASE, reasons=["HARDSHIP"], decisions=[])], "proposals[0].result.decisions"),
        ([giving({"kind": "GRACE", "days": 7}, next_step="CONTINUE_CONTACT")], "proposals[0].result.next_step"),
        ([giving({"kind": "CLOSE"})], "proposals[0].result.decisions[0].kind"),
        ([giving({"kind": "LIMIT_INCREASE"})], "proposals[0].result.decisions[0].kind"),
        ([giving({"kind": "GRACE", "days": 7}, {"kind": "GRACE", "days": 8})], "proposals[0].result.decisions[1].kind"),
        ([giving({"kind": "GRACE"})], "proposals[0].result.decisions[0].days"),
        ([giving({"kind": "GRACE", "days": 91})], "proposals[0].result.decisions[0].days"),
        ([giving({"kind": "GRACE", "days": 7, "flag": "HARDSHIP"})], "proposals[0].result.decisions[0].flag"),
        ([giving({"kind": "PLAN", "instalments": 61})], "proposals[0].result.decisions[0].instalments"),
        ([giving({"kind": "PLAN", "instalments": 6, "relief": "0.031"})], "proposals[0].result.decisions[0].relief"),
        ([giving({"kind": "RATE_RELIEF", "relief": "0", "days": 90})], "proposals[0].result.decisions[0].relief"),
        ([giving({"kind": "RATE_RELIEF", "relief": "0.01"})], "proposals[0].result.decisions[0].days"),
        ([giving({"kind": "RATE_RELIEF", "relief": "0.01", "days": 181})], "proposals[0].result.decisions[0].days"),
        ([giving({"kind": "SPECIAL_CARE", "flag": "DECEASED", "days": 9})], "proposals[0].result.decisions[0].flag"),
        ([giving({"kind": "LEGAL", "days": 180})], "proposals[0].result.decisions[0].way_back"),
        (
            [taking(decisions=[{"kind": "FREEZE", "days": 366, "way_back": "PAY_THE_ARREARS"}])],
            "proposals[0].result.decisions[0].days",
        ),
        (
            [taking(decisions=[{"kind": "FREEZE", "way_back": "PAY_THE_ARREARS"}])],
            "proposals[0].result.decisions[0].days",
        ),
        (
            [taking(decisions=[{"kind": "FREEZE", "days": 9, "way_back": "APPEAL"}])],
            "proposals[0].result.decisions[0].way_back",
        ),
        (
            [taking(decisions=[{"kind": "LIMIT_CUT", "percent": 51, "days": 9, "way_back": "PAY_THE_ARREARS"}])],
            "proposals[0].result.decisions[0].percent",
        ),
        ([rest("LARGE_ARREARS")], "proposals[0].code"),
        ([rest(), rest()], "proposals[1].code"),
    ],
)
def test_a_faulty_table_is_refused_at_its_place(rows: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_policy(policy_body(proposals=rows))

    assert caught.value.field == field


def test_a_fact_of_a_verification_is_asked_in_proposals_only() -> None:
    for section in ({"rules": [make_rule(when=CASE)]}, {"gate": CASE}):
        with pytest.raises(InvalidInput):
            parse_policy(policy_body(**section))


def test_a_row_keeps_its_terms() -> None:
    (read,) = read_proposals([taking(kind="LIMIT_CUT")], "proposals")

    (decision,) = read.decisions
    assert (decision.kind, decision.percent, decision.days, decision.way_back) == (
        "LIMIT_CUT",
        20,
        180,
        "PAY_THE_ARREARS",
    )
    assert read.next_step == "DECIDE"


@pytest.mark.parametrize("name", ["firm_confidence", "plan_offer_days", "plan_first_share"])
@pytest.mark.parametrize("value", ["0.79", "91", "0.11", "x", None])
def test_numbers_out_of_their_bounds_are_refused(name: str, value: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        parse_policy(policy_body(parameters={name: value}))

    assert caught.value.field == f"parameters.{name}"


def test_every_kind_of_the_table_has_terms_and_restrictions_a_way_back() -> None:
    assert set(TERMS) <= set(DecisionKind.values)
    assert {kind for kind, (needed, _more) in TERMS.items() if "way_back" in needed} == set(WAYS_BACK)
