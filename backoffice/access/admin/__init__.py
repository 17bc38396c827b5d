"""People, territories and stand-ins for staff. Importing the modules registers their pages."""

from backoffice.access.admin import people, stand_in

__all__ = ["people", "stand_in"]
