"""The first floor's pages for staff. Importing the modules registers them."""

from visits.admin import agency, case_panel, evidence, order, placement, planning_run, report

__all__ = ["agency", "case_panel", "evidence", "order", "placement", "planning_run", "report"]
