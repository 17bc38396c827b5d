"""Which business dates have kept facts, and how one date is divided into ranges of borrowers of bounded size."""

from collections.abc import Iterator
from datetime import date
from typing import Final

from django.db import connection
from django.db.models import Max, Min
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from cases.models import AccountFacts
from cases.services.trials.trial_sql import RANGE_END

# Rows of facts in one range: one statement over them takes about a second, and its result does not grow with them.
RANGE_FACTS: Final = 100_000
# Above every borrower's key: the end of the last range.
BEYOND: Final = 2**63 - 1


def must_be_kept(*, business_date: date) -> None:
    """
    Pass if facts of that business date are kept.

    :raises InvalidInput: naming the oldest and the newest day with facts.
    """
    if AccountFacts.objects.filter(business_date=business_date).exists():
        return
    kept = AccountFacts.objects.aggregate(oldest=Min("business_date"), newest=Max("business_date"))
    if kept["oldest"] is None:
        raise InvalidInput(_("No facts are kept yet: let an evaluation run first."), field="business_date")
    raise InvalidInput(
        _(
            "No facts of {day} are kept. Choose a business date from {oldest} to {newest} on which an evaluation ran."
        ).format(day=business_date.isoformat(), oldest=kept["oldest"].isoformat(), newest=kept["newest"].isoformat()),
        field="business_date",
    )


def next_day(*, after: date, until: date) -> date | None:
    """Return the first business date later than `after` and not later than `until` that has facts, None without one."""
    days = AccountFacts.objects.filter(business_date__gt=after, business_date__lte=until)
    found: date | None = days.order_by("business_date").values_list("business_date", flat=True).first()
    return found


def next_range(*, business_date: date, lower: int) -> int:
    """Return the exclusive end of the range that begins with borrower `lower`; BEYOND for the last range."""
    with connection.cursor() as cursor:
        cursor.execute(RANGE_END, {"on": business_date, "lower": lower, "size": RANGE_FACTS})
        row = cursor.fetchone()
        return BEYOND if row is None else int(row[0])


def ranges(*, business_date: date) -> Iterator[tuple[int, int]]:
    """Yield half-open ranges of borrower keys that cover everybody, about RANGE_FACTS rows of the day in each."""
    lower = 0
    while lower < BEYOND:
        upper = next_range(business_date=business_date, lower=lower)
        yield lower, upper
        lower = upper
