"""A file is inspected before its rows are read."""

import gzip
import zipfile
from pathlib import Path
from typing import Any

import pytest

from backoffice.core.errors import InvalidInput
from cases.models import IntakeFile
from tests.cases.services.intake.account_files import COLUMNS, take
from tests.cases.services.intake.readers.feed_files import HEADER, ROW, assert_refused, profile_with
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
