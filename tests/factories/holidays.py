"""Notices of national holidays."""

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from cases.enums import NationalHoliday, NoticeState
from cases.models import HolidayNotice
from cases.rules.calendar import Calendar
from cases.rules.holiday_notice import breaks_as_json
from cases.rules.holidays import Break, Notice

ENTERED_AT = datetime(2026, 11, 20, 2, 15, 30, 123_456, tzinfo=UTC)
SOURCE = "国办发明电〔2026〕9号"


def notice_of(year: int, *, make_up: tuple[date, ...] = (), **breaks: tuple[date, date]) -> Notice:
    """Return what the program assumes of a year as a notice, with other days for the holidays named by their code."""
    assumed = Calendar().as_notice(year=year).breaks
    changed = [
        replace(each, first=breaks[each.holiday][0], last=breaks[each.holiday][1]) if each.holiday in breaks else each
        for each in assumed
    ]
    known = {each.holiday for each in assumed}
    added = [
        Break(holiday=NationalHoliday(name), first=days[0], last=days[1])
        for name, days in breaks.items()
        if name not in known
    ]
    return Notice(year=year, breaks=(*changed, *added), make_up_days=make_up)


# The National Day of 2027 with 8 October, a Friday that is worked by statute, and the Saturday after it worked.
NOTICE_2027 = notice_of(2027, make_up=(date(2027, 10, 9),), NATIONAL_DAY=(date(2027, 10, 1), date(2027, 10, 8)))


def put_in_use(*, notice: Notice, made_by: Any, confirmed_by: Any, **place: Any) -> HolidayNotice:
    """Return a confirmed notice."""
    return HolidayNotice.objects.create(
        year=notice.year,
        source=SOURCE,
        breaks=breaks_as_json(notice=notice),
        make_up_days=list(notice.make_up_days),
        state=NoticeState.CONFIRMED,
        made_by=made_by,
        confirmed_by=confirmed_by,
        confirmed_at=ENTERED_AT,
        created_at=ENTERED_AT,
        updated_at=ENTERED_AT,
        **place,
    )
