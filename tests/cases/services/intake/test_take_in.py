"""A portfolio comes in: whole, once, and never backwards."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from backoffice.access.models import Territory
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, Missing, NotAllowed
from backoffice.core.sealed.sealing import blind_index
from cases.enums import IntakeState
from cases.models import (
    Account,
    Address,
    Borrower,
    BorrowerPhone,
    IntakeFile,
    IntakeReject,
    Repayment,
    Statement,
)
from cases.rules.profile.parse import parse_profile
from cases.services.intake import take_in as intake
from cases.services.intake.take_in import take_in

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)

PROFILE = """
kind = "ACCOUNTS"
identity_numbers = "cn"
[[territories]]
code = "310000"
name = "上海"
[borrower]
external_ref = { column = "person" }
territory = { column = "branch" }
name = { column = "name" }
id_number = { column = "id" }
last_app_login_at = { column = "login" }
[account]
external_ref = { column = "account" }
product = "CASH"
credit_limit = { column = "limit" }
annual_rate = { column = "rate", as = "percent" }
days_past_due = { column = "dpd" }
arrears_amount = { column = "arrears" }
as_of = { column = "as_of" }
[[phones]]
number = { column = "phone" }
[[addresses]]
line = { column = "address" }
latitude = { column = "lat" }
longitude = { column = "lon" }
[[statements]]
period = { column = "period" }
balance = { column = "balance" }
[[repayments]]
only_if = "amount"
external_ref = { template = "{account}-P" }
amount = { column = "paid" }
paid_on = { column = "as_of" }
"""
COLUMNS = "person,branch,name,id,login,account,limit,rate,dpd,arrears,as_of,phone,address,lat,lon,period,balance,paid"


def _row(number: int, **changes: str) -> str:
    values = {
        "person": f"P{number}",
        "branch": "310000",
        "name": "张小三",
        "id": "99999919850101123X",
        "login": "2026-02-20 10:00:00",
        "account": f"K{number}",
        "limit": "60,000.00",
        "rate": "18.5%",
        "dpd": "95",
        "arrears": "32000.5",
        "as_of": "2026-03-01",
        "phone": "1990000 0001",
        "address": "上海市示范路1-2号",
        "lat": "31.2",
        "lon": "121.4",
        "period": "2026-02-28",
        "balance": "41000",
        "paid": "0",
    } | changes
    return ",".join(f'"{values[c]}"' for c in COLUMNS.split(","))


def _file(tmp_path: Path, *rows: str, header: str = COLUMNS, name: str = "feed.csv") -> Path:
    path = tmp_path / name
    path.write_text("\n".join([header, *rows]) + "\n", encoding="utf-8")
    return path


def _take(path: Path, **changes: Any) -> Any:
    values = {"profile": parse_profile(text=PROFILE, name="test"), "actor": None, "at": AT} | changes
    return take_in(path=path, **values)


def _counts(result: Any) -> tuple[int, int, int, int, int]:
    return result.rows, result.created, result.updated, result.unchanged, result.rejected


def _versions() -> dict[str, list[Any]]:
    """Every row version of the portfolio: an update, even to the same values, would change one."""
    found = {}
    with connection.cursor() as cursor:
        for model in (Borrower, BorrowerPhone, Address, Account, Statement, Repayment):
            cursor.execute(f"SELECT id, xmin::text, ctid::text FROM {model._meta.db_table} ORDER BY id")  # noqa: S608  our own tables
            found[model._meta.db_table] = cursor.fetchall()
    return found


def test_take_in_writes_what_the_records_read_back(db: Any, tmp_path: Path) -> None:
    result = _take(_file(tmp_path, _row(1, paid="500")))

    assert _counts(result) == (1, 1, 0, 0, 0)
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
    assert (phone.number, phone.verdict) == ("19900000001", "UNKNOWN")
    assert bytes(phone.number_index) == blind_index(text="19900000001", kind="phone")
    address = Address.objects.get(borrower=borrower)
    assert (address.line, address.coordinates) == ("上海市示范路1-2号", (31.2, 121.4))
    assert Statement.objects.values_list("account_id", "period", "balance").get() == (
        account.pk,
        date(2026, 2, 1),
        Decimal("41000"),
    )
    assert Repayment.objects.values_list("external_ref", "amount").get() == ("K1-P", Decimal("500"))


def test_take_in_of_the_same_file_again_changes_no_row_version(db: Any, tmp_path: Path) -> None:
    path = _file(tmp_path, *[_row(n, paid="5") for n in range(1, 6)])
    _take(path)
    before = _versions()

    result = _take(path, at=AT.replace(hour=5))

    assert _counts(result) == (5, 0, 0, 5, 0)
    assert _versions() == before


def test_take_in_counts_what_changed(db: Any, tmp_path: Path) -> None:
    _take(_file(tmp_path, *[_row(n) for n in range(1, 7)]))
    later = AT.replace(hour=9)

    result = _take(
        _file(
            tmp_path,
            _row(1, dpd="96"),
            _row(2, name="李四"),
            _row(3, balance="7"),
            _row(4, paid="9"),
            _row(5),
            _row(6),
            _row(7),
        ),
        at=later,
    )

    assert _counts(result) == (7, 1, 4, 2, 0)
    assert Account.objects.get(external_ref="K1").updated_at == later
    assert Account.objects.get(external_ref="K5").updated_at == AT
    assert Borrower.objects.get(external_ref="P2").name == "李四"
    assert Borrower.objects.get(external_ref="P1").updated_at == AT


def test_take_in_keeps_a_known_telephone_and_its_verdict_beside_a_new_one(db: Any, tmp_path: Path) -> None:
    _take(_file(tmp_path, _row(1)))
    BorrowerPhone.objects.update(verdict="INVALID")

    _take(_file(tmp_path, _row(1, phone="19900000002")))
    _take(_file(tmp_path, _row(1)))

    found = {p.number: p.verdict for p in BorrowerPhone.objects.all()}
    assert found == {"19900000001": "INVALID", "19900000002": "UNKNOWN"}


def test_take_in_of_a_late_feed_moves_no_account_back(db: Any, tmp_path: Path) -> None:
    _take(_file(tmp_path, _row(1), _row(2)))
    before = _versions()

    result = _take(_file(tmp_path, _row(1, as_of="2026-02-01", balance="3"), _row(2, as_of="2026-02-01", dpd="65")))

    assert _counts(result) == (2, 0, 0, 1, 1)
    assert _versions() == before
    reject = IntakeReject.objects.get()
    assert (reject.row_number, reject.field, reject.value) == (3, "account.as_of", "2026-02-01")
    assert reject.reason_params == {"known": "2026-03-01"}


def test_take_in_rejects_bad_rows_and_takes_the_rest(db: Any, tmp_path: Path) -> None:
    bad = {
        "account.credit_limit": _row(1, limit="-5"),
        "account.annual_rate": _row(2, rate="100%"),
        "account.as_of": _row(3, as_of="2026-02-30"),
        "borrower.id_number": _row(4, id="999999199002290013"),
        "account.external_ref": _row(5, account=""),
        "account.days_past_due": _row(6, dpd="many"),
        "borrower.territory": _row(7, branch="XX"),
        "account.arrears_amount": _row(8, arrears="NaN"),
        "borrower.name": _row(9, name="张\x00三"),
        "": _row(10) + ",more",
        "statements[1].balance": _row(11, balance="1e400"),
    }

    result = _take(_file(tmp_path, *bad.values(), _row(12), _row(13, account="K12")))

    assert _counts(result) == (13, 1, 0, 0, 12)
    found = list(IntakeReject.objects.order_by("row_number").values_list("row_number", "field"))
    assert found == [*enumerate(bad, start=2), (14, "account.external_ref")]
    assert list(Account.objects.values_list("external_ref", flat=True)) == ["K12"]
    assert IntakeReject.objects.get(row_number=2).value == "-5"
    assert "张小三" in IntakeReject.objects.get(row_number=2).row
    assert Borrower.objects.count() == 1


def test_take_in_refuses_figures_of_the_future(db: Any, tmp_path: Path) -> None:
    result = _take(_file(tmp_path, _row(1, as_of="2026-03-04")))

    assert result.rejected == 1
    with override("en"):
        assert IntakeReject.objects.get().told_reason == "The day lies in the future."


def test_take_in_refuses_an_account_of_another_borrower(db: Any, tmp_path: Path) -> None:
    _take(_file(tmp_path, _row(1)))

    result = _take(_file(tmp_path, _row(2, account="K1")))

    assert _counts(result) == (1, 0, 0, 0, 1)
    assert Account.objects.get(external_ref="K1").borrower.external_ref == "P1"
    assert not Borrower.objects.filter(external_ref="P2").exists()


def test_take_in_puts_two_accounts_under_one_borrower(db: Any, tmp_path: Path) -> None:
    path = _file(tmp_path, _row(1), _row(2, person="P1", phone="19900000002"))

    _take(path)
    again = _take(path)

    assert Account.objects.filter(borrower__external_ref="P1").count() == 2
    assert BorrowerPhone.objects.filter(borrower__external_ref="P1").count() == 2
    assert again.unchanged == 2


def test_take_in_dry_run_writes_no_portfolio(db: Any, tmp_path: Path) -> None:
    result = _take(_file(tmp_path, _row(1), _row(2, limit="x")), dry_run=True)

    assert _counts(result) == (2, 1, 0, 0, 1)
    assert Account.objects.count() == Borrower.objects.count() == Territory.objects.count() == 0
    assert IntakeReject.objects.count() == 1
    assert IntakeFile.objects.get().dry_run


@pytest.mark.parametrize("rows", [1, 3, 7])
def test_take_in_counts_the_same_however_it_is_batched(db: Any, tmp_path: Path, monkeypatch: Any, rows: int) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", rows)

    result = _take(_file(tmp_path, *[_row(n) for n in range(6)], _row(5), _row(7, dpd="-1")))

    assert _counts(result) == (8, 6, 0, 0, 2)
    assert Account.objects.count() == 6


def test_take_in_asks_the_database_the_same_for_one_row_and_many(db: Any, tmp_path: Path) -> None:
    _take(_file(tmp_path, _row(1)))
    one, many = (
        _file(tmp_path, _row(2), name="one.csv"),
        _file(tmp_path, *[_row(n) for n in range(3, 40)], name="many.csv"),
    )

    with CaptureQueriesContext(connection) as first:
        _take(one)
    with CaptureQueriesContext(connection) as second:
        _take(many)

    assert len(first) == len(second)


def test_take_in_leaves_one_entry_at_the_start_and_one_at_the_end(db: Any, tmp_path: Path, risk_manager: Any) -> None:
    result = _take(_file(tmp_path, _row(1)), actor=risk_manager)

    entries = list(AuditEntry.objects.order_by("sequence").values_list("action", "actor_id", "subject_id"))
    assert entries == [
        ("intake.started", risk_manager.pk, str(result.file_id)),
        ("intake.finished", risk_manager.pk, str(result.file_id)),
    ]
    assert not AuditEntry.objects.filter(body__contains="张小三").exists()
    file = IntakeFile.objects.get()
    assert (file.state, file.row_count, file.created_count) == (IntakeState.FINISHED, 1, 1)


def test_take_in_is_for_those_who_may(db: Any, tmp_path: Path, officer: Any) -> None:
    with pytest.raises(NotAllowed):
        _take(_file(tmp_path, _row(1)), actor=officer)

    assert IntakeFile.objects.count() == Account.objects.count() == 0


def test_take_in_with_updates_only_renews_known_accounts(db: Any, tmp_path: Path) -> None:
    _take(_file(tmp_path, _row(1)))
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

    result = _take(_file(tmp_path, "K1,2026-03-02,96", "K9,2026-03-02,5", header="account,as_of,dpd"), profile=renewal)

    assert _counts(result) == (2, 0, 1, 0, 1)
    account = Account.objects.get()
    assert (account.days_past_due, account.as_of, account.arrears_amount) == (96, date(2026, 3, 2), Decimal("32000.50"))
    assert account.borrower.name == "张小三"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n\n", "header"),
        ((COLUMNS + "\n").encode(), "no rows"),
        (b"a,b\n1,2\n", "no column"),
        (("x," * 1_000_000 + "\n").encode(), "longer than"),
        (("x," * 5_000 + "\n1\n").encode(), "columns"),
        ((COLUMNS + "\n" + _row(1) + '\n"P2,310000\n' + _row(3)).encode(), "Row 3"),
        ((COLUMNS + '\n"' + "x" * 10_000_000 + '"\n').encode(), "Row 2"),
    ],
)
def test_take_in_of_a_hostile_file_fails_with_one_clear_problem(
    db: Any, tmp_path: Path, content: bytes, words: str
) -> None:
    path = tmp_path / "hostile.csv"
    path.write_bytes(content)

    with override("en"), pytest.raises(InvalidInput, match=words):
        _take(path)

    file = IntakeFile.objects.get()
    assert file.state == IntakeState.FAILED
    assert words in file.problem
    assert file.finished_at is not None
    assert Account.objects.count() == 0


def test_take_in_names_the_encodings_that_do_not_fit(db: Any, tmp_path: Path) -> None:
    path = tmp_path / "odd.csv"
    path.write_bytes(COLUMNS.encode() + b"\n\xff\xff\xff\n")

    with pytest.raises(InvalidInput, match="gb18030"):
        _take(path)


def test_take_in_says_when_file_or_profile_is_missing(db: Any, tmp_path: Path) -> None:
    with pytest.raises(Missing):
        _take(tmp_path / "none.csv")
    with pytest.raises(Missing, match="uci-taiwan"):
        _take(_file(tmp_path, _row(1)), profile="no-such")
    with pytest.raises(Missing):
        _take(_file(tmp_path, _row(1)), profile="../../etc/passwd")

    assert IntakeFile.objects.count() == 0


def test_take_in_writes_nothing_of_a_file_that_breaks_off(db: Any, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", 2)
    torn = _file(tmp_path, _row(1), _row(2), _row(3), '"open', name="torn.csv")

    with pytest.raises(InvalidInput):
        _take(torn)
    whole = _take(_file(tmp_path, _row(1), _row(2), _row(3)))

    assert IntakeFile.objects.get(file_name="torn.csv").created_count == 0
    assert _counts(whole) == (3, 3, 0, 0, 0)


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
    _take(_file(tmp_path, ",".join(row), header=header), profile="uci-taiwan")
    before = _versions()

    result = _take(_file(tmp_path, ",".join(other), header=header), profile="uci-taiwan")

    assert _counts(result) == (1, 0, 0, 1, 0)
    assert _versions() == before
    account = Account.objects.get()
    assert (account.arrears_amount, account.days_past_due, account.currency) == (Decimal("3102"), 61, "TWD")
    assert Statement.objects.get(period=date(2005, 7, 1)).paid_amount == Decimal("689")


@pytest.mark.real_data
def test_take_in_of_the_real_card_portfolio(db: Any) -> None:
    path = settings.REAL_DATA / "uci_credit_card.csv"
    if not path.exists():
        pytest.skip("no real portfolio in DOORSTEP_DATA")

    result = take_in(path=path, profile="uci-taiwan", actor=None, at=AT)

    assert _counts(result) == (30_000, 30_000, 0, 0, 0)
    assert Statement.objects.count() == 180_000
    assert Account.objects.filter(days_past_due__gt=0).count() == 6_818


def test_take_in_reads_every_row_of_a_borrower_whom_one_row_changes(db: Any, tmp_path: Path, monkeypatch: Any) -> None:
    rows = [_row(1), _row(2), _row(3, person="P1")]
    _take(_file(tmp_path, *rows))
    monkeypatch.setattr(intake, "BATCH_ROWS", 2)

    renamed = _take(_file(tmp_path, _row(1, name="李四"), _row(2)))
    back = _take(_file(tmp_path, *rows[1:]))

    assert (_counts(renamed), _counts(back)) == ((2, 0, 1, 1, 0), (2, 0, 1, 1, 0))
    assert Borrower.objects.get(external_ref="P1").name == "张小三"


@pytest.mark.parametrize("rows", [1, 2, 9])
def test_take_in_lets_the_last_row_of_a_borrower_count(db: Any, tmp_path: Path, monkeypatch: Any, rows: int) -> None:
    _take(_file(tmp_path, _row(1), _row(2, person="P1")))
    monkeypatch.setattr(intake, "BATCH_ROWS", rows)

    _take(_file(tmp_path, _row(1, name="李四"), _row(2, person="P1")))

    assert Borrower.objects.get(external_ref="P1").name == "张小三"


@pytest.mark.parametrize("rows", [1, 2, 9])
def test_take_in_takes_the_first_sound_row_of_a_reference(db: Any, tmp_path: Path, monkeypatch: Any, rows: int) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", rows)

    result = _take(_file(tmp_path, _row(1, limit="x"), _row(1), _row(2), _row(1, dpd="7")))

    assert _counts(result) == (4, 2, 0, 0, 2)
    assert Account.objects.get(external_ref="K1").days_past_due == 95
    assert list(IntakeReject.objects.order_by("row_number").values_list("row_number", "field")) == [
        (2, "account.credit_limit"),
        (5, "account.external_ref"),
    ]


def test_take_in_of_the_same_words_under_another_profile_reads_them_again(db: Any, tmp_path: Path) -> None:
    path = _file(tmp_path, _row(1))
    _take(path)
    scaled = parse_profile(text=PROFILE.replace('{ column = "limit" }', '{ column = "limit", scale = 2 }'), name="test")

    result = _take(path, profile=scaled)

    assert _counts(result) == (1, 0, 1, 0, 0)
    assert Account.objects.get().credit_limit == Decimal("120000")


def test_take_in_passes_over_rows_that_say_the_same_in_other_words(db: Any, tmp_path: Path) -> None:
    _take(_file(tmp_path, _row(1)))

    result = _take(_file(tmp_path, _row(1, limit="60000", rate=" 18.50%")))

    assert _counts(result) == (1, 0, 0, 1, 0)
    assert Account.objects.get().updated_at == AT


def test_take_in_gives_a_repayment_to_the_first_of_two_accounts(db: Any, tmp_path: Path) -> None:
    profile = parse_profile(text=PROFILE.replace('"{account}-P"', '"{phone}-P"'), name="test")

    result = _take(_file(tmp_path, _row(1, paid="5"), _row(2, paid="6")), profile=profile)

    assert result.created == 2
    assert Repayment.objects.values_list("account__external_ref", "amount").get() == ("K1", Decimal("5"))


def test_references_of_odd_characters_are_known_again(db: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intake, "BATCH_ROWS", 4)
    odd = ["A'B", "A\\B", "A%sB", "A{0}B", "A;B--", "{A,B}", "甲-乙", "NULL", "\\x41", "A|B"]
    path = _file(tmp_path, *(_row(n, person=f"P{ref}", account=ref) for n, ref in enumerate([*odd, odd[0]])))

    first = _take(path)
    again = _take(path)

    assert _counts(first) == (11, 10, 0, 0, 1)
    assert _counts(again) == (11, 0, 0, 10, 1)
    assert sorted(Account.objects.values_list("external_ref", flat=True)) == sorted(odd)
