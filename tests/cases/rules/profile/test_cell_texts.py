"""The text of a field in a row, and the words that are no reference of anybody."""

import pytest

from cases.rules.profile import refusals
from cases.rules.profile.cell_texts import is_blank
from cases.rules.profile.parse import parse_profile
from cases.rules.profile.row_reader import row_reader
from tests.cases.rules.profile.profile_texts import LATEST, account_of, profile_text, read_row, reason_of

TEMPLATE = profile_text().replace(
    'external_ref = { column = "id" }\nterritory', 'external_ref = { template = "core-{c}" }\nterritory'
)


@pytest.mark.parametrize("word", ["NULL", "null", "-", "--", "无", "N/A", "#N/A", "\\N", "不详"])
def test_a_word_for_no_value_is_no_reference(word: str) -> None:
    row = read_row(profile_text(), id=word)

    assert [(p.field, p.reason, p.value) for p in row.problems] == [
        ("borrower.external_ref", refusals.REQUIRED, word),
        ("account.external_ref", refusals.REQUIRED, word),
    ]


@pytest.mark.parametrize(
    ("cell", "reference"),
    [
        ("1001", "core-1001"),
        ("1001.0", "core-1001"),
        ("'1001", "core-1001"),
        ("１００１", "core-1001"),
        ("0012", "core-0012"),
    ],
)
def test_cells_of_a_template_of_references_have_the_form_of_references(cell: str, reference: str) -> None:
    assert read_row(TEMPLATE, id="L1", c=cell).single["borrower"]["external_ref"] == reference


@pytest.mark.parametrize(
    ("cell", "reason"),
    [("NULL", refusals.REQUIRED), ("6.22E+18", refusals.ROUNDED), ("#REF!", refusals.FAILED_FORMULA)],
)
def test_a_template_is_refused_for_a_cell_that_is_no_reference(cell: str, reason: str) -> None:
    assert [(p.field, p.reason) for p in read_row(TEMPLATE, id="L1", c=cell).problems] == [
        ("borrower.external_ref", reason)
    ]


def test_the_next_column_is_taken_where_the_first_has_a_word_for_no_value() -> None:
    text = profile_text().replace('{ column = "id" }\nterritory', '{ columns = ["id", "c"] }\nterritory')
    profile = parse_profile(text=text, name="test")

    row = row_reader(profile=profile, header=["id", "c"], latest=LATEST)(["NULL", "C1"])

    assert row.single["borrower"]["external_ref"] == "C1"


@pytest.mark.parametrize(
    ("line", "cell"),
    [
        ('arrears_amount = { column = "c" }', "NULL"),
        ('arrears_amount = { column = "c" }', "-"),
        ('days_past_due = { column = "c" }', "无"),
        ('annual_rate = { column = "c", as = "percent" }', "NaN"),
        ('opened_on = { column = "c" }', "N/A"),
    ],
)
def test_of_a_number_or_a_day_the_profile_has_to_say_that_a_word_is_no_value(line: str, cell: str) -> None:
    assert reason_of(line, c=cell) == refusals.SAYS_NOTHING
    field = line.partition(" ")[0]
    assert account_of(line, top=f'[file]\nempty = ["{cell}"]', c=cell)[field] in (0, None)


@pytest.mark.parametrize("cell", ["#REF!", "#DIV/0!", "######"])
@pytest.mark.parametrize(
    "line", ['arrears_amount = { column = "c" }', 'opened_on = { column = "c" }', 'segment = { column = "c" }']
)
def test_a_failed_formula_is_named_as_one(line: str, cell: str) -> None:
    assert reason_of(line, c=cell) == refusals.FAILED_FORMULA


@pytest.mark.parametrize(("cell", "reason"), [("NULL", refusals.SAYS_NOTHING), ("#REF!", refusals.FAILED_FORMULA)])
def test_a_summand_without_a_value_is_named_as_one(cell: str, reason: str) -> None:
    line = 'arrears_amount = { compute = "{c} + {d}" }'

    assert reason_of(line, c=cell, d="5") == reason
    assert account_of(line, top='[file]\nempty = ["NULL", "#REF!"]', c=cell, d="5")["arrears_amount"] == 5


@pytest.mark.parametrize(
    ("cells", "positions", "blank"),
    [
        (["a", "", " "], [1, 2], True),
        (["a", "", "NULL"], [1, 2], True),
        (["a", "\u200b", ""], [1, 2], True),
        (["a", "0", ""], [1, 2], False),
        (["", "", ""], [], False),
    ],
)
def test_a_record_of_a_list_is_absent_if_it_has_cells_and_all_are_empty(
    cells: list[str], positions: list[int], blank: bool
) -> None:
    assert is_blank(cells=cells, positions=positions, empty=frozenset({"NULL"})) is blank
