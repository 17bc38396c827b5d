"""What a booking may take back: never more than is left, and only of the repayment that it names."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cases.rules.reversals import AskedReversal, KnownRepayment, KnownReversal, rule_on_reversals

PAID = date(2026, 3, 2)
REPAYMENTS = {"R1": KnownRepayment(account="A1", amount=Decimal(500), paid_on=PAID)}


def asked(ref: str = "V1", amount: int | None = None, **changes: Any) -> AskedReversal:
    money = None if amount is None else Decimal(amount)
    return AskedReversal(**{"ref": ref, "repayment": "R1", "amount": money, "reversed_on": PAID} | changes)


def ruled(*rows: AskedReversal, **standing: int) -> tuple[dict[str, Decimal], dict[str, tuple[str, str]]]:
    known = {ref: KnownReversal(repayment="R1", amount=Decimal(amount)) for ref, amount in standing.items()}
    ruling = rule_on_reversals(asked=rows, repayments=REPAYMENTS, standing=known)
    return ruling.amounts, {ref: (problem.field, problem.reason) for ref, problem in ruling.refused.items()}


def test_an_empty_amount_takes_the_whole_rest() -> None:
    assert ruled(asked()) == ({"V1": Decimal(500)}, {})
    assert ruled(asked("V2"), V1=200) == ({"V2": Decimal(300)}, {})


def test_the_same_row_again_takes_the_same() -> None:
    assert ruled(asked(), V1=500) == ({"V1": Decimal(500)}, {})
    assert ruled(asked(amount=200), V1=500) == ({"V1": Decimal(200)}, {})


def test_rows_are_ruled_on_one_after_the_other() -> None:
    amounts, refused = ruled(asked("V1", 300), asked("V2", 201), asked("V3", 200), asked("V4"))

    assert amounts == {"V1": Decimal(300), "V3": Decimal(200)}
    assert refused == {
        "V2": ("reversal.amount", "Only {rest} is left of the repayment."),
        "V4": ("reversal.repayment", "The repayment has been taken back already; nothing is left of it."),
    }


@pytest.mark.parametrize(
    ("changes", "field", "reason"),
    [
        ({"repayment": "R9"}, "reversal.repayment", "No such repayment. Take in the repayments first."),
        ({"account": "A9"}, "reversal.account", "The repayment that is taken back belongs to another account."),
        (
            {"reversed_on": date(2026, 3, 1)},
            "reversal.reversed_on",
            "The day lies before the repayment, which was paid on {paid_on}.",
        ),
        (
            {"section": "repayment", "reversed_on": date(2026, 3, 1)},
            "repayment.paid_on",
            "The day lies before the repayment, which was paid on {paid_on}.",
        ),
        (
            {"section": "repayment", "repayment": "R9"},
            "repayment.reverses",
            "No such repayment. Take in the repayments first.",
        ),
    ],
)
def test_a_row_is_refused_with_the_field_and_the_reason(changes: dict[str, Any], field: str, reason: str) -> None:
    assert ruled(asked(**changes)) == ({}, {"V1": (field, reason)})


def test_a_reference_never_moves_to_another_repayment() -> None:
    standing = {"V1": KnownReversal(repayment="R0", amount=Decimal(5))}

    ruling = rule_on_reversals(asked=[asked()], repayments=REPAYMENTS, standing=standing)

    assert (ruling.amounts, ruling.refused["V1"].reason) == (
        {},
        "The reference is in use for the reversal of another repayment.",
    )
