"""The cells of lists as template filters."""

from typing import Any

from django import template

from backoffice.core.pages import cells

register = template.Library()
register.filter("money", cells.money)
register.filter("rate", cells.rate)
register.filter("share", cells.share)


@register.filter
def page(record: Any, text: Any = None) -> Any:
    """Return a link to the record's page in the admin."""
    return cells.linked(record, text)
