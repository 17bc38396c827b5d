"""Rows of delimited files, and files that cannot be read as such."""

from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.enums import IntakeState
from cases.models import (
    Account,
    IntakeFile,
)
from tests.cases.services.intake.account_files import COLUMNS, row, take


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "header"),
        ((COLUMNS + "\n").encode(), "no rows"),
        (b"a,b\n1,2\n", "no column"),
        (("x," * 1_000_000 + "\n").encode(), "longer than"),
        (("x," * 5_000 + "\n1\n").encode(), "columns"),
        ((COLUMNS + "\n" + row(1) + '\n"P2,310000\n' + row(3)).encode(), "Row 3"),
        ((COLUMNS + '\n"' + "x" * 10_000_000 + '"\n').encode(), "Row 2"),
    ],
)
def test_take_in_of_a_hostile_file_fails_with_one_clear_problem(
    db: Any, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "hostile.csv"
    path.write_bytes(content)

    with override("en"), pytest.raises(InvalidInput, match=words):
        take(path)

    file = IntakeFile.objects.get()
    assert file.state == IntakeState.FAILED
    assert words in file.problem
    assert file.finished_at is not None
    assert Account.objects.count() == 0
