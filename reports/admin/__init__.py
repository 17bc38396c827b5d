"""The pages and lists of the reports floor."""

from reports.admin import experiment, exports, records

__all__ = ["experiment", "exports", "records"]
