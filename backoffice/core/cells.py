"""How values stand in lists and pages: money with its currency, rates in percent, states as coloured chips."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Model
from django.urls import NoReverseMatch, reverse
from django.utils import formats
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

EMPTY = "-"


def money(amount: Decimal | None, currency: str = "") -> str:
    """Return an amount with its currency, digits grouped: "CNY 32,000.00"; a dash where there is none."""
    if amount is None:
        return EMPTY
    figure = formats.number_format(amount, decimal_pos=2, use_l10n=True, force_grouping=True)
    return f"{currency} {figure}".strip()


def rate(fraction: Decimal | None) -> str:
    """Return a fraction as percent with two digits: 0.18 is "18.00%"."""
    if fraction is None:
        return EMPTY
    return f"{formats.number_format((fraction * 100).quantize(Decimal('0.01')), use_l10n=True)}%"


def share(fraction: Decimal | float | None) -> str:
    """Return a share or confidence as whole percent: 0.8 is "80%"."""
    return EMPTY if fraction is None else f"{Decimal(str(fraction)) * 100:.0f}%"


def tones(words: Any, **coloured: Iterable[str]) -> dict[str, str]:
    """
    Return the colour of each code of a TextChoices class for Unfold's `@display(label=...)`.

    `coloured` maps a colour (success, warning, danger, info, primary) to codes; all others are plain.
    """
    plain = {str(value): "default" for value in words.values}
    return plain | {str(code): colour for colour, codes in coloured.items() for code in codes}


def chip(record: Model, field: str) -> tuple[str, str] | None:
    """Return code and words of a choice field as `@display(label=tones(...))` wants them; None if empty."""
    code = getattr(record, field)
    if code in ("", None):
        return None
    return str(code), str(getattr(record, f"get_{field}_display")())


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
