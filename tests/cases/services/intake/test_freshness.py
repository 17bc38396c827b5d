"""What the end of an intake tells about its source; a file that comes twice, late or not at all."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from cases.models import Account, IntakeFile, SourceFreshness
from tests.cases.services.intake.account_files import AT, account_file, counts, row, take

pytestmark = pytest.mark.django_db


def days_of(result: Any) -> tuple[date | None, date | None]:
    file = IntakeFile.objects.get(pk=result.file_id)
    return file.as_of, file.known_as_of


def test_the_newest_day_and_the_arrival_are_kept_for_the_source(tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1, as_of="2026-02-27"), row(2, as_of="2026-02-28")))

    take(account_file(tmp_path, row(1, as_of="2026-03-01")), at=AT + timedelta(days=1))

    kept = SourceFreshness.objects.values_list("source", "newest_as_of", "arrivals", "open_count").get()
    assert kept == ("test", date(2026, 3, 1), [AT + timedelta(days=1), AT], None)


def test_a_file_that_is_older_than_what_is_known_keeps_both_days(tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1, as_of="2026-03-01")))

    old = take(account_file(tmp_path, row(1, as_of="2026-02-25"), row(2, as_of="2026-02-26")))

    assert days_of(old) == (date(2026, 2, 26), date(2026, 3, 1))
    assert SourceFreshness.objects.get().newest_as_of == date(2026, 3, 1)


def test_a_doubled_file_counts_nothing_twice_and_tells_no_new_day(tmp_path: Path) -> None:
    path = account_file(tmp_path, row(1), row(2))
    take(path)

    again = take(path, at=AT + timedelta(hours=1))

    assert counts(again) == (2, 0, 0, 2, 0)
    assert (Account.objects.count(), days_of(again)) == (2, (None, date(2026, 3, 1)))
    assert SourceFreshness.objects.get().arrivals == [AT]


def test_a_dry_run_only_compares(tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1, as_of="2026-02-27")))

    tried = take(account_file(tmp_path, row(1, as_of="2026-03-01")), dry_run=True, at=AT + timedelta(days=1))

    assert days_of(tried) == (date(2026, 3, 1), date(2026, 2, 27))
    assert SourceFreshness.objects.values_list("newest_as_of", "arrivals").get() == (date(2026, 2, 27), [AT])
