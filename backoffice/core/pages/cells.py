"""How values stand in lists and pages: money with its currency, rates in percent, states as coloured chips."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.core.currencies import decimals_of

EMPTY = "-"


def money(amount: Decimal | None, currency: str = "") -> str:
    """
    Return an amount with its currency, digits grouped: "CNY 32,000.00"; a dash where there is none.

    It has the decimals of its currency, two without one: "JPY 32,000".
    """
    if amount is None:
        return EMPTY
    # Groups of three in both languages, as banks write them; the Chinese locale would not group at all.
    return f"{currency} {Decimal(amount):,.{decimals_of(currency)}f}".strip()


def rate(fraction: Decimal | None) -> str:
    """Return a fraction as percent with two digits: 0.18 is "18.00%"."""
    if fraction is None:
        return EMPTY
    return f"{fraction * 100:.2f}%"


def share(fraction: Decimal | float | None) -> str:
    """Return a share or confidence as whole percent: 0.8 is "80%"."""
    return EMPTY if fraction is None else f"{Decimal(str(fraction)) * 100:.0f}%"


def tones(words: Any, **coloured: Iterable[str]) -> dict[str, str]:
    """
    Return the colour of each code of a TextChoices class, for `chip`.

    `coloured` maps a colour (success, warning, danger, info, primary) to codes; all others are plain.
    """
    plain = {str(value): "default" for value in words.values}
    return plain | {str(code): colour for colour, codes in coloured.items() for code in codes}


def label(text: Any, colour: str = "default") -> SafeString:
    """Return a coloured chip, for lists and pages alike (Unfold's own stands in lists only)."""
    return render_to_string("unfold/helpers/label.html", {"text": text, "type": colour})


def chip(record: Model, field: str, colours: Mapping[str, str]) -> SafeString | str:
    """Return the words of a choice field as a chip in the colour of its code; a dash if it is empty."""
    code = getattr(record, field)
    if code in ("", None):
        return EMPTY
    return label(getattr(record, f"get_{field}_display")(), colours.get(str(code), "default"))


def words(codes: Iterable[str], vocabulary: Any) -> str:
    """Return the words of several codes, in order, for one cell; an unknown code stands as it is."""
    known: Mapping[Any, Any] = dict(vocabulary.choices)
    return ", ".join(str(known.get(code, code)) for code in codes) or EMPTY


def linked(record: Model | None, text: Any = None) -> SafeString | str:
    """Return a link to a record's page in the admin, or plain text where it has none."""
    if record is None:
        return EMPTY
    shown = str(text if text is not None else record)
    meta = record._meta
    try:
        address = reverse(f"admin:{meta.app_label}_{meta.model_name}_change", args=[record.pk])
    except NoReverseMatch:
        return shown
    return format_html('<a href="{}" class="text-link">{}</a>', address, shown)


def lines(sentences: Iterable[Any]) -> SafeString | str:
    """Return sentences below each other; a dash where there are none."""
    return format_html_join("", "<div>{}</div>", ((s,) for s in sentences)) or EMPTY


def named(field: str, description: Any) -> Any:
    """
    Return a display method that names the person or record at a foreign key without linking to it.

    Unfold links every foreign key of a page; most people may not open users, and a dead link is worse than none.
    """

    @admin.display(description=description)
    def shown(_self: Any, record: Any) -> str:
        related = getattr(record, field)
        return EMPTY if related is None else str(related)

    return shown
