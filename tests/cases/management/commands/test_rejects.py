"""The command that writes rejected rows: masked, or in clear for a named person and purpose."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from backoffice.audit.models import AccessEntry
from tests.cases.services.intake.test_reject_releases import NAME, make_file


def test_without_a_person_the_rows_are_masked(db: Any) -> None:
    out = io.StringIO()

    call_command("rejects", make_file().pk, stdout=out)

    assert out.getvalue().splitlines()[1].startswith("2,borrower.territory,")
    assert NAME not in out.getvalue()
    assert AccessEntry.objects.count() == 0


def test_a_named_person_gets_the_rows_of_their_own_file_in_clear_and_logged(tmp_path: Path, risk_manager: Any) -> None:
    file, out = make_file(taken_by=risk_manager), tmp_path / "rejected.csv"

    call_command("rejects", file.pk, "--out", out, "--actor", risk_manager.get_username(), "--purpose", "Correct")

    assert NAME in out.read_text(encoding="utf-8")
    entry = AccessEntry.objects.get()
    assert (entry.actor_id, entry.purpose, entry.note) == (risk_manager.pk, "INTAKE", "Correct")


@pytest.mark.parametrize("given", [{"actor": "nobody", "purpose": "Correct"}, {"actor": "", "purpose": "Correct"}])
def test_rows_in_clear_need_a_person_who_exists_and_a_purpose(db: Any, given: dict[str, str]) -> None:
    with pytest.raises(CommandError):
        call_command("rejects", make_file().pk, **given)

    assert AccessEntry.objects.count() == 0


def test_a_person_without_release_or_purpose_is_refused(tmp_path: Path, risk_manager: Any) -> None:
    out = tmp_path / "rejected.csv"
    name = risk_manager.get_username()

    with pytest.raises(CommandError):
        call_command("rejects", make_file().pk, "--out", out, actor=name, purpose="Correct")
    with pytest.raises(CommandError):
        call_command("rejects", make_file(taken_by=risk_manager).pk, "--out", out, actor=name)

    assert not out.exists()
    assert AccessEntry.objects.count() == 0
