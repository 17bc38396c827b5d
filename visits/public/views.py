"""GET /v/<code>: is this letter genuine? No login, no cookie, nothing about anybody."""

import hashlib
import re

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from visits.selectors.letter_check import genuine_letter

TRIES = 30
SECONDS = 60
# What a code can look like; anything else is not worth a query.
CODE = re.compile(r"[A-Za-z0-9_-]{1,32}")


@require_safe
def check_letter(request: HttpRequest, code: str) -> HttpResponse:
    """Answer 200 for a genuine letter, 404 for any other code, 429 to a caller who tries too many: one page shape."""
    if _tries_too_much(request):
        return _page(request, {"telephone": settings.COMPLAINTS_PHONE, "is_busy": True}, status=429)
    letter = genuine_letter(code=code, at=timezone.now()) if CODE.fullmatch(code) else None
    page = {"letter": letter, "telephone": settings.COMPLAINTS_PHONE}
    return _page(request, page, status=200 if letter else 404)


def _page(request: HttpRequest, page: dict[str, object], *, status: int) -> HttpResponse:
    response = render(request, "visits/letter.html", page, status=status)
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _tries_too_much(request: HttpRequest) -> bool:
    """Count a caller's tries a minute, in this process only: codes of 96 bits are not guessed anyway."""
    caller = hashlib.sha256(f"{settings.SECRET_KEY}{request.META.get('REMOTE_ADDR', '')}".encode()).hexdigest()
    key = f"letter:{caller[:32]}"
    cache.add(key, 0, SECONDS)
    try:
        return cache.incr(key) > TRIES
    except ValueError:
        # The minute ended between the two calls.
        return False
