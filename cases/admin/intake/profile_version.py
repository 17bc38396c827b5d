"""One version of a profile: its mapping as a table, what changes, what became of the sample, and the decision."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.translation import gettext as text
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import DANGER, SUCCESS, WARNING, ButtonForm, Press, button
from backoffice.core.pages.cells import EMPTY, chip, named, tones
from cases.admin.intake.file_set import initial_of, set_page
from cases.admin.intake.mapper import MAKE
from cases.admin.intake.mapper_preview import key_words, preview_panel, reasons_told
from cases.admin.intake.mapper_words import conversion_words, source_words
from cases.enums import ProfileRefusal, ProfileState
from cases.models import IntakeProfileVersion, ProfileSample
from cases.rules.profile.choices import FieldChoice, choices_of
from cases.rules.profile.mapping_lines import conversions_of, differences, mapping_lines
from cases.rules.profile.parse import KIND_OF_SETS
from cases.rules.profile_lifecycle import PROFILE_VERSION
from cases.services.intake.profiles import samples, versions
from cases.services.intake.profiles.trial import masked_trial

STATE_TONES = tones(ProfileState, success=["ACTIVE"], info=["DRAFT"])
APPROVE = "cases.approve_intakeprofile"


class RefuseForm(ButtonForm):
    """Why a version is refused; its maker reads it."""

    reason = forms.ChoiceField(label=_("Reason"), choices=ProfileRefusal.choices, widget=UnfoldAdminSelectWidget)


@admin.register(IntakeProfileVersion)
class IntakeProfileVersionAdmin(ScopedAdmin):
    """One version: made by one person, approved by another."""

    lifecycle = PROFILE_VERSION
    list_display = ("profile", "number", "state_chip", "made_by", "approved_by", "created_at")
    list_select_related = ("profile", "made_by", "approved_by")
    list_filter = (("state", ChoicesDropdownFilter),)
    link_lookups = ("state__exact",)
    empty_hint = _("Versions come from profiles: make one there from a sample file.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("profile", "number"),
                    ("state_chip", "refused"),
                    ("made", "approved"),
                    ("created_at", "approved_at"),
                )
            },
        ),
        (_("For experts: the mapping as text"), {"fields": ("written",), "classes": ("collapse",)}),
    )
    made = named("made_by", _("made by"))
    approved = named("approved_by", _("approved by"))
    change_form_outer_before_template = "admin/cases/profile_version.html"
    actions_detail = ("approve", "refuse", "retire", "discard")

    class Media:
        css = {"all": ("cases/mapper.css",)}

    @admin.display(description=_("state"))
    def state_chip(self, version: IntakeProfileVersion) -> Any:
        return chip(version, "state", STATE_TONES)

    @admin.display(description=_("refused because"))
    def refused(self, version: IntakeProfileVersion) -> str:
        return version.get_refusal_display() if version.refusal else EMPTY

    @admin.display(description=_("mapping"))
    def written(self, version: IntakeProfileVersion) -> Any:
        return format_html('<pre class="overflow-x-auto ds-mono">{}</pre>', version.body)

    def get_urls(self) -> list[URLPattern]:
        """Add the download of the text."""
        view = self.admin_site.admin_view(self.text_view)
        return [
            path("<int:object_id>/toml/", view, name="cases_intakeprofileversion_toml"),
            *super().get_urls(),
        ]

    def text_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Hand out the text of a version as a .toml file."""
        version: IntakeProfileVersion | None = self.get_object(request, str(object_id))
        if version is None:
            raise Http404
        if not self.has_view_permission(request, version):
            raise PermissionDenied
        answer = HttpResponse(version.body, content_type="application/toml; charset=utf-8")
        answer["Content-Disposition"] = f'attachment; filename="{version.profile.name}-{version.number}.toml"'
        return answer

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Add the mapping, the difference and the sample's rows to the page."""
        version = self.get_object(request, object_id)
        context: dict[str, Any] = dict(extra_context or {})
        if version is not None and self.has_view_permission(request, version):
            context["page"] = _page(version, request.user, timezone.now())
        answer = super().change_view(request, object_id, form_url, context)
        add_never_cache_headers(answer)
        return answer  # type: ignore[no-any-return]

    @button(
        label=_("Approve"),
        permission=APPROVE,
        everywhere=True,
        icon="check",
        variant=SUCCESS,
        text=_("It reads files from now on, in place of the version in use. Nobody approves a version of their own."),
        done=_("The version is in use."),
    )
    def approve(self, press: Press) -> None:
        versions.approve_version(version=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Refuse"),
        permission=APPROVE,
        everywhere=True,
        form=RefuseForm,
        icon="block",
        variant=WARNING,
        text=_("Its maker reads the reason and makes another version."),
        done=_("The version is refused."),
    )
    def refuse(self, press: Press) -> None:
        versions.refuse_version(version=press.record, reason=press.values["reason"], actor=press.actor, at=press.at)

    @button(
        label=_("Retire"),
        permission=APPROVE,
        everywhere=True,
        icon="block",
        variant=DANGER,
        text=_("The profile reads no file then, or as the shipped profile of its name does."),
        done=_("The version is retired."),
    )
    def retire(self, press: Press) -> None:
        versions.retire_version(version=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Discard"),
        permission="cases.change_intakeprofile",
        everywhere=True,
        icon="delete",
        variant=DANGER,
        text=_("It keeps its number and is never in use."),
        done=_("The version is discarded."),
    )
    def discard(self, press: Press) -> None:
        versions.discard_version(version=press.record, actor=press.actor, at=press.at)


