"""Uploads that wait: kept sealed, worked once, begun again after a worker was lost, and gone in the end."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, Missing, NotAllowed
from cases.enums import IntakeState
from cases.models import Account, IntakeFile, IntakeReject
from cases.services.intake import take_in, uploads
from cases.services.intake.lease import LEASE, Hold
from cases.services.intake.uploads import queue_upload, sweep_uploads, work_upload
from tests.cases.services.intake.samples import CONTENT, PROFILE
from tests.factories.profiles import make_profile

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)


@pytest.fixture
def profile(db: Any) -> None:
    make_profile(name="own", kind="ACCOUNTS", body=PROFILE)


def _queue(content: bytes = CONTENT, **changes: Any) -> IntakeFile:
    given = {
        "content": [content[:7], content[7:]],
        "file_name": "day.csv",
        "size": len(content),
        "profile": "own",
        "actor": None,
        "at": AT,
    } | changes
    return queue_upload(**given)


def _kept() -> list[Path]:
    return [p for p in Path(settings.MEDIA_ROOT).rglob("*") if p.is_file()]


def test_queue_upload_keeps_the_file_sealed(profile: None) -> None:
    file = _queue()

    assert (file.state, file.byte_count, file.source) == (IntakeState.QUEUED, len(CONTENT), "own")
    (kept,) = _kept()
    # A whole line: two letters stand in any ciphertext of this length now and then.
    assert CONTENT.splitlines()[1] not in kept.read_bytes()
    assert AuditEntry.objects.get(action="intake.queued").body["bytes"] == len(CONTENT)
    assert Account.objects.count() == 0


def test_work_upload_takes_the_file_in_and_removes_it(profile: None) -> None:
    file = _queue()

    assert work_upload(file_id=file.pk, at=AT) is True

    file.refresh_from_db()
    assert (file.state, file.created_count, file.total_count, file.row_count) == (IntakeState.FINISHED, 3, 3, 3)
    assert (file.attempts, file.epoch, file.leased_until, file.upload) == (1, 1, None, "")
    assert _kept() == []
    assert Account.objects.count() == 3
    assert work_upload(file_id=file.pk, at=AT) is False


def test_work_upload_says_what_is_wrong_and_removes_the_file(profile: None) -> None:
    file = _queue(b"nothing,of,use\n1,2,3\n")

    work_upload(file_id=file.pk, at=AT)

    file.refresh_from_db()
    assert (file.state, _kept()) == (IntakeState.FAILED, [])
    assert "person" in file.problem


def test_file_that_is_worked_is_left_to_its_worker(profile: None) -> None:
    file = _queue()
    IntakeFile.objects.filter(pk=file.pk).update(state=IntakeState.RUNNING, leased_until=AT + timedelta(seconds=1))

    assert work_upload(file_id=file.pk, at=AT) is False
    assert sweep_uploads(at=AT) == 0
    assert sweep_uploads(at=AT + timedelta(seconds=2)) == 1


def test_file_of_a_lost_worker_is_begun_again_and_counts_once(profile: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(take_in, "BATCH_ROWS", 1)
    file = _queue(CONTENT + b"P4,310000,K4,x,2026-03-01\n")
    _stop_after(monkeypatch, rows=2)
    with pytest.raises(KeyboardInterrupt):
        work_upload(file_id=file.pk, at=AT)
    monkeypatch.undo()
    assert Account.objects.count() == 2

    later = AT + LEASE + timedelta(seconds=1)
    work_upload(file_id=file.pk, at=later)

    file.refresh_from_db()
    counts = (file.row_count, file.created_count, file.updated_count, file.unchanged_count, file.rejected_count)
    assert counts == (4, 3, 0, 0, 1)
    assert (file.state, file.attempts, IntakeReject.objects.count()) == (IntakeState.FINISHED, 2, 1)
    assert Account.objects.count() == 3


def _stop_after(monkeypatch: Any, *, rows: int) -> None:
    """Let the worker die as by a signal once so many rows are committed."""
    write = Hold.write

    def stopping(hold: Hold, **changes: Any) -> None:
        if IntakeFile.objects.get(pk=hold.file.pk).row_count >= rows:
            raise KeyboardInterrupt
        write(hold, **changes)

    monkeypatch.setattr(Hold, "write", stopping)


def test_worker_that_slept_past_its_lease_writes_nothing_more(profile: None, monkeypatch: Any) -> None:
    monkeypatch.setattr(take_in, "BATCH_ROWS", 1)
    file = _queue()
    write = Hold.write

    def overtaken(hold: Hold, **changes: Any) -> None:
        if "row_count" in changes and Account.objects.count() == 2:
            IntakeFile.objects.filter(pk=file.pk).update(epoch=7)
        write(hold, **changes)

    monkeypatch.setattr(Hold, "write", overtaken)

    work_upload(file_id=file.pk, at=AT)

    file.refresh_from_db()
    assert (file.state, file.row_count, file.finished_at) == (IntakeState.RUNNING, 1, None)
    assert Account.objects.count() == 1
    assert len(_kept()) == 1


def test_file_whose_workers_die_again_and_again_is_given_up(profile: None) -> None:
    file = _queue()
    IntakeFile.objects.filter(pk=file.pk).update(
        state=IntakeState.RUNNING, attempts=uploads.MAX_ATTEMPTS, leased_until=AT
    )
    later = AT + timedelta(minutes=1)

    assert work_upload(file_id=file.pk, at=later) is False
    sweep_uploads(at=later)

    file.refresh_from_db()
    assert (file.state, file.finished_at, _kept()) == (IntakeState.FAILED, later, [])


def test_intake_of_a_command_that_was_killed_is_closed_by_the_sweep(profile: None) -> None:
    file = IntakeFile.objects.create(profile_name="own", file_name="x.csv", started_at=AT, leased_until=AT)

    sweep_uploads(at=AT + timedelta(seconds=1))

    file.refresh_from_db()
    assert (file.state, bool(file.problem)) == (IntakeState.FAILED, True)


def test_altered_upload_is_not_taken_in(profile: None) -> None:
    file = _queue()
    (kept,) = _kept()
    body = bytearray(kept.read_bytes())
    body[40] ^= 1
    kept.chmod(0o600)
    kept.write_bytes(body)

    work_upload(file_id=file.pk, at=AT)

    file.refresh_from_db()
    assert (file.state, Account.objects.count()) == (IntakeState.FAILED, 0)


def test_queue_upload_refuses_before_it_keeps_anything(profile: None, officer: Any) -> None:
    for changes, refusal in (
        ({"actor": officer}, NotAllowed),
        ({"profile": "nope"}, Missing),
        ({"size": uploads.MAX_UPLOAD_BYTES + 1}, InvalidInput),
        ({"mode": "whole"}, InvalidInput),
    ):
        with pytest.raises(refusal):
            _queue(**changes)

    assert (IntakeFile.objects.count(), _kept()) == (0, [])
