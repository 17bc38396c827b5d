"""The bound of a row."""

from pathlib import Path
from typing import Any

from tests.cases.services.intake.readers.feed_files import HEADER, ROW, assert_refused


def test_row_of_a_million_cells_is_refused_before_anything_is_written(db: Any, tmp_path: Path) -> None:
    path = tmp_path / "wide.csv"
    path.write_text(",".join(HEADER) + "\n" + ",".join(ROW) + "\n" + "," * 1_000_000 + "\n")

    assert_refused(path, "Row 3 has more than 2000 cells")
