"""Files of one account in every format, for tests of the readers."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput
from cases.enums import IntakeState
from cases.models import Account, Borrower, IntakeFile, IntakeReject
from cases.rules.profile.parse import parse_profile
from cases.services.intake.readers.inspection import inspect_file
from cases.services.intake.readers.opening import open_rows
from cases.services.intake.take_in import take_in

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


def profile_with(extra: str = "") -> Any:
    return parse_profile(text=PROFILE + extra, name="test")


def take(path: Path, **changes: Any) -> Any:
    return take_in(**({"path": path, "profile": profile_with(), "actor": None, "at": AT} | changes))


def read_rows(path: Path, profile: Any = None) -> list[tuple[int, list[str]]]:
    profile = profile or profile_with()
    found = inspect_file(path=path, file=profile.file)
    with open_rows(path=path, found=found, profile=profile) as rows:
        return [row for batch in rows.batches(2) for row in batch]


def json_lines(path: Path, *objects: Any) -> Path:
    path.write_text("".join((o if isinstance(o, str) else json.dumps(o, ensure_ascii=False)) + "\n" for o in objects))
    return path


def json_object(**changes: Any) -> dict[str, Any]:
    return dict(zip(HEADER, ROW, strict=True)) | changes


def assert_refused(path: Path, words: str, **changes: Any) -> None:
    with override("en"), pytest.raises(InvalidInput) as refusal:
        take(path, **changes)
    with override("en"):
        said = str(refusal.value)

    assert words in said
    file = IntakeFile.objects.get()
    assert file.state == IntakeState.FAILED
    assert words[:40] in file.problem
    assert (Account.objects.count(), Borrower.objects.count(), IntakeReject.objects.count()) == (0, 0, 0)
