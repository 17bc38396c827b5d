"""Account rows from the file to the records."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from backoffice.core.sealed.sealing import blind_index
from cases.models import (
    Account,
    Address,
    Borrower,
    BorrowerPhone,
    Repayment,
    Statement,
)
from cases.rules.profile.parse import parse_profile
from cases.services.intake.take_in import take_in
from tests.cases.services.intake.account_files import AT, account_file, counts, row, row_versions, take


def test_take_in_writes_what_the_records_read_back(db: Any, tmp_path: Path) -> None:
    result = take(account_file(tmp_path, row(1, paid="500")))

    assert counts(result) == (1, 1, 0, 0, 0)
    borrower = Borrower.objects.get(external_ref="P1")
    assert (borrower.name, borrower.id_number) == ("张小三", "99999919850101123X")
    assert bytes(borrower.name_index) == blind_index(text="张小三", kind="name")
    assert bytes(borrower.id_number_index) == blind_index(text="99999919850101123X", kind="id_number")
    assert borrower.last_app_login_at == datetime(2026, 2, 20, 2, 0, tzinfo=UTC)
    assert borrower.territory.code == "310000"
    account = Account.objects.get(external_ref="K1")
    assert account.borrower_id == borrower.pk
    assert account.territory_id == borrower.territory_id
    assert (account.credit_limit, account.annual_rate) == (Decimal("60000"), Decimal("0.185"))
    assert (account.days_past_due, account.arrears_amount, account.currency) == (95, Decimal("32000.50"), "CNY")
    assert (account.as_of, account.created_at, account.updated_at) == (date(2026, 3, 1), AT, AT)
    phone = BorrowerPhone.objects.get(borrower=borrower)
    assert (phone.number, phone.verdict) == ("+8619900000001", "UNKNOWN")
    assert bytes(phone.number_index) == blind_index(text="+8619900000001", kind="phone")
    address = Address.objects.get(borrower=borrower)
    assert (address.line, address.coordinates) == ("上海市示范路1-2号", (31.2, 121.4))
    assert Statement.objects.values_list("account_id", "period", "balance").get() == (
        account.pk,
        date(2026, 2, 1),
        Decimal("41000"),
    )
    assert Repayment.objects.values_list("external_ref", "amount").get() == ("K1-P", Decimal("500"))


def test_take_in_with_updates_only_renews_known_accounts(db: Any, tmp_path: Path) -> None:
    take(account_file(tmp_path, row(1)))
    renewal = parse_profile(
        name="renewal",
        text="""
kind = "ACCOUNTS"
updates_only = true
[account]
external_ref = { column = "account" }
as_of = { column = "as_of" }
days_past_due = { column = "dpd" }
""",
    )

    result = take(
        account_file(tmp_path, "K1,2026-03-02,96", "K9,2026-03-02,5", header="account,as_of,dpd"), profile=renewal
    )

    assert counts(result) == (2, 0, 1, 0, 1)
    account = Account.objects.get()
    assert (account.days_past_due, account.as_of, account.arrears_amount) == (96, date(2026, 3, 2), Decimal("32000.50"))
    assert account.borrower.name == "张小三"


def test_demographic_columns_change_nothing_that_is_stored(db: Any, tmp_path: Path) -> None:
    header = "ID," + ",".join(f"X{n}" for n in range(1, 24)) + ",Y"
    row = [
        "1",
        "20000",
        "2",
        "2",
        "1",
        "24",
        "2",
        "2",
        "-1",
        "-1",
        "-2",
        "-2",
        "3913",
        "3102",
        "689",
        "0",
        "0",
        "0",
        "0",
        "689",
        "0",
        "0",
        "0",
        "0",
        "1",
    ]
    other = [*row[:2], "1", "3", "2", "61", *row[6:24], "0"]
    take(account_file(tmp_path, ",".join(row), header=header), profile="uci-taiwan")
    before = row_versions()

    result = take(account_file(tmp_path, ",".join(other), header=header), profile="uci-taiwan")

    assert counts(result) == (1, 0, 0, 1, 0)
    assert row_versions() == before
    account = Account.objects.get()
    assert (account.arrears_amount, account.days_past_due, account.currency) == (Decimal("3102"), 61, "TWD")
    assert Statement.objects.get(period=date(2005, 7, 1)).paid_amount == Decimal("689")


@pytest.mark.real_data
def test_take_in_of_the_real_card_portfolio(db: Any) -> None:
    path = settings.REAL_DATA / "uci_credit_card.csv"
    if not path.exists():
        pytest.skip("no real portfolio in DOORSTEP_DATA")

    result = take_in(path=path, profile="uci-taiwan", actor=None, at=AT)

    assert counts(result) == (30_000, 30_000, 0, 0, 0)
    assert Statement.objects.count() == 180_000
    assert Account.objects.filter(days_past_due__gt=0).count() == 6_818
