"""Crew members: entered, confirmed by a second person, with certificates and devices."""

from typing import Any

from django.contrib import admin
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin, ScopedInline
from backoffice.core.pages.buttons import SUCCESS, WARNING, Press, ReasonForm, button
from backoffice.core.pages.cells import EMPTY, chip, lines, named, tones
from backoffice.core.pages.pages import form_page
from backoffice.core.pages.private import preview
from backoffice.core.sealed.kept_files import KeptFile
from visits.admin.crew_forms import (
    BindDeviceForm,
    CertificateForm,
    ChangeMemberForm,
    DeviceForm,
    EnterMemberForm,
    LoginForm,
    RevokeDeviceForm,
    given_details,
)
from visits.enums import CrewState
from visits.models import CrewCertificate, CrewDevice, CrewMember
from visits.rules.agencies.lifecycles import CREW_LIFECYCLE
from visits.rules.conduct.crew import training_until
from visits.selectors.policy import conduct_policy
from visits.services.agencies import crew, crew_papers, crew_standing, devices

STATE_TONES = tones(CrewState, success=[CrewState.CONFIRMED], info=[CrewState.ENTERED])
STAYING = frozenset({CrewState.ENTERED, CrewState.CONFIRMED})


class CertificateInline(ScopedInline):
    model = CrewCertificate
    tab = True
    ordering = ("-valid_until", "-pk")
    fields = ("kind", "number", "valid_until")


class DeviceInline(ScopedInline):
    model = CrewDevice
    tab = True
    fields = ("label", "device_ref", "announced_at", "registered_at", "revoked_at")


