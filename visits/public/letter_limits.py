"""How often the page of a letter is asked for: by one caller, about one code, and by everybody together."""

from datetime import datetime
from typing import Final

from django.http import HttpRequest

from backoffice.access.limits import Limit, count_attempt
from backoffice.core.client_address import client_site

CALLER: Final = Limit(door="letter", most=30, seconds=60)
CODE: Final = Limit(door="letter-code", most=60, seconds=60)
# Photographs of the visitors: each page of a genuine letter shows two.
PHOTOS: Final = Limit(door="letter-photo", most=60, seconds=60)
# Answers sent to one letter. An honest borrower sends a few; each one costs a transaction under locks.
ANSWERS: Final = Limit(door="letter-answer", most=20, seconds=3600)
# A thousand callers in turn load the database as one would.
EVERYBODY: Final = Limit(door="letter-all", most=3000, seconds=60)


def is_too_often(*, request: HttpRequest, code: str, at: datetime) -> bool:
    """
    Count one request and return whether it is one too many.

    The caller is looked at first, then the code, then everybody: who is turned away does not use up what others share.
    """
    limits = [(CALLER, client_site(request)), (CODE, code)]
    if request.method == "POST":
        limits.append((ANSWERS, code))
    return not all(count_attempt(limit=limit, caller=caller, at=at) for limit, caller in (*limits, (EVERYBODY, "")))


def are_photos_asked_too_often(*, request: HttpRequest, at: datetime) -> bool:
    """Count one request for a visitor's photograph and return whether it is one too many."""
    limits = ((PHOTOS, client_site(request)), (EVERYBODY, ""))
    return not all(count_attempt(limit=limit, caller=caller, at=at) for limit, caller in limits)
