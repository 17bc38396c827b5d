"""The roof's pages and lists."""

from reports.admin import records

__all__ = ["records"]
