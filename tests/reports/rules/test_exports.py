"""What the request of an export must contain."""

from datetime import date, timedelta
from typing import Any

import pytest

from backoffice.core.errors import InvalidInput
from reports.enums import ExportReport
from reports.rules.exports import LONGEST_DAYS, READS, checked_parameters

START = date(2026, 1, 1)
PERIOD = {"start_on": START, "end_on": date(2026, 3, 2)}
CHECKED = {"start_on": "2026-01-01", "end_on": "2026-03-02"}


@pytest.mark.parametrize(
    ("report", "given", "kept"),
    [
        (ExportReport.EFFECTIVENESS, PERIOD | {"currency": "CNY", "else": 1}, CHECKED | {"currency": "CNY"}),
        (ExportReport.FUNNEL, PERIOD | {"currency": "CNY"}, CHECKED),
        (ExportReport.OPEN_CASES, PERIOD | {"currency": "CNY"}, {}),
        (ExportReport.FUNNEL, {"start_on": START, "end_on": START}, {"start_on": "2026-01-01", "end_on": "2026-01-01"}),
    ],
)
def test_checked_parameters_keep_what_the_report_needs(report: str, given: Any, kept: dict[str, str]) -> None:
    assert checked_parameters(report=report, parameters=given) == kept


@pytest.mark.parametrize(
    ("report", "given", "field"),
    [
        ("EVERYTHING", {}, "report"),
        (ExportReport.FUNNEL, {}, "start_on"),
        (ExportReport.FUNNEL, {"start_on": START}, "end_on"),
        (ExportReport.FUNNEL, {"start_on": "2026-01-01", "end_on": START}, "start_on"),
        (ExportReport.FUNNEL, {"start_on": START, "end_on": START - timedelta(days=1)}, "end_on"),
        (ExportReport.FUNNEL, {"start_on": START, "end_on": START + timedelta(days=LONGEST_DAYS + 1)}, "end_on"),
        (ExportReport.EFFECTIVENESS, PERIOD, "currency"),
        (ExportReport.EFFECTIVENESS, PERIOD | {"currency": "cny"}, "currency"),
    ],
)
def test_checked_parameters_refuse_and_name_the_field(report: str, given: Any, field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        checked_parameters(report=report, parameters=given)
    assert refused.value.field == field


def test_every_report_names_the_permission_to_read_it() -> None:
    assert set(READS) == set(ExportReport.values)
