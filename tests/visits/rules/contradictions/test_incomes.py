"""Figures of one income on several bases."""

from decimal import Decimal

import pytest

from visits.rules.comparison.matching import Match
from visits.rules.contradictions.incomes import IncomeBasis, compare_incomes, times_apart

STATED, PAID, INFLOW, BASE = IncomeBasis.STATED, IncomeBasis.PAID, IncomeBasis.INFLOW, IncomeBasis.BASE


@pytest.mark.parametrize(
    ("left", "left_basis", "right", "right_basis", "match"),
    [
        (10_000, STATED, 8_000, PAID, Match.SAME),
        (20_000, STATED, 8_000, PAID, Match.DIFFERENT),
        (3_000, STATED, 12_000, PAID, Match.DIFFERENT),
        # Contributions on less than the income are usual; on far more than it, they are not.
        (10_000, STATED, 4_000, BASE, Match.SAME),
        (10_000, STATED, 3_000, BASE, Match.DIFFERENT),
        (5_000, STATED, 8_000, BASE, Match.DIFFERENT),
        (5_000, BASE, 6_000, BASE, Match.SAME),
        # More may come in than is earned, but no more is earned than comes in.
        (5_000, STATED, 50_000, INFLOW, Match.SAME),
        (20_000, STATED, 9_000, INFLOW, Match.DIFFERENT),
        (5_000, INFLOW, 50_000, INFLOW, Match.UNKNOWN),
        (400, STATED, 100, PAID, Match.UNKNOWN),
    ],
)
def test_incomes(left, left_basis, right, right_basis, match):
    figures = {"left": Decimal(left), "left_basis": left_basis, "right": Decimal(right), "right_basis": right_basis}
    turned = {"left": Decimal(right), "left_basis": right_basis, "right": Decimal(left), "right_basis": left_basis}
    assert compare_incomes(**figures) == match
    assert compare_incomes(**turned) == match


def test_times_apart_is_bounded():
    assert times_apart(left=Decimal(4), right=Decimal(10)) == Decimal("2.5")
    assert times_apart(left=Decimal(0), right=Decimal(10)) == 10
    assert times_apart(left=Decimal(1), right=Decimal(1000)) == 10
