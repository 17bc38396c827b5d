"""The first rows of a file of each format, cut, packed, and read as the intake reads them."""

import gzip
from pathlib import Path

import pytest

from backoffice.core.errors import InvalidInput
from cases.rules.profile.choices import ProfileChoices
from cases.rules.profile.records import FileFormat
from cases.services.intake.profiles.sample_rows import (
    ROWS_ABOVE,
    SAMPLE_ROWS,
    SampleContent,
    cut_sample,
    empty_profile,
    packed,
    rows_of,
    unpacked,
)
from tests.factories.sheets import make_sheet

HEADER = "person,limit\n"


def choices(**file: object) -> ProfileChoices:
    return ProfileChoices(top={"kind": "ACCOUNTS", "file": file})


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_a_text_file_is_cut_after_its_first_rows(encoding: str) -> None:
    text = "清单\n" + HEADER + "".join(f'"张{n}\n",1\n' for n in range(1000))

    cut = cut_sample(content=text.encode(encoding))
    header, rows = rows_of(content=cut, choices=choices(skip_lines=1, encodings=[encoding]))

    assert cut.parts[""].decode(encoding).count("张") == SAMPLE_ROWS + ROWS_ABOVE - 2
    assert (header, len(rows), rows[0], rows[-1][0]) == (["person", "limit"], SAMPLE_ROWS, (3, ["张0\n", "1"]), 202)


def test_a_file_longer_than_what_is_read_may_end_within_a_character() -> None:
    content = (HEADER + "张三,1\n" * 400_000).encode()

    assert cut_sample(content=content).parts[""].decode().count("张三") == SAMPLE_ROWS + ROWS_ABOVE - 1


def test_a_packed_file_and_json_lines_are_cut_too() -> None:
    packed_csv = gzip.compress((HEADER + "P1,1\n").encode())
    lines = b'{"a": {"b": 1}}\n\n' * 300

    assert cut_sample(content=packed_csv) == SampleContent(format="csv", parts={"": b"person,limit\nP1,1\n"})
    cut = cut_sample(content=lines)
    header, rows = rows_of(content=cut, choices=choices(format="ndjson"))
    assert (cut.format, header, len(rows), rows[0]) == ("ndjson", ["a.b"], SAMPLE_ROWS, (1, ["1"]))


@pytest.mark.parametrize("content", [b"", b" \r\n", b"\xd0\xcf\x11\xe0old", b"PK\x03\x04cut off", b"\x1f\x8bbroken"])
def test_what_is_no_file_of_rows_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidInput):
        cut_sample(content=content)


def test_a_large_spreadsheet_is_for_the_person_to_cut() -> None:
    with pytest.raises(InvalidInput, match="5 MB"):
        cut_sample(content=b"PK\x03\x04" + b"x" * (5 << 20))


def test_what_is_packed_is_unpacked() -> None:
    content = SampleContent(format="xlsx", parts={"一": b"\x00\xff", "b": b""})

    assert unpacked(packed(content)) == content


def test_a_file_that_the_choices_do_not_fit_is_refused() -> None:
    book = SampleContent(format="xlsx", parts={"A": b"x\n1\n"})

    for file in ({"sheet": "B"}, {"format": "csv"}):
        with pytest.raises(InvalidInput) as refused:
            rows_of(content=book, choices=choices(**file))
        assert refused.value.field == f"file.{next(iter(file))}"
    assert rows_of(content=book, choices=choices(sheet="A")) == (["x"], [(2, ["1"])])


def test_a_profile_that_maps_nothing_reads_no_column() -> None:
    assert empty_profile(FileFormat(delimiter=";")).columns == {}


def test_each_sheet_of_a_spreadsheet_is_kept_with_its_row_numbers(tmp_path: Path) -> None:
    path = make_sheet(tmp_path / "x.xlsx", [["清单"], [], ["person", "limit"], ["P1", "1"], ["P2"]])

    cut = cut_sample(content=path.read_bytes())
    header, rows = rows_of(content=cut, choices=choices(format="xlsx", skip_lines=2))

    assert (header, rows) == (["person", "limit"], [(4, ["P1", "1"]), (5, ["P2", ""])])
