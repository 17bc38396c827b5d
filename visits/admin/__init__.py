"""The first floor's pages for staff. Importing the modules registers them."""

from visits.admin import (
    agency,
    agency_entries,
    call_back,
    case_panel,
    contradiction,
    crew,
    evidence,
    letter_answer,
    order,
    placement,
    planning_run,
    report,
    statement,
    statement_line,
    sweep,
)

__all__ = [
    "agency",
    "agency_entries",
    "call_back",
    "case_panel",
    "contradiction",
    "crew",
    "evidence",
    "letter_answer",
    "order",
    "placement",
    "planning_run",
    "report",
    "statement",
    "statement_line",
    "sweep",
]
