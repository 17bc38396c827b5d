"""Files that bring the portfolio: take one in, see what became of its rows, and get the rejected ones back."""

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldBooleanWidget,
)

from backoffice.audit.recorded import RecordedAdmin
from backoffice.audit.services import log_access
from backoffice.core.admin import ScopedAdmin, ScopedInline
from backoffice.core.cells import EMPTY, chip, named, tones
from backoffice.core.errors import DoorstepError
from backoffice.core.pages import form_page
from cases.enums import IntakeState
from cases.models import IntakeFile, IntakeProfile, IntakeReject
from cases.rules.profile import parse_profile
from cases.selectors.profiles import profile_names
from cases.selectors.rejects import rejects_csv
from cases.services import intake

STATE_TONES = tones(IntakeState, success=["FINISHED"], danger=["FAILED"], info=["RUNNING"])
# Taken in while the page waits, about 100,000 rows. The command line takes files of any size.
MAX_UPLOAD_BYTES = 20 * 1024 * 1024


class TakeInForm(forms.Form):
    """Which file, how it is read, and whether it counts."""

    profile = forms.ChoiceField(label=_("Profile"), widget=UnfoldAdminSelectWidget)
    file = forms.FileField(label=_("File"), widget=UnfoldAdminFileFieldWidget)
    dry_run = forms.BooleanField(
        label=_("Only try it"), required=False, initial=True, widget=UnfoldBooleanWidget,
        help_text=_("Everything is read, checked and taken back; the counts and rejected rows stay."),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["profile"].choices = [(name, name) for name in profile_names()]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > MAX_UPLOAD_BYTES:
            raise forms.ValidationError(
                _(
                    "The file is larger than {size}. Take it in on the server: manage.py intake FILE --profile NAME"
                ).format(size=filesizeformat(MAX_UPLOAD_BYTES))
            )
        return file


class RejectInline(ScopedInline):
    model = IntakeReject
    ordering = ("row_number", "pk")
    fields = ("row_number", "field", "told")

    @admin.display(description=_("reason"))
    def told(self, reject: IntakeReject) -> str:
        return reject.told_reason


@admin.register(IntakeFile)
class IntakeFileAdmin(ScopedAdmin):
    """One file taken in."""

    list_display = (
        "file_name", "profile_name", "state_chip", "dry_run", "row_count", "created_count", "updated_count",
        "unchanged_count", "rejected_count", "started_at",
    )  # fmt: skip
    list_filter = (("state", ChoicesDropdownFilter), "dry_run")
    search_fields = ("=file_name", "=sha256")
    empty_hint = _("Nothing was taken in yet. Take in a file with the button above.")
    fieldsets = (
        (None, {"fields": (
            ("file_name", "profile_name"), ("state_chip", "dry_run"), ("row_count", "rejected_count"),
            ("created_count", "updated_count"), ("unchanged_count", "rejects_link"), "problem", ("started_at", "finished_at"),
            ("taken", "sha256"),
        )}),
    )  # fmt: skip
    taken = named("taken_by", _("taken in by"))
    inlines = (RejectInline,)
    actions_list = ("take_in",)

    @admin.display(description=_("state"))
    def state_chip(self, file: IntakeFile) -> Any:
        return chip(file, "state", STATE_TONES)

    @admin.display(description=_("rejected rows"))
    def rejects_link(self, file: IntakeFile) -> Any:
        if not file.rejected_count:
            return EMPTY
        address = reverse("admin:cases_intakefile_rejects", args=[file.pk])
        return format_html('<a href="{}" class="text-link">{}</a>', address, _("Save as CSV, with field and reason"))

    def get_urls(self) -> list[URLPattern]:
        rejects = path(
            "<int:object_id>/rejects/", self.admin_site.admin_view(self.rejects_view), name="cases_intakefile_rejects"
        )
        return [rejects, *super().get_urls()]

    def rejects_view(self, request: HttpRequest, object_id: int) -> HttpResponse | StreamingHttpResponse:
        """Hand out the rejected rows, whole, so that the lender can mend them. Who took them is logged."""
        file = self.get_object(request, str(object_id))
        if file is None:
            raise Http404
        if not request.user.has_perm("cases.run_intake"):
            raise PermissionDenied
        log_access(
            actor=request.user,
            subject=file,
            fields=["rejects"],
            purpose="rejected rows of an intake file",
            at=timezone.now(),
        )
        response = StreamingHttpResponse(rejects_csv(file=file), content_type="text/csv; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="rejects-{file.pk}.csv"'
        add_never_cache_headers(response)
        return response

    @action(description=_("Take in a file"), permissions=["cases.run_intake"], icon="upload_file", url_path="take-in")
    def take_in(self, request: HttpRequest) -> HttpResponse:
        """Ask for file and profile; GET only shows the form."""
        data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = TakeInForm(data, files)
        if form.is_valid():
            try:
                result = self._take_in(request, **form.cleaned_data)
            except DoorstepError as error:
                form.add_error(None, str(error))
            else:
                text = _("{rows} rows: {created} new, {updated} changed, {unchanged} as before, {rejected} rejected.")
                messages.success(request, text.format(
                    rows=result.rows, created=result.created, updated=result.updated, unchanged=result.unchanged,
                    rejected=result.rejected,
                ))  # fmt: skip
                return HttpResponseRedirect(reverse("admin:cases_intakefile_change", args=[result.file_id]))
        return form_page(
            model_admin=self, request=request, form=form, submit=_("Take in"), title=_("Take in a file"),
            text=_("At most {size} here. A row that cannot be taken is kept with its reason; the others are taken.").format(
                size=filesizeformat(MAX_UPLOAD_BYTES)
            ),
        )  # fmt: skip

    def _take_in(self, request: HttpRequest, *, profile: str, file: Any, dry_run: bool) -> intake.IntakeResult:
        # Readable by this process alone and gone afterwards: the file holds a portfolio.
        with tempfile.NamedTemporaryFile(suffix=".upload") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
            kept.flush()
            return intake.take_in(
                path=Path(kept.name), profile=profile, actor=request.user, at=timezone.now(), dry_run=dry_run,
                file_name=Path(file.name).name,
            )  # fmt: skip


class ProfileForm(forms.ModelForm):  # type: ignore[type-arg]
    """A mapping, checked before it is kept."""

    class Meta:
        model = IntakeProfile
        fields = ("name", "kind", "body")
        widgets = {"body": UnfoldAdminTextareaWidget({"rows": 30, "spellcheck": "false"})}

    def clean(self) -> dict[str, Any]:
        held: dict[str, Any] = super().clean() or self.cleaned_data
        if held.get("name") and held.get("body"):
            try:
                profile = parse_profile(text=held["body"], name=held["name"])
            except DoorstepError as error:
                field = getattr(error, "field", "")
                raise forms.ValidationError({"body": f"{field}: {error}" if field else str(error)}) from error
            if held.get("kind") and str(profile.kind) != held["kind"]:
                raise forms.ValidationError({"kind": _("The mapping says that its rows describe something else.")})
        return held


@admin.register(IntakeProfile)
class IntakeProfileAdmin(RecordedAdmin):
    """A mapping from a lender's columns to ours."""

    form = ProfileForm
    list_display = ("name", "kind", "updated_at")
    search_fields = ("=name",)
    empty_hint = _("Shipped profiles work without being listed here. Add one for a lender's own columns.")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Files name their profile; it stays."""
        return False
