"""What the request of an export must contain."""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from reports.enums import ExportReport

LONGEST_DAYS = 731
# The permission to read each report on the screen, which the requester of its export needs too.
READS: Mapping[str, str] = {
    ExportReport.EFFECTIVENESS: "reports.view_effectiveness",
    ExportReport.FUNNEL: "reports.view_effectiveness",
    ExportReport.OPEN_CASES: "cases.view_case",
}
_PERIODS = (ExportReport.EFFECTIVENESS, ExportReport.FUNNEL)
_CURRENCY = re.compile(r"[A-Z]{3}")


def checked_parameters(*, report: str, parameters: Mapping[str, Any]) -> dict[str, str]:
    """
    Return the parameters that `report` needs, as text: `start_on` and `end_on` (ISO dates, both included), `currency`.

    Parameters that the report does not need are left out.

    :raises InvalidInput: if the report is unknown, a date or the currency is missing, the period ends before it
        starts or is longer than two years (731 days).
    """
    if report not in READS:
        raise InvalidInput(_("There is no such report."), field="report")
    checked: dict[str, str] = {}
    if report in _PERIODS:
        start_on, end_on = parameters.get("start_on"), parameters.get("end_on")
        for name, day in (("start_on", start_on), ("end_on", end_on)):
            if not isinstance(day, date):
                raise InvalidInput(_("This report needs a period."), field=name)
            checked[name] = day.isoformat()
        if start_on is None or not start_on <= end_on <= start_on + timedelta(days=LONGEST_DAYS):
            raise InvalidInput(_("The period must end after it starts and last two years at most."), field="end_on")
    if report == ExportReport.EFFECTIVENESS:
        currency = str(parameters.get("currency") or "")
        if not _CURRENCY.fullmatch(currency):
            raise InvalidInput(_("Name the currency by its three letters."), field="currency")
        checked["currency"] = currency
    return checked
