"""What could still be drawn."""

from decimal import Decimal

import pytest

from cases.rules.exposure import undrawn, undrawn_by

ACCOUNT = {"limit": Decimal(60_000), "principal": Decimal(40_000), "status": "ACTIVE"}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, 20_000),
        ({"principal": Decimal(70_000)}, 0),
        ({"status": "FROZEN"}, 0),
        ({"status": "WRITTEN_OFF"}, 0),
    ],
)
def test_undrawn_is_what_an_active_account_has_left(change, expected):
    assert undrawn(**ACCOUNT | change) == expected


@pytest.mark.parametrize(
    ("terms", "expected"),
    [({}, 20_000), ({"LIMIT": "50000.00"}, 10_000), ({"LIMIT": "30000.00"}, 0), ({"STATUS": "FROZEN"}, 0)],
)
def test_undrawn_by_takes_the_terms_that_are_named(terms, expected):
    assert undrawn_by(terms=terms, **ACCOUNT) == expected
