"""The tables of the export files: header, rows that the person sees, nothing personal in clear."""

from typing import Any

import pytest

from reports.enums import ExportReport
from reports.selectors.exports import export_table
from tests.factories.casework import make_case
from tests.factories.portfolio import make_account, make_borrower, make_overdue

PERIOD = {"start_on": "2026-01-01", "end_on": "2026-03-02"}


@pytest.mark.parametrize(
    ("report", "parameters", "columns", "rows"),
    [
        (ExportReport.EFFECTIVENESS, PERIOD | {"currency": "CNY"}, 10, 4),
        (ExportReport.FUNNEL, PERIOD, 3, 8),
        (ExportReport.OPEN_CASES, {}, 11, 1),
    ],
)
def test_every_report_has_a_table_of_equal_rows(
    officer: Any, shanghai: Any, report: str, parameters: dict[str, str], columns: int, rows: int
) -> None:
    make_case(account=make_overdue(territory=shanghai))

    table = export_table(report=report, parameters=parameters, user=officer)

    found = list(table.rows)
    assert (len(table.header), len(found), {len(row) for row in found}) == (columns, rows, {columns})


def test_open_cases_are_those_that_the_person_sees_with_masked_names(
    officer: Any, auditor: Any, shanghai: Any, chengdu: Any
) -> None:
    for territory, name in ((shanghai, "王小明"), (chengdu, "李四")):
        make_case(account=make_account(borrower=make_borrower(territory=territory, name=name)))

    own, everywhere = (
        [row[2] for row in export_table(report=ExportReport.OPEN_CASES, parameters={}, user=user).rows]
        for user in (officer, auditor)
    )

    assert (own, everywhere) == (["王*明"], ["王*明", "李*"])


def test_territory_that_the_person_no_longer_sees_gives_no_rows(officer: Any, chengdu: Any) -> None:
    make_case(account=make_overdue(territory=chengdu))

    table = export_table(report=ExportReport.OPEN_CASES, parameters={"territory": chengdu.code}, user=officer)

    assert list(table.rows) == []
