"""The first floor's pages for staff. Importing the modules registers them."""

from visits.admin import agency, case_panel, evidence, letter_answer, order, placement, report

__all__ = ["agency", "case_panel", "evidence", "letter_answer", "order", "placement", "report"]