def _page(version: IntakeProfileVersion, user: Any, at: datetime) -> dict[str, Any]:
    page: dict[str, Any] = {
        "is_draft": version.state == ProfileState.DRAFT,
        "is_own": version.made_by_id == user.pk,
        "may_approve": user.has_perm(APPROVE),
        "may_make": user.has_perm(MAKE),
        "toml": reverse("admin:cases_intakeprofileversion_toml", args=[version.pk]),
        "again": f"{reverse('admin:cases_intakeprofile_make')}?version={version.pk}",
        "as_text": f"{reverse('admin:cases_intakeprofile_write')}?version={version.pk}",
        "tried": version.tried,
        "reasons": reasons_told(version.tried),
        "lines": [],
        "changes": None,
        "panel": None,
    }
    if version.profile.kind == KIND_OF_SETS:
        return page | _set_of_files(version)
    own = ProfileSample.objects.visible_to(user).filter(version=version, expires_at__gt=at).order_by("-pk").first()
    page["mapper"] = reverse("admin:cases_intakeprofile_mapper", args=[own.pk]) if own else ""
    try:
        choices = choices_of(text=version.body)
    except DoorstepError as error:
        page["problem"] = str(error)
        return page
    labels = samples.reader_labels()
    page["lines"] = [
        {
            "field": key_words(line.key),
            "source": source_words(line.choice, labels),
            "conversions": [conversion_words(key, value, labels) for key, value in line.conversions],
        }
        for line in mapping_lines(choices=choices)
    ]
    page["general"] = [(key, value) for key, value in choices.top.items() if not isinstance(value, dict | list)]
    current = versions.in_use(profile=version.profile)
    if current is not None and current.pk != version.pk:
        page["in_use"] = current.number
        page["changes"] = [
            {
                "field": key_words(each.key),
                "before": _side(each.before, labels),
                "after": _side(each.after, labels),
            }
            for each in differences(before=choices_of(text=current.body), after=choices)
        ]
    trial = masked_trial(version=version, at=at) if page["may_approve"] or page["is_own"] else None
    if trial is not None:
        page["panel"] = preview_panel(choices=choices, trial=trial, labels=labels, clear=False)
    return page


def _set_of_files(version: IntakeProfileVersion) -> dict[str, Any]:
    """Return the part of the page that is about a set of files."""
    address = f"{reverse('admin:cases_intakeprofile_make_set')}?version={version.pk}"
    again = {"is_set": True, "again": address if initial_of(version) is not None else ""}
    try:
        return again | set_page(version=version, current=versions.in_use(profile=version.profile))
    except DoorstepError as error:
        return again | {"problem": str(error)}


def _side(value: Any, labels: Any) -> str:
    """Return one side of a difference in words."""
    if value is None:
        return text("not filled")
    if not isinstance(value, FieldChoice):
        return str(value)
    line = source_words(value, labels)
    more = "; ".join(conversion_words(key, each, labels) for key, each in conversions_of(value))
    return f"{line} ({more})" if more else line
