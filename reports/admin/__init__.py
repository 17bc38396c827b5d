"""The roof's pages and lists."""

from reports.admin import experiment, exports, records

__all__ = ["experiment", "exports", "records"]
