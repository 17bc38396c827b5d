"""Buttons of a record's page: a dialog, POST, the record within the person's scope, and one service call."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.enums import ActionVariant
from unfold.forms import BaseDialogForm
from unfold.widgets import BASE_INPUT_CLASSES, UnfoldAdminTextareaWidget

from backoffice.core.errors import DoorstepError
from backoffice.core.outage import refused_if_in_use
from backoffice.core.pages.pages import form_page
from backoffice.core.scoping import acts_everywhere

PRIMARY, SUCCESS, WARNING, DANGER = (
    ActionVariant.PRIMARY,
    ActionVariant.SUCCESS,
    ActionVariant.WARNING,
    ActionVariant.DANGER,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Press:
    """One press of a button: the record (within scope), who pressed, when, and what the dialog asked for."""

    request: HttpRequest
    record: Any
    actor: Any
    at: datetime
    values: dict[str, Any]

    @property
    def business_date(self) -> date:
        """The day of the press in the office's time zone."""
        return timezone.localtime(self.at).date()


class ButtonForm(BaseDialogForm):
    """A confirmation. Subclasses add fields and may limit choices by `self.record` and `self.request.user`."""

    # How many columns a page of its own has.
    columns = 1

    def __init__(self, *args: Any, record: Any = None, **kwargs: Any) -> None:
        self.record = record
        super().__init__(*args, **kwargs)

    def render_before_template(self) -> str:
        """Show refusals that belong to no single field."""
        if not (self.is_bound and self.non_field_errors()):
            return str(super().render_before_template())
        return format_html(
            '<p role="alert" class="text-red-700 dark:text-red-400">{}</p>', " ".join(self.non_field_errors())
        )


class ReasonForm(ButtonForm):
    """A confirmation that asks why."""

    reason = forms.CharField(label=_("Reason"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 3}))


def day_input() -> forms.DateInput:
    """Return the browser's own date picker, which needs no script in a dialog."""
    return forms.DateInput(format="%Y-%m-%d", attrs={"type": "date", "class": " ".join(BASE_INPUT_CLASSES)})


def moment_input() -> forms.DateTimeInput:
    """Return the browser's own picker of a moment, in the office's time zone."""
    return forms.DateTimeInput(
        format="%Y-%m-%dT%H:%M", attrs={"type": "datetime-local", "class": " ".join(BASE_INPUT_CLASSES)}
    )


def button(
    *,
    label: Any,
    permission: str,
    done: Any = "",
    form: type[ButtonForm] = ButtonForm,
    states: Collection[str] | None = None,
    icon: str | None = None,
    variant: ActionVariant = ActionVariant.DEFAULT,
    text: Any = "",
    submit: Any = "",
    page: bool = False,
    everywhere: bool = False,
) -> Callable[[Callable[[Any, Press], Any]], Any]:
    """
    Make a method `press(self, press)` an Unfold detail action with a dialog.

    A foreign record is 404, a missing permission 403; GET only shows the dialog. An anticipated refusal stands
    in the dialog, success leads back to the page with the words `done`. A method that returns a response
    answers with it, uncached. `page` gives a long form, or one with a file, a page of its own instead of a dialog. `states` limits where the button shows; without it a button named like a step of
    the admin's lifecycle follows the table. `everywhere` is for what holds for every territory: people of single
    territories do not see the button, and its address answers 403.
    """

    def decorate(method: Callable[[Any, Press], Any]) -> Any:
        @wraps(method)
        def pressed(self: Any, request: HttpRequest, object_id: Any) -> HttpResponseBase:
            record = self.get_object(request, str(object_id))
            if record is None:
                raise Http404
            if not request.user.has_perm(permission) or (everywhere and not acts_everywhere(user=request.user)):
                raise PermissionDenied
            data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
            asked = form(request=request, object_id=object_id, data=data, files=files, record=record)
            if asked.is_valid():
                values = {name: value for name, value in asked.cleaned_data.items() if name != "_form_submitted"}
                try:
                    press = Press(request=request, record=record, actor=request.user, at=timezone.now(), values=values)
                    with refused_if_in_use():
                        answer = method(self, press)
                except DoorstepError as error:
                    field = getattr(error, "field", "")
                    asked.add_error(field if field in asked.fields else None, str(error))
                else:
                    if isinstance(answer, HttpResponseBase):
                        add_never_cache_headers(answer)
                        return answer
                    messages.success(request, str(done))
                    # What was done may end the person's sight of the record (a case returned by an agency).
                    still_seen = self.get_object(request, str(object_id)) is not None
                    return to_page(request, self.page_of(record) if still_seen else self.list_address())
            if page:
                return form_page(
                    model_admin=self,
                    request=request,
                    title=f"{label} · {record}",
                    form=asked,
                    submit=submit or label,
                    text=text,
                    back=self.page_of(record),
                )
            return render(
                request,
                "unfold/helpers/dialog.html",
                {"dialog": dialog, "form": asked, "form_submit_text": submit or label},
            )

        dialog = {"title": label, "description": text, "form_class": form, "form_submit_text": submit or label}
        for name, value in {
            "allowed_permissions": [permission],
            "short_description": label,
            "icon": icon,
            "variant": variant,
            "dialog": None if page else dialog,
            "attrs": {},
            "original_function_name": method.__name__,
            "states": states,
            "everywhere": everywhere,
        }.items():
            setattr(pressed, name, value)
        return pressed

    return decorate


def to_page(request: HttpRequest, address: str) -> HttpResponse:
    """Return the way on to a page, for a dialog (htmx) or a plain form."""
    if request.headers.get("HX-Request"):
        return HttpResponse(headers={"HX-Redirect": address})
    return HttpResponseRedirect(address)
