"""All-in rates on actual days."""

from datetime import date
from decimal import Decimal

import numpy_financial
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.plans.effective_rate import discounts, effective_rate, excess_at_cap


def test_effective_rate_is_that_of_a_published_example():
    # Microsoft's example of XIRR in Excel: 10,000 on 1 January 2008 and four payments give 37.34 % (0.373362535).
    paid_on = [date(2008, 3, 1), date(2008, 10, 30), date(2009, 2, 15), date(2009, 4, 1)]
    amounts = [Decimal(each) for each in (2750, 4250, 3250, 2750)]

    days = [(day - date(2008, 1, 1)).days for day in paid_on]
    assert effective_rate(total=Decimal(10000), amounts=amounts, days=days) == Decimal("0.37336")


@given(amounts=st.lists(st.integers(1, 10**9), min_size=1, max_size=60))
def test_effective_rate_of_yearly_payments_is_their_internal_rate(amounts):
    total = sum(amounts) * 4 // 5 + 1
    days = [365 * (number + 1) for number in range(len(amounts))]

    found = effective_rate(total=Decimal(total), amounts=[Decimal(each) for each in amounts], days=days)
    if sum(amounts) <= total:
        assert found == 0
    else:
        assert abs(numpy_financial.npv(float(found), [-total, *amounts])) <= total * 1e-5 * len(amounts)


def test_effective_rate_of_no_more_than_the_total_is_nothing():
    assert effective_rate(total=Decimal(100), amounts=[Decimal(50), Decimal(50)], days=[30, 60]) == 0


def test_effective_rate_of_payments_due_at_once_is_none():
    with pytest.raises(ValueError, match="at once"):
        effective_rate(total=Decimal(100), amounts=[Decimal(101)], days=[0])


def test_the_cap_is_met_to_the_minor_unit():
    # 1,000.00 owed for a year at 24 % is 1,240.00.
    worth = discounts(starts_on=date(2026, 3, 2), due_days=[date(2027, 3, 2)])

    found = [excess_at_cap(amounts=[each], discounts=worth, total=100_000) > 0 for each in (123_999, 124_001)]
    assert found == [False, True]
