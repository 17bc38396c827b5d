"""Rejected rows are kept whole and sealed."""

from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from cases.models import (
    Account,
    IntakeReject,
)
from tests.cases.services.intake.event_files import CONTACTS, event_file, take
from tests.factories.portfolio import make_account, make_borrower


@pytest.fixture
def account(shanghai: Any) -> Account:
    return make_account(borrower=make_borrower(territory=shanghai, external_ref="D1"), external_ref="D1-1")


def test_rejected_rows_are_sealed(tmp_path: Path, account: Account) -> None:
    take(
        event_file(tmp_path, CONTACTS + "C1,D1,VOICE,shouted at 张小三,是,10000000001,2026-03-01 10:00:00,0\n"),
        "demo-contacts",
    )

    with connection.cursor() as cursor:
        cursor.execute("SELECT r::text FROM cases_intakereject r")
        (stored,) = cursor.fetchone()

    assert "张小三" in IntakeReject.objects.get().value
    assert "张小三" not in stored
    assert "张小三".encode().hex() not in stored
