"""A mapping as lines, and the difference between two mappings."""

from cases.rules.profile.choices import COLUMN, FIXED, FieldChoice, choices_of
from cases.rules.profile.mapping_lines import Difference, Line, conversions_of, differences, mapping_lines

BEFORE = """
kind = "ACCOUNTS"
title = "old"
[file]
skip_lines = 1
[account]
product = "CASH"
annual_rate = { column = "rate" }
[[phones]]
number = { column = "phone" }
"""
AFTER = """
kind = "ACCOUNTS"
[file]
skip_lines = 2
[account]
product = "CASH"
annual_rate = { column = "rate", as = "percent", default = 0.1 }
status = { column = "s", map = { "x" = "CLOSED" }, otherwise = "ACTIVE" }
"""


def test_each_filled_field_is_a_line_with_its_conversions() -> None:
    assert mapping_lines(choices=choices_of(text=BEFORE)) == [
        Line(key="account.product", choice=FieldChoice(how=FIXED, constant="CASH"), conversions=()),
        Line(key="account.annual_rate", choice=FieldChoice(how=COLUMN, column="rate"), conversions=()),
        Line(key="phones.0.number", choice=FieldChoice(how=COLUMN, column="phone"), conversions=()),
    ]
    status = choices_of(text=AFTER).singles["account"]["status"]
    assert list(conversions_of(status)) == [("map", {"x": "CLOSED"}), ("otherwise", "ACTIVE")]


def test_what_differs_is_named_with_both_sides() -> None:
    before, after = choices_of(text=BEFORE), choices_of(text=AFTER)

    assert differences(before=before, after=after) == [
        Difference(key="title", before="old", after=None),
        Difference(key="file.skip_lines", before=1, after=2),
        Difference(
            key="account.annual_rate",
            before=FieldChoice(how=COLUMN, column="rate"),
            after=FieldChoice(how=COLUMN, column="rate", as_="percent", more={"default": 0.1}),
        ),
        Difference(key="phones.0.number", before=FieldChoice(how=COLUMN, column="phone"), after=None),
        Difference(key="account.status", before=None, after=after.singles["account"]["status"]),
    ]
    assert differences(before=after, after=after) == []
