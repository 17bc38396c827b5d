"""What a dry run would change: counted by field, sampled without personal values."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cases.models import Account, IntakeDifference
from cases.rules.profile.parse import parse_profile
from cases.services.intake.take_in import take_in
from tests.cases.services.intake.samples import CONTENT, PROFILE

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)


def _take(tmp_path: Path, content: bytes, *, dry_run: bool = False) -> Any:
    path = tmp_path / "day.csv"
    path.write_bytes(content)
    return take_in(path=path, profile=parse_profile(text=PROFILE, name="own"), actor=None, at=AT, dry_run=dry_run)


def test_difference_counts_fields_and_samples_no_personal_value(db: Any, tmp_path: Path) -> None:
    _take(tmp_path, CONTENT)
    changed = CONTENT.replace(b"K1,100", b"K1,250").replace("张三".encode(), "张四".encode())

    result = _take(tmp_path, changed + b"P9,310000,K9,1,2026-03-01,\n", dry_run=True)

    difference = IntakeDifference.objects.get(file_id=result.file_id)
    assert difference.counts["account"] == {"new": 1, "changed": 1, "fields": {"credit_limit": 1}}
    assert difference.counts["borrower"] == {"new": 1, "changed": 1, "fields": {"name": 1}}
    assert sorted(difference.sample) == [
        ["account", "K1", "credit_limit", "100.00", "250.00"],
        ["borrower", "P1", "name", "", ""],
    ]
    assert Account.objects.count() == 3


def test_difference_of_a_file_that_is_stored_already_is_empty(db: Any, tmp_path: Path) -> None:
    _take(tmp_path, CONTENT)

    result = _take(tmp_path, CONTENT, dry_run=True)

    difference = IntakeDifference.objects.get(file_id=result.file_id)
    assert difference.sample == []
    assert {(counts["new"], counts["changed"]) for counts in difference.counts.values()} <= {(0, 0)}
