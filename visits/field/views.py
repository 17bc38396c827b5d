"""The crew's page at /field/, the key of what it keeps on the telephone, and the address of a visit in clear."""

import base64
import binascii
import json
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

import segno
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from backoffice.access.gate import may_enter
from backoffice.access.roles import Role
from backoffice.core.errors import DoorstepError, StateConflict
from backoffice.core.sealed.phone_keys import phone_key
from visits.field.choices import choices
from visits.field.shell import shell_version
from visits.field.texts import page_texts
from visits.models import VisitOrder
from visits.selectors.policy import conduct_policy
from visits.services.doorstep.evidence_parts import PART_BYTES_MAX
from visits.services.orders.address_reveal import reveal_visit_address

# A body of a few names and numbers; anything longer is not from the page.
MOST_BODY = 2000
# Half of what the server takes: less is sent again after a broken connection.
PART_BYTES = PART_BYTES_MAX // 4

View = Callable[..., HttpResponse]


def _for_crew(view: View) -> View:
    """Pass requests of signed-in crew members on; the page leads others to the sign-in, an answer to data is 401 or 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may_enter(request=request):
            if request.method == "POST":
                return JsonResponse({"code": "not_authenticated"}, status=401)
            return HttpResponseRedirect(f"{reverse('admin:login')}?{urlencode({'next': reverse('field')})}")
        user: Any = request.user
        if user.role != Role.CREW or getattr(user, "crew_member", None) is None:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return never_cache(guarded)


@require_safe
@_for_crew
def crew_page(request: HttpRequest) -> HttpResponse:
    """Show the page. It holds words and lists, nothing about a visit: those come through REST and are kept sealed."""
    user: Any = request.user
    # The page's requests carry the token of this cookie.
    get_token(request)
    policy = conduct_policy()
    is_chinese = str(translation.get_language()).startswith("zh")
    page = {
        "user": user.pk,
        "badge": user.crew_member.external_ref,
        "language": "zh-Hans" if is_chinese else "en",
        "zone": settings.TIME_ZONE,
        "office": settings.COMPLAINTS_PHONE,
        "version": shell_version(),
        "partBytes": PART_BYTES,
        "limits": {
            "factors": policy.identity_factors_min,
            "photosMin": policy.photos_min,
            "photosMax": policy.photos_max,
            "gapSeconds": policy.recording_gap_seconds,
        },
        "login": f"{reverse('admin:login')}?{urlencode({'next': reverse('field')})}",
        "logout": reverse("admin:logout"),
    }
    return render(
        request,
        "visits/field.html",
        {
            "page": page,
            "texts": page_texts(),
            "choices": choices(),
            "static_url": settings.STATIC_URL,
            "language": page["language"],
            "other": ("en", "English") if is_chinese else ("zh-hans", "中文"),
        },
    )


@require_POST
@_for_crew
def give_key(request: HttpRequest) -> HttpResponse:
    """
    Answer with the key of this person on this telephone, and for how many seconds the sign-in lasts at the longest.

    The telephone keeps the key until the sign-out. The page also asks here whether a sign-in still holds, and whose.
    """
    body = _body(request)
    try:
        salt = base64.b64decode(str(body.get("salt", "")), validate=True)
        number = None if body.get("number") is None else int(body["number"])
        newest, key = phone_key(user_id=int(request.user.pk or 0), salt=salt)
        if number not in (None, newest):
            number, key = phone_key(user_id=int(request.user.pk or 0), salt=salt, number=number)
    except (DoorstepError, binascii.Error, TypeError, ValueError):
        return JsonResponse({"code": "invalid"}, status=400)
    now = int(timezone.now().timestamp())
    # The session's own beginning; a session that never wrote it begins now.
    left = max(0, int(request.session.get("began_at", now)) + settings.SESSION_LONGEST_SECONDS - now)
    return JsonResponse(
        {
            "user": request.user.pk,
            "key": base64.b64encode(key).decode(),
            "number": newest if number is None else number,
            "newest": newest,
            "seconds": left,
        }
    )


@require_POST
@_for_crew
def reveal_address(request: HttpRequest, order_id: int) -> HttpResponse:
    """Answer with where a visit goes, in clear, and the address of its letter as text and QR code; who looked is logged."""
    order = VisitOrder.objects.visible_to(request.user).filter(pk=order_id).first()
    if order is None:
        raise Http404
    try:
        found = reveal_visit_address(order=order, actor=request.user, at=timezone.now())
    except StateConflict as error:
        return JsonResponse({"code": error.code, "detail": str(error)}, status=409)
    except DoorstepError as error:
        return JsonResponse({"code": error.code, "detail": str(error)}, status=403)
    letter = f"{settings.PUBLIC_URL}/v/{order.letter_code}" if order.letter_code else ""
    return JsonResponse(
        {
            "line": found.line,
            "reception_only": found.reception_only,
            "latitude": found.latitude,
            "longitude": found.longitude,
            "letter": letter,
            "qr": segno.make(letter, error="m").svg_data_uri(scale=5, border=3, light="#fff") if letter else "",
        }
    )


def _body(request: HttpRequest) -> dict[str, Any]:
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BODY:
        return {}
    try:
        body = json.loads(request.body or b"{}")
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}
