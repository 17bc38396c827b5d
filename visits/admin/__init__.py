"""The first floor's pages for staff. Importing the modules registers them."""

from visits.admin import agency, agency_entries, case_panel, crew, evidence, order, placement, report, sweep

__all__ = ["agency", "agency_entries", "case_panel", "crew", "evidence", "order", "placement", "report", "sweep"]
