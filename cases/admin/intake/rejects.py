"""Rejected rows on the page of their file, and downloads of them."""

from collections.abc import Iterator

from django.contrib import admin
from django.http import StreamingHttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.admin import ScopedInline
from cases.models import IntakeReject


class RejectInline(ScopedInline):
    model = IntakeReject
    ordering = ("row_number", "pk")
    fields = ("row_number", "field", "shown_reason")

    @admin.display(description=_("reason"))
    def shown_reason(self, reject: IntakeReject) -> str:
        return reject.told_reason


def csv_response(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    """Return lines of CSV as a download called `name` that no cache keeps."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8", headers=headers)
    add_never_cache_headers(response)
    return response
