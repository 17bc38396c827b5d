"""Intake profiles of the lender: the list, the beginning of a new version from a sample file, and its text for experts."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import (
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin, ScopedInline
from backoffice.core.pages.cells import EMPTY, named
from backoffice.core.pages.pages import form_page
from backoffice.core.scoping import acts_everywhere
from cases.admin.intake.file_set import FileSetForm, initial_of
from cases.admin.intake.mapper import MAKE, Mapper
from cases.enums import ProfileState, RecordKind
from cases.models import IntakeProfile, IntakeProfileVersion
from cases.selectors.intake.profiles import SHIPPED, shipped_names
from cases.services.intake.profiles.sample_rows import MAX_SPREADSHEET_BYTES
from cases.services.intake.profiles.samples import keep_sample
from cases.services.intake.profiles.versions import in_use, make_version


class StartForm(forms.Form):
    """What a profile is called, what its rows describe, and a sample of the file."""

    name = forms.SlugField(
        label=_("Name of the profile"),
        max_length=60,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Letters, digits, hyphens and underscores, such as core-overdue. Files are taken in by this name."),
    )
    kind = forms.ChoiceField(
        label=_("The rows describe"), widget=UnfoldAdminSelectWidget, choices=RecordKind.choices, initial="ACCOUNTS"
    )
    file = forms.FileField(
        label=_("Sample file"),
        widget=UnfoldAdminFileFieldWidget,
        help_text=_(
            "A real file as the lender sends it: CSV, NDJSON (both also .gz) or .xlsx (at most 5 MB). Its first 200 rows are kept, sealed, for 14 days; only you see them."
        ),
    )


class TextForm(forms.Form):
    """A profile as text."""

    name = forms.SlugField(label=_("Name of the profile"), max_length=60, widget=UnfoldAdminTextInputWidget)
    body = forms.CharField(
        label=_("mapping"),
        strip=False,
        widget=UnfoldAdminTextareaWidget({"rows": 30, "spellcheck": "false", "class": "ds-mono"}),
        help_text=_("TOML, as docs/profiles.md describes it."),
    )


class VersionInline(ScopedInline):
    model = IntakeProfileVersion
    show_change_link = True
    verbose_name_plural = _("Versions")
    ordering = ("-number",)
    fields = ("number", "state", "made", "approved", "created_at")
    made = named("made_by", _("made by"))
    approved = named("approved_by", _("approved by"))


@admin.register(IntakeProfile)
class IntakeProfileAdmin(Mapper, ScopedAdmin):
    """A mapping from a lender's columns to our fields, with its versions."""

    list_display = ("name", "kind", "version_in_use", "awaiting", "created_at")
    search_fields = ("=name",)
    fieldsets = ((None, {"fields": (("name", "kind"), ("version_in_use", "awaiting"))}),)
    inlines = (VersionInline,)
    empty_hint = _(
        "Shipped profiles work without being listed here. Make one for a lender's own columns with the button above."
    )
    actions_list = ("make", "make_set", "write")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        shown = IntakeProfileVersion.objects.exclude(state=ProfileState.RETIRED).order_by("number")
        return super().get_queryset(request).prefetch_related(Prefetch("versions", queryset=shown))

    @admin.display(description=_("version in use"))
    def version_in_use(self, profile: IntakeProfile) -> str:
        return self._numbers(profile, ProfileState.ACTIVE)

    @admin.display(description=_("awaiting approval"))
    def awaiting(self, profile: IntakeProfile) -> str:
        return self._numbers(profile, ProfileState.DRAFT)

    def _numbers(self, profile: IntakeProfile, state: str) -> str:
        return ", ".join(str(each.number) for each in profile.versions.all() if each.state == state) or EMPTY

    @action(description=_("Make a profile"), permissions=[MAKE], icon="add", url_path="make")
    def make(self, request: HttpRequest) -> HttpResponse:
        """Ask for name, kind and a sample file; then the mapper opens. `version` in the address is mapped on from."""
        _refuse_part(request)
        start = _version_of(request)
        initial = {"name": start.profile.name, "kind": start.profile.kind} if start else {}
        data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = StartForm(data, files, initial=initial)
        if form.is_valid():
            given = form.cleaned_data
            try:
                sample = keep_sample(
                    name=given["name"],
                    kind=given["kind"],
                    content=given["file"].read(MAX_SPREADSHEET_BYTES + 1),
                    file_name=given["file"].name,
                    actor=request.user,
                    at=timezone.now(),
                    body=start.body if start else self._body_in_use(given["name"], given["kind"]),
                )
            except DoorstepError as error:
                field = getattr(error, "field", "")
                form.add_error(field if field in form.fields else None, str(error))
            else:
                return HttpResponseRedirect(reverse("admin:cases_intakeprofile_mapper", args=[sample.pk]))
        title = (
            _("Change version {number} of {name}").format(number=start.number, name=start.profile.name)
            if start
            else _("Make a profile")
        )
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Read the file"),
            title=title,
            text=_(
                "1. Give a name and a real file. 2. See how the file is read and which column fills which field; correct what is guessed wrong. 3. Look at the first rows as they will be taken in. 4. Save; another person approves, and the profile is in use. It takes about 15 minutes."
            ),
        )

    def _body_in_use(self, name: str, kind: str) -> str:
        """Return the text of the profile's version in use, so that a new version begins with it; empty if there is none."""
        profile = IntakeProfile.objects.filter(name=name, kind=kind).first()
        version = in_use(profile=profile) if profile else None
        return version.body if version else ""

    @action(description=_("Make a set of files"), permissions=[MAKE], icon="folder_zip", url_path="set")
    def make_set(self, request: HttpRequest) -> HttpResponse:
        """Say which file of an export is read by which profile, in order. `version` in the address is changed from."""
        _refuse_part(request)
        start = _version_of(request)
        form = FileSetForm(
            request.POST if request.method == "POST" else None, initial=(initial_of(start) or {}) if start else {}
        )
        if form.is_valid():
            page = _saved(request, form, name=form.cleaned_data["name"], body=form.body(), otherwise="pattern_1")
            if page is not None:
                return page
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Save a version"),
            title=_("Make a set of files"),
            text=_(
                "A core exports customers, contracts, repayments and so on as files of their own. Make a profile for each, then say here which file each reads, in the order in which they are taken in: customers before contracts, contracts before repayments. Another person approves the set; then a .zip of the files is taken in at once."
            ),
        )

    @action(description=_("Write as text"), permissions=[MAKE], icon="code", url_path="text")
    def write(self, request: HttpRequest) -> HttpResponse:
        """Take a profile as TOML, for experts. `version` in the address is the text to begin with, `shipped` a shipped one's name."""
        _refuse_part(request)
        start = _version_of(request)
        shipped = request.GET.get("shipped", "")
        initial = {"name": start.profile.name, "body": start.body} if start else {}
        if shipped in shipped_names():
            initial = {"name": shipped, "body": (SHIPPED / f"{shipped}.toml").read_text(encoding="utf-8")}
        form = TextForm(request.POST if request.method == "POST" else None, initial=initial)
        if form.is_valid():
            body = form.cleaned_data["body"].replace("\r\n", "\n")
            page = _saved(request, form, name=form.cleaned_data["name"], body=body, otherwise="body")
            if page is not None:
                return page
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Save a version"),
            title=_("Write a profile as text"),
            text=_("For experts. The version awaits approval by another person, as one from the mapper does."),
        )


def _saved(
    request: HttpRequest, form: forms.Form, *, name: str, body: str, otherwise: str
) -> HttpResponseRedirect | None:
    """Save a version and lead to its page; None if it is refused, with the reason at its field, or at `otherwise`."""
    try:
        version = make_version(name=name, body=body, actor=request.user, at=timezone.now())
    except DoorstepError as error:
        # A name that has another kind of rows is mended by another name.
        field = "name" if getattr(error, "field", "") == "kind" else getattr(error, "field", "")
        form.add_error(field if field in form.fields else otherwise, str(error))
        return None
    return HttpResponseRedirect(reverse("admin:cases_intakeprofileversion_change", args=[version.pk]))


def _refuse_part(request: HttpRequest) -> None:
    """Refuse people of single territories: a profile holds for all."""
    if not acts_everywhere(user=request.user):
        raise PermissionDenied


def _version_of(request: HttpRequest) -> IntakeProfileVersion | None:
    pk = request.GET.get("version", "")
    if not (pk.isdecimal() and len(pk) < 19):
        return None
    return IntakeProfileVersion.objects.visible_to(request.user).select_related("profile").filter(pk=int(pk)).first()
