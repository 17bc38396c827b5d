"""The SQL of periods counts as it says; a test of the facts compares it with the rules over random portfolios."""

import pytest
from django.db import connection

from cases.rules.policy.statement_sql import MONTHLY_PAID, ON_TIME_MONTHS, STANDING_SCORE, bits_of

# Months ago, days past due, without use, paid.
PERIODS = (
    "VALUES (1, 0, false, 50.0), (2, 0, false, 70.0), (3, 9, true, 0.0), (4, 40, false, 0.0), (5, 0, false, 999.0)"
)


def selected(expression, periods=PERIODS):
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {expression} FROM ({periods}) AS period (ago, days_past_due, is_idle, paid_amount),"  # noqa: S608
            " (SELECT 1000.0 AS credit_limit) account"
        )
        return cursor.fetchone()[0]


@pytest.mark.django_db
def test_the_expressions_of_periods():
    assert selected(bits_of("bit_or(1::bigint << ago)")) == 5
    assert selected(ON_TIME_MONTHS) == 2
    # 600 + 35 x (0.8909 + 0.7937 + 0.5612) - 40 x 0.63
    assert selected(STANDING_SCORE) == 653
    assert float(selected(MONTHLY_PAID)) == pytest.approx(27.98, abs=0.01)


@pytest.mark.django_db
def test_nothing_is_known_without_periods():
    none = "SELECT 1, 0, false, 0.0 WHERE false"

    assert (selected(ON_TIME_MONTHS, none), selected(MONTHLY_PAID, none)) == (0, None)
