"""What the writing doors of crew members take. A field that is not named here is not read."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backoffice.core.rest.shapes import VisibleField
from visits.enums import Screening
from visits.models import Agency, CrewDevice, CrewMember
from visits.services.files.photographs import PORTRAIT_BYTES


class MemberChangeInput(serializers.Serializer[Any]):
    """What changes of a crew member; a field that is left out stays. A change takes the confirmation back."""

    badge = serializers.CharField(max_length=40, required=False)
    name = serializers.CharField(max_length=60, required=False, help_text="Kept sealed.")
    sex = serializers.ChoiceField(choices=CrewMember.Sex.choices, required=False, allow_blank=True)
    screened_on = serializers.DateField(required=False, allow_null=True)
    screening = serializers.ChoiceField(choices=Screening.choices, required=False, allow_blank=True)
    confidentiality_signed_on = serializers.DateField(required=False, allow_null=True)
    exam_passed_on = serializers.DateField(
        required=False, allow_null=True, help_text="How long the training is valid follows from this day."
    )


class MemberInput(MemberChangeInput):
    """A new crew member."""

    agency = VisibleField(Agency)
    badge = serializers.CharField(max_length=40)
    name = serializers.CharField(max_length=60, help_text="Kept sealed.")


class PhotoInput(serializers.Serializer[Any]):
    """The photograph of a crew member."""

    photo = serializers.FileField(max_length=200, help_text="JPEG or PNG, at most 5 MB.")

    def validate_photo(self, photo: Any) -> Any:
        """Refuse a file that is too large before it is read."""
        if photo.size > PORTRAIT_BYTES:
            raise serializers.ValidationError(_("The photograph is too large; send at most 5 MB."))
        return photo


class CertificateInput(serializers.Serializer[Any]):
    """A certificate of a crew member."""

    kind = serializers.CharField(max_length=60)
    number = serializers.CharField(max_length=60)
    valid_until = serializers.DateField(help_text="The last day.")


class AnnouncedDeviceInput(serializers.Serializer[Any]):
    """The phone on which a crew member is signed in."""

    label = serializers.CharField(max_length=60, help_text="Make and model, as its owner knows it.")  # type: ignore[assignment]  # the base class has a title of this name
    public_key = serializers.CharField(
        max_length=200, help_text="Of the key that the phone made (P-256): base64 of its SubjectPublicKeyInfo."
    )


class DeviceInput(serializers.Serializer[Any]):
    """A device of a crew member."""

    label = serializers.CharField(max_length=60)  # type: ignore[assignment]  # the base class has a title of this name
    device_ref = serializers.CharField(max_length=80)


class RevokeDeviceInput(serializers.Serializer[Any]):
    """Which device is revoked."""

    device = VisibleField(CrewDevice)
