"""
What a repayment plan may be at most.

Sources: card measures art. 70 (60 instalments, contents of the deal), 法发〔2017〕22号 (24 % all-in), table b of the
domain notes (first payment 0-10 %, broken at two missed instalments or 30 days). The operator's lawyers must confirm them.
"""

from decimal import Decimal
from typing import Final

MAX_INSTALMENTS: Final = 60
RATE_CAP: Final = Decimal("0.24")
MAX_FIRST_SHARE: Final = Decimal("0.10")
BREAK_AT_MISSED: Final = 2
BREAK_AT_DAYS: Final = 30
# An instalment paid up to three days late counts as paid on time; a day without banking business moves to the next working
# day first.
GRACE_DAYS: Final = 3


def allowed_rate(annual_rate: Decimal) -> Decimal:
    """
    Return the nominal rate that a plan may carry at most: never negative, never above the cap (24 % a year).

    What the plan costs on the days of its payments is bounded apart, by `schedule_plan`.
    """
    return min(max(annual_rate, Decimal(0)), RATE_CAP)


def allowed_count(*, total: Decimal, wanted: int, least_amount: Decimal = Decimal(100)) -> int:
    """
    Return how many instalments a plan may have: 1 to 60, none of them below `least_amount` (CNY 100).

    A total below `least_amount` is one instalment.
    """
    by_amount = int(total // least_amount) if least_amount > 0 else MAX_INSTALMENTS
    return max(1, min(wanted, by_amount, MAX_INSTALMENTS))