@admin.register(CrewMember)
class CrewMemberAdmin(ScopedAdmin):
    """A person of an agency who goes to doors."""

    lifecycle = CREW_LIFECYCLE
    list_display = (
        "external_ref",
        "masked_name",
        "agency",
        "state_chip",
        "screened_on",
        "exam_passed_on",
        "training_valid_until",
    )
    list_select_related = ("agency",)
    list_filter = (("state", ChoicesDropdownFilter),)
    search_fields = ("=external_ref",)
    empty_hint = _("Enter the crew with the button above, or let the agency's program do it.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("external_ref", "masked_name"),
                    ("agency", "state_chip"),
                    ("picture", "missing"),
                    ("sex", "login"),
                    ("screened_on", "screening"),
                    ("exam_passed_on", "training_valid_until"),
                    ("confidentiality_signed_on", "state_note_text"),
                    ("entered", "confirmed"),
                    ("created_at", "confirmed_at"),
                )
            },
        ),
    )
    entered = named("entered_by", _("entered by"))
    confirmed = named("confirmed_by", _("confirmed by"))
    login = named("user", _("login"))
    inlines = (CertificateInline, DeviceInline)
    actions_list = ("enter",)
    actions_detail = (
        "confirm",
        "edit",
        "certificate",
        "device",
        "bind_device",
        "revoke_device",
        "link_login",
        "reactivate",
        "deactivate",
    )

    @admin.display(description=_("full name"))
    def masked_name(self, member: CrewMember) -> str:
        return str(member.masked_name)

    @admin.display(description=_("state"))
    def state_chip(self, member: CrewMember) -> Any:
        return chip(member, "state", STATE_TONES)

    @admin.display(description=_("training valid until"))
    def training_valid_until(self, member: CrewMember) -> Any:
        return training_until(policy=conduct_policy(), exam_passed_on=member.exam_passed_on) or EMPTY

    @admin.display(description=_("missing for the confirmation"))
    def missing(self, member: CrewMember) -> Any:
        return lines(crew.confirmation_gaps(member=member)) if member.state == CrewState.ENTERED else EMPTY

    @admin.display(description=_("note on the state"))
    def state_note_text(self, member: CrewMember) -> str:
        return member.state_note or EMPTY

    @admin.display(description=_("photograph"))
    def picture(self, member: CrewMember) -> Any:
        if not member.photo_name:
            return EMPTY
        address = reverse("admin:visits_crewmember_photo", args=[member.pk])
        return format_html('<img src="{}" alt="{}" class="rounded-default max-h-48">', address, _("photograph"))

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.photo_view)
        return [path("<int:object_id>/photo/", view, name="visits_crewmember_photo"), *super().get_urls()]

    def photo_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """Show the photograph of a member whom the person may see, if it is the one that was kept."""
        member = self.get_object(request, str(object_id))
        if member is None or not self.has_view_permission(request, member) or not member.photo_name:
            raise Http404
        try:
            kept = KeptFile(name=member.photo_name, sha256=member.photo_sha256)
            return preview(file=kept, media_type="image/jpeg")
        except DoorstepError as error:
            raise Http404 from error

    @action(description=_("Enter a crew member"), permissions=["visits.add_crewmember"], icon="add", url_path="enter")
    def enter(self, request: HttpRequest) -> HttpResponse:
        """Ask for the details of a new member."""
        data, files = (request.POST, request.FILES) if request.method == "POST" else (None, None)
        form = EnterMemberForm(data, files, user=request.user)
        if form.is_valid():
            at = timezone.now()
            details, photo = given_details(form.cleaned_data)
            try:
                member = crew.enter_member(
                    agency=form.cleaned_data["agency"],
                    details=details,
                    photo=photo,
                    actor=request.user,
                    at=at,
                    business_date=timezone.localdate(at),
                )
            except DoorstepError as error:
                field = getattr(error, "field", "")
                form.add_error(field if field in form.fields else None, str(error))
            else:
                return HttpResponseRedirect(self.page_of(member))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Save for confirmation"),
            title=_("Enter a crew member"),
            text=_("They go to no door until a second person of the lender has confirmed them."),
        )

    @button(
        label=_("Confirm"),
        permission="visits.confirm_crewmember",
        icon="check",
        variant=SUCCESS,
        text=_("Compare the photograph and the papers first. Nobody confirms whom they entered or changed themselves."),
        done=_("The member may go to doors."),
    )
    def confirm(self, press: Press) -> None:
        crew.confirm_member(member=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Edit"),
        permission="visits.change_crewmember",
        form=ChangeMemberForm,
        icon="edit",
        states=STAYING,
        page=True,
        submit=_("Save for confirmation"),
        text=_("A change takes the confirmation back."),
        done=_("The member is changed and awaits confirmation by another person."),
    )
    def edit(self, press: Press) -> None:
        details, photo = given_details(press.values)
        crew.change_member(
            member=press.record,
            details=details,
            photo=photo,
            actor=press.actor,
            at=press.at,
            business_date=press.business_date,
        )

    @button(
        label=_("Enter a certificate"),
        permission="visits.change_crewmember",
        form=CertificateForm,
        icon="workspace_premium",
        states=STAYING,
        text=_("The member then awaits confirmation by another person."),
        done=_("The certificate is entered."),
    )
    def certificate(self, press: Press) -> None:
        crew_papers.add_certificate(
            member=press.record, **press.values, actor=press.actor, at=press.at, business_date=press.business_date
        )

    @button(
        label=_("Register a device"),
        permission="visits.change_crewmember",
        form=DeviceForm,
        icon="phone_iphone",
        states=STAYING,
        done=_("The device is registered."),
    )
    def device(self, press: Press) -> None:
        devices.register_device(member=press.record, **press.values, actor=press.actor, at=press.at)

    @button(
        label=_("Bind the phone"),
        permission="visits.change_crewmember",
        form=BindDeviceForm,
        icon="phonelink_setup",
        states=STAYING,
        text=_(
            "The member signs in on their phone, which makes a key and shows a code. Type the code that you see there."
        ),
        done=_("The phone is bound: the member checks in with it."),
    )
    def bind_device(self, press: Press) -> None:
        devices.bind_device(**press.values, actor=press.actor, at=press.at)

    @button(
        label=_("Revoke a device"),
        permission="visits.change_crewmember",
        form=RevokeDeviceForm,
        icon="phonelink_erase",
        states=frozenset(CrewState),
        done=_("The device is revoked."),
    )
    def revoke_device(self, press: Press) -> None:
        devices.revoke_device(device=press.values["device"], actor=press.actor, at=press.at)

    @button(
        label=_("Link the login"),
        permission="visits.confirm_crewmember",
        form=LoginForm,
        icon="key",
        states=STAYING,
        done=_("The login is linked as you said."),
    )
    def link_login(self, press: Press) -> None:
        crew_standing.link_login(member=press.record, **press.values, actor=press.actor, at=press.at)

    @button(
        label=_("Reactivate"),
        permission="visits.change_crewmember",
        form=ReasonForm,
        icon="restart_alt",
        text=_("The member then awaits confirmation by another person."),
        done=_("The member awaits confirmation."),
    )
    def reactivate(self, press: Press) -> None:
        crew_standing.reactivate_member(member=press.record, **press.values, actor=press.actor, at=press.at)

    @button(
        label=_("Deactivate"),
        permission="visits.change_crewmember",
        form=ReasonForm,
        icon="person_off",
        variant=WARNING,
        text=_("Planned visits are taken back to be planned anew; a crew on its way is called back."),
        done=_("The member goes to no door any more."),
    )
    def deactivate(self, press: Press) -> None:
        crew_standing.deactivate_member(member=press.record, **press.values, actor=press.actor, at=press.at)
