"""Pages of the admin that are a form of their own: a title, a few words, fields and one button."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.template.response import TemplateResponse

FORM_PAGE = "core/form_page.html"


def form_page(
    *,
    model_admin: Any,
    request: HttpRequest,
    title: Any,
    form: forms.Form,
    submit: Any,
    text: Any = "",
    back: str = "",
    template: str = FORM_PAGE,
    **extra: Any,
) -> TemplateResponse:
    """
    Return the page of one form, in the look of the admin. `back` is where Cancel leads, the list unless given.

    `template` may extend the page of a form, to show something of `extra` below it.
    """
    context = model_admin.admin_site.each_context(request) | {
        "title": title,
        "text": text,
        "form": form,
        "submit_text": submit,
        "opts": model_admin.model._meta,
        "model_admin": model_admin,
        "back": back or model_admin.list_address(),
    }
    return TemplateResponse(request, template, context | extra)
