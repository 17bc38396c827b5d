"""A policy's body as text from outside: bounded and strict, so that what follows meets plain values only."""

import json
from math import inf
from typing import Any, Final

from django.utils.translation import gettext as _

from backoffice.core.errors import InvalidInput

# The shipped policy is 6 kB; forty rules of sixty conditions are about 250 kB of generous JSON, and nobody reads them.
LARGEST_BYTES: Final = 200_000
# A number with more digits is no number of a policy; as infinity it reaches the reader, which names its place.
LONGEST_NUMBER: Final = 30


def read_policy_text(text: bytes | str, *, most: int = LARGEST_BYTES) -> Any:
    """
    Return the value that JSON text of at most `most` bytes holds.

    Numbers that are too long come as infinity, and NaN as it is, for `parse_policy` to refuse at their place.

    :raises InvalidInput: if it is too long, not UTF-8, not JSON, too deep, or names something twice; `field` is "body".
    """
    if len(text) > most:
        raise _bad(_("A policy of at most {most} kB is expected here.").format(most=most // 1000))
    try:
        return json.loads(
            text, parse_float=_float, parse_int=_int, parse_constant=float, object_pairs_hook=_without_twins
        )
    except json.JSONDecodeError as error:
        message = _("This is not JSON: line {line}, column {column}.").format(line=error.lineno, column=error.colno)
        raise _bad(message) from None
    except RecursionError:
        raise _bad(_("This is nested too deep.")) from None
    except ValueError:
        raise _bad(_("This is not JSON in UTF-8.")) from None


def _float(text: str) -> float:
    return float(text) if len(text) <= LONGEST_NUMBER else inf


def _int(text: str) -> int | float:
    # Python itself refuses to read an int of thousands of digits, and does not say where it stood.
    return int(text) if len(text) <= LONGEST_NUMBER else inf


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        twin = next(name for name in names if names.count(name) > 1)
        raise _bad(_("{name} stands twice in one object.").format(name=f"“{twin[:60]}”"))
    return found


def _bad(message: str) -> InvalidInput:
    return InvalidInput(message, field="body")
