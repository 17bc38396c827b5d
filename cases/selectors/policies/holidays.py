"""The calendar of holidays in use, and how certain the days of the coming years are."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from cases.enums import NoticeState
from cases.models import HolidayNotice
from cases.rules.calendar import Calendar
from cases.rules.holiday_notice import notice_from_json
from cases.rules.holidays import Certainty, Notice

# From this month on the notice of the next year should have been entered; it comes out in November.
REMINDED_FROM_MONTH = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class YearAhead:
    """How certain the holidays of a year are, the notice in use and the latest one that awaits confirmation."""

    year: int
    certainty: Certainty
    in_use: HolidayNotice | None
    waiting: HolidayNotice | None


def said(*, entered: HolidayNotice) -> Notice:
    """Return what an entered notice says, as the rules read it."""
    return notice_from_json(year=entered.year, breaks=entered.breaks, make_up_days=entered.make_up_days)


def calendar_in_use() -> Calendar:
    """Return the calendar with the confirmed notices of all years, in one statement; it does not depend on the reader."""
    rows = HolidayNotice.objects.filter(state=NoticeState.CONFIRMED).order_by("year")
    return Calendar(notices=tuple(said(entered=row) for row in rows))


def years_ahead(*, user: Any, business_date: date) -> list[YearAhead]:
    """Return this year and the next two as the person may see them, in one statement."""
    years = range(business_date.year, business_date.year + 3)
    rows = list(
        HolidayNotice.objects.visible_to(user)
        .filter(year__in=years)
        .exclude(state=NoticeState.RETIRED)
        .order_by("year", "pk")
    )
    in_use = {row.year: row for row in rows if row.state == NoticeState.CONFIRMED}
    waiting = {row.year: row for row in rows if row.state == NoticeState.DRAFT}
    calendar = Calendar(notices=tuple(said(entered=row) for row in in_use.values()))
    return [
        YearAhead(
            year=year, certainty=calendar.certainty(year=year), in_use=in_use.get(year), waiting=waiting.get(year)
        )
        for year in years
    ]


def missing_notice(*, user: Any, business_date: date) -> int | None:
    """
    Return the next year if its notice should have been entered by now and its days are only assumed, else None.

    No statement is sent before December.
    """
    if business_date.month < REMINDED_FROM_MONTH:
        return None
    following = years_ahead(user=user, business_date=business_date)[1]
    return following.year if following.certainty in (Certainty.STATUTORY, Certainty.FIXED) else None
