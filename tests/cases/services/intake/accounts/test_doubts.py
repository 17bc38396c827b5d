"""A doubtful cell does not drop its account: it waits for the desk, and ends when the lender sends another value."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from django.utils.translation import override

from cases.models import Account, Borrower, BorrowerPhone, DoubtfulCell, IntakeFile, IntakeReject, SuspicionSignal
from cases.rules.profile.parse import parse_profile
from tests.cases.services.intake.account_files import AT, PROFILE, account_file, counts, row, take
from tests.clear_text import tables_with

WRONG = "310101199001010010"


def doubts() -> list[tuple[str, str, str, str]]:
    return [(d.borrower.external_ref, d.field, d.value, d.state) for d in DoubtfulCell.objects.order_by("pk")]


def signals() -> list[tuple[str, str, str, bool]]:
    return [(s.kind, s.source, str(s.confidence), s.cleared_on is None) for s in SuspicionSignal.objects.order_by("pk")]


def test_take_in_takes_rows_with_doubtful_cells(db: Any, tmp_path: Path) -> None:
    result = take(
        account_file(
            tmp_path,
            row(1, id=WRONG),
            row(2, phone="1390000007"),
            row(3, name="张\x07三"),
            row(4, lat="999"),
            row(5, phone="13900000064/无"),
        )
    )

    assert counts(result) == (5, 5, 0, 0, 0)
    assert IntakeReject.objects.count() == 0
    assert doubts() == [
        ("P1", "borrower.id_number", WRONG, "OPEN"),
        ("P2", "phones.number", "1390000007", "OPEN"),
        ("P3", "borrower.name", "张\x07三", "OPEN"),
        ("P4", "addresses.latitude", "999", "OPEN"),
    ]
    assert Account.objects.count() == 5
    assert Borrower.objects.get(external_ref="P1").id_number == ""
    assert [p.number for p in BorrowerPhone.objects.filter(borrower__external_ref="P5")] == ["+8613900000064"]
    assert IntakeFile.objects.get().doubtful_count == 4
    assert signals() == [("FALSE_IDENTITY", "INTAKE", "0.50", True)]
    assert tables_with(WRONG) == []
    with override("en"):
        assert DoubtfulCell.objects.order_by("pk")[0].told_reason == "The check digit does not match."


def test_a_doubtful_value_does_not_replace_a_sound_one(db: Any, tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1)))

    # The other row of the batch has a number: the column is written, and must leave the first borrower's alone.
    take(account_file(tmp_path, row(1, id=WRONG), row(2)))

    assert Borrower.objects.get(external_ref="P1").id_number == "99999919850101123X"
    assert doubts() == [("P1", "borrower.id_number", WRONG, "OPEN")]


def test_the_same_cell_again_is_the_same_doubt(db: Any, tmp_path: Path) -> None:
    path = account_file(tmp_path, row(1, id=WRONG))
    take(path)

    again = take(path)
    changed = take(account_file(tmp_path, row(1, id=WRONG, name="张小四", dpd="96")))

    assert counts(again) == (1, 0, 0, 1, 0)
    assert counts(changed) == (1, 0, 1, 0, 0)
    assert len(doubts()) == 1


def test_a_doubt_ends_when_the_lender_sends_another_value_and_returns_with_it(db: Any, tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1, id=WRONG)))

    take(account_file(tmp_path, row(1)))
    gone = DoubtfulCell.objects.get()

    assert (gone.state, gone.settled_at, gone.settled_by) == ("GONE", AT, None)
    assert signals() == [("FALSE_IDENTITY", "INTAKE", "0.50", False)]

    take(account_file(tmp_path, row(1, id=WRONG)), at=AT + timedelta(days=1))

    assert [state for *_rest, state in doubts()] == ["OPEN"]
    assert DoubtfulCell.objects.get().settled_at is None
    assert signals() == [("FALSE_IDENTITY", "INTAKE", "0.50", True)]


def test_a_sign_that_was_answered_is_not_opened_again_by_the_same_cell(db: Any, tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1, id=WRONG)))
    SuspicionSignal.objects.update(answer="CLEARED", answered_in="V1", cleared_on=AT.date())

    take(account_file(tmp_path, row(1, id=WRONG, dpd="97")), at=AT + timedelta(days=1))
    take(account_file(tmp_path, row(1)), at=AT + timedelta(days=2))
    take(account_file(tmp_path, row(1, id=WRONG)), at=AT + timedelta(days=3))

    assert signals() == [("FALSE_IDENTITY", "INTAKE", "0.50", False)]


def test_a_file_of_another_source_ends_no_doubt(db: Any, tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1, id=WRONG)))

    take(account_file(tmp_path, row(1)), profile=parse_profile(text='source = "other"\n' + PROFILE, name="test"))

    assert [state for *_rest, state in doubts()] == ["OPEN"]


def test_a_dry_run_leaves_no_doubt_and_counts_them(db: Any, tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1, id=WRONG)), dry_run=True)

    assert doubts() == []
    assert signals() == []
    assert IntakeFile.objects.get().doubtful_count == 1
