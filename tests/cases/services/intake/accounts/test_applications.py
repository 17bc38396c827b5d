"""What borrowers stated when applying: kept sealed, written when it changes and not before, a bad value in doubt."""

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Application, Borrower, DoubtfulCell, IntakeDifference
from cases.rules.profile.parse import parse_profile
from cases.services.intake.accounts.applications import stated_by_rows
from cases.services.intake.take_in import take_in
from tests.cases.services.intake.account_files import AT, counts
from tests.clear_text import tables_with

STATED = """
[application]
employer = { column = "employer" }
monthly_income = { column = "income" }
monthly_expenses = { column = "expenses" }
stated_on = { column = "stated" }
"""
BORROWERS = (
    """
kind = "BORROWERS"
[[territories]]
code = "310000"
name = "上海"
[borrower]
external_ref = { column = "person" }
territory = { column = "branch" }
name = { column = "name" }
"""
    + STATED
)
ACCOUNTS = (
    """
kind = "ACCOUNTS"
[[territories]]
code = "310000"
name = "上海"
[borrower]
external_ref = { column = "person" }
territory = { column = "branch" }
name = { column = "name" }
[account]
external_ref = { column = "account" }
product = "CASH"
credit_limit = "60000"
as_of = { column = "as_of" }
"""
    + STATED
)
COLUMNS = "person,branch,name,account,as_of,employer,income,expenses,stated"
EMPLOYER = "上海示范电子有限公司"


def line(number: int, **changes: str) -> str:
    values = {
        "person": f"P{number}",
        "branch": "310000",
        "name": "张小三",
        "account": f"K{number}",
        "as_of": "2026-03-01",
        "employer": EMPLOYER,
        "income": "8500",
        "expenses": "3200.50",
        "stated": "2025-06-01",
    }
    return ",".join((values | changes).values())


def bring(tmp_path: Path, *lines: str, profile: str = ACCOUNTS, days: int = 0, dry_run: bool = False) -> Any:
    path = tmp_path / "stated.csv"
    path.write_text("\n".join([COLUMNS, *lines]) + "\n", encoding="utf-8")
    return take_in(
        path=path,
        profile=parse_profile(text=profile, name="stated"),
        actor=None,
        at=AT + timedelta(days=days),
        dry_run=dry_run,
    )


def stated(ref: str = "P1") -> tuple[str, Decimal | None, Decimal | None, date | None]:
    found = Application.objects.get(borrower__external_ref=ref)
    return (found.employer, found.income, found.expenses, found.stated_on)


WHOLE = (EMPLOYER, Decimal("8500.00"), Decimal("3200.50"), date(2025, 6, 1))


@pytest.mark.parametrize("profile", [ACCOUNTS, BORROWERS])
def test_take_in_keeps_what_was_stated_under_seal(db: Any, tmp_path: Path, profile: str) -> None:
    result = bring(tmp_path, line(1), line(2, employer="", income="", expenses="", stated=""), profile=profile)

    assert counts(result) == (2, 2, 0, 0, 0)
    assert stated() == WHOLE
    assert [str(each) for each in Application.objects.all()] == ["P1"]
    assert tables_with(EMPLOYER) == []
    assert tables_with("8500.00") == []
    kept = Application.objects.get()
    assert (kept.masked_employer, kept.masked_monthly_income) == (EMPLOYER[0] + "*" * 8 + EMPLOYER[-1], "***")


@pytest.mark.parametrize("profile", [ACCOUNTS, BORROWERS])
def test_the_same_file_writes_nothing(db: Any, tmp_path: Path, profile: str) -> None:
    bring(tmp_path, line(1), profile=profile)
    before = Application.objects.values().get()

    again = bring(tmp_path, line(1), profile=profile, days=1)

    assert counts(again) == (1, 0, 0, 1, 0)
    assert Application.objects.values().get() == before


@pytest.mark.parametrize("profile", [ACCOUNTS, BORROWERS])
def test_a_changed_statement_is_written_and_dated(db: Any, tmp_path: Path, profile: str) -> None:
    bring(tmp_path, line(1), line(2), profile=profile)

    changed = bring(tmp_path, line(1, income="9100"), line(2), profile=profile, days=1)

    assert counts(changed) == (2, 0, 1, 1, 0)
    assert stated() == (EMPLOYER, Decimal("9100.00"), Decimal("3200.50"), date(2025, 6, 1))
    assert [each.updated_at for each in Application.objects.order_by("pk")] == [AT + timedelta(days=1), AT]


