"""The pages and lists of the reports floor."""

from reports.admin import experiment, exports, legal_bundles, records

__all__ = ["experiment", "exports", "legal_bundles", "records"]
