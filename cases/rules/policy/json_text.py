"""Read a policy's body from JSON text of bounded size, strictly: no duplicate names, no endless numbers."""

import json
from math import inf
from typing import Any, Final

from django.utils.translation import gettext as _

from backoffice.core.errors import InvalidInput

# The shipped policy is 6 kB. The largest policy of 40 rules with 60 conditions each would be about 250 kB.
LARGEST_BYTES: Final = 200_000
# Characters of a number. A longer one becomes infinity, which `parse_policy` refuses with its path.
LONGEST_NUMBER: Final = 30


def read_policy_text(text: bytes | str, *, most: int = LARGEST_BYTES) -> Any:
    """
    Return the value that JSON text of at most `most` bytes holds.

    A number that is too long becomes infinity, and NaN stays NaN; `parse_policy` refuses both with their path.

    :raises InvalidInput: if the text is too long, not UTF-8, not JSON, nested too deep, or has a name twice in one
        object; `field` is "body".
    """
    if len(text) > most:
        raise _bad(_("A policy of at most {most} kB is expected here.").format(most=most // 1000))
    try:
        return json.loads(
            text, parse_float=_float, parse_int=_int, parse_constant=float, object_pairs_hook=_without_duplicates
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
    # Python refuses an int of thousands of digits without saying where it is in the text.
    return int(text) if len(text) <= LONGEST_NUMBER else inf


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        duplicate = next(name for name in names if names.count(name) > 1)
        raise _bad(_("{name} stands twice in one object.").format(name=f"“{duplicate[:60]}”"))
    return found


def _bad(message: str) -> InvalidInput:
    return InvalidInput(message, field="body")
