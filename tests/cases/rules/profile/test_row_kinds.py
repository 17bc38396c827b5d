"""Blank rows, rows of totals, rows that look like them, and the others."""

import pytest

from backoffice.core.canonical.texts import visible
from cases.rules.profile.parse import parse_profile
from cases.rules.profile.row_kinds import RowKind, RowKinds, is_blank_row, plain_word

HEADER = ["no", "client", "ref", "name", "phone", "limit", "as_of", "remark"]
PROFILE = """
kind = "ACCOUNTS"
[file]
empty = ["-", "NULL"]
total_rows = ["总计", "Branch sum", "共 7 条记录"]
[borrower]
external_ref = { column = "client" }
territory = "TW"
name = { column = "name" }
[account]
external_ref = { template = "{ref}-1" }
product = "CASH"
credit_limit = { column = "limit" }
as_of = { column = "as_of" }
[[phones]]
number = { column = "phone" }
"""


def _kinds(text: str = PROFILE, header: list[str] = HEADER) -> RowKinds:
    return RowKinds(profile=parse_profile(text=text, name="test"), header=header)


@pytest.mark.parametrize(
    ("cells", "kind", "word"),
    [
        (["1", "C1", "L1", "张三", "139", "1", "2026-03-01", ""], RowKind.ORDINARY, ""),
        ([""] * 8, RowKind.BLANK, ""),
        ([" ", "\u00a0", "\u3000", "\u200b", "\ufeff", "\t", "", "NULL"], RowKind.BLANK, ""),
        (["-"], RowKind.BLANK, ""),
        ([""] * 12, RowKind.BLANK, ""),
        (["", "合计", "", "", "", "900", "", ""], RowKind.DOUBTFUL, "合计"),
        (["", "", "Total:", "", "", "900", "", ""], RowKind.DOUBTFUL, "total"),
        (["", "", "ＳＵＭ", "-", "", "900", "", ""], RowKind.DOUBTFUL, "sum"),
        (["合 计 ：", "", "", "", "", "900"], RowKind.DOUBTFUL, "合计"),
        (["", "", "", "", "", "900", "", "Grand Total"], RowKind.DOUBTFUL, "grandtotal"),
        (["", "总计", "总计", "总计", "", "900", "", ""], RowKind.TOTAL, "总计"),
        (["", "branch  SUM:", "", "", "", "900", "", ""], RowKind.TOTAL, "branchsum"),
        # A person, a telephone or a reference makes it a row like others.
        (["", "合计", "", "张三", "", "900", "", ""], RowKind.ORDINARY, ""),
        (["", "合计", "", "", "139", "900", "", ""], RowKind.ORDINARY, ""),
        (["", "总计", "L1", "", "", "900", "", ""], RowKind.ORDINARY, ""),
        (["", "", "", "", "", "900", "", ""], RowKind.ORDINARY, ""),
        (["", "合计公司", "", "", "", "900", "", ""], RowKind.ORDINARY, ""),
        (["", "", "共 120 条"], RowKind.DOUBTFUL, "共n条"),
        (["", "", "总计：1,203户", "", "", "900"], RowKind.DOUBTFUL, "总计n户"),
        (["", "", "共 12 条记录"], RowKind.TOTAL, "共n条记录"),
        (["", "C1", "共 120 条"], RowKind.ORDINARY, ""),
        (HEADER, RowKind.HEADER, ""),
        (["n\no", " client\u200b", "ref ", "name", "phone", "limit", "as_of ", "remark"], RowKind.HEADER, ""),
        ([*HEADER[:-1], ""], RowKind.ORDINARY, ""),
    ],
)
def test_kind_of_a_row(cells: list[str], kind: RowKind, word: str) -> None:
    kinds = _kinds()

    assert kinds.kind(cells) == (kind, word)
    if kind is not RowKind.ORDINARY:
        assert kinds.suspects([(2, cells)]) == [0]


def test_row_with_a_reference_is_no_suspect() -> None:
    rows = [(2, ["1", "C1", "L1"]), (3, ["", "", ""]), (4, ["1"]), (5, ["", "", " L2"])]

    assert _kinds().suspects(rows) == [1, 2, 3]


def test_rows_of_events_have_totals_too() -> None:
    text = """
kind = "REPAYMENTS"
[repayment]
external_ref = { column = "n" }
account = { column = "a" }
amount = { column = "m" }
paid_on = { column = "d" }
"""
    kinds = _kinds(text, ["n", "a", "m", "d"])

    assert kinds.kind(["合计", "", "5", ""]) == (RowKind.DOUBTFUL, "合计")
    assert kinds.kind(["合计", "L1", "5", ""]) == (RowKind.ORDINARY, "")


def test_words_are_compared_without_what_does_not_matter() -> None:
    assert [plain_word(text) for text in (" Sub-Total : ", "合　计：", "ＴＯＴＡＬ")] == ["subtotal", "合计", "total"]
    assert (visible("\ufeff a\u200bb \u3000"), is_blank_row(["\u200b", " "]), is_blank_row(["", "x"])) == (
        "ab",
        True,
        False,
    )


def test_a_number_that_marks_totals_makes_no_total_of_other_numbers() -> None:
    kinds = _kinds(PROFILE.replace('"总计", ', '"总计", "9999", '))

    assert kinds.kind(["", "", "9999", "", "", "5", "", ""]) == (RowKind.TOTAL, "9999")
    assert kinds.kind(["", "", "1234", "", "", "5", "", ""]) == (RowKind.ORDINARY, "")
