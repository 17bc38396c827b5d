"""Figures of trials add up over ranges and days, and survive being stored."""

from datetime import date

from cases.rules.trials.trial_figures import TrialFigures, added, bits_of, figures_from, total

MONDAY, TUESDAY = date(2026, 3, 2), date(2026, 3, 3)


def test_two_ranges_of_a_day_add_up_key_by_key_and_lists_are_joined() -> None:
    one = TrialFigures(business_date=MONDAY, accounts=2, hits={"new": {"A": 1}}, differences={"unfounded": {"A": [1]}})
    other = TrialFigures(
        business_date=MONDAY,
        accounts=3,
        hits={"new": {"A": 1, "B": 4}, "old": {"A": 2}},
        seconds=0.5,
        differences={"unfounded": {"A": [7]}},
    )

    both = one.plus(other)

    assert (both.accounts, both.seconds) == (5, 0.5)
    assert both.hits == {"new": {"A": 2, "B": 4}, "old": {"A": 2}}
    assert both.differences == {"unfounded": {"A": [1, 7]}}


def test_days_add_up_under_the_date_of_the_last() -> None:
    days = [TrialFigures(business_date=day, accounts=4) for day in (MONDAY, TUESDAY)]

    summed = total(days)

    assert summed is not None
    assert (summed.business_date, summed.accounts) == (TUESDAY, 8)
    assert total([]) is None


def test_a_stored_entry_reads_as_it_was_and_ignores_unknown_names() -> None:
    figures = TrialFigures(business_date=MONDAY, accounts=2, borrowers={"new": 1})

    assert figures_from(figures.as_json()) == figures
    assert figures_from(figures.as_json() | {"later": 1}) == figures


def test_added_takes_keys_of_either_side() -> None:
    assert added({"a": 1}, {"b": {"c": 2}}) == {"a": 1, "b": {"c": 2}}


def test_the_first_code_is_the_lowest_bit() -> None:
    assert (bits_of(0b101, ("A", "B", "C")), bits_of(0, ("A",))) == (("A", "C"), ())
