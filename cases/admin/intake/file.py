"""Files that bring the portfolio: take one in, follow it, see what became of its rows, get the rejected ones back."""

import tempfile
from pathlib import Path
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, StreamingHttpResponse
from django.template.defaultfilters import filesizeformat
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldBooleanWidget

from backoffice.audit.services import log_access
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin, ScopedInline
from backoffice.core.pages.buttons import WARNING, Press, button
from backoffice.core.pages.cells import EMPTY, chip, named
from backoffice.core.pages.pages import form_page
from cases.admin.intake.page import STATE_TONES, intake_page, live_panel
from cases.enums import IntakeMode
from cases.models import IntakeFile, IntakeReject
from cases.selectors.intake.profiles import profile_names
from cases.selectors.intake.rejects import rejects_csv
from cases.selectors.intake.views import difference_csv, difference_of
from cases.services.intake import snapshot, take_in, uploads


class TakeInForm(forms.Form):
    """Which file, how it is read, and whether it counts."""

    profile = forms.ChoiceField(label=_("Profile"), widget=UnfoldAdminSelectWidget)
    file = forms.FileField(
        label=_("File"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("CSV, NDJSON (both also .gz) or .xlsx."),
    )
    mode = forms.ChoiceField(
        label=_("The file is"),
        required=False,
        widget=UnfoldAdminSelectWidget,
        choices=[("", _("what the profile says")), *IntakeMode.choices],
        help_text=_("Accounts that a full snapshot does not name are closed or flagged, as the profile says."),
    )
    dry_run = forms.BooleanField(
        label=_("Only try it"),
        required=False,
        initial=True,
        widget=UnfoldBooleanWidget,
        help_text=_("Everything is read, checked and taken back; counts, rejected rows and what would change stay."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["profile"].choices = [(name, name) for name in profile_names()]  # type: ignore[attr-defined]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > uploads.MAX_UPLOAD_BYTES:
            raise forms.ValidationError(
                _(
                    "The file is larger than {size}. Take it in on the server: manage.py intake FILE --profile NAME"
                ).format(size=filesizeformat(uploads.MAX_UPLOAD_BYTES))
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
        "file_name",
        "profile_name",
        "state_chip",
        "mode",
        "dry_run",
        "row_count",
        "created_count",
        "updated_count",
        "unchanged_count",
        "rejected_count",
        "started_at",
    )
    list_filter = (("state", ChoicesDropdownFilter), ("mode", ChoicesDropdownFilter), "dry_run")
    link_lookups = ("rejected_count__gt",)
    search_fields = ("=file_name", "=sha256")
    empty_hint = _("Nothing was taken in yet. Take in a file with the button above.")
    change_form_outer_before_template = "admin/cases/intake_page.html"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("file_name", "profile_name"),
                    ("state_chip", "mode"),
                    ("source", "dry_run"),
                    ("row_count", "rejected_count"),
                    ("created_count", "updated_count"),
                    ("unchanged_count", "rejects_link"),
                    "problem",
                    ("started_at", "finished_at"),
                    ("taken", "digest"),
                )
            },
        ),
    )
    taken = named("taken_by", _("taken in by"))
    inlines = (RejectInline,)
    actions_list = ("take_in",)
    actions_detail = ("confirm_missing", "drop_missing")

    class Media:
        css = {"all": ("cases/run.css",)}
        js = ("cases/run.js",)

    @admin.display(description=_("state"))
    def state_chip(self, file: IntakeFile) -> Any:
        return chip(file, "state", STATE_TONES)

    @admin.display(description=_("SHA-256"))
    def digest(self, file: IntakeFile) -> Any:
        return format_html('<span class="ds-mono">{}</span>', file.sha256) if file.sha256 else EMPTY

    @admin.display(description=_("rejected rows"))
    def rejects_link(self, file: IntakeFile) -> Any:
        if not file.rejected_count:
            return EMPTY
        address = reverse("admin:cases_intakefile_rejects", args=[file.pk])
        return format_html('<a href="{}" class="text-link">{}</a>', address, _("Save as CSV, with field and reason"))

    def get_urls(self) -> list[URLPattern]:
        """Add the downloads, and the address that the page asks for its own renewal."""
        own = [
            path(f"<int:object_id>/{name}/", self.admin_site.admin_view(view), name=f"cases_intakefile_{name}")
            for name, view in (
                ("rejects", self.rejects_view),
                ("difference", self.difference_view),
                ("progress", self.progress_view),
            )
        ]
        return [*own, *super().get_urls()]

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Add the panels to the page."""
        file = self.get_object(request, object_id)
        context: dict[str, Any] = dict(extra_context or {})
        if file is not None and self.has_view_permission(request, file):
            context["page"] = intake_page(file=file, user=request.user, at=timezone.now())
        return super().change_view(request, object_id, form_url, context)  # type: ignore[no-any-return]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Offer to decide on missing accounts only where they wait for a decision of this person."""
        actions = super().get_actions_detail(request, object_id)
        file = self.get_object(request, str(object_id)) if actions else None
        if file is None or file.missing_state not in snapshot.UNDECIDED or file.taken_by_id == request.user.pk:
            return []
        return actions

    def progress_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Answer with the live part of the page as JSON: state, whether it changes by itself, figures, and HTML."""
        file = self.get_object(request, str(object_id)) if self.has_view_permission(request) else None
        if file is None:
            raise Http404
        panel = live_panel(file=file, at=timezone.now())
        view = panel["view"]
        answer = JsonResponse(
            {
                "state": view.state,
                "live": view.is_live,
                "rows": view.rows,
                "total": view.total,
                "percent": view.percent,
                "rate": None if view.rate is None else round(view.rate),
                "eta_seconds": None if view.eta is None else int(view.eta.total_seconds()),
                "html": render_to_string("admin/cases/intake_live.html", {"page": panel}, request),
            }
        )
        add_never_cache_headers(answer)
        return answer

    def rejects_view(self, request: HttpRequest, object_id: int) -> HttpResponse | StreamingHttpResponse:
        """Hand out the rejected rows, whole, so that the lender can mend them. Who took them is logged."""
        file = self._taken(request, object_id, "rejects", "rejected rows of an intake file")
        return _csv(rejects_csv(file=file), f"rejects-{file.pk}.csv")

    def difference_view(self, request: HttpRequest, object_id: int) -> HttpResponse | StreamingHttpResponse:
        """Hand out the sample of what a dry run would change. Who took it is logged."""
        file = self._taken(request, object_id, "difference", "what a dry run of an intake file would change")
        difference = difference_of(file=file)
        if difference is None:
            raise Http404
        return _csv(difference_csv(difference=difference), f"difference-{file.pk}.csv")

    def _taken(self, request: HttpRequest, object_id: int, field: str, purpose: str) -> IntakeFile:
        file: IntakeFile | None = self.get_object(request, str(object_id))
        if file is None:
            raise Http404
        if not request.user.has_perm("cases.run_intake"):
            raise PermissionDenied
        log_access(actor=request.user, subject=file, fields=[field], purpose=purpose, at=timezone.now())
        return file

    @button(
        label=_("Close or flag the missing accounts"),
        permission=snapshot.SETTLE,
        variant=WARNING,
        icon="rule",
        text=_("They are closed or flagged as the profile says, except those that a newer feed has spoken of."),
        done=_("The missing accounts are closed or flagged."),
    )
    def confirm_missing(self, press: Press) -> None:
        snapshot.confirm_missing(file=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Leave the missing accounts alone"),
        permission=snapshot.SETTLE,
        icon="undo",
        text=_("They stay as they are; the next snapshot judges anew."),
        done=_("The accounts stay as they are."),
    )
    def drop_missing(self, press: Press) -> None:
        snapshot.drop_missing(file=press.record, actor=press.actor, at=press.at)

    @action(description=_("Take in a file"), permissions=["cases.run_intake"], icon="upload_file", url_path="take-in")
    def take_in(self, request: HttpRequest) -> HttpResponse:
        """Ask for file and profile; GET only shows the form. A small file is taken in at once, a large one waits."""
        data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = TakeInForm(data, files)
        if form.is_valid():
            try:
                pk = self._take_in(request, **form.cleaned_data)
            except DoorstepError as error:
                form.add_error(None, str(error))
            else:
                return HttpResponseRedirect(reverse("admin:cases_intakefile_change", args=[pk]))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Take in"),
            title=_("Take in a file"),
            text=_(
                "At most {size}; files above {small} are worked in the background. A row that cannot be taken is kept with its reason; the others are taken."
            ).format(size=filesizeformat(uploads.MAX_UPLOAD_BYTES), small=filesizeformat(uploads.AT_ONCE_BYTES)),
        )

    def _take_in(self, request: HttpRequest, *, profile: str, file: Any, mode: str, dry_run: bool) -> int:
        given: dict[str, Any] = {
            "profile": profile,
            "actor": request.user,
            "at": timezone.now(),
            "mode": mode,
            "dry_run": dry_run,
        }
        if file.size > uploads.AT_ONCE_BYTES:
            queued = uploads.queue_upload(content=file.chunks(), file_name=file.name, size=file.size, **given)
            messages.success(request, _("The file is here; a worker takes it in. This page follows it."))
            return queued.pk
        # Readable by this process alone and gone afterwards: the file holds a portfolio.
        with tempfile.NamedTemporaryFile(suffix=".upload") as kept:
            for chunk in file.chunks():
                kept.write(chunk)
            kept.flush()
            result = take_in.take_in(path=Path(kept.name), file_name=Path(file.name).name, **given)
        text = _("{rows} rows: {created} new, {updated} changed, {unchanged} as before, {rejected} rejected.")
        messages.success(
            request,
            text.format(
                rows=result.rows,
                created=result.created,
                updated=result.updated,
                unchanged=result.unchanged,
                rejected=result.rejected,
            ),
        )
        return result.file_id


def _csv(lines: Any, name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    add_never_cache_headers(response)
    return response
