"""The page after too many wrong passwords."""

from typing import Any

from axes.helpers import get_cool_off
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _


def locked_out(request: HttpRequest, original: Any = None, credentials: Any = None) -> HttpResponse:
    """Return the page that names, in the reader's language, how long the lock lasts (of a name and address, or of an address)."""
    cool_off = get_cool_off(request)
    minutes = max(1, round(cool_off.total_seconds() / 60)) if cool_off else 1
    context = {**admin.site.each_context(request), "title": _("Signed off for a while"), "minutes": minutes}
    return render(request, "admin/locked_out.html", context, status=429)
