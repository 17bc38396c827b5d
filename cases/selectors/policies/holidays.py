"""The calendar of holidays in use, and how certain the days of the coming years are."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from backoffice.access.models import Jurisdiction, Territory
from cases.enums import NoticeState
from cases.models import HolidayNotice
from cases.rules.calendar import Calendar
from cases.rules.holiday_notice import notice_from_json
from cases.rules.holidays import Certainty, Notice

# From this month on the notice of the next year should be entered; it comes out in its course.
REMINDED_FROM_MONTH = 11


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendars:
    """The calendar of every territory, from the confirmed notices of jurisdictions and of single territories."""

    national: Mapping[str, tuple[Notice, ...]]
    regional: Mapping[int, tuple[Notice, ...]]

    def of(self, *, jurisdiction: str, territory: int | None = None) -> Calendar:
        """Return the calendar of a jurisdiction, with the regional holidays of one of its territories."""
        regional = () if territory is None else self.regional.get(territory, ())
        return Calendar(notices=self.national.get(jurisdiction, ()), regional=regional, jurisdiction=jurisdiction)


def calendars_in_use() -> Calendars:
    """Return the calendars with the confirmed notices of all years, in one statement; they do not depend on the reader."""
    national: dict[str, list[Notice]] = defaultdict(list)
    regional: dict[int, list[Notice]] = defaultdict(list)
    for row in HolidayNotice.objects.filter(state=NoticeState.CONFIRMED).order_by("year", "pk"):
        kept = national[row.jurisdiction] if row.territory_id is None else regional[row.territory_id]
        kept.append(said(entered=row))
    return Calendars(
        national={code: tuple(notices) for code, notices in national.items()},
        regional={territory: tuple(notices) for territory, notices in regional.items()},
    )


def calendar_in_use(*, jurisdiction: str = Jurisdiction.CHINA, territory: int | None = None) -> Calendar:
    """Return one calendar with its confirmed notices of all years, in one statement."""
    return calendars_in_use().of(jurisdiction=jurisdiction, territory=territory)


def years_ahead(*, user: Any, business_date: date, jurisdiction: str = Jurisdiction.CHINA) -> list[YearAhead]:
    """Return this year and the next two of a jurisdiction as the person may see them, in one statement."""
    years = range(business_date.year, business_date.year + 3)
    rows = list(
        HolidayNotice.objects.visible_to(user)
        .filter(year__in=years, jurisdiction=jurisdiction, territory=None)
        .exclude(state=NoticeState.RETIRED)
        .order_by("year", "pk")
    )
    in_use = {row.year: row for row in rows if row.state == NoticeState.CONFIRMED}
    waiting = {row.year: row for row in rows if row.state == NoticeState.DRAFT}
    notices = tuple(said(entered=row) for row in in_use.values())
    calendar = Calendar(notices=notices, jurisdiction=jurisdiction)
    return [
        YearAhead(
            year=year, certainty=calendar.certainty(year=year), in_use=in_use.get(year), waiting=waiting.get(year)
        )
        for year in years
    ]


def jurisdictions_at_work(*, user: Any) -> list[str]:
    """Return the codes of the jurisdictions of the territories that the person sees, China's always, in one statement."""
    found = Territory.objects.visible_to(user).values_list("jurisdiction", flat=True).distinct()
    return sorted({str(Jurisdiction.CHINA), *found}, key=Jurisdiction.values.index)


def missing_notice(*, user: Any, business_date: date) -> int | None:
    """
    Return the next year if the notice of a jurisdiction of the person's territories is missing by now, else None.

    No statement is sent before November.
    """
    if business_date.month < REMINDED_FROM_MONTH:
        return None
    for code in jurisdictions_at_work(user=user):
        following = years_ahead(user=user, business_date=business_date, jurisdiction=code)[1]
        if following.certainty not in (Certainty.ENTERED, Certainty.PUBLISHED):
            return following.year
    return None
