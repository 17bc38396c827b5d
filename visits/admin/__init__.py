"""The first floor's pages for staff. Importing the modules registers them."""

from visits.admin import agency, evidence, order, placement, report

__all__ = ["agency", "evidence", "order", "placement", "report"]
