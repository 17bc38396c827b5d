"""Spreadsheets, NDJSON and packed files: read as they show, and refused whole where they are hostile."""

import gzip
import json
import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.enums import IntakeState
from cases.models import Account, Borrower, IntakeFile, IntakeReject
from cases.rules.profile.parse import parse_profile
from cases.services.intake.readers.inspection import inspect_file
from cases.services.intake.readers.opening import open_rows, read_through
from cases.services.intake.take_in import take_in
from tests.factories.sheets import make_sheet

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)
PROFILE = """
kind = "ACCOUNTS"
[[territories]]
code = "310000"
name = "上海"
[borrower]
external_ref = { column = "person" }
territory = { column = "branch" }
name = { column = "name" }
last_app_login_at = { column = "login" }
[account]
external_ref = { column = "account" }
product = "CASH"
credit_limit = { column = "limit" }
arrears_amount = { column = "arrears" }
as_of = { column = "as_of" }
"""
HEADER = ["person", "branch", "name", "login", "account", "limit", "arrears", "as_of"]
ROW = ["P1", "310000", "张小三", "2026-02-20 10:00:00", "K1", "60000", "0.1", "2026-03-01"]


def _profile(extra: str = "") -> Any:
    return parse_profile(text=PROFILE + extra, name="test")


def _take(path: Path, **changes: Any) -> Any:
    return take_in(**({"path": path, "profile": _profile(), "actor": None, "at": AT} | changes))


def _read(path: Path, profile: Any = None) -> list[tuple[int, list[str]]]:
    profile = profile or _profile()
    found = inspect_file(path=path, file=profile.file)
    with open_rows(path=path, found=found, profile=profile) as rows:
        return [row for batch in rows.batches(2) for row in batch]


def _lines(path: Path, *objects: Any) -> Path:
    path.write_text("".join((o if isinstance(o, str) else json.dumps(o, ensure_ascii=False)) + "\n" for o in objects))
    return path


def _object(**changes: Any) -> dict[str, Any]:
    return dict(zip(HEADER, ROW, strict=True)) | changes


def test_take_in_reads_a_spreadsheet_as_it_shows(db: Any, tmp_path: Path) -> None:
    day, moment = '<c s="1"><v>46082</v></c>', '<c s="2"><v>46073.4166666667</v></c>'
    path = make_sheet(
        tmp_path / "feed.xlsx",
        [
            list(HEADER),
            ["P1", 310000, '<c t="s"><v>1</v></c>', moment, "K1", 60000, "<c><v>0.10000000000000001</v></c>", day],
            [],
            [
                "P2",
                310000,
                "李四",
                "",
                '<c t="str"><f>"K"&amp;2</f><v>K2</v></c>',
                "<c><v>6.0E4</v></c>",
                "<c><f>1+1</f><v>2</v></c>",
                day,
            ],
        ],
        strings=["unused", "张小三"],
    )

    result = _take(path)

    assert (result.rows, result.created, result.rejected) == (2, 2, 0)
    first, second = Account.objects.order_by("external_ref")
    assert (first.external_ref, first.credit_limit, first.arrears_amount) == ("K1", Decimal(60000), Decimal("0.10"))
    assert (first.as_of, first.borrower.name) == (date(2026, 3, 1), "张小三")
    assert first.borrower.last_app_login_at == datetime(2026, 2, 20, 2, 0, tzinfo=UTC)
    assert (second.external_ref, second.credit_limit, second.arrears_amount) == ("K2", Decimal(60000), Decimal(2))


def test_spreadsheet_cells_become_plain_texts(tmp_path: Path) -> None:
    path = make_sheet(
        tmp_path / "odd.xlsx",
        [
            ["a", "b", "c", "d", "e", "f"],
            [
                '<c t="b"><v>1</v></c>',
                '<c t="e"><v>#N/A</v></c>',
                "<c><v>1E-7</v></c>",
                '<c s="3"><v>5</v></c>',
                '<c s="1"><v>59</v></c>',
                "",
            ],
            [
                "<c><v>NaN</v></c>",
                "<c><v>1e400</v></c>",
                '<c t="d"><v>2026-03-01T08:00:00</v></c>',
                '<c s="1"><v>0.5</v></c>',
                "",
                "last",
            ],
        ],
    )

    assert _read(path) == [
        (2, ["true", "#N/A", "0.0000001", "5", "1900-02-28", ""]),
        (3, ["NaN", "1e400", "2026-03-01 08:00:00", "12:00:00", "", "last"]),
    ]


