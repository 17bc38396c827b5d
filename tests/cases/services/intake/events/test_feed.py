"""Repayments, contacts and promises come in; what was settled here is not reopened."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from backoffice.core.sealed.sealing import blind_index
from cases.models import (
    Account,
    ContactAttempt,
    PromiseToPay,
    Repayment,
)
from cases.rules.profile.parse import parse_profile
from cases.services.intake.take_in import take_in
from tests.cases.services.intake.event_files import AT, CONTACTS, PROMISES, REPAYMENTS, counts, event_file, take
from tests.factories.portfolio import make_account, make_borrower


@pytest.fixture
def account(shanghai: Any) -> Account:
    return make_account(borrower=make_borrower(territory=shanghai, external_ref="D1"), external_ref="D1-1")


def test_take_in_of_contacts_says_who_was_reached(tmp_path: Path, account: Account) -> None:
    path = event_file(
        tmp_path,
        CONTACTS + "C1,D1,VOICE,RIGHT_PARTY,是,10000000001,2026-03-01 10:00:00,0.15\n"
        "C2,D1,SMS,DELIVERED,否,,2026-03-01 11:00:00,0.045\nC3,D9,SMS,READ,否,,2026-03-01 11:00:00,0\n"
        "C1,D1,APP,READ,否,,2026-03-01 12:00:00,0\n",
    )

    first, again = take(path, "demo-contacts"), take(path, "demo-contacts")

    assert counts(first) == (4, 2, 0, 0, 2)
    assert counts(again) == (4, 0, 0, 2, 2)
    reached = ContactAttempt.objects.get(external_ref="C1")
    assert (reached.right_party, reached.receipt, reached.borrower_id) == (True, True, account.borrower_id)
    assert bytes(reached.number_index) == blind_index(text="10000000001", kind="phone")
    assert reached.attempted_at == datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
    assert not ContactAttempt.objects.get(external_ref="C2").right_party


def test_take_in_of_promises_does_not_reopen_what_was_settled(tmp_path: Path, account: Account) -> None:
    path = event_file(tmp_path, PROMISES + "V1,D1-1,VOICE,500,2026-02-20,2026-02-25,OPEN,\n")
    take(path, "demo-promises")
    PromiseToPay.objects.update(state="KEPT", settled_on=date(2026, 2, 26))

    result = take(path, "demo-promises")

    assert counts(result) == (1, 0, 0, 1, 0)
    assert PromiseToPay.objects.get().state == "KEPT"


def test_take_in_of_repayments_corrects_but_never_moves_to_another_account(
    tmp_path: Path, account: Account, shanghai: Any
) -> None:
    make_account(borrower=make_borrower(territory=shanghai), external_ref="E1-1")
    take(event_file(tmp_path, REPAYMENTS + "R1,D1-1,500,2026-02-20,x\n"), "demo-repayments")

    corrected = take(
        event_file(tmp_path, REPAYMENTS + "R1,D1-1,600,2026-02-20,x\nR2,D1-1,0,2026-02-20,x\n"), "demo-repayments"
    )
    moved = take(event_file(tmp_path, REPAYMENTS + "R1,E1-1,600,2026-02-20,x\n"), "demo-repayments")

    assert (counts(corrected), counts(moved)) == ((2, 0, 1, 0, 1), (1, 0, 0, 0, 1))
    repayment = Repayment.objects.get()
    assert (repayment.amount, repayment.account_id) == (Decimal("600"), account.pk)


def test_take_in_of_contacts_corrects_the_moment_of_a_known_one(tmp_path: Path, account: Account) -> None:
    line = "C1,D1,SMS,DELIVERED,否,,{at},0.1\nC2,D1,SMS,DELIVERED,否,,2026-02-01 09:00:00,0.1\n"
    first = take(event_file(tmp_path, CONTACTS + line.format(at="2026-03-01 10:00:00")), "demo-contacts")
    kept = ContactAttempt.objects.get(external_ref="C1").pk

    second = take(event_file(tmp_path, CONTACTS + line.format(at="2026-01-15 10:00:00")), "demo-contacts")

    assert (counts(first), counts(second)) == ((2, 2, 0, 0, 0), (2, 0, 1, 1, 0))
    moved = ContactAttempt.objects.get(external_ref="C1")
    assert (moved.pk, moved.attempted_at) == (kept, datetime(2026, 1, 15, 2, 0, tzinfo=UTC))


def test_take_in_of_a_corrected_repayment_lets_the_accounts_own_row_be_read_again(
    tmp_path: Path, shanghai: Any
) -> None:
    profile = """
kind = "ACCOUNTS"
[borrower]
external_ref = { column = "person" }
territory = "310000"
[account]
external_ref = { column = "account" }
product = "CASH"
credit_limit = 1000
as_of = { column = "as_of" }
[[repayments]]
external_ref = { template = "{account}-P" }
amount = { column = "paid" }
paid_on = { column = "as_of" }
"""
    rows = event_file(tmp_path, "person,account,as_of,paid\nP1,K1,2026-03-01,5\n")
    own = parse_profile(text=profile, name="own")
    take_in(path=rows, profile=own, actor=None, at=AT)
    path = tmp_path / "repayments.csv"
    path.write_text(REPAYMENTS + "K1-P,K1,6,2026-03-01,x\n", encoding="utf-8")
    take(path, "demo-repayments")

    result = take_in(path=rows, profile=own, actor=None, at=AT)

    assert counts(result) == (1, 0, 1, 0, 0)
    assert Repayment.objects.get().amount == Decimal("5")
