"""
National holidays, China's above all, the edges of Spring Festival, and working days.

Nobody is visited on the holidays, and what falls due on a day without banking business may be paid on the next working
day.

How certain the answer is depends on the year:

- ENTERED: two of the lender's staff have entered the State Council's notice for the year; it goes before all else.
- 2004-2026 PUBLISHED: the State Council's yearly notice, as shipped in `chinesecalendar`.
- 2027-2030 STATUTORY: the days of the Holidays Regulation as amended for 2025 (New Year 1, Spring
  Festival 4 from New Year's Eve, Qingming 1, Labour Day 2, Dragon Boat 1, Mid-Autumn 1, National Day
  3), widened to the length that recent notices gave the long breaks, because a day too many only
  delays a visit. Bridging and make-up days are unknown until the notice, which comes out in the
  autumn before.
- other years FIXED: only the days that do not follow the moon. Do not plan visits that far ahead.
- UNKNOWN: other jurisdictions, as long as nobody has entered their holidays. Nobody is visited in such a year.
"""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from cases.enums import NationalHoliday
from cases.rules.holidays import (
    SATURDAY,
    Break,
    Certainty,
    DayKind,
    Notice,
    certainty_without_notice,
    day_without_notice,
    spring_festival_without_notice,
)

# The code of the one jurisdiction whose days are known without a notice.
CHINA = "CN"
# The notice of a year speaks of days at most so far outside the year.
REACH_DAYS = 16


