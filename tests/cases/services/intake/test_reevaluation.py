"""Borrowers of a small file are marked for re-evaluation; those of a portfolio are not."""

from typing import Any

import pytest

from cases.enums import RecordKind
from cases.models import DueEvaluation
from cases.services.casework.reevaluation import FEW
from cases.services.intake.reevaluation import mark_rows_for_reevaluation
from tests.factories.portfolio import AT, make_account, make_borrower


@pytest.mark.parametrize(
    ("kind", "rows_in_file", "marked"),
    [(RecordKind.ACCOUNTS, 2, 1), (RecordKind.ACCOUNTS, FEW + 1, 0), (RecordKind.OUTCOMES, 2, 0)],
)
def test_only_borrowers_of_few_rows_that_rules_read_are_marked(
    shanghai: Any, kind: str, rows_in_file: int, marked: int
) -> None:
    borrower = make_borrower(territory=shanghai)
    make_account(borrower=borrower, external_ref="K1")
    make_account(borrower=make_borrower(territory=shanghai), external_ref="K2")
    DueEvaluation.objects.all().delete()

    assert mark_rows_for_reevaluation(kind=kind, refs=["K1"], rows_in_file=rows_in_file, at=AT) == marked

    assert list(DueEvaluation.objects.values_list("borrower_id", flat=True)) == [borrower.pk] * marked
