"""The table that a version decides by: its own, or the house's where it has none."""

from decimal import Decimal

import pytest

from backoffice.core.errors import InvalidInput
from cases.rules.policy.parser import parse_policy
from cases.rules.policy.proposal_table import HOUSE_ROWS, HOUSE_TABLE, read_table, table_of
from tests.factories.policy import policy_body
from tests.factories.proposals import rest


@pytest.mark.parametrize("body", [{}, None, {"rules": "broken"}, {"parameters": {"grade_a_amount": "1"}}])
def test_a_version_without_a_table_decides_by_the_houses(body: object) -> None:
    assert read_table(body) == HOUSE_TABLE


def test_the_shipped_policy_says_the_houses_table_itself() -> None:
    assert read_table(policy_body()) == HOUSE_TABLE
    assert table_of(parse_policy(policy_body())) == HOUSE_TABLE


def test_a_version_decides_by_its_own_rows_and_numbers() -> None:
    numbers = {"firm_confidence": "0.95", "plan_offer_days": 14, "plan_first_share": "0"}
    body = policy_body(proposals=[rest()], parameters=numbers)

    table = read_table(body)

    assert [row.code for row in table.rows] == ["REST"]
    assert (table.firm_confidence, table.plan_offer_days, table.plan_first_share) == (Decimal("0.95"), 14, Decimal(0))
    assert table_of(parse_policy(body)) == table


def test_numbers_without_rows_go_with_the_houses_rows() -> None:
    body = policy_body(parameters={"firm_confidence": "0.9"})
    del body["proposals"]

    assert read_table(body).rows == HOUSE_ROWS
    assert table_of(parse_policy(body)).firm_confidence == Decimal("0.9")


def test_a_broken_table_is_refused() -> None:
    with pytest.raises(InvalidInput):
        read_table({"proposals": []})
