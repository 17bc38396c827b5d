"""Who may come in, and the page where the second factor is set up."""

from typing import Any

import segno
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django_otp import login as mark_verified

from backoffice.access.forms import CodeForm
from backoffice.access.second_factor import (
    begin_enrolment,
    confirm_enrolment,
    is_enrolled,
    pending_device,
    renew_recovery_codes,
    secret_text,
)
from backoffice.core.errors import DoorstepError


def is_staff(*, request: HttpRequest) -> bool:
    """Return whether the signed-in person is active staff; programs are not."""
    user: Any = request.user
    return bool(user.is_authenticated and user.is_active and user.is_staff)


def may_enter(*, request: HttpRequest) -> bool:
    """Return whether the person may use the admin: active staff, verified where the second factor is required."""
    user: Any = request.user
    return is_staff(request=request) and (not settings.SECOND_FACTOR_REQUIRED or user.is_verified())


def needs_enrolment(*, request: HttpRequest) -> bool:
    """Return whether the person is signed in by password alone and must set up a second factor first."""
    return is_staff(request=request) and not may_enter(request=request)


@never_cache
def second_factor_page(request: HttpRequest, site: Any) -> HttpResponse:
    """Set up the authenticator app, or renew its recovery codes. The secret and the codes are never cached."""
    if not is_staff(request=request):
        return HttpResponseRedirect(f"{reverse('admin:login')}?next={reverse('admin:second_factor')}")
    user: Any = request.user
    enrolled = is_enrolled(user=user)
    if enrolled and settings.SECOND_FACTOR_REQUIRED and not user.is_verified():
        # Enrolled in another session meanwhile: this session was opened by password alone.
        messages.info(request, _("Sign in again with your second factor."))
        request.session.flush()
        return HttpResponseRedirect(reverse("admin:login"))
    codes: tuple[str, ...] = ()
    form = CodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST":
        try:
            codes = _carry_out(request=request, user=user, form=form, enrolled=enrolled)
        except DoorstepError as error:
            form.add_error("code", str(error))
    device = pending_device(user=user)
    context = {
        **site.each_context(request),
        "title": _("Second factor"),
        # Whoever still owes a second factor has no menu yet.
        "is_nav_sidebar_enabled": may_enter(request=request),
        "enrolled": is_enrolled(user=user),
        "required": settings.SECOND_FACTOR_REQUIRED,
        "codes": codes,
        "form": form,
        "secret": secret_text(device=device) if device else "",
        "picture": segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=2) if device else "",
    }
    return TemplateResponse(request, "admin/second_factor.html", context)


def _carry_out(*, request: HttpRequest, user: Any, form: CodeForm, enrolled: bool) -> tuple[str, ...]:
    at = timezone.now()
    if not enrolled and request.POST.get("do") == "begin":
        begin_enrolment(user=user, at=at)
    elif form.is_valid() and enrolled:
        return renew_recovery_codes(user=user, code=form.cleaned_data["code"], at=at)
    elif form.is_valid():
        device, codes = confirm_enrolment(user=user, code=form.cleaned_data["code"], at=at)
        # The session rises to a verified one: it gets a new key, as at sign-in.
        request.session.cycle_key()
        mark_verified(request, device)
        return codes
    return ()
