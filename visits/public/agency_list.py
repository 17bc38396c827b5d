"""GET /agencies/: who visits for us? No login, no cookie, nothing about anybody."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from backoffice.access.limits import Limit, count_attempt
from backoffice.core.client_address import client_site
from visits.selectors.published_list import published_agencies

LIMIT = Limit(door="agencies", most=30, seconds=60)


@require_safe
def list_agencies(request: HttpRequest) -> HttpResponse:
    """Answer 200 with the published list in the reader's language, 429 to a caller who asks too often."""
    at = timezone.now()
    page: dict[str, object] = {"telephone": settings.COMPLAINTS_PHONE, "lender": settings.LENDER_NAME}
    is_busy = not count_attempt(limit=LIMIT, caller=client_site(request), at=at)
    page |= {"is_busy": True} if is_busy else {"agencies": published_agencies(business_date=timezone.localdate(at))}
    response = render(request, "visits/agencies.html", page, status=429 if is_busy else 200)
    # A suspended agency leaves the list at once: no copy of it is kept.
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    return response
