"""Outcomes come in by reference, are corrected by a later word, and touch nothing but their own table."""

from pathlib import Path
from typing import Any

import pytest

from cases.models import ObservedOutcome
from cases.services.intake.take_in import take_in
from tests.factories.portfolio import AT, make_account, make_borrower

pytestmark = pytest.mark.django_db
HEADER = "ID,Y"


def take(tmp_path: Path, *rows: str) -> Any:
    path = tmp_path / "outcomes.csv"
    path.write_text("\n".join((HEADER, *rows)) + "\n", encoding="utf-8")
    return take_in(path=path, profile="uci-taiwan-outcomes", actor=None, at=AT)


def test_outcomes_are_taken_once_and_corrected(shanghai: Any, tmp_path: Path) -> None:
    for number in (1, 2):
        make_account(borrower=make_borrower(territory=shanghai), external_ref=f"uci-{number}")

    first = take(tmp_path, "1,0", "2,1")
    again = take(tmp_path, "1,1", "2,1")

    assert (first.created, first.rejected) == (2, 0)
    assert (again.updated, again.unchanged) == (1, 1)
    assert set(ObservedOutcome.objects.values_list("external_ref", "kind", "is_bad")) == {
        ("uci-1-2005-10", "DEFAULT", True),
        ("uci-2-2005-10", "DEFAULT", True),
    }


def test_an_outcome_of_nobody_or_without_a_verdict_is_rejected(shanghai: Any, tmp_path: Path) -> None:
    make_account(borrower=make_borrower(territory=shanghai), external_ref="uci-1")

    result = take(tmp_path, "1,perhaps", "9,1")

    assert (result.created, result.rejected) == (0, 2)
    assert ObservedOutcome.objects.count() == 0