def test_another_change_of_the_borrower_leaves_the_application_alone(db: Any, tmp_path: Path) -> None:
    bring(tmp_path, line(1))
    before = Application.objects.values().get()

    changed = bring(tmp_path, line(1, name="张小四"), days=1)

    assert counts(changed) == (1, 0, 1, 0, 0)
    assert Borrower.objects.get().name == "张小四"
    assert Application.objects.values().get() == before


def test_an_emptied_cell_empties_what_was_stated(db: Any, tmp_path: Path) -> None:
    bring(tmp_path, line(1))

    bring(tmp_path, line(1, employer="", income="", expenses=""), days=1)

    assert stated() == ("", None, None, date(2025, 6, 1))


def test_a_file_without_the_columns_keeps_what_was_stated(db: Any, tmp_path: Path) -> None:
    bring(tmp_path, line(1))

    bring(tmp_path, line(1, name="张小四", income="1"), profile=ACCOUNTS.replace(STATED, ""), days=1)

    assert stated() == WHOLE


@pytest.mark.parametrize("profile", [ACCOUNTS, BORROWERS])
@pytest.mark.parametrize(
    ("column", "value", "field"),
    [
        ("income", "about 8500", "application.monthly_income"),
        ("income", "-8500", "application.monthly_income"),
        ("expenses", "99999999999999", "application.monthly_expenses"),
        ("employer", "???", "application.employer"),
        ("employer", "x" * 81, "application.employer"),
        ("stated", "yesterday", "application.stated_on"),
        ("stated", "2031-01-01", "application.stated_on"),
    ],
)
def test_a_bad_value_is_a_doubt_and_not_a_refusal(
    db: Any, tmp_path: Path, profile: str, column: str, value: str, field: str
) -> None:
    bring(tmp_path, line(1), profile=profile)

    result = bring(tmp_path, line(1, **{column: value}), line(2, name="张小四"), profile=profile, days=1)

    assert counts(result) == (2, 1, 1, 0, 0)
    doubt = DoubtfulCell.objects.get()
    assert (doubt.borrower.external_ref, doubt.field, doubt.value, doubt.state) == ("P1", field, value, "OPEN")
    assert doubt.masked_value == "***"
    # What was sound before stays.
    assert stated() == WHOLE


def test_the_rows_of_one_borrower_add_up_and_the_latest_day_counts() -> None:
    columns = {
        "employer": ["New", "Old", None, ""],
        "monthly_income": [Decimal(7000), Decimal(5000), Decimal(4000), ""],
        "stated_on": [date(2025, 1, 1), date(2020, 1, 1), date(2025, 1, 1), None],
    }

    found = stated_by_rows(columns=columns, refs=["P1", "P1", "P2", "P3"])

    assert found == {
        "P1": {"employer": "New", "monthly_income": "7000.00", "stated_on": date(2025, 1, 1)},
        "P2": {"monthly_income": "4000.00", "stated_on": date(2025, 1, 1)},
        "P3": {"employer": "", "monthly_income": ""},
    }


def test_a_dry_run_counts_a_changed_application_without_its_values(db: Any, tmp_path: Path) -> None:
    bring(tmp_path, line(1))

    bring(tmp_path, line(1, income="9100", stated="2025-07-01"), dry_run=True, days=1)

    difference = IntakeDifference.objects.get()
    assert difference.counts["application"] == {"new": 0, "changed": 1, "fields": {"content": 1, "stated_on": 1}}
    assert [each[2:] for each in difference.sample if each[0] == "application"] == [
        ["content", "", ""],
        ["stated_on", "", ""],
    ]
    assert stated() == WHOLE


@pytest.mark.parametrize("profile", [ACCOUNTS, BORROWERS])
def test_applications_take_the_same_statements_for_one_row_and_for_thirty(
    db: Any, tmp_path: Path, profile: str
) -> None:
    bring(tmp_path, line(99), profile=profile)
    with CaptureQueriesContext(connection) as one:
        bring(tmp_path, line(1), profile=profile)
    with CaptureQueriesContext(connection) as many:
        bring(tmp_path, *[line(number) for number in range(2, 32)], profile=profile)

    of_applications = [
        [
            query["sql"]
            for query in captured
            if '"cases_application"' in query["sql"] or "INTO cases_application" in query["sql"]
        ]
        for captured in (one, many)
    ]
    assert [len(each) for each in of_applications] == [1, 1]
    assert len(one) == len(many)
