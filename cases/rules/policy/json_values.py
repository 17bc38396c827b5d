"""Read single JSON values of a policy's body strictly: objects, lists, texts, numbers and flags, with their paths."""

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from backoffice.core.errors import InvalidInput

MAX_RULES: Final = 40
# Characters that the database's JSON cannot hold or that no page can show.
UNWRITABLE: Final = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


def refused_at(message: str | Promise, path: str) -> InvalidInput:
    """Return the refusal of the value at `path`; its message begins with the path."""
    return InvalidInput(f"{path}: {message}" if path else message, field=path or "body")


def read_object(
    value: Any, path: str, *, required: Sequence[str] = (), optional: Sequence[str] = ()
) -> Mapping[str, Any]:
    """
    Return `value` if it is an object with all required names and no other than the optional ones.

    :raises InvalidInput: otherwise; `field` is the path of the object or of the name.
    """
    if not isinstance(value, Mapping):
        raise refused_at(_("An object is expected here."), path)
    inside = f"{path}." if path else ""
    for key in value:
        if key not in required and key not in optional:
            raise refused_at(_("This name is not known here."), f"{inside}{str(key)[:60]}")
    for key in required:
        if key not in value:
            raise refused_at(_("This is missing."), f"{inside}{key}")
    return value


def read_list(value: Any, path: str, *, most: int = MAX_RULES, least: int = 0) -> list[Any]:
    """Return `value` if it is a list of `least` to `most` entries. :raises InvalidInput: otherwise."""
    if not isinstance(value, list):
        raise refused_at(_("A list is expected here."), path)
    if not least <= len(value) <= most:
        raise refused_at(_("From {least} to {most} entries are allowed here.").format(least=least, most=most), path)
    return value


def read_text(value: Any, path: str, *, pattern: re.Pattern[str] | None = None, most: int = 80) -> str:
    """Return `value` if it is a text of 1 to `most` characters that matches `pattern`. :raises InvalidInput: otherwise."""
    if not isinstance(value, str) or not value.strip() or len(value) > most:
        raise refused_at(_("A text of at most {most} characters is expected here.").format(most=most), path)
    if UNWRITABLE.search(value):
        raise refused_at(_("This text holds a character that cannot be written."), path)
    if pattern is not None and not pattern.fullmatch(value):
        raise refused_at(_("This is not written as a code."), path)
    return value


def read_number(value: Any, path: str, *, least: Decimal | int = 0, most: Decimal | int) -> Decimal:
    """Return `value` as a Decimal from `least` to `most`. :raises InvalidInput: if it is no such number."""
    number = None
    # A decimal may be written as text, so that no digit is lost. A JSON float is read by its shortest decimal form.
    if isinstance(value, int | float | str) and not isinstance(value, bool) and len(str(value)) <= 30:
        try:
            number = Decimal(str(value).strip())
        except InvalidOperation:
            number = None
    if number is None or not number.is_finite():
        raise refused_at(_("A number is expected here."), path)
    if not least <= number <= most:
        raise refused_at(_("A number from {least} to {most} is expected here.").format(least=least, most=most), path)
    return number


def read_whole(value: Any, path: str, *, least: int = 0, most: int) -> int:
    """Return `value` as an int from `least` to `most`. :raises InvalidInput: if it is no such whole number."""
    number = read_number(value, path, least=least, most=most)
    if number != number.to_integral_value():
        raise refused_at(_("A whole number is expected here."), path)
    return int(number)


def read_flag(value: Any, path: str) -> bool:
    """Return `value` if it is true or false. :raises InvalidInput: otherwise."""
    if not isinstance(value, bool):
        raise refused_at(_("Yes or no (true or false) is expected here."), path)
    return value
