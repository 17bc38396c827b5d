"""GET /v/<code>: is this letter genuine? GET /agencies/: who visits for us? No login, no cookie, nothing about anybody."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backoffice.access.limits import Limit, count_attempt
from backoffice.core.client_address import client_site
from visits.selectors.letter_check import genuine_letter
from visits.selectors.published_list import published_agencies

LIMIT = Limit(door="letter", most=30, seconds=60)
LIST_LIMIT = Limit(door="agencies", most=30, seconds=60)
# What a code can look like; anything else is not worth a query.
CODE = re.compile(r"[A-Za-z0-9_-]{1,32}")


@require_safe
def check_letter(request: HttpRequest, code: str) -> HttpResponse:
    """Answer 200 for a genuine letter, 404 for any other code, 429 to a caller who tries too many: one page shape."""
    at = timezone.now()
    # Codes of 96 bits are not guessed anyway; the limit keeps a single caller from loading the database.
    if not count_attempt(limit=LIMIT, caller=client_site(request), at=at):
        return _page(request, {"telephone": settings.COMPLAINTS_PHONE, "is_busy": True}, status=429)
    letter = genuine_letter(code=code, at=at) if CODE.fullmatch(code) else None
    page = {"letter": letter, "telephone": settings.COMPLAINTS_PHONE}
    return _page(request, page, status=200 if letter else 404)


@require_safe
def list_agencies(request: HttpRequest) -> HttpResponse:
    """Answer 200 with the published list in the reader's language, 429 to a caller who asks too often."""
    at = timezone.now()
    page: dict[str, object] = {"telephone": settings.COMPLAINTS_PHONE, "lender": settings.LENDER_NAME}
    is_busy = not count_attempt(limit=LIST_LIMIT, caller=client_site(request), at=at)
    page |= {"is_busy": True} if is_busy else {"agencies": published_agencies(business_date=timezone.localdate(at))}
    response = render(request, "visits/agencies.html", page, status=429 if is_busy else 200)
    # A suspended agency leaves the list at once: no copy of it is kept.
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _page(request: HttpRequest, page: dict[str, object], *, status: int) -> HttpResponse:
    response = render(request, "visits/letter.html", page, status=status)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
