"""Entry criteria: three years, ten million, thirty staff; what is not stated is open."""

from datetime import date
from decimal import Decimal

import pytest

from visits.rules.agencies.entry import entry_criteria

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("founded_on", "capital", "staff", "met"),
    [
        (date(2023, 3, 2), Decimal("10000000.00"), 30, [True, True, True]),
        (date(2023, 3, 3), Decimal("9999999.99"), 29, [False, False, False]),
        (None, None, None, [False, False, False]),
        (date(1990, 1, 1), Decimal(0), 0, [True, False, False]),
    ],
)
def test_each_criterion_is_met_or_open(founded_on, capital, staff, met):
    found = entry_criteria(founded_on=founded_on, capital=capital, staff=staff, day=DAY)

    assert [(str(each.criterion), each.is_met) for each in found] == list(
        zip(("AGE", "CAPITAL", "STAFF"), met, strict=True)
    )


@pytest.mark.parametrize(("day", "met"), [(date(2027, 2, 28), False), (date(2027, 3, 1), True)])
def test_a_firm_founded_on_a_leap_day_has_its_day_on_the_first_of_march(day, met):
    assert entry_criteria(founded_on=date(2024, 2, 29), capital=None, staff=None, day=day)[0].is_met is met
