"""The rows of a file of holidays, one day each, as a notice: consecutive days of one name are one break."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from django.utils.translation import gettext as _

from cases.enums import NationalHoliday
from cases.rules.holidays import Break, Notice

OFF: Final = frozenset({"off", "holiday", "free", "休", "休息", "放假", "假"})
WORK: Final = frozenset({"work", "workday", "班", "上班", "调休", "调班", "补班"})
_DATE: Final = re.compile(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})日?(?:[ T]00:00(?::00)?)?")
# Which holiday a name means, by a part of it; every other name is another holiday.
_NAMES: Final = (
    (NationalHoliday.SPRING_FESTIVAL, ("春节", "除夕", "spring festival", "chinese new year")),
    (NationalHoliday.NEW_YEAR, ("元旦", "new year")),
    (NationalHoliday.QINGMING, ("清明", "qingming", "tomb")),
    (NationalHoliday.LABOUR_DAY, ("劳动", "五一", "labour day", "labor day")),
    (NationalHoliday.DRAGON_BOAT, ("端午", "dragon boat")),
    (NationalHoliday.MID_AUTUMN, ("中秋", "mid-autumn")),
    (NationalHoliday.NATIONAL_DAY, ("国庆", "national day")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HolidayRow:
    """One row as it stands in the file: its number from 1, the day, the name of the holiday, and whether it is off."""

    number: int
    day: str
    name: str
    kind: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """What is wrong with a row, in the reader's words with the remedy."""

    row: int
    message: str


def notice_of_rows(*, rows: Sequence[HolidayRow], year: int) -> tuple[Notice, tuple[RowFault, ...]]:
    """
    Return the notice that the rows say, and every row that cannot be read; faults of the notice as a whole are not looked for.

    A first row with neither a day nor off or work is a header. Days of other years count where they belong to a break over the edge of `year`.
    """
    faults: list[RowFault] = []
    off: dict[date, NationalHoliday] = {}
    work: list[date] = []
    for row in rows:
        day, problem = _day(row.day)
        kind = row.kind.strip().lower()
        if day is None and row is rows[0] and kind not in OFF | WORK:
            continue
        if day is None:
            faults.append(RowFault(row=row.number, message=problem))
        elif abs(day.year - year) > 1:
            message = _("{day} does not belong to {year}. Choose another year or correct the row.")
            faults.append(RowFault(row=row.number, message=message.format(day=day.isoformat(), year=year)))
        elif kind not in OFF | WORK:
            message = _("The third column says off or work, but here it says “{kind}”. Correct it.").format(
                kind=row.kind
            )
            faults.append(RowFault(row=row.number, message=message))
        elif day in off or day in work:
            message = _("{day} is named twice. Leave one of the rows out.").format(day=day.isoformat())
            faults.append(RowFault(row=row.number, message=message))
        elif kind in WORK:
            work.append(day)
        else:
            off[day] = _holiday(row.name)
    return Notice(year=year, breaks=tuple(_breaks(off)), make_up_days=tuple(sorted(work))), tuple(faults)


def _day(text: str) -> tuple[date | None, str]:
    found = _DATE.fullmatch(text.strip())
    message = _("“{day}” is no day. Write it as 2027-01-01.").format(day=text.strip()[:30])
    try:
        return (date(int(found[1]), int(found[2]), int(found[3])), "") if found else (None, message)
    except ValueError:
        return None, message


def _holiday(name: str) -> NationalHoliday:
    name = name.lower()
    return next((holiday for holiday, parts in _NAMES if any(part in name for part in parts)), NationalHoliday.OTHER)


def _breaks(off: dict[date, NationalHoliday]) -> list[Break]:
    runs: list[Break] = []
    for day, holiday in sorted(off.items()):
        if runs and runs[-1].holiday is holiday and runs[-1].last == day - timedelta(days=1):
            runs[-1] = Break(holiday=holiday, first=runs[-1].first, last=day)
        else:
            runs.append(Break(holiday=holiday, first=day, last=day))
    return runs
