"""How long circumstances count, and which protect."""

from datetime import date

import pytest

from cases.enums import ComplaintKind, FlagKind
from cases.rules.circumstances import PAUSES, PROTECTIVE, counts_until

DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("kind", "last_day"),
    [
        ("HARDSHIP", date(2026, 5, 31)),
        ("BEREAVED", date(2026, 5, 31)),
        ("DISASTER", date(2026, 5, 1)),
        ("VULNERABLE", date(2026, 8, 29)),
        ("CEASE", date(2026, 4, 1)),
        ("ILLNESS", date(2026, 4, 1)),
        ("CHILDBIRTH", date(2026, 8, 29)),
        ("SELF_HARM", date(2026, 8, 29)),
        ("OCCASION", date(2026, 3, 9)),
        ("AGED", None),
        ("DISABLED", None),
        ("DISPUTED", None),
        ("REPRESENTED", None),
    ],
)
def test_counts_until_the_last_day_of_table_b(kind, last_day):
    assert counts_until(kind=kind, on=DAY) == last_day


def test_every_circumstance_protects_but_a_right_that_was_used_and_what_only_keeps_visitors_away():
    assert set(FlagKind) - PROTECTIVE == {
        FlagKind.OPTED_OUT_OF_VISITS,
        FlagKind.REPRESENTED,
        FlagKind.AGED,
        FlagKind.DISABLED,
        FlagKind.OCCASION,
    }


def test_every_complaint_pauses_but_a_request_for_an_explanation():
    assert set(ComplaintKind) - set(PAUSES) == {ComplaintKind.EXPLANATION}
