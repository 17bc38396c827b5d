"""Files that bring the portfolio: take one in, follow its progress, see its rows, and get the rejected ones back."""

from typing import Any

from django.contrib import admin
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

from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import WARNING, Press, button
from backoffice.core.pages.cells import EMPTY, chip, linked, named
from backoffice.core.pages.pages import form_page
from cases.admin.intake.panels import STATE_TONES, intake_page, live_figures, live_panel, offered_buttons
from cases.admin.intake.reject_forms import AskForRejectsForm, ReleaseRejectsForm, TakeRejectsForm
from cases.admin.intake.rejects import RejectInline, csv_response
from cases.admin.intake.upload_form import TakeInForm, take_uploaded_file
from cases.models import IntakeFile
from cases.selectors.intake.differences import difference_csv, difference_of
from cases.selectors.intake.rejects import masked_rejects_csv
from cases.services.intake import missing_accounts, reject_releases, row_totals, uploads


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
                    ("file_name", "profile_read"),
                    ("state_chip", "mode"),
                    ("source", "dry_run"),
                    ("row_count", "rejected_count"),
                    ("created_count", "updated_count"),
                    ("unchanged_count", "rejects_link"),
                    "doubts_link",
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
    actions_detail = (
        "confirm_totals",
        "deny_totals",
        "confirm_missing",
        "drop_missing",
        "take_rejects",
        "ask_for_rejects",
        "release_rejects",
    )

    class Media:
        css = {"all": ("cases/run.css",)}
        js = ("cases/run.js",)

    @admin.display(description=_("state"))
    def state_chip(self, file: IntakeFile) -> Any:
        return chip(file, "state", STATE_TONES)

    @admin.display(description=_("profile"))
    def profile_read(self, file: IntakeFile) -> Any:
        if file.profile_version is None:
            return _("{name} (shipped)").format(name=file.profile_name)
        words = _("{name}, version {number}").format(name=file.profile_name, number=file.profile_version.number)
        return linked(file.profile_version, words)

    @admin.display(description=_("SHA-256"))
    def digest(self, file: IntakeFile) -> Any:
        return format_html('<span class="ds-mono">{}</span>', file.sha256) if file.sha256 else EMPTY

    @admin.display(description=_("rejected rows"))
    def rejects_link(self, file: IntakeFile) -> Any:
        if not file.rejected_count:
            return EMPTY
        address = reverse("admin:cases_intakefile_rejects", args=[file.pk])
        return format_html(
            '<a href="{}" class="text-link">{}</a>', address, _("Save as CSV: row number, field and reason")
        )

    @admin.display(description=_("doubtful values"))
    def doubts_link(self, file: IntakeFile) -> Any:
        if not file.doubtful_count:
            return EMPTY
        address = reverse("admin:cases_doubtfulcell_changelist") + f"?file__exact={file.pk}"
        text = _("{n} new: the rows were taken, the values wait for the desk").format(n=file.doubtful_count)
        return format_html('<a href="{}" class="text-link">{}</a>', address, text)

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
        """Show only the buttons that this person may press for this file now."""
        actions = super().get_actions_detail(request, object_id)
        file = self.get_object(request, str(object_id)) if actions else None
        if file is None:
            return []
        offered = offered_buttons(file=file, user=request.user, at=timezone.now())
        return [each for each in actions if each.path in offered]

    def progress_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Answer with the live part of the page as JSON: state, whether it changes by itself, figures, and HTML."""
        file = self.get_object(request, str(object_id)) if self.has_view_permission(request) else None
        if file is None:
            raise Http404
        panel = live_panel(file=file, at=timezone.now())
        html = render_to_string("admin/cases/intake_live.html", {"page": panel}, request)
        answer = JsonResponse(live_figures(panel["view"]) | {"html": html})
        add_never_cache_headers(answer)
        return answer

    def rejects_view(self, request: HttpRequest, object_id: int) -> StreamingHttpResponse:
        """Hand out row number, field and reason of the rejected rows; no cell of them."""
        file = self._file_for(request, object_id, "cases.view_intakereject")
        return csv_response(masked_rejects_csv(file=file), f"rejects-{file.pk}.csv")

    def difference_view(self, request: HttpRequest, object_id: int) -> StreamingHttpResponse:
        """Hand out the sample of what a dry run would change; it holds no values of personal fields."""
        file = self._file_for(request, object_id, "cases.view_intakedifference")
        difference = difference_of(file=file)
        if difference is None:
            raise Http404
        return csv_response(difference_csv(difference=difference), f"difference-{file.pk}.csv")

    def _file_for(self, request: HttpRequest, object_id: int, permission: str) -> IntakeFile:
        file: IntakeFile | None = self.get_object(request, str(object_id))
        if file is None:
            raise Http404
        if not request.user.has_perm(permission):
            raise PermissionDenied
        return file

    @button(
        label=_("Yes, they are totals"),
        permission=row_totals.ANSWER,
        everywhere=True,
        icon="functions",
        text=_(
            "They are passed over, and a snapshot is judged without them. A profile of your own remembers the words."
        ),
        done=_("The rows are passed over."),
    )
    def confirm_totals(self, press: Press) -> None:
        row_totals.confirm_totals(file=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("No, they are no totals"),
        permission=row_totals.ANSWER,
        everywhere=True,
        icon="block",
        text=_(
            "The rows stay rejected: correct them and take them in again. What a snapshot misses is decided by hand."
        ),
        done=_("The rows stay rejected."),
    )
    def deny_totals(self, press: Press) -> None:
        row_totals.deny_totals(file=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Close or flag the missing accounts"),
        permission=missing_accounts.SETTLE,
        variant=WARNING,
        icon="rule",
        text=_("They are closed or flagged as the profile says, except those that a newer feed has spoken of."),
        done=_("The missing accounts are closed or flagged."),
    )
    def confirm_missing(self, press: Press) -> None:
        missing_accounts.confirm_missing(file=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Leave the missing accounts alone"),
        permission=missing_accounts.SETTLE,
        icon="undo",
        text=_("They stay as they are; the next snapshot judges anew."),
        done=_("The accounts stay as they are."),
    )
    def drop_missing(self, press: Press) -> None:
        missing_accounts.drop_missing(file=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Take the rejected rows in clear"),
        permission=reject_releases.REVEAL,
        form=TakeRejectsForm,
        icon="download",
        variant=WARNING,
        page=True,
        text=_("The file holds names and identity numbers as the lender wrote them. This is logged."),
        submit=_("Save as CSV"),
    )
    def take_rejects(self, press: Press) -> StreamingHttpResponse:
        lines = reject_releases.hand_out_rejects(file=press.record, actor=press.actor, at=press.at, **press.values)
        return csv_response(lines, f"rejects-in-clear-{press.record.pk}.csv")

    @button(
        label=_("Ask for the rejected rows in clear"),
        permission=reject_releases.REVEAL,
        form=AskForRejectsForm,
        icon="visibility",
        text=_("Another person has to release them. Row number, field and reason can be saved without a release."),
        done=_("Another person has to release the rows now."),
    )
    def ask_for_rejects(self, press: Press) -> None:
        reject_releases.ask_for_rejects(file=press.record, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("Release the rejected rows"),
        permission=reject_releases.RELEASE,
        form=ReleaseRejectsForm,
        icon="lock_open",
        variant=WARNING,
        text=_("The person who asked may save the rows in clear for 24 hours."),
        done=_("The rows are released."),
    )
    def release_rejects(self, press: Press) -> None:
        reject_releases.release_rejects(actor=press.actor, at=press.at, **press.values)

    @action(description=_("Take in a file"), permissions=["cases.run_intake"], icon="upload_file", url_path="take-in")
    def take_in(self, request: HttpRequest) -> HttpResponse:
        """Ask for file and profile; GET only shows the form. A small file is taken in at once, a large one waits."""
        data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = TakeInForm(data, files, user=request.user)
        if form.is_valid():
            try:
                pk = take_uploaded_file(request, **form.cleaned_data)
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
