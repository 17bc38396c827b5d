"""Doors: addresses of several borrowers that are one dwelling share its visit caps and its agency."""

from dataclasses import dataclass

CITY_DIGITS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """
    Where a visit goes. `key` stands for street, house and flat; `city` is empty where the address does not say it.

    Addresses without a number name no door: their `key` is a reference of their own.
    """

    key: str
    city: str = ""

    def is_same(self, other: "Door") -> bool:
        """Return whether the two may be one dwelling: in doubt about the city they are."""
        return self.key == other.key and (self.city == other.city or not self.city or not other.city)
