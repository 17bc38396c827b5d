"""Bundles for legal recovery: ask for the documents of a decision, approve or refuse, and download them."""

import re
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
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action, display
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.access.filters import territory_filter
from backoffice.core.errors import DoorstepError, NotAllowed, StateConflict
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import DANGER, SUCCESS, Press, ReasonForm, button
from backoffice.core.pages.cells import EMPTY, chip, linked, named, tones
from backoffice.core.pages.pages import form_page
from backoffice.core.pages.private import download
from backoffice.core.sealed.kept_files import FileAltered, FileLost
from cases.enums import DecisionKind
from cases.models import Decision
from reports.enums import BundleLanguage, ExportState
from reports.models import LegalBundle
from reports.rules.lifecycle import BUNDLE
from reports.services import legal_bundles

STATE_TONES = tones(ExportState, success=["READY"], danger=["REFUSED"], warning=["REQUESTED"], info=["APPROVED"])
_NUMBER = re.compile(r"[Dd]?0*(\d{1,18})")


class BundleForm(forms.Form):
    """Of which decision, in which language, and for what purpose."""

    decision = forms.CharField(
        label=_("Decision"),
        max_length=20,
        widget=UnfoldAdminTextInputWidget({"placeholder": "D0000012"}),
        help_text=_("The number of a decision for legal recovery that stands."),
    )
    language = forms.ChoiceField(label=_("Language"), choices=BundleLanguage.choices, widget=UnfoldAdminSelectWidget)
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=legal_bundles.LONGEST_PURPOSE,
        widget=UnfoldAdminTextareaWidget({"rows": 2}),
        help_text=_("Kept sealed. It stands in the access log of each download."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_decision(self) -> Decision:
        """Return the decision of the number, if it is one for legal recovery that the person sees."""
        number = _NUMBER.fullmatch(self.cleaned_data["decision"].strip())
        seen = Decision.objects.visible_to(self.user).filter(kind=DecisionKind.LEGAL)
        found: Decision | None = seen.filter(pk=int(number[1])).first() if number else None
        if found is None:
            raise forms.ValidationError(_("You see no decision for legal recovery of this number."))
        return found


@admin.register(LegalBundle)
class LegalBundleAdmin(ScopedAdmin):
    """The documents of decisions for legal recovery: who asked, what for, and who approved."""

    lifecycle = BUNDLE
    list_display = (
        "__str__",
        "decision_link",
        "state_chip",
        "language",
        "requested_by",
        "approved_by",
        "file_count",
        "expires_at",
        "created_at",
    )
    list_select_related = ("decision", "requested_by", "approved_by")
    list_filter = (("state", ChoicesDropdownFilter), territory_filter("decision__account__territory"))
    link_lookups = ("decision__id__exact",)
    empty_hint = _("Nobody has asked for the documents of a decision for legal recovery.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("decision_link", "state_chip"),
                    ("language", "purpose_text"),
                    ("requested", "created_at"),
                    ("approved", "approved_at"),
                    "refusal",
                    ("file_count", "expires_at"),
                )
            },
        ),
    )
    requested = named("requested_by", _("requested by"))
    approved = named("approved_by", _("approved by"))
    actions_list = ("request_bundle",)
    actions_detail = ("approve", "refuse")

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        """Show the link to the file to who asked only."""
        shown = super().get_fieldsets(request, obj)
        if obj is None or obj.state != ExportState.READY or obj.requested_by_id != request.user.pk:
            return shown
        return [(None, {"fields": (*shown[0][1]["fields"], "file_link")})]

    @display(description=_("state"), ordering="state")
    def state_chip(self, bundle: LegalBundle) -> Any:
        return chip(bundle, "state", STATE_TONES)

    @admin.display(description=_("decision"))
    def decision_link(self, bundle: LegalBundle) -> Any:
        return linked(bundle.decision)

    @admin.display(description=_("purpose"))
    def purpose_text(self, bundle: LegalBundle) -> str:
        return bundle.purpose or EMPTY

    @admin.display(description=_("refused because"))
    def refusal(self, bundle: LegalBundle) -> str:
        return bundle.refused_reason or EMPTY

    @admin.display(description=_("file"))
    def file_link(self, bundle: LegalBundle) -> Any:
        address = reverse("admin:reports_legalbundle_download", args=[bundle.pk])
        return format_html('<a href="{}" class="text-link">{}</a>', address, _("Save as ZIP; this is logged"))

    def get_urls(self) -> list[URLPattern]:
        taken = path(
            "<int:object_id>/download/",
            self.admin_site.admin_view(self.download_view),
            name="reports_legalbundle_download",
        )
        return [taken, *super().get_urls()]

    def download_view(self, request: HttpRequest, object_id: int) -> HttpResponseBase:
        """Send the file to who asked for it and log the access."""
        bundle = self.get_object(request, str(object_id))
        if bundle is None:
            raise Http404
        try:
            opened = legal_bundles.hand_out_bundle(bundle=bundle, actor=request.user, at=timezone.now())
        except NotAllowed as error:
            raise PermissionDenied from error
        except (FileAltered, FileLost, StateConflict) as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self.page_of(bundle))
        return download(file=File(opened, name="kept"), name=f"{bundle}.zip", media_type="application/zip")

    @action(
        description=_("Ask for a bundle"), permissions=[legal_bundles.REQUEST], icon="folder_zip", url_path="request"
    )
    def request_bundle(self, request: HttpRequest) -> HttpResponse:
        """Show the form of a request; POST asks for the bundle."""
        form = BundleForm(request.POST if request.method == "POST" else None, user=request.user)
        if form.is_valid():
            try:
                bundle = legal_bundles.request_bundle(**form.cleaned_data, actor=request.user, at=timezone.now())
            except DoorstepError as error:
                form.add_error(getattr(error, "field", "") or None, str(error))
            else:
                messages.success(request, _("The bundle waits for another person's approval."))
                return HttpResponseRedirect(self.page_of(bundle))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Ask"),
            title=_("Ask for a bundle"),
            text=format_lazy(
                _(
                    "Case file, letters and photographs of accepted visits in one file, with the borrower's identity in clear. Another person approves it; it is deleted after {days} days."
                ),
                days=legal_bundles.KEPT_DAYS,
            ),
        )

    @button(
        label=_("Approve"),
        permission="reports.approve_legalbundle",
        icon="check",
        variant=SUCCESS,
        text=_("The file holds the borrower's identity in clear. Nobody approves what they asked for themselves."),
        done=_("The file is being made."),
    )
    def approve(self, press: Press) -> None:
        legal_bundles.approve_bundle(bundle=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Refuse"),
        permission="reports.approve_legalbundle",
        icon="block",
        variant=DANGER,
        form=ReasonForm,
        text=_("The person who asked sees your reason."),
        done=_("The bundle is refused."),
    )
    def refuse(self, press: Press) -> None:
        legal_bundles.refuse_bundle(bundle=press.record, actor=press.actor, at=press.at, **press.values)
