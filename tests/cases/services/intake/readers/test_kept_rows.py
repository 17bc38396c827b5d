"""Rows that describe nothing are left out and counted; those in doubt are kept aside, up to a bound."""

from pathlib import Path
from typing import Any

from cases.services.intake.readers import kept_rows
from cases.services.intake.readers.inspection import inspect_file
from cases.services.intake.readers.opening import open_rows, read_through
from tests.cases.services.intake.readers.feed_files import HEADER, ROW, profile_with

BLANK, TOTAL = ["", " ", "\u3000"], ["合计", "", "", "", "", "9"]


def _written(tmp_path: Path, *rows: list[str]) -> Path:
    path = tmp_path / "feed.csv"
    path.write_text("\n".join(",".join(row) for row in [HEADER, *rows]) + "\n", encoding="utf-8")
    return path


def test_blank_rows_and_totals_are_left_out_and_counted(tmp_path: Path) -> None:
    path = _written(tmp_path, BLANK, ROW, TOTAL, ROW, ["小计"], BLANK)
    profile = profile_with('[file]\ntotal_rows = ["小计"]')

    with open_rows(path=path, found=inspect_file(path=path, file=profile.file), profile=profile) as rows:
        read = [row for batch in rows.batches(2) for row in batch]

    assert read == [(3, ROW), (5, ROW)]
    assert rows.contents == kept_rows.FileContents(
        header=HEADER,
        rows=2,
        blank=2,
        totals=1,
        doubtful=[kept_rows.DoubtfulRow(number=4, cells=TOTAL, word="合计")],
    )


def test_a_header_that_is_printed_on_each_page_is_no_row(tmp_path: Path) -> None:
    path = _written(tmp_path, ROW, HEADER, ROW, [f" {name}" for name in HEADER])
    profile = profile_with()

    contents = read_through(path=path, found=inspect_file(path=path, file=profile.file), profile=profile)

    assert (contents.rows, contents.blank) == (2, 2)


def test_more_rows_of_totals_than_the_bound_are_read_like_others(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(kept_rows, "MOST_DOUBTFUL", 2)
    path = _written(tmp_path, *([TOTAL] * 5))
    profile = profile_with()

    contents = read_through(path=path, found=inspect_file(path=path, file=profile.file), profile=profile)

    assert (contents.rows, len(contents.doubtful)) == (3, 2)
