"""Signing in, passwords, and codes."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.forms import OTPAuthenticationFormMixin
from django_otp.plugins.otp_static.models import StaticDevice
from django_otp.plugins.otp_totp.models import TOTPDevice
from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from backoffice.access.clients import known_scopes
from backoffice.access.models import User
from backoffice.access.roles import Role
from backoffice.access.services import change_own_password
from backoffice.core.pages.buttons import ReasonForm


class SignInForm(OTPAuthenticationFormMixin, AuthenticationForm):
    """
    User name, password and, for those who enrolled, the code of the second factor.

    The device is not asked for: six digits come from the app, anything else is a recovery code. The password is
    never sent back to the browser.
    """

    otp_error_messages = {
        **OTPAuthenticationFormMixin.otp_error_messages,
        "token_required": _("Enter the code of your authenticator app, or a recovery code."),
        "device_required": _("The code does not fit. Wait for the next one and check the telephone's clock."),
        "invalid_token": _("The code does not fit. Wait for the next one and check the telephone's clock."),
        "verification_not_allowed": _("Too many wrong codes. Wait a minute and try again."),
    }

    otp_token = forms.CharField(
        label=_("Code of the second factor"),
        required=False,
        max_length=20,
        help_text=_("Leave it empty if you have not set one up."),
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code", "inputmode": "text"}),
    )

    def clean(self) -> dict[str, Any]:
        """Check the password, then the code if the person is enrolled."""
        super().clean()
        user = self.get_user()
        app = TOTPDevice.objects.filter(user=user, confirmed=True).order_by("pk").first() if user else None
        if app is not None:
            token = (self.cleaned_data.get("otp_token") or "").replace(" ", "")
            paper = StaticDevice.objects.filter(user=user).order_by("pk").first()
            # The app's codes have six digits; a recovery code is longer and may happen to hold digits only.
            device = app if len(token) == app.digits or paper is None else paper
            self.cleaned_data.update(otp_token=token, otp_device=device.persistent_id)
            self.clean_otp(user)
        return dict(self.cleaned_data)

    def _update_form(self, user: Any) -> None:
        """Offer no list of devices and do not echo the password, which the base class would."""


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """A person's own new password, with an entry in the trail."""

    def save(self, commit: bool = True) -> Any:
        """Set the password through the service and return the person."""
        change_own_password(user=self.user, password=self.cleaned_data["new_password1"], at=timezone.now())
        return self.user


class PasswordForm(ReasonForm):
    """Another person's new password, typed by an administrator, and why."""

    password = forms.CharField(
        label=_("New password"),
        min_length=12,
        strip=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )


class CodeForm(forms.Form):
    """One code of the authenticator app."""

    code = forms.CharField(
        label=_("Six-digit code"),
        max_length=10,
        widget=UnfoldAdminTextInputWidget(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        """Return the code without spaces."""
        return str(self.cleaned_data["code"]).replace(" ", "")


class UserForm(forms.ModelForm[User]):
    """A person with role and territories. Nobody changes their own role or shuts themselves out."""

    acting: User | None = None

    class Meta:
        model = User
        fields = ("username", "display_name", "role", "territories", "all_territories", "is_active")
        widgets = {"is_active": UnfoldBooleanSwitchWidget, "all_territories": UnfoldBooleanSwitchWidget}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields and self.instance.role != Role.MACHINE:
            # Machine users come with their client (access/clients.py).
            people = [choice for choice in Role.choices if choice[0] != Role.MACHINE]
            self.fields["role"].choices = people  # type: ignore[attr-defined]
            self.fields["role"].widget.choices = people

    def clean(self) -> dict[str, Any]:
        """Refuse that somebody changes their own role or activity."""
        values = super().clean() or {}
        if (
            self.acting is not None
            and self.instance.pk == self.acting.pk
            and {"role", "is_active"} & set(self.changed_data)
        ):
            raise forms.ValidationError(_("Another administrator must change your role or sign you off."))
        return values


class NewUserForm(UserForm):
    """A new person with a first password, which a second administrator confirms."""

    password = PasswordForm.base_fields["password"]

    def clean(self) -> dict[str, Any]:
        """Refuse a first password that is too weak."""
        values = super().clean()
        if values.get("password"):
            try:
                validate_password(values["password"], User(username=values.get("username", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return values


class ClientForm(forms.Form):
    """A machine client's name and what it may ask for."""

    name = forms.CharField(label=_("Name"), max_length=50, widget=UnfoldAdminTextInputWidget)
    scopes = forms.MultipleChoiceField(label=_("Scopes"), widget=UnfoldAdminCheckboxSelectMultipleWidget, required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scopes"].choices = [(code, f"{label} ({code})") for code, label in known_scopes().items()]  # type: ignore[attr-defined]
