"""One file from beginning to end: whole, once, counted the same in any batches, and for those who may."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.access.models import Territory
from backoffice.core.errors import InvalidInput, Missing, NotAllowed
from cases.models import (
    Account,
    Borrower,
    IntakeFile,
    IntakeReject,
    PersonMerge,
)
from cases.services.intake import take_in as intake
from cases.services.merges.decisions import approve_merge
from tests.cases.services.intake.account_files import AT, account_file, counts, row, take
from tests.factories.people import partition


def test_take_in_dry_run_writes_no_portfolio(db: Any, tmp_path: Path) -> None:
    result = take(account_file(tmp_path, row(1), row(2, limit="x")), dry_run=True)

    assert counts(result) == (2, 1, 0, 0, 1)
    assert Account.objects.count() == Borrower.objects.count() == Territory.objects.count() == 0
    assert IntakeReject.objects.count() == 1
    assert IntakeFile.objects.get().dry_run


@pytest.mark.parametrize("rows", [1, 3, 7])
def test_take_in_counts_the_same_however_it_is_batched(db: Any, tmp_path: Path, monkeypatch: Any, rows: int) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", rows)

    result = take(account_file(tmp_path, *[row(n) for n in range(6)], row(5), row(7, dpd="-1")))

    assert counts(result) == (8, 6, 0, 0, 2)
    assert Account.objects.count() == 6


def test_take_in_asks_the_database_the_same_for_one_row_and_many(db: Any, tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1, id="")))
    one, many = (
        account_file(tmp_path, row(2, id=""), name="one.csv"),
        account_file(tmp_path, *[row(n, id="") for n in range(3, 40)], name="many.csv"),
    )

    with CaptureQueriesContext(connection) as first:
        take(one)
    with CaptureQueriesContext(connection) as second:
        take(many)

    assert len(first) == len(second)


def test_take_in_is_for_those_who_may(db: Any, tmp_path: Path, officer: Any) -> None:
    with pytest.raises(NotAllowed):
        take(account_file(tmp_path, row(1)), actor=officer)

    assert IntakeFile.objects.count() == Account.objects.count() == 0


def test_take_in_says_when_file_or_profile_is_missing(db: Any, tmp_path: Path) -> None:
    with pytest.raises(Missing):
        take(tmp_path / "none.csv")
    with pytest.raises(Missing, match="uci-taiwan"):
        take(account_file(tmp_path, row(1)), profile="no-such")
    with pytest.raises(Missing):
        take(account_file(tmp_path, row(1)), profile="../../etc/passwd")

    assert IntakeFile.objects.count() == 0


def test_take_in_writes_nothing_of_a_file_that_breaks_off(db: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", 2)
    torn = account_file(tmp_path, row(1), row(2), row(3), '"open', name="torn.csv")

    with pytest.raises(InvalidInput):
        take(torn)
    whole = take(account_file(tmp_path, row(1), row(2), row(3)))

    assert IntakeFile.objects.get(file_name="torn.csv").created_count == 0
    assert counts(whole) == (3, 3, 0, 0, 0)


def test_take_in_suggests_who_is_one_person_after_a_file_that_wrote_accounts(db: Any, tmp_path: Path) -> None:
    short, long, other = "110105491231002", "11010519491231002X", "999999198501017770"
    first = account_file(tmp_path, row(1, id=short), row(2, id=other), name="first.csv")
    second = account_file(tmp_path, row(3, id=long), row(4, id=""), row(5, id=""), name="second.csv")

    take(first)
    assert PersonMerge.objects.count() == 0
    take(second, dry_run=True)
    assert PersonMerge.objects.count() == 0
    take(second)

    merge = PersonMerge.objects.get()
    assert sorted(merge.borrowers.values_list("external_ref", flat=True)) == ["P1", "P3"]
    assert merge.created_at >= merge.members.get(borrower__external_ref="P3").borrower.updated_at
    # A row that changes nothing writes nothing, also no second suggestion.
    take(second)
    assert PersonMerge.objects.count() == 1


def test_take_in_of_a_corrected_number_suggests_to_part_who_was_merged(
    db: Any, tmp_path: Path, risk_manager: Any
) -> None:
    number = "11010519491231002X"
    take(account_file(tmp_path, row(1, id=number), row(2, id=number), name="first.csv"))
    merge = approve_merge(merge=PersonMerge.objects.get(), actor=risk_manager, at=AT)

    take(account_file(tmp_path, row(2, id="999999198501017770"), name="second.csv"))

    merge.refresh_from_db()
    assert merge.state == "PART_SUGGESTED"
    # An intake leaves the person of a borrower as it is.
    assert partition() == [["P1", "P2"]]
