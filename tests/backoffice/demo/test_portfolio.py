"""The synthetic portfolio comes in through the same door as a lender's own."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db.models import Count

from backoffice.core.canonical.identity_numbers import read_identity_number
from backoffice.demo.characters import Character, character_of, head_of_household
from backoffice.demo.names import identity_number
from backoffice.demo.portfolio import (
    AccountDay,
    write_accounts_delta,
    write_portfolio,
    write_repayments,
    write_reversals,
)
from cases.models import (
    Account,
    Address,
    Borrower,
    ContactAttempt,
    IntakeReject,
    PromiseToPay,
    Repayment,
    SuspicionSignal,
)
from cases.services.intake.take_in import take_in

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)
DAY = date(2026, 3, 2)


def _taken(folder: Path, *, accounts: int = 300) -> Any:
    files = write_portfolio(folder=folder, accounts=accounts, business_date=DAY, seed=7)
    return {name: take_in(path=path, profile=name, actor=None, at=AT) for name, path in files.in_order}


def test_write_portfolio_is_taken_in_whole_but_for_its_bad_rows(db: Any, tmp_path: Path) -> None:
    results = _taken(tmp_path)

    assert results["demo-accounts"].doubtful == 1
    assert {name: r.rejected for name, r in results.items()} == {
        "demo-accounts": 2,
        "demo-repayments": 0,
        "demo-contacts": 0,
        "demo-promises": 0,
        "demo-signals": 0,
    }
    assert results["demo-accounts"].created == Account.objects.count() == 298
    assert sorted(IntakeReject.objects.values_list("row_number", "field")) == [
        (24, "account.credit_limit"),
        (42, "account.arrears_amount"),
    ]
    overdue = Account.objects.filter(days_past_due__gt=0).count()
    assert 0.2 < overdue / 298 < 0.4
    assert (
        min(
            ContactAttempt.objects.count(),
            PromiseToPay.objects.count(),
            SuspicionSignal.objects.count(),
            Repayment.objects.count(),
        )
        > 0
    )
    assert Borrower.objects.values("territory").annotate(n=Count("pk")).count() == 3
    assert all(a.coordinates for a in Address.objects.all())


def test_write_portfolio_is_the_same_for_the_same_seed(tmp_path: Path) -> None:
    one = write_portfolio(folder=tmp_path / "1", accounts=60, business_date=DAY, seed=7)
    two = write_portfolio(folder=tmp_path / "2", accounts=60, business_date=DAY, seed=7)
    other = write_portfolio(folder=tmp_path / "3", accounts=60, business_date=DAY, seed=8)

    assert [p.read_bytes() for _n, p in one.in_order] == [p.read_bytes() for _n, p in two.in_order]
    assert one.accounts.read_bytes() != other.accounts.read_bytes()


def test_contacts_keep_lawful_hours_and_never_reach_the_unreachable(db: Any, tmp_path: Path) -> None:
    _taken(tmp_path)

    from django.utils.timezone import localtime

    for attempt in ContactAttempt.objects.select_related("borrower"):
        assert time(8) <= localtime(attempt.attempted_at).time() < time(20)
        if character_of(external_ref=attempt.borrower.external_ref, seed=7) == Character.UNREACHABLE:
            assert not attempt.right_party


def test_identity_numbers_are_sound_and_nobodys() -> None:
    from random import Random

    numbers = [identity_number(random=Random(n), number=n) for n in range(1, 3000)]

    assert len(set(numbers)) == len(numbers)
    assert all(
        read_identity_number(number=n, on=date(2026, 11, 30)).problem is None and n.startswith("999999")
        for n in numbers
    )


@pytest.mark.parametrize("ref", ["D0000012", "D0000012-1"])
def test_character_of_takes_borrower_and_account(ref: str) -> None:
    assert character_of(external_ref=ref, seed=3) == character_of(external_ref="D0000012", seed=3)


def test_later_feeds_move_accounts_on(db: Any, tmp_path: Path) -> None:
    _taken(tmp_path)
    account = Account.objects.filter(days_past_due__gt=0).order_by("pk")[0]
    later = date(2026, 3, 12)
    at = AT.replace(day=12)
    delta, paid = tmp_path / "accounts-delta.csv", tmp_path / "paid.csv"
    write_accounts_delta(
        path=delta,
        days=[
            AccountDay(
                external_ref=account.external_ref,
                days_past_due=0,
                arrears=Decimal(0),
                outstanding=Decimal("1.5"),
                as_of=later,
            )
        ],
    )
    write_repayments(path=paid, rows=[("PAID-1", account.external_ref, Decimal("99.90"), later, "visit")])

    moved = take_in(path=delta, profile="demo-accounts-delta", actor=None, at=at)
    booked = take_in(path=paid, profile="demo-repayments", actor=None, at=at)

    assert (moved.updated, booked.created) == (1, 1)
    account.refresh_from_db()
    assert (account.days_past_due, account.outstanding_principal, account.as_of) == (0, Decimal("1.50"), later)
    assert Repayment.objects.get(external_ref="PAID-1").account_id == account.pk
    back = tmp_path / "back.csv"
    write_reversals(path=back, rows=[("BACK-1", "PAID-1", later, "代扣退回")])
    assert take_in(path=back, profile="demo-reversals", actor=None, at=at).created == 1
    assert Repayment.objects.get(external_ref="PAID-1").void_on == later


def test_one_borrower_in_twenty_lives_with_the_one_before() -> None:
    refs = [f"D{number:07d}" for number in range(1, 41)]

    assert [ref for ref in refs if head_of_household(external_ref=ref) != ref] == ["D0000020", "D0000040"]
    assert head_of_household(external_ref="D0000020-1") == "D0000019"
    assert all(
        character_of(external_ref="D0000020", seed=s) == character_of(external_ref="D0000019", seed=s)
        for s in range(20)
    )
