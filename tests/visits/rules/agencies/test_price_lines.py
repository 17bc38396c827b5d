"""Lines of a price card: amounts that may be agreed, and that the days of a card never overlap."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visits.rules.agencies.price_lines import LineChange, PriceLine, amount_problem, line_change

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("basis", "amount", "refused"),
    [
        ("RECOVERY_SHARE", "50", False),
        ("RECOVERY_SHARE", "50.01", True),
        ("RECOVERY_SHARE", "51", True),
        ("RECOVERY_SHARE", "100", True),
        ("RECOVERY_SHARE", "0", True),
        ("PER_ACCEPTED_REPORT", "51", False),
        ("PER_VISIT", "0.01", False),
        ("PER_VISIT", "0", True),
        ("PER_VISIT", "-1", True),
        ("PER_VISIT", "1.001", True),
        ("PER_VISIT", "99999999.99", False),
        ("PER_VISIT", "100000000", True),
        ("PER_VISIT", "NaN", True),
        ("PER_VISIT", "Infinity", True),
    ],
)
def test_amounts(basis, amount, refused):
    assert (amount_problem(basis=basis, amount=Decimal(amount)) is not None) is refused


def line(pk, start, end=None):
    return PriceLine(
        pk=pk,
        valid_from=DAY + timedelta(days=start),
        valid_to=None if end is None else DAY + timedelta(days=end),
    )


@pytest.mark.parametrize(
    ("lines", "begins", "change"),
    [
        ([], 0, (None, None)),
        ([line(1, -90)], 0, (1, None)),
        ([line(1, -90, -10)], 0, (None, None)),
        ([line(1, -90, 0)], 0, (1, None)),
        ([line(1, -90, 29), line(2, 30)], 10, (1, 29)),
        ([line(1, 30)], 10, (None, 29)),
        ([line(1, 0)], 0, None),
    ],
)
def test_a_new_line_ends_the_one_before_it(lines, begins, change):
    found = line_change(lines=lines, begins=DAY + timedelta(days=begins))

    expected = change and LineChange(
        ends=change[0],
        ends_on=DAY + timedelta(days=begins - 1),
        valid_to=None if change[1] is None else DAY + timedelta(days=change[1]),
    )
    assert found == expected


@given(st.lists(st.integers(0, 20), max_size=12))
def test_one_line_at_most_counts_on_any_day(starts):
    lines = {}
    for number, start in enumerate(starts):
        change = line_change(lines=list(lines.values()), begins=DAY + timedelta(days=start))
        if change is None:
            continue
        if change.ends is not None:
            lines[change.ends] = PriceLine(
                pk=change.ends, valid_from=lines[change.ends].valid_from, valid_to=change.ends_on
            )
        lines[number] = PriceLine(pk=number, valid_from=DAY + timedelta(days=start), valid_to=change.valid_to)

    for n in range(25):
        day = DAY + timedelta(days=n)
        counting = [
            each
            for each in lines.values()
            if each.valid_from <= day and (each.valid_to is None or day <= each.valid_to)
        ]
        assert len(counting) == (1 if any(start <= n for start in starts) else 0)
