"""What is checked before a notice of holidays is taken, how it is kept, and which days it changes."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from itertools import combinations
from typing import Any, Final

from django.utils.translation import gettext as _

from cases.enums import NationalHoliday
from cases.rules.calendar import CHINA, REACH_DAYS, Calendar
from cases.rules.holidays import SATURDAY, Break, DayKind, Notice

YEARS: Final = range(2004, 2101)
# The longest break so far had ten days (Spring Festival of 2020, extended).
LONGEST_BREAK: Final = 16
# Month and day of the first days that the Holidays Regulation has given in each of these years.
ALWAYS_FREE: Final = ((1, 1), (5, 1), (10, 1))
# The first day of the lunar year lies between 21 January and 20 February.
FESTIVAL_MONTHS: Final = (1, 2, 3)


class NoticeField(StrEnum):
    """What a fault is about; breaks and make-up days have rows."""

    YEAR = "year"
    HOLIDAY = "holiday"
    FIRST = "first"
    LAST = "last"
    MAKE_UP = "make_up"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeFault:
    """What is wrong with a notice: the field, its row (from 1; 0 for the whole notice), and the remedy in the reader's words."""

    field: NoticeField
    row: int
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangedDay:
    """A day that becomes or ceases to be a holiday or a working day."""

    day: date
    before: DayKind
    after: DayKind


def notice_faults(*, notice: Notice, is_whole: bool = True, jurisdiction: str = CHINA) -> tuple[NoticeFault, ...]:
    """
    Return all that is wrong with a notice, in the order of its rows; empty if it can be taken.

    A notice that is not whole adds regional days. Only China's whole notices must hold the days that are always free.
    """
    if notice.year not in YEARS:
        message = _("A notice is for a year from {first} to {last}.").format(first=YEARS[0], last=YEARS[-1])
        return (NoticeFault(field=NoticeField.YEAR, row=0, message=message),)
    rows = tuple(_row_faults(notice))
    # Days that are forgotten or named twice are looked for only among sound rows.
    return rows or (*_overlaps(notice), *(_forgotten(notice) if is_whole and jurisdiction == CHINA else _empty(notice)))


def changed_days(*, before: Calendar, notice: Notice, is_whole: bool = True) -> tuple[ChangedDay, ...]:
    """
    Return the days, in order, that change once `notice` replaces what is known of its year in `before`.

    A notice that is not whole replaces the regional one of its year.
    """
    kept = before.notices if is_whole else before.regional
    others = (*(each for each in kept if each.year != notice.year), notice)
    after = replace(before, notices=others) if is_whole else replace(before, regional=others)
    first = date(notice.year, 1, 1) - timedelta(days=2 * REACH_DAYS)
    found = []
    for day in (first + timedelta(days=n) for n in range(366 + 4 * REACH_DAYS)):
        old, new = before.day_kind(day=day), after.day_kind(day=day)
        if (old.holiday is None, old.works) != (new.holiday is None, new.works):
            found.append(ChangedDay(day=day, before=old, after=new))
    return tuple(found)


def breaks_as_json(*, notice: Notice) -> list[dict[str, str]]:
    """Return the breaks of a notice as they are kept in the database."""
    return [
        {"holiday": str(each.holiday), "first": each.first.isoformat(), "last": each.last.isoformat()}
        for each in notice.breaks
    ]


def notice_from_json(*, year: int, breaks: Sequence[Mapping[str, Any]], make_up_days: Sequence[date]) -> Notice:
    """Return the notice that was kept by `breaks_as_json`, with its make-up days."""
    return Notice(
        year=year,
        breaks=tuple(
            Break(
                holiday=NationalHoliday(each["holiday"]),
                first=date.fromisoformat(each["first"]),
                last=date.fromisoformat(each["last"]),
            )
            for each in breaks
        ),
        make_up_days=tuple(make_up_days),
    )


def _row_faults(notice: Notice) -> Iterator[NoticeFault]:
    for row, each in enumerate(notice.breaks, start=1):
        if each.last < each.first:
            message = _("The last day lies before the first. Correct one of them.")
            yield NoticeFault(field=NoticeField.LAST, row=row, message=message)
        elif (each.last - each.first).days >= LONGEST_BREAK:
            message = _("The break is longer than {days} days. Correct its first or last day.").format(
                days=LONGEST_BREAK
            )
            yield NoticeFault(field=NoticeField.LAST, row=row, message=message)
        elif notice.year not in (each.first.year, each.last.year):
            message = _("No day of the break lies in {year}. Correct its days or the year.").format(year=notice.year)
            yield NoticeFault(field=NoticeField.FIRST, row=row, message=message)
        elif each.holiday is NationalHoliday.SPRING_FESTIVAL and any(
            day.year != notice.year or day.month not in FESTIVAL_MONTHS for day in (each.first, each.last)
        ):
            message = _("Spring Festival lies between January and March of {year}. Correct its days.").format(
                year=notice.year
            )
            yield NoticeFault(field=NoticeField.FIRST, row=row, message=message)
    for row, day in enumerate(notice.make_up_days, start=1):
        problem = _make_up_problem(notice, row, day)
        if problem is not None:
            yield NoticeFault(field=NoticeField.MAKE_UP, row=row, message=problem)


def _make_up_problem(notice: Notice, row: int, day: date) -> str | None:
    reach = timedelta(days=REACH_DAYS)
    if not date(notice.year, 1, 1) - reach <= day <= date(notice.year, 12, 31) + reach:
        return _("The day does not belong to {year}. Correct it or the year.").format(year=notice.year)
    if day.weekday() < SATURDAY:
        return _("Only a Saturday or a Sunday is worked to make up for a break. Correct the day or leave it out.")
    if any(each.covers(day=day) for each in notice.breaks):
        return _("The day lies in a break. Correct it or the days of the break.")
    if day in notice.make_up_days[: row - 1]:
        return _("The day is named twice. Leave it out once.")
    return None


def _overlaps(notice: Notice) -> Iterator[NoticeFault]:
    for (_one, early), (row, late) in combinations(enumerate(notice.breaks, start=1), 2):
        if early.first <= late.last and late.first <= early.last:
            message = _("The break overlaps with {holiday}. Name each day in one break only.").format(
                holiday=str(early.holiday.label)
            )
            yield NoticeFault(field=NoticeField.FIRST, row=row, message=message)


def _empty(notice: Notice) -> Iterator[NoticeFault]:
    if not notice.breaks:
        message = _("The notice has no holiday. Add the days that are free.")
        yield NoticeFault(field=NoticeField.HOLIDAY, row=0, message=message)


def _forgotten(notice: Notice) -> Iterator[NoticeFault]:
    festivals = [
        row for row, each in enumerate(notice.breaks, start=1) if each.holiday is NationalHoliday.SPRING_FESTIVAL
    ]
    if len(festivals) != 1:
        message = _(
            "A notice has one break of Spring Festival, because its first and last days have a rule of their own. Add it, or leave one only."
        )
        yield NoticeFault(field=NoticeField.HOLIDAY, row=festivals[1] if festivals else 0, message=message)
    for month, day in ALWAYS_FREE:
        always = date(notice.year, month, day)
        if not any(each.covers(day=always) for each in notice.breaks):
            message = _("{day} is always a holiday, but no break has it. Add the break that is missing.").format(
                day=always.isoformat()
            )
            yield NoticeFault(field=NoticeField.HOLIDAY, row=0, message=message)
