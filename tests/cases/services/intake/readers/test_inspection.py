"""A file is inspected before its rows are read."""

import gzip
import zipfile
from pathlib import Path
from typing import Any

import pytest

from backoffice.core.errors import InvalidInput
from cases.models import Borrower, IntakeFile
from tests.cases.services.intake.account_files import COLUMNS, take
from tests.cases.services.intake.readers.feed_files import HEADER, ROW, assert_refused, profile_with, read_rows
from tests.factories.sheets import make_sheet


def test_take_in_names_the_encodings_that_do_not_fit(db: Any, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(COLUMNS.encode() + b"\n\xff\xff\xff\n")

    with pytest.raises(InvalidInput, match="gb18030"):
        take(path)


@pytest.mark.owner_rights
def test_packed_bombs_are_refused_unopened(db: Any, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as part:
        for _block in range(200):
            part.write(b" " * (1 << 20))
    assert_refused(bomb, "which no portfolio does")
    IntakeFile.objects.all().delete()
    packed = tmp_path / "bomb.csv.gz"
    with gzip.open(packed, "wb", compresslevel=9) as stream:
        for _block in range(200):
            stream.write(b"a,b\n" * (1 << 18))
    assert_refused(packed, "which no portfolio does")


def test_file_of_another_format_than_the_profile_reads_is_refused(db: Any, tmp_path: Path) -> None:
    profile = profile_with('[file]\nformat = "csv"')

    assert_refused(make_sheet(tmp_path / "feed.csv", [list(HEADER), list(ROW)]), "The file is xlsx", profile=profile)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_unicode_text_of_a_spreadsheet_is_read_without_being_named(db: Any, tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "feed.txt"
    # 上 is 4E 0A: its second byte is that of a line end.
    lines = ["\t".join(HEADER), "\t".join([*ROW[:2], "上海", *ROW[3:]]), ""]
    path.write_bytes(("\ufeff" + "\r\n".join(lines)).encode(encoding))

    assert take(path, profile=profile_with('[file]\ndelimiter = "\\t"')).created == 1
    assert Borrower.objects.get().name == "上海"
    packed = tmp_path / "feed.txt.gz"
    packed.write_bytes(gzip.compress(path.read_bytes()))
    assert take(packed, profile=profile_with('[file]\ndelimiter = "\\t"')).unchanged == 1


def test_lines_of_unicode_text_are_bounded_by_their_characters(db: Any, tmp_path: Path) -> None:
    path = tmp_path / "long.txt"
    path.write_bytes(("\ufeff" + ",".join(HEADER) + "\n" + "上" * 1_500_000).encode("utf-16-le"))

    assert_refused(path, "a line is longer than")


def test_unicode_text_that_is_torn_is_refused(db: Any, tmp_path: Path) -> None:
    path = tmp_path / "torn.txt"
    path.write_bytes(("\ufeff" + ",".join(HEADER)).encode("utf-16-le") + b"\x00")

    assert_refused(path, "cannot be read as utf-16")


def test_byte_order_mark_is_no_part_of_the_first_quoted_cell(db: Any, tmp_path: Path) -> None:
    path = tmp_path / "feed.csv"
    path.write_bytes(("\ufeff" + ",".join(f'"{name}"' for name in HEADER) + "\n" + ",".join(ROW) + "\n").encode())

    assert take(path, profile=profile_with('[file]\nencodings = ["utf-8"]')).created == 1


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"\r\n<html xmlns:o='urn:schemas-microsoft-com:office:office'><table>", "is a web page or XML"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook>", "is a web page or XML"),
        (b"<TABLE border=1><tr>", "is a web page or XML"),
        (b"%PDF-1.7\n", "is a PDF"),
        (b'[{"person": "P1"}]', "is one JSON list"),
        (b'\n[\n  {"person": "P1"}]', "is one JSON list"),
    ],
)
def test_what_is_no_table_is_named(db: Any, tmp_path: Path, content: bytes, words: str) -> None:
    path = tmp_path / "list.xls"
    path.write_bytes(content)

    assert_refused(path, words)


@pytest.mark.parametrize("start", ["<title>", "[person]", "<3"])
def test_titles_in_brackets_are_no_other_kind_of_file(db: Any, tmp_path: Path, start: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text("\n".join([start, ",".join(HEADER), ",".join(ROW)]))

    assert take(path, profile=profile_with()).created == 1


@pytest.mark.parametrize(("encoding", "named"), [("utf-16-le", "utf-16-le"), ("utf-16-be", "utf-16-be")])
def test_unicode_text_without_its_mark_is_read_if_the_profile_names_it(
    db: Any, tmp_path: Path, encoding: str, named: str
) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes("\n".join([",".join(HEADER), ",".join([*ROW[:2], "上海", *ROW[3:]])]).encode(encoding))

    assert_refused(path, f'encodings = ["{named}"]')
    assert read_rows(path, profile_with('[file]\nencodings = ["utf-16"]')) == [(2, [*ROW[:2], "上海", *ROW[3:]])]

    assert take(path, profile=profile_with(f'[file]\nencodings = ["{named}"]')).created == 1
    assert Borrower.objects.get().name == "上海"


@pytest.mark.parametrize(("first", "other"), [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_a_row_in_another_encoding_than_the_others_is_named(db: Any, tmp_path: Path, first: str, other: str) -> None:
    path = tmp_path / "mixed.csv"
    lines = [",".join([*ROW[:2], "李四光", *ROW[3:]]).encode(encoding) for encoding in (first, first, other)]
    path.write_bytes(b"\r\n".join([",".join(HEADER).encode(), *lines]))

    assert_refused(path, "row 4 is the first that fits none")
