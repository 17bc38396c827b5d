"""Staged rows are merged by key: new ones are inserted, different ones updated, equal ones left alone."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection

from cases.enums import AccountStatus
from cases.models import Account, Repayment
from cases.services.intake.accounts.tables import TARGETS
from cases.services.intake.events.tables import PAYMENT
from cases.services.intake.staging import begin_batch, close_stages, open_stages, sql_word
from tests.factories.portfolio import make_account, make_borrower

AT = datetime(2026, 3, 2, 2, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def stages(db: Any) -> Any:
    open_stages(TARGETS)
    yield
    close_stages(TARGETS)


def _merge(*rows: tuple[str, str, str]) -> list[tuple[str, bool]]:
    begin_batch(TARGETS)
    refs, accounts, amounts = zip(*rows, strict=True)
    columns = {"external_ref": refs, "account_ref": accounts, "amount": amounts, "paid_on": ["2026-03-01"] * len(refs)}
    PAYMENT.copy(PAYMENT.text(columns=columns, count=len(refs)))
    return sorted((row.reference, row.is_new) for row in PAYMENT.merge(at=AT))


def test_merge_writes_new_and_different_rows_and_says_which_are_new(stages: None, shanghai: Any) -> None:
    for ref in ("K1", "K2"):
        make_account(borrower=make_borrower(territory=shanghai), external_ref=ref)

    first = _merge(("R1", "K1", "5"), ("R2", "K2", "6"))
    second = _merge(("R1", "K1", "5"), ("R2", "K2", "7"), ("R3", "K1", "8"), ("R4", "nobody", "1"))

    assert first == [("R1", True), ("R2", True)]
    assert second == [("R2", False), ("R3", True)]
    assert dict(Repayment.objects.values_list("external_ref", "amount")) == {
        "R1": Decimal(5),
        "R2": Decimal(7),
        "R3": Decimal(8),
    }


def test_guard_keeps_a_row_of_another_parent(stages: None, shanghai: Any) -> None:
    for ref in ("K1", "K2"):
        make_account(borrower=make_borrower(territory=shanghai), external_ref=ref)
    _merge(("R1", "K1", "5"))

    assert _merge(("R1", "K2", "9")) == []

    repayment = Repayment.objects.get()
    assert (repayment.account, repayment.amount) == (Account.objects.get(external_ref="K1"), Decimal(5))


def test_close_stages_drops_the_temporary_tables(db: Any) -> None:
    open_stages(TARGETS)
    close_stages(TARGETS)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname LIKE 'intake\\_%%' AND relpersistence = 't'")
        assert cursor.fetchone()[0] == 0


def test_sql_word_quotes_words_of_enums_and_nothing_else() -> None:
    assert sql_word(AccountStatus.WRITTEN_OFF) == "'WRITTEN_OFF'"
    for text in ("x'; --", "", "a b"):
        with pytest.raises(ValueError, match="no word"):
            sql_word(text)
