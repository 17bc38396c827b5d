"""A worker's hold on a file: it renews the lease, and is lost with the epoch."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from cases.models import IntakeFile
from cases.services.intake.lease import LEASE, Hold, IntakeLost

AT = datetime(2026, 3, 2, 2, 0, 0, 123456, tzinfo=UTC)


def make_file(**changes: Any) -> IntakeFile:
    return IntakeFile.objects.create(profile_name="own", file_name="day.csv", started_at=AT, **changes)


def test_write_changes_the_record_and_renews_the_lease(db: Any) -> None:
    file = make_file(leased_until=AT)

    Hold(file=file, at=AT).write(total_count=3)

    file.refresh_from_db()
    assert file.total_count == 3
    assert AT + LEASE <= file.leased_until < AT + LEASE + timedelta(seconds=5)


def test_hold_is_lost_with_its_epoch_or_the_end_of_the_file(db: Any) -> None:
    for changes in ({"epoch": 1}, {"finished_at": AT}):
        file = make_file()
        hold = Hold(file=file, at=AT)
        IntakeFile.objects.filter(pk=file.pk).update(**changes)

        with pytest.raises(IntakeLost):
            hold.write(total_count=9)

        file.refresh_from_db()
        assert file.total_count is None


def test_renew_writes_nothing_within_five_seconds(db: Any) -> None:
    file = make_file(leased_until=AT)
    hold = Hold(file=file, at=AT)

    hold.renew()

    file.refresh_from_db()
    assert file.leased_until == AT
