"""Exports: request, approve or refuse, and download the file."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.files import File
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.access.models import Territory
from backoffice.core.errors import DoorstepError, NotAllowed, StateConflict
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import DANGER, SUCCESS, Press, ReasonForm, button, day_input
from backoffice.core.pages.cells import EMPTY, chip, named, tones
from backoffice.core.pages.pages import form_page
from backoffice.core.pages.private import download
from backoffice.core.sealed.kept_files import FileAltered, FileLost
from reports.enums import ExportReport, ExportState
from reports.models import ExportJob
from reports.rules.lifecycle import EXPORT
from reports.services import exports

STATE_TONES = tones(ExportState, success=["READY"], danger=["REFUSED"], warning=["REQUESTED"], info=["APPROVED"])


class RequestForm(forms.Form):
    """Which report, of which period and territory, and for what purpose."""

    report = forms.ChoiceField(label=_("Report"), choices=ExportReport.choices, widget=UnfoldAdminSelectWidget)
    start_on = forms.DateField(label=_("From"), widget=day_input(), required=False)
    end_on = forms.DateField(label=_("To"), widget=day_input(), required=False)
    territory = forms.ModelChoiceField(
        label=_("Territory"),
        queryset=Territory.objects.none(),
        required=False,
        empty_label=_("All that I see"),
        widget=UnfoldAdminSelectWidget,
    )
    currency = forms.CharField(
        label=_("Currency"), max_length=3, initial="CNY", required=False, widget=UnfoldAdminTextInputWidget
    )
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=200,
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text=_("It stands on the first line of the file. Name no borrower."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.visible_to(user).order_by("code", "pk")  # type: ignore[attr-defined]


@admin.register(ExportJob)
class ExportJobAdmin(ScopedAdmin):
    """Exports: who requested them, for what purpose, and who approved."""

    lifecycle = EXPORT
    list_display = (
        "created_at",
        "report",
        "purpose_text",
        "state_chip",
        "requested_by",
        "approved_by",
        "row_count",
        "expires_at",
    )
    list_select_related = ("requested_by", "approved_by")
    list_filter = (("state", ChoicesDropdownFilter), ("report", ChoicesDropdownFilter))
    empty_hint = _("Nobody has asked for an export.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("report", "state_chip"),
                    "limits",
                    "purpose_text",
                    ("requested", "created_at"),
                    ("approved", "refusal"),
                    ("row_count", "expires_at"),
                )
            },
        ),
    )
    requested = named("requested_by", _("requested by"))
    approved = named("approved_by", _("approved by"))
    actions_list = ("request_export",)
    actions_detail = ("approve", "refuse")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the link to the file to the requester only."""
        shown = super().get_fieldsets(request, obj)
        if obj is None or obj.state != ExportState.READY or obj.requested_by_id != request.user.pk:
            return shown
        return [(None, {"fields": (*shown[0][1]["fields"], "file_link")})]

    @display(description=_("state"), ordering="state")
    def state_chip(self, export: ExportJob) -> Any:
        return chip(export, "state", STATE_TONES)

    @admin.display(description=_("purpose"))
    def purpose_text(self, export: ExportJob) -> str:
        return export.purpose or EMPTY

    @admin.display(description=_("refused because"))
    def refusal(self, export: ExportJob) -> str:
        return export.refused_reason or EMPTY

    @admin.display(description=_("of what"))
    def limits(self, export: ExportJob) -> str:
        return " · ".join(str(value) for value in export.parameters.values()) or EMPTY

    @admin.display(description=_("file"))
    def file_link(self, export: ExportJob) -> Any:
        address = reverse("admin:reports_exportjob_download", args=[export.pk])
        return format_html('<a href="{}" class="text-link">{}</a>', address, _("Save as CSV; this is logged"))

    def get_urls(self) -> list[URLPattern]:
        taken = path(
            "<int:object_id>/download/",
            self.admin_site.admin_view(self.download_view),
            name="reports_exportjob_download",
        )
        return [taken, *super().get_urls()]

    def download_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Send the file to the requester and log the download."""
        export = self.get_object(request, str(object_id))
        if export is None:
            raise Http404
        try:
            opened = exports.hand_out_export(export=export, actor=request.user, at=timezone.now())
        except NotAllowed as error:
            raise PermissionDenied from error
        except StateConflict as error:
            raise Http404 from error
        except (FileAltered, FileLost) as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.page_of(export))
        return download(
            file=File(opened, name="kept"), name=f"export-{export.pk}.csv", media_type="text/csv; charset=utf-8"
        )

    @action(description=_("Ask for an export"), permissions=[exports.REQUEST], icon="download", url_path="request")
    def request_export(self, request: HttpRequest) -> HttpResponse:
        """Show the form of a request; POST requests the export."""
        form = RequestForm(request.POST if request.method == "POST" else None, user=request.user)
        if form.is_valid():
            values = dict(form.cleaned_data)
            try:
                export = exports.request_export(
                    report=values.pop("report"),
                    purpose=values.pop("purpose"),
                    parameters=values,
                    actor=request.user,
                    at=timezone.now(),
                )
            except DoorstepError as error:
                form.add_error(getattr(error, "field", "") or None, str(error))
            else:
                messages.success(request, _("The export waits for another person's approval."))
                return HttpResponseRedirect(self.page_of(export))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Ask"),
            title=_("Ask for an export"),
            text=_(
                "Another person approves it. The file holds what you may see, names masked, and is deleted after seven days."
            ),
        )

    @button(
        label=_("Approve"),
        permission="reports.approve_exportjob",
        icon="check",
        variant=SUCCESS,
        text=_("Nobody approves what they asked for themselves."),
        done=_("The file is being made."),
    )
    def approve(self, press: Press) -> None:
        exports.approve_export(export=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Refuse"),
        permission="reports.approve_exportjob",
        icon="block",
        variant=DANGER,
        form=ReasonForm,
        text=_("The person who asked sees your reason."),
        done=_("The export is refused."),
    )
    def refuse(self, press: Press) -> None:
        exports.refuse_export(export=press.record, actor=press.actor, at=press.at, **press.values)
