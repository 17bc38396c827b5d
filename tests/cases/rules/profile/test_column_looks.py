"""What a column looks like by its values."""

from decimal import Decimal

import pytest

from cases.rules.profile.column_looks import Column, Looks, columns_of, date_formats, looks_of


@pytest.mark.parametrize(
    ("values", "formats"),
    [
        (["2026-11-20", "2026-03-02"], ("%Y-%m-%d",)),
        (["2026年11月20日"], ("%Y年%m月%d日",)),
        (["20261120", "20260302"], ("%Y%m%d",)),
        (["202611"], ("%Y%m",)),
        (["2026年11月20日", "2026年11月21日", "20261121"], ("%Y年%m月%d日", "%Y%m%d")),
        (["2026/11/20 08:15"], ("%Y/%m/%d %H:%M",)),
        (["12345", "18"], ()),
        (["张三"], ()),
        ([], ()),
    ],
)
def test_dates_are_known_with_their_formats(values: list[str], formats: tuple[str, ...]) -> None:
    assert date_formats(values=values) == formats


@pytest.mark.parametrize(
    ("values", "looks"),
    [
        (["¥1,200.50", "0", ""], Looks(kind="number", strip=("¥",), largest=Decimal("1200.50"))),
        (["12.5万元", "3万元"], Looks(kind="number", strip=("万元",), scale=10_000, largest=Decimal("12.5"))),
        # One factor would be wrong for one of the two.
        (["12.5万元", "30000元"], Looks(kind="number", strip=("元",), largest=Decimal(30000))),
        (["18.25%", "7%"], Looks(kind="number", percent=True, largest=Decimal("18.25"))),
        (["45天", "0天"], Looks(kind="number", strip=("天",), largest=Decimal(45))),
        (["310101199001010012", "31010119900101001X"], Looks(kind="id_number")),
        (["+86 139 0000 0060", "021-55551234"], Looks(kind="phone")),
        (["正常", "逾期"], Looks(kind="text")),
        ([], Looks()),
    ],
)
def test_a_column_looks_like_what_most_of_its_cells_are(values: list[str], looks: Looks) -> None:
    assert looks_of(values=[value for value in values if value]) == looks


def test_columns_have_their_first_values_and_their_share_of_empty_cells() -> None:
    columns = columns_of(header=["a", "b"], rows=[["1", "x"], ["1", ""], ["2"], ["3", " "]])

    assert columns == [
        Column(name="a", values=("1", "2", "3"), distinct=3, empty=0.0, looks=Looks(kind="number", largest=Decimal(3))),
        Column(name="b", values=("x",), distinct=1, empty=0.75, looks=Looks(kind="text")),
    ]


def test_words_for_no_value_do_not_decide_what_a_column_looks_like() -> None:
    assert looks_of(values=["-", "NULL", "-", "无", "1,200.50"]).kind == "number"
    assert looks_of(values=["NULL", "2026-03-02", "-", "-"]).kind == "date"
    assert looks_of(values=["-", "无"]).kind == ""
