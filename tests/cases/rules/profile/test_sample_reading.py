"""A sample is read as the intake reads its file."""

from datetime import date
from decimal import Decimal

import pytest

from cases.rules.profile.parse import parse_profile
from cases.rules.profile.records import Profile
from cases.rules.profile.refusals import NO_SUCH_TERRITORY, NOT_A_NUMBER, TWICE_IN_FILE, Refused
from cases.rules.profile.sample_reading import SHOWN_ROWS, example_of, read_sample

TEXT = """
kind = "ACCOUNTS"
[borrower]
external_ref = { column = "person" }
territory = { column = "branch" }
[account]
external_ref = { column = "loan" }
product = "CASH"
credit_limit = { column = "limit", scale = 10000 }
as_of = 2026-03-01
"""
HEADER = ["person", "branch", "loan", "limit"]


@pytest.fixture
def profile() -> Profile:
    return parse_profile(text=TEXT, name="own")


def test_rows_are_counted_by_what_becomes_of_them(profile: Profile) -> None:
    rows = [
        (2, ["P1", "310000", "K1", "1.5"]),
        (3, ["P2", "999", "K2", "1"]),
        (4, ["P3", "310000", "K1", "1"]),
        (5, ["P4", "310000", "K4", "many"]),
    ]

    tried = read_sample(profile=profile, header=HEADER, rows=rows, latest=date(2026, 3, 2), territories=["310000"])

    assert tried.counts() == {
        "rows": 4,
        "taken": 1,
        "rejected": 3,
        "reasons": [
            ["borrower.territory", NO_SUCH_TERRITORY, {}, 1],
            ["account.external_ref", TWICE_IN_FILE, {}, 1],
            ["account.credit_limit", NOT_A_NUMBER, {}, 1],
        ],
        "doubts": [],
    }
    assert [each.number for each in tried.shown] == [2, 3, 4, 5]
    assert tried.shown[0].row.single["account"]["credit_limit"] == Decimal(15000)


def test_only_the_first_rows_are_kept(profile: Profile) -> None:
    rows = [(number, [f"P{number}", "310000", f"K{number}", "1"]) for number in range(2, 202)]

    tried = read_sample(profile=profile, header=HEADER, rows=rows, latest=date(2026, 3, 2), territories=["310000"])

    assert (len(tried.shown), tried.taken, tried.rejected) == (SHOWN_ROWS, 200, 0)


def test_the_example_of_a_field_is_its_first_filled_cell(profile: Profile) -> None:
    sources = profile.blocks[1].mappings
    rows = [(2, ["P1", "310000", "K1", ""]), (3, ["P2", "310000", "K2", "2"])]

    limit = example_of(source=sources["credit_limit"], profile=profile, header=HEADER, rows=rows)
    fixed = example_of(source=sources["product"], profile=profile, header=HEADER, rows=rows)
    nothing = example_of(source=sources["credit_limit"], profile=profile, header=HEADER, rows=rows[:1])

    assert (limit, fixed, nothing) == (("2", Decimal(20000)), ("", "CASH"), None)
    with pytest.raises(Refused) as refused:
        example_of(source=sources["credit_limit"], profile=profile, header=HEADER, rows=[(2, ["", "", "", "x"])])
    assert (refused.value.reason, refused.value.value) == (NOT_A_NUMBER, "x")
