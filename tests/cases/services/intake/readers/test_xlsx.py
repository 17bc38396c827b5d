"""Spreadsheets are read as they show, and refused whole if they are hostile."""

import tracemalloc
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.models import Account, IntakeFile
from tests.cases.services.intake.readers.feed_files import HEADER, ROW, assert_refused, read_rows, take
from tests.factories.sheets import make_sheet


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

    result = take(path)

    assert (result.rows, result.created, result.rejected) == (2, 2, 0)
    first, second = Account.objects.order_by("external_ref")
    assert (first.external_ref, first.credit_limit, first.arrears_amount) == ("K1", Decimal(60000), Decimal("0.10"))
    assert (first.as_of, first.borrower.name) == (date(2026, 3, 1), "张小三")
    assert first.borrower.last_app_login_at == datetime(2026, 2, 20, 2, 0, tzinfo=UTC)
    assert (second.external_ref, second.credit_limit, second.arrears_amount) == ("K2", Decimal(60000), Decimal(2))


def test_spreadsheet_that_names_a_far_cell_costs_nothing(tmp_path: Path) -> None:
    far = '<row r="1"><c r="A1" t="inlineStr"><is><t>a</t></is></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    path = make_sheet(tmp_path / "far.xlsx", [], body=far)
    tracemalloc.start()

    with override("en"), pytest.raises(InvalidInput, match="Row 1048576 has more than 2000 cells"):
        read_rows(path)

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
    assert_refused(make_sheet(tmp_path / "hostile.xlsx", [], body=body, head=head), words)


@pytest.mark.owner_rights
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
        assert_refused(path, words)
