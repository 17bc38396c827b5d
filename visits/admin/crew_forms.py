"""What the buttons and pages of a crew member ask for."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.core.pages.buttons import ButtonForm, day_input
from visits.enums import AgencyState, Screening
from visits.models import Agency, CrewDevice, CrewMember
from visits.services.agencies.crew import MemberDetails, details_of

NAMES = tuple(MemberDetails.__dataclass_fields__)


class MemberFields(forms.Form):
    """A crew member as the agency enters them. The service checks what belongs together."""

    badge = forms.CharField(label=_("badge number"), max_length=40, widget=UnfoldAdminTextInputWidget)
    name = forms.CharField(
        label=_("full name"), max_length=60, widget=UnfoldAdminTextInputWidget, help_text=_("It is kept encrypted.")
    )
    sex = forms.ChoiceField(
        label=_("sex"),
        required=False,
        choices=[("", "—"), *CrewMember.Sex.choices],
        widget=UnfoldAdminSelectWidget,
        help_text=_("One of a pair shall be of the borrower's sex where possible."),
    )
    photo = forms.FileField(
        label=_("photograph"),
        required=False,
        widget=UnfoldAdminFileFieldWidget,
        help_text=_("JPEG or PNG, at most 5 MB. It is drawn anew without hidden data and kept encrypted."),
    )
    screened_on = forms.DateField(label=_("screened on"), required=False, widget=day_input())
    screening = forms.ChoiceField(
        label=_("outcome of screening"),
        required=False,
        choices=[("", "—"), *Screening.choices],
        widget=UnfoldAdminSelectWidget,
    )
    confidentiality_signed_on = forms.DateField(
        label=_("confidentiality signed on"), required=False, widget=day_input()
    )
    exam_passed_on = forms.DateField(
        label=_("exam passed on"),
        required=False,
        widget=day_input(),
        help_text=_("How long the training is valid follows from this day."),
    )


def given_details(values: dict[str, Any]) -> tuple[MemberDetails, bytes | None]:
    """Return what a valid form says of a member, and the photograph if one was chosen."""
    photo = values.get("photo")
    return MemberDetails(**{name: values[name] for name in NAMES}), photo.read() if photo else None


class EnterMemberForm(MemberFields):
    """A new crew member of an agency."""

    columns = 3

    agency = forms.ModelChoiceField(label=_("agency"), queryset=Agency.objects.none(), widget=UnfoldAdminSelectWidget)
    field_order = ("agency", "badge", "name", "sex", "photo")

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Agency.objects.managed_by(user).exclude(state=AgencyState.EXITED)
        self.fields["agency"].queryset = own.order_by("name", "pk")  # type: ignore[attr-defined]


class ChangeMemberForm(MemberFields, ButtonForm):
    """What is known of a crew member. A photograph is replaced only if another one is chosen."""

    columns = 3

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = details_of(member=self.record)
        for name in NAMES:
            self.fields[name].initial = getattr(held, name)


class CertificateForm(ButtonForm):
    """A certificate of the member."""

    kind = forms.CharField(label=_("kind"), max_length=60, widget=UnfoldAdminTextInputWidget)
    number = forms.CharField(label=_("number"), max_length=60, widget=UnfoldAdminTextInputWidget)
    valid_until = forms.DateField(label=_("valid until"), widget=day_input())


class DeviceForm(ButtonForm):
    """A device of the member."""

    label = forms.CharField(
        label=_("device"), max_length=60, widget=UnfoldAdminTextInputWidget, help_text=_("Make and model.")
    )
    device_ref = forms.CharField(
        label=_("device reference"),
        max_length=80,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("The number under which the agency's app registers it."),
    )


class BindDeviceForm(ButtonForm):
    """Which phone that announced itself is bound, and the code that it shows."""

    device = forms.ModelChoiceField(
        label=_("device"), queryset=CrewDevice.objects.none(), widget=UnfoldAdminSelectWidget
    )
    code = forms.CharField(
        label=_("code on the phone"),
        max_length=12,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("For example K3QX-7M2A."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = CrewDevice.objects.filter(member=self.record, registered_at__isnull=True, revoked_at__isnull=True)
        self.fields["device"].queryset = waiting.order_by("pk")


class RevokeDeviceForm(ButtonForm):
    """Which device is revoked."""

    device = forms.ModelChoiceField(
        label=_("device"), queryset=CrewDevice.objects.none(), widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = CrewDevice.objects.filter(member=self.record, revoked_at__isnull=True)
        self.fields["device"].queryset = held.order_by("pk")


class LoginForm(ButtonForm):
    """The login of the member, by its name."""

    username = forms.CharField(
        label=_("user name"),
        max_length=150,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("An active login of the role crew member. Leave it empty to unlink."),
    )
