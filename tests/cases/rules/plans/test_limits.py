"""Limits of plans."""

from decimal import Decimal

import pytest

from cases.rules.plans.limits import allowed_count, allowed_rate


def test_allowed_count_keeps_instalments_at_the_token_payment():
    assert allowed_count(total=Decimal(250), wanted=24) == 2
    assert allowed_count(total=Decimal(20), wanted=24) == 1
    assert allowed_count(total=Decimal(10**6), wanted=99) == 60


@pytest.mark.parametrize(("rate", "allowed"), [("0.2401", "0.24"), ("0.24", "0.24"), ("0.18", "0.18"), ("-0.01", "0")])
def test_allowed_rate_is_under_the_cap(rate, allowed):
    assert allowed_rate(Decimal(rate)) == Decimal(allowed)
