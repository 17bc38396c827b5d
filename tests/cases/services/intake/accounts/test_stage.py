"""Account rows as COPY text."""

from decimal import Decimal
from pathlib import Path
from typing import Any

from cases.models import (
    Repayment,
)
from cases.rules.profile.parse import parse_profile
from tests.cases.services.intake.account_files import PROFILE, account_file, row, take


def test_take_in_gives_a_repayment_to_the_first_of_two_accounts(db: Any, tmp_path: Path) -> None:
    profile = parse_profile(text=PROFILE.replace('"{account}-P"', '"{phone}-P"'), name="test")

    result = take(account_file(tmp_path, row(1, paid="5"), row(2, paid="6")), profile=profile)

    assert result.created == 2
    assert Repayment.objects.values_list("account__external_ref", "amount").get() == ("K1", Decimal("5"))
