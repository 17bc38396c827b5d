"""The feed of reversals: batches, references used before, and borrowers to be judged again."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from cases.models import DueEvaluation, RepaymentReversal
from cases.services.intake import take_in as take_in_module
from tests.cases.services.intake.event_files import REPAYMENTS, REVERSALS, counts, event_file, take
from tests.factories.portfolio import make_account, make_borrower


@pytest.fixture
def account(shanghai: Any, tmp_path: Path) -> Any:
    account = make_account(borrower=make_borrower(territory=shanghai), external_ref="D1-1")
    take(event_file(tmp_path, REPAYMENTS + "R1,D1-1,500,2026-02-20,x\nR2,D1-1,9,2026-02-20,x\n"), "demo-repayments")
    DueEvaluation.objects.all().delete()
    return account


def test_batches_share_references_and_what_is_left(
    tmp_path: Path, account: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take_in_module, "BATCH_ROWS", 1)

    result = take(
        event_file(
            tmp_path,
            REVERSALS + "V1,R1,400,2026-02-21,\nV1,R2,9,2026-02-21,\nV2,R1,200,2026-02-21,\nV3,R1,,2026-02-21,\n",
        ),
        "demo-reversals",
    )

    assert counts(result) == (4, 2, 0, 0, 2)
    assert sorted(RepaymentReversal.objects.values_list("external_ref", "amount", "reversed_on")) == [
        ("V1", 400, date(2026, 2, 21)),
        ("V3", 100, date(2026, 2, 21)),
    ]


def test_a_refused_row_leaves_its_reference_to_a_later_sound_one(tmp_path: Path, account: Any) -> None:
    result = take(event_file(tmp_path, REVERSALS + "V1,R1,x,2026-02-21,\nV1,R1,5,2026-02-21,\n"), "demo-reversals")

    assert counts(result) == (2, 1, 0, 0, 1)


def test_the_borrower_is_judged_again(tmp_path: Path, account: Any) -> None:
    take(event_file(tmp_path, REVERSALS + "V1,R1,,2026-02-21,\n"), "demo-reversals")

    assert list(DueEvaluation.objects.values_list("borrower_id", flat=True)) == [account.borrower_id]
