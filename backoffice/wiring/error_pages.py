"""The answers to requests that fail: pages, or JSON for the API."""

import sys
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from backoffice.core.outage import RETRY_SECONDS, RowsInUse, is_database_away, is_in_use


def bad_request(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 400."""
    return _error(request, 400, "bad_request", _("The request cannot be understood."))


def refused(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 403."""
    return _error(request, 403, "not_allowed", _("Your role does not allow this."))


def not_found(request: HttpRequest, exception: Any = None) -> HttpResponse:
    """Answer 404, both for what does not exist and for what the person may not see."""
    return _error(request, 404, "not_found", _("There is no such page, or it is not yours to see."))


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 503 with Retry-After if PostgreSQL is away or the rows are in use, else 500. The error itself is in the log."""
    # Django calls this while it handles the exception.
    error = sys.exc_info()[1]
    if is_in_use(error):
        answer = _error(request, 503, RowsInUse.code, str(RowsInUse()))
        answer["Retry-After"] = str(RETRY_SECONDS)
        return answer
    if is_database_away(error):
        text = _("The database cannot be reached. Nothing was half saved; try again in a moment.")
        answer = _error(request, 503, "database_away", text)
        answer["Retry-After"] = str(RETRY_SECONDS)
        return answer
    return _error(request, 500, "error", _("Something broke. It is in the log; nothing was half saved."))


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 to a form without a valid token."""
    return _error(request, 403, "csrf", _("This form is out of date. Go back, reload the page and send it again."))


def _error(request: HttpRequest, status: int, code: str, text: str) -> HttpResponse:
    if request.path.startswith(("/api/", "/o/")):
        kind = "server_error" if status >= 500 else "client_error"
        body = {"type": kind, "errors": [{"code": code, "detail": text, "attr": None}]}
        return JsonResponse(body, status=status)
    return render(request, "error.html", {"status": status, "text": text}, status=status)
