"""The record of an intake, from its beginning to its end."""

from pathlib import Path
from typing import Any

from backoffice.audit.models import AuditEntry
from cases.enums import IntakeState
from cases.models import (
    IntakeFile,
)
from tests.cases.services.intake.account_files import account_file, row, take


def test_take_in_leaves_one_entry_at_the_start_and_one_at_the_end(db: Any, tmp_path: Path, risk_manager: Any) -> None:
    result = take(account_file(tmp_path, row(1)), actor=risk_manager)

    entries = list(AuditEntry.objects.order_by("sequence").values_list("action", "actor_id", "subject_id"))
    assert entries == [
        ("intake.started", risk_manager.pk, str(result.file_id)),
        ("intake.finished", risk_manager.pk, str(result.file_id)),
    ]
    assert not AuditEntry.objects.filter(body__contains="张小三").exists()
    file = IntakeFile.objects.get()
    assert (file.state, file.row_count, file.created_count) == (IntakeState.FINISHED, 1, 1)
