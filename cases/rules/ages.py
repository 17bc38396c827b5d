"""The day from which somebody counts as aged, by the birth date in an identity number."""

from datetime import date

from backoffice.core.canonical.identity_numbers import read_identity_number

# Where a number of 18 characters has the year of birth.
_BIRTH_YEAR = slice(6, 10)


def aged_from(*, number: str, years: int, on: date, until: date) -> date | None:
    """
    Return the birthday on which the holder of an identity number of 15 or 18 characters becomes `years` old.

    None if it is after `until`, or if the number tells no birth date before `on`: a passport, or a number with an impossible one. A wrong check
    character does not matter, because a protection too many only keeps a visitor away. Who was born on 29 February
    counts from 28 February.
    """
    year = number[_BIRTH_YEAR]
    # Nearly everybody is too young by the year alone, whatever else is said by a number that needs no folding.
    if (
        len(number) == 18
        and number.isascii()
        and number.isalnum()
        and year.isdigit()
        and int(year) + years > until.year
    ):
        return None
    reading = read_identity_number(number=number, on=on)
    if reading.kind is None or reading.born_on is None or reading.born_on > on:
        return None
    born_on = reading.born_on
    day = 28 if (born_on.month, born_on.day) == (2, 29) else born_on.day
    aged_on = date(born_on.year + years, born_on.month, day)
    return aged_on if aged_on <= until else None
