"""Calendar months of statements, and until when an agency answers one."""

from datetime import date, timedelta
from typing import Final

# Days after it was sent in which the agency disputes lines or accepts; afterwards the lender may approve without it.
ANSWER_DAYS: Final = 10


def month_of(day: date) -> date:
    """Return the first day of the month of `day`."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the month after that of `month`."""
    return (month.replace(day=28) + timedelta(days=4)).replace(day=1)


def month_before(day: date) -> date:
    """Return the first day of the month before that of `day`."""
    return (day.replace(day=1) - timedelta(days=1)).replace(day=1)


def answer_due(sent_on: date) -> date:
    """Return the last day on which the agency answers a statement that was sent on `sent_on`."""
    return sent_on + timedelta(days=ANSWER_DAYS)


def answer_is_over(*, answer_due_on: date | None, business_date: date) -> bool:
    """Return whether the agency's days to answer are over; never before the statement was sent."""
    return answer_due_on is not None and business_date > answer_due_on
