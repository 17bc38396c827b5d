"""GET /v/<code>: is this letter genuine? No login, no cookie, nothing about anybody."""

import re

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backoffice.access.limits import Limit, count_attempt
from backoffice.core.client_address import client_site
from visits.selectors.letter_check import genuine_letter

LIMIT = Limit(door="letter", most=30, seconds=60)
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


def _page(request: HttpRequest, page: dict[str, object], *, status: int) -> HttpResponse:
    response = render(request, "visits/letter.html", page, status=status)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response