def months_later(day: date, months: int) -> date:
    """Return the same day `months` later, the last of the month where it has no such day."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, monthrange(year, month)[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """
    The holidays as they are known at an instant: the notices that have been entered, at most one for a year.

    `regional` notices add holidays of one territory to those of its jurisdiction. Only China's days are known or assumed
    without a notice; elsewhere a year without one is unknown.
    """

    notices: tuple[Notice, ...] = ()
    regional: tuple[Notice, ...] = ()
    jurisdiction: str = CHINA
    # What `is_plain` has found: the same few days are asked about for thousands of people.
    _plain: dict[tuple[date, bool, int], bool] = field(default_factory=dict, init=False, repr=False, compare=False)
    # What `working_day_from` and `monthly_days` have found, for the same reason.
    _worked: dict[date, date] = field(default_factory=dict, init=False, repr=False, compare=False)
    _monthly: dict[date, list[date]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def notice(self, *, year: int) -> Notice | None:
        """Return the notice entered for `year`, or None."""
        return next((notice for notice in self.notices if notice.year == year), None)

    def certainty(self, *, year: int) -> Certainty:
        """Return how certain the days of `year` are."""
        if self.notice(year=year) is not None:
            return Certainty.ENTERED
        return certainty_without_notice(year=year) if self.jurisdiction == CHINA else Certainty.UNKNOWN

    def day_kind(self, *, day: date) -> DayKind:
        """
        Return what `day` is. Plain weekends are not holidays.

        The notices of the years before and after count where they reach into the year. A day that one notice makes
        free and another a make-up working day is free, because a day too many only delays a visit or a payment.
        """
        near = [notice for notice in self.notices if abs(notice.year - day.year) <= 1]
        added = [notice for notice in self.regional if abs(notice.year - day.year) <= 1]
        for each in (each for notice in (*near, *added) for each in notice.breaks):
            if each.covers(day=day):
                return DayKind(holiday=each.holiday, works=False, certainty=Certainty.ENTERED)
        if any(day in notice.make_up_days for notice in near):
            return DayKind(holiday=None, works=True, certainty=Certainty.ENTERED)
        if any(notice.year == day.year for notice in near):
            return DayKind(holiday=None, works=day.weekday() < SATURDAY, certainty=Certainty.ENTERED)
        if self.jurisdiction != CHINA:
            return DayKind(holiday=None, works=day.weekday() < SATURDAY, certainty=Certainty.UNKNOWN)
        return day_without_notice(day=day)

    def is_national_holiday(self, *, day: date) -> bool:
        """Return whether `day` belongs to a national holiday break."""
        return self.day_kind(day=day).holiday is not None

    def is_working_day(self, *, day: date) -> bool:
        """Return whether banks do business on `day`: no weekend and no national holiday, or a make-up working day."""
        return self.day_kind(day=day).works

    def working_day_from(self, *, day: date) -> date:
        """Return `day` where banks do business on it, else the next day on which they do."""
        found = self._worked.get(day)
        if found is None:
            found = day
            while not self.is_working_day(day=found):
                found += timedelta(days=1)
            self._worked[day] = found
        return found

    def monthly_days(self, *, starts_on: date, count: int) -> Sequence[date]:
        """Return `starts_on` and the same day of the next `count` months, each moved to a working day (see `months_later`)."""
        found = self._monthly.setdefault(starts_on, [])
        while len(found) <= count:
            found.append(self.working_day_from(day=months_later(starts_on, len(found))))
        return found[: count + 1]

    def last_day_of_grace(self, *, due_on: date, days: int) -> date:
        """
        Return the last day on which what is due on `due_on` is paid in time, with `days` calendar days of grace.

        A due day without banking business moves to the next working day; the grace counts from there. A later due day
        never has an earlier last day.
        """
        return self.working_day_from(day=due_on) + timedelta(days=days)

    def latest_day_overdue(self, *, on: date, days: int) -> date:
        """Return the latest due day whose `days` of grace are over on `on`: their last day lies before `on`."""
        due_on = on - timedelta(days=days + 1)
        while self.last_day_of_grace(due_on=due_on, days=days) >= on:
            due_on -= timedelta(days=1)
        return due_on

    def spring_festival(self, *, year: int) -> Break | None:
        """Return the Spring Festival break of `year`, or None if the year is beyond the tables."""
        notice = self.notice(year=year)
        if notice is None:
            return spring_festival_without_notice(year=year) if self.jurisdiction == CHINA else None
        return next((each for each in notice.breaks if each.holiday is NationalHoliday.SPRING_FESTIVAL), None)

    def is_spring_festival_edge(self, *, day: date, edge_days: int) -> bool:
        """
        Return whether `day` is one of the first or last `edge_days` days of the Spring Festival break.

        A tenant that sets more days than half the break covers all of it; zero turns the rule off.
        """
        festival = self.spring_festival(year=day.year)
        if festival is None or not festival.covers(day=day):
            return False
        return (day - festival.first).days < edge_days or (festival.last - day).days < edge_days

    def is_plain(self, *, day: date, holidays_off: bool, edge_days: int) -> bool:
        """
        Return whether nothing is special about `day`: no edge of Spring Festival and, where `holidays_off`, a day of a year
        that is known and no holiday.
        """
        asked = (day, holidays_off, edge_days)
        found = self._plain.get(asked)
        if found is None:
            is_off = holidays_off and (
                self.certainty(year=day.year) is Certainty.UNKNOWN or self.is_national_holiday(day=day)
            )
            found = not is_off and not self.is_spring_festival_edge(day=day, edge_days=edge_days)
            self._plain[asked] = found
        return found

    def as_notice(self, *, year: int) -> Notice:
        """
        Return the breaks and make-up days of `year` as a notice would say them, to be corrected by whoever enters one.

        It is the entered notice if there is one, else what is known or assumed, with the breaks that reach over the
        edges of the year. Entering it unchanged changes no day of the year.
        """
        entered = self.notice(year=year)
        if entered is not None:
            return entered
        first = date(year, 1, 1) - timedelta(days=REACH_DAYS)
        runs: list[Break] = []
        make_up: list[date] = []
        for day in (first + timedelta(days=n) for n in range(366 + 2 * REACH_DAYS)):
            kind = self.day_kind(day=day)
            if kind.holiday is None:
                if kind.works and day.weekday() >= SATURDAY and day.year == year:
                    make_up.append(day)
            elif runs and runs[-1].holiday is kind.holiday and runs[-1].last == day - timedelta(days=1):
                runs[-1] = Break(holiday=kind.holiday, first=runs[-1].first, last=day)
            else:
                runs.append(Break(holiday=kind.holiday, first=day, last=day))
        breaks = tuple(each for each in runs if year in (each.first.year, each.last.year))
        return Notice(year=year, breaks=breaks, make_up_days=tuple(make_up))