def test_spreadsheet_of_1904_counts_from_another_day(tmp_path: Path) -> None:
    path = make_sheet(tmp_path / "mac.xlsx", [["day"], ['<c s="1"><v>44620</v></c>']], book=' date1904="1"')

    assert _read(path) == [(2, ["2026-03-01"])]


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (["P1", "310000", "x", "", "K1", "<c><f>1+1</f></c>", 1, "2026-03-01"], "Row 2, column limit: a formula"),
        (["P1", "310000", "x", "", 6222020200112233445, 1, 1, "2026-03-01"], "Row 2, column account: a number of more"),
        (["P1", '<c t="s"><v>7</v></c>', "x"], "text that is not there"),
        (["P1", "<c><v>" + "9" * 200_000 + "</v></c>"], "Row 2, column branch: A cell holds more than"),
    ],
)
def test_spreadsheet_with_a_cell_that_cannot_be_trusted_is_refused(
    db: Any, tmp_path: Path, row: Any, words: str
) -> None:
    _refused(make_sheet(tmp_path / "bad.xlsx", [list(HEADER), row]), words)


def _refused(path: Path, words: str, **changes: Any) -> None:
    with override("en"), pytest.raises(InvalidInput) as refusal:
        _take(path, **changes)
    with override("en"):
        said = str(refusal.value)

    assert words in said
    file = IntakeFile.objects.get()
    assert file.state == IntakeState.FAILED
    assert words[:40] in file.problem
    assert (Account.objects.count(), Borrower.objects.count(), IntakeReject.objects.count()) == (0, 0, 0)


def test_spreadsheet_that_names_a_far_cell_costs_nothing(tmp_path: Path) -> None:
    far = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = make_sheet(tmp_path / "far.xlsx", [], body=far)
    tracemalloc.start()

    with override("en"), pytest.raises(InvalidInput, match="Row 1048576 has more than 2000 cells"):
        _read(path)

    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("body", "head", "words"),
    [
        ('<row r="5"/><row r="2"><c r="A2"><v>1</v></c></row>', "", "run backwards"),
        ('<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>', "", "run backwards"),
        ('<row r="9999999"><c r="A1"><v>1</v></c></row>', "", "more than"),
        ("<row><c><v>1</v></c>", "", "damaged"),
        ("", '<!DOCTYPE x [<!ENTITY a "aaaa">]>', "document type"),
        ("<row " + "x" * 6_000_000 + "/>", "", "damaged"),
        ("<row>" + "<c><v>1</v></c>" * 1_000_000 + "</row>", "", "more than 2000 cells"),
    ],
    ids=["rows backwards", "cells backwards", "row number", "torn", "entities", "endless tag", "million columns"],
)
def test_hostile_sheet_is_refused(db: Any, tmp_path: Path, body: str, head: str, words: str) -> None:
    _refused(make_sheet(tmp_path / "hostile.xlsx", [], body=body, head=head), words)


