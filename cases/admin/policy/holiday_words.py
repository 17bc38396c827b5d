"""What days and years of the holiday calendar are called on its pages."""

from datetime import date

from django.utils.translation import gettext as text

from cases.rules.holidays import SATURDAY, Certainty, DayKind
from cases.selectors.policies.holidays import YearAhead


def day_words(day: date, kind: DayKind) -> str:
    """Return what a day is called: its holiday, a weekend, or a working day."""
    if kind.holiday is not None:
        return text("holiday: {name}").format(name=kind.holiday.label)
    is_weekend = day.weekday() >= SATURDAY
    if kind.works:
        return text("make-up working day") if is_weekend else text("working day")
    return text("weekend")


def certainty_words(each: YearAhead) -> str:
    """Return in plain words where a year's holidays come from."""
    words = {
        Certainty.ENTERED: text("{year}: as the entered notice says ({source})."),
        Certainty.PUBLISHED: text("{year}: as published; the days come with the program."),
        Certainty.STATUTORY: text(
            "{year}: the notice of the State Council is not entered; the statutory days are assumed, make-up days are unknown."
        ),
        Certainty.FIXED: text(
            "{year}: the notice of the State Council is not entered; only the days that do not follow the moon are known, Spring Festival is not."
        ),
        Certainty.UNKNOWN: text("{year}: no notice is entered, so nobody is visited in that year."),
    }[each.certainty]
    return words.format(year=each.year, source=each.in_use.source if each.in_use else "")
