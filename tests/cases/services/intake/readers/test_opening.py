"""Files of every format and packing are opened and read to their end."""

import gzip
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.services.intake.readers.inspection import inspect_file
from cases.services.intake.readers.opening import read_through
from tests.cases.services.intake.readers.feed_files import HEADER, ROW, json_object, profile_with, take


def test_packed_files_are_read_and_a_torn_one_is_refused(db: Any, tmp_path: Path) -> None:
    content = (",".join(HEADER) + "\n" + ",".join(ROW) + "\n").encode("gb18030")
    path = tmp_path / "feed.csv.gz"
    path.write_bytes(gzip.compress(content))

    assert take(path).created == 1
    torn = tmp_path / "torn.csv.gz"
    torn.write_bytes(gzip.compress(content)[:-12])
    with override("en"), pytest.raises(InvalidInput, match="damaged or was cut off"):
        take(torn)
    lines = tmp_path / "feed.ndjson.gz"
    lines.write_bytes(gzip.compress(json.dumps(json_object(account="K9")).encode()))
    assert take(lines).created == 1


def test_read_through_counts_rows_in_flat_memory(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    with path.open("w") as stream:
        stream.write(",".join(HEADER) + "\n")
        for _n in range(60_000):
            stream.write(",".join(ROW) + "\n")
    profile = profile_with()
    found = inspect_file(path=path, file=profile.file)
    tracemalloc.start()

    rows = read_through(path=path, found=found, profile=profile)

    assert (rows.rows, rows.blank, rows.totals, rows.doubtful) == (60_000, 0, 0, [])
    assert tracemalloc.get_traced_memory()[1] < 20 << 20
    tracemalloc.stop()
