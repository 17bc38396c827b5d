"""Secrets that are shown once and never again: on a page of their own, or in the dialog that made them."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _

Shown = Sequence[tuple[Any, str]]


def shown_once(*, model_admin: Any, request: HttpRequest, shown: Shown) -> HttpResponse:
    """Return the page with labels and secrets; no cache keeps it."""
    site = model_admin.admin_site
    context = {**site.each_context(request), "title": _("Shown this once"), "shown": shown, "opts": model_admin.opts}
    answer = render(request, "admin/shown_once.html", context)
    add_never_cache_headers(answer)
    return answer


def shown_once_in_dialog(*, request: HttpRequest, shown: Shown) -> HttpResponse:
    """Return the same in place of the dialog's form."""
    answer = render(request, "admin/shown_once_dialog.html", {"shown": shown})
    add_never_cache_headers(answer)
    return answer
