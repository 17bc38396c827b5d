"""The command that takes a file in."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from cases.models import (
    Account,
    Borrower,
    IntakeFile,
    Repayment,
)
from tests.cases.services.intake.event_files import REPAYMENTS, event_file
from tests.factories.portfolio import make_account, make_borrower


@pytest.fixture
def account(shanghai: Any) -> Account:
    return make_account(borrower=make_borrower(territory=shanghai, external_ref="D1"), external_ref="D1-1")


def test_intake_command_ends_with_the_promised_line(tmp_path: Path, account: Account) -> None:
    path = event_file(tmp_path, REPAYMENTS + "R1,D1-1,5,2026-02-20,x\nR2,D1-1,-5,2026-02-20,x\n")
    out, err = io.StringIO(), io.StringIO()

    call_command("intake", str(path), "--profile", "demo-repayments", "--json", stdout=out, stderr=err)

    body = json.loads(out.getvalue())
    assert set(body) == {"rows", "created", "updated", "unchanged", "rejected", "seconds"}
    assert (body["rows"], body["created"], body["rejected"]) == (2, 1, 1)
    assert "2 " in err.getvalue()
    listed = io.StringIO()
    call_command("rejects", IntakeFile.objects.get().pk, stdout=listed)
    assert listed.getvalue().splitlines()[1].startswith("3,repayment.amount,")


def test_intake_command_takes_a_profile_file_and_names_what_is_wrong(tmp_path: Path, account: Account) -> None:
    profile = tmp_path / "own.toml"
    profile.write_text('kind = "REPAYMENTS"\n[repayment]\nexternal_ref = { column = "no" }\n', encoding="utf-8")
    path = event_file(tmp_path, REPAYMENTS)

    with pytest.raises(CommandError, match=r"repayment\.account"):
        call_command("intake", str(path), "--profile", str(profile), "--json")
    with pytest.raises(CommandError):
        call_command("intake", str(tmp_path / "none.csv"), "--profile", "demo-repayments")

    assert Repayment.objects.count() == 0
    assert Borrower.objects.count() == 1
