"""How pages say that several orders are made in one visit to a door. Orders are named, people are not."""

from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.translation import ngettext

from backoffice.core.pages.cells import EMPTY, linked
from visits.models import VisitOrder
from visits.selectors.households import others_of_household


def household_words(*, number: int) -> str:
    """Return in the reader's language that an order is one visit with so many others of its door."""
    words = ngettext(
        "One visit with {number} other order of this door",
        "One visit with {number} other orders of this door",
        number,
    )
    return words.format(number=number)


def household_links(*, order: VisitOrder, user: Any) -> str:
    """Return the other orders that are made in one visit with this one as links, as far as the user sees them."""
    others = others_of_household(orders=[order], user=user)[order.pk] if user is not None else []
    if not others:
        return EMPTY
    links = format_html_join(", ", "{}", ((linked(each),) for each in others))
    return format_html("{}: {}", household_words(number=len(others)), links)