def test_spreadsheet_cut_off_encrypted_or_of_another_kind_is_refused(db: Any, tmp_path: Path) -> None:
    whole = make_sheet(tmp_path / "whole.xlsx", [list(HEADER), list(ROW)]).read_bytes()
    other = tmp_path / "other.xlsx"
    with zipfile.ZipFile(other, "w") as archive:
        archive.writestr("readme.txt", "no sheet")
    locked = bytearray(whole)
    locked[locked.rindex(b"PK\x01\x02") + 8] |= 1
    for name, content, words in (
        ("cut.xlsx", whole[: len(whole) // 2], "damaged or was cut off"),
        ("old.xls", b"\xd0\xcf\x11\xe0" + b"x" * 100, "Save it as .xlsx"),
        ("locked.xlsx", bytes(locked), "password"),
        ("other.xlsx", other.read_bytes(), "no spreadsheet"),
    ):
        path = tmp_path / name
        path.write_bytes(content)
        IntakeFile.objects.all().delete()
        _refused(path, words)


def test_packed_bombs_are_refused_unopened(db: Any, tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("xl/workbook.xml", "w") as part:
        for _block in range(200):
            part.write(b" " * (1 << 20))
    _refused(bomb, "which no portfolio does")
    IntakeFile.objects.all().delete()
    packed = tmp_path / "bomb.csv.gz"
    with gzip.open(packed, "wb", compresslevel=9) as stream:
        for _block in range(200):
            stream.write(b"a,b\n" * (1 << 18))
    _refused(packed, "which no portfolio does")


def test_profile_names_the_sheet(tmp_path: Path) -> None:
    path = make_sheet(tmp_path / "feed.xlsx", [["a"], ["1"]])
    named, missing = _profile('[file]\nsheet = "accounts"'), _profile('[file]\nformat = "xlsx"\nsheet = "nope"')

    assert _read(path, named) == [(2, ["1"])]
    with override("en"), pytest.raises(InvalidInput, match=r"no sheet 'nope'\. It has: 'notes', 'accounts'"):
        _read(path, missing)


def test_take_in_reads_objects_flat_and_numbers_exactly(db: Any, tmp_path: Path) -> None:
    profile = parse_profile(
        text=PROFILE.replace('column = "name"', 'column = "who.name"').replace(
            'column = "branch"', 'column = "codes.0"'
        ),
        name="test",
    )
    first = '{"person":"P1","codes":[310000],"who":{"name":"张"},"login":null,"account":"K1","limit":60000,"arrears":0.1,"as_of":"2026-03-01"}'
    path = _lines(tmp_path / "feed.ndjson", first, "", first.replace("P1", "P2").replace("K1", "12345678901234567890"))

    result = _take(path, profile=profile)

    assert (result.rows, result.created, result.rejected) == (2, 2, 0)
    assert sorted(Account.objects.values_list("external_ref", flat=True)) == ["12345678901234567890", "K1"]
    assert Account.objects.get(external_ref="K1").arrears_amount == Decimal("0.10")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1E+5"])
def test_number_that_is_none_rejects_its_row_with_its_field(db: Any, tmp_path: Path, number: str) -> None:
    odd = json.dumps(_object(account="K2", person="P2")).replace('"0.1"', number)
    path = _lines(tmp_path / "odd.ndjson", _object(), odd)

    result = _take(path)

    assert (result.created, result.rejected) == (1, 1)
    reject = IntakeReject.objects.get()
    assert (reject.row_number, reject.field, reject.value) == (2, "account.arrears_amount", number)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"person": ', "Row 2: not one JSON object a line"),
        ("[1, 2]", "Row 2: not one JSON object"),
        ('{"a": 1, "a": 2}', "Row 2, column a: the key stands twice"),
        ('{"a": {"b": 1}, "a.b": 2}', "Row 2, column a.b: the key stands twice"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "Row 2: objects stand more than 8 deep"),
        ('{"a": ' + '{"a": ' * 20 + "1" + "}" * 21, "Row 2: objects stand more than 8 deep"),
        ('{"a": "\\ud800"}', "Row 2: a text holds half"),
        ("{" + ",".join(f'"k{n}":1' for n in range(50_000)) + "}", "Row 2: an object has more than 2000 values"),
        ('{"a": "' + "x" * 2_000_000 + '"}', "Row 2: a line is longer"),
    ],
)
def test_hostile_object_is_refused_with_its_row(db: Any, tmp_path: Path, line: str, words: str) -> None:
    _refused(_lines(tmp_path / "hostile.ndjson", _object(), line), words)


def test_object_key_that_no_early_object_has_is_named(db: Any, tmp_path: Path) -> None:
    first = _object()
    first["accounts"] = first.pop("account")

    _refused(_lines(tmp_path / "short.ndjson", first), "account.external_ref: the file has no column 'account'")


def test_packed_files_are_read_and_a_torn_one_is_refused(db: Any, tmp_path: Path) -> None:
    content = (",".join(HEADER) + "\n" + ",".join(ROW) + "\n").encode("gb18030")
    path = tmp_path / "feed.csv.gz"
    path.write_bytes(gzip.compress(content))

    assert _take(path).created == 1
    torn = tmp_path / "torn.csv.gz"
    torn.write_bytes(gzip.compress(content)[:-12])
    with override("en"), pytest.raises(InvalidInput, match="damaged or was cut off"):
        _take(torn)
    lines = tmp_path / "feed.ndjson.gz"
    lines.write_bytes(gzip.compress(json.dumps(_object(account="K9")).encode()))
    assert _take(lines).created == 1


def test_file_of_another_format_than_the_profile_reads_is_refused(db: Any, tmp_path: Path) -> None:
    profile = _profile('[file]\nformat = "csv"')

    _refused(make_sheet(tmp_path / "feed.csv", [list(HEADER), list(ROW)]), "The file is xlsx", profile=profile)


def test_row_of_a_million_cells_is_refused_before_anything_is_written(db: Any, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(HEADER) + "\n" + ",".join(ROW) + "\n" + "," * 1_000_000 + "\n")

    _refused(path, "Row 3 has more than 2000 cells")


def test_read_through_counts_rows_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w") as stream:
        stream.write(",".join(HEADER) + "\n")
        for _n in range(60_000):
            stream.write(",".join(ROW) + "\n")
    profile = _profile()
    found = inspect_file(path=path, file=profile.file)
    tracemalloc.start()

    rows = read_through(path=path, found=found, profile=profile)

    assert rows == 60_000
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()
