"""Payments in whole minor units."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.enums import PlanMethod
from cases.rules.plans.amounts import Step, TooSteep, payments


def of(method, principal, rate, count, **step):
    return payments(method=method, principal=principal, rate=rate, count=count, step=Step(**step))


@given(
    principal=st.integers(1, 10**13),
    rate=st.integers(0, 24_000),
    count=st.integers(1, 60),
    method=st.sampled_from([PlanMethod.EQUAL_PAYMENT, PlanMethod.EQUAL_PRINCIPAL]),
)
def test_principal_is_paid_exactly_and_no_payment_stands_out(principal, rate, count, method):
    amounts, interest = of(method, principal, rate, count)

    parts = [amount - each for amount, each in zip(amounts, interest, strict=True)]
    assert sum(parts) == principal
    assert min(parts) >= 0
    assert min(interest) >= 0
    # Equal payments are equal, the last one too; where interest is less than a minor unit, within two of them.
    even = amounts if method == PlanMethod.EQUAL_PAYMENT else parts
    assert max(even) - min(even) <= (0 if min(interest) > 0 and method == PlanMethod.EQUAL_PAYMENT else 2)
    owed = principal
    for part, each in zip(parts, interest, strict=True):
        assert abs(each - owed * rate / 1_200_000) <= 2
        owed -= part


def test_a_stepped_plan_of_one_step_is_a_plan_of_equal_payments():
    assert of(PlanMethod.STEPPED, 1_234_567, 18_000, 12, every=12) == of(
        PlanMethod.EQUAL_PAYMENT, 1_234_567, 18_000, 12
    )


def test_a_stepped_plan_without_interest_rises_all_the_same():
    assert of(PlanMethod.STEPPED, 3_300, 0, 4, every=2, percent=20) == ([750, 750, 900, 900], [0, 0, 0, 0])


def test_a_stepped_plan_must_pay_its_interest_from_the_beginning():
    with pytest.raises(TooSteep):
        of(PlanMethod.STEPPED, 1_000_000, 24_000, 60, every=6, percent=50)
