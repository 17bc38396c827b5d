"""Each account is worked where its row says; the borrower's territory follows from the accounts, in any order."""

from itertools import permutations
from pathlib import Path
from typing import Any

import pytest

from cases.models import Account, Borrower
from cases.rules.profile.parse import parse_profile
from tests.cases.services.intake.account_files import PROFILE, account_file, counts, row, take

TWO = parse_profile(
    text=PROFILE.replace('name = "上海"\n', 'name = "上海"\n[[territories]]\ncode = "510100"\nname = "成都"\n'),
    name="test",
)


def places() -> tuple[str, dict[str, str]]:
    return (
        Borrower.objects.get().territory.code,
        dict(Account.objects.values_list("external_ref", "territory__code")),
    )


def lying(number: int, branch: str, **changes: str) -> str:
    return row(number, person="P", branch=branch, **changes)


@pytest.mark.parametrize("order", list(permutations([0, 1])))
@pytest.mark.parametrize("files", [1, 2])
def test_two_territories_give_each_account_its_own(db: Any, tmp_path: Path, order: tuple[int, ...], files: int) -> None:
    rows = [lying(1, "310000"), lying(2, "510100")]
    rows = [rows[n] for n in order]
    for given in [rows] if files == 1 else [[each] for each in rows]:
        take(account_file(tmp_path, *given), profile=TWO)

    assert places() == ("310000", {"K1": "310000", "K2": "510100"})


def test_the_territory_of_most_open_accounts_is_the_borrowers(db: Any, tmp_path: Path) -> None:
    take(account_file(tmp_path, lying(1, "310000"), lying(2, "510100"), lying(3, "510100")), profile=TWO)

    assert places()[0] == "510100"

    Account.objects.filter(external_ref="K3").update(status="CLOSED")
    result = take(account_file(tmp_path, lying(1, "310000", dpd="96"), lying(2, "510100", dpd="96")), profile=TWO)

    assert places()[0] == "310000"
    assert counts(result) == (2, 0, 2, 0, 0)


def test_a_borrower_moves_with_all_accounts(db: Any, tmp_path: Path) -> None:
    take(account_file(tmp_path, lying(1, "310000"), lying(2, "310000")), profile=TWO)

    take(account_file(tmp_path, lying(1, "510100"), lying(2, "510100")), profile=TWO)

    assert places() == ("510100", {"K1": "510100", "K2": "510100"})
