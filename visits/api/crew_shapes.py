"""How crew members look from outside."""

from datetime import date

from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField
from visits.models import CrewCertificate, CrewDevice, CrewMember
from visits.rules.conduct.crew import training_until
from visits.selectors.policy import conduct_policy


class CrewMemberSerializer(serializers.ModelSerializer[CrewMember]):
    """A person of an agency who goes to doors, by badge; the name is masked. Only a CONFIRMED one goes."""

    badge = serializers.CharField(source="external_ref", read_only=True)
    name = serializers.CharField(source="masked_name", read_only=True, help_text="Masked.")
    agency = serializers.CharField(source="agency.code", read_only=True)
    state_label = LabelField("state")
    has_photo = serializers.SerializerMethodField()
    training_valid_until = serializers.SerializerMethodField(help_text="Derived from the day of the exam.")

    class Meta:
        model = CrewMember
        fields: tuple[str, ...] = (
            "id",
            "badge",
            "name",
            "agency",
            "state",
            "state_label",
            "sex",
            "has_photo",
            "screened_on",
            "screening",
            "confidentiality_signed_on",
            "exam_passed_on",
            "training_valid_until",
            "updated_at",
        )
        read_only_fields = fields

    def get_has_photo(self, member: CrewMember) -> bool:
        """Return whether a photograph is kept."""
        return bool(member.photo_name)

    def get_training_valid_until(self, member: CrewMember) -> date | None:
        """Return the last day on which the training is valid."""
        return training_until(policy=conduct_policy(), exam_passed_on=member.exam_passed_on)


class CertificateSerializer(serializers.ModelSerializer[CrewCertificate]):
    """A certificate of a crew member."""

    class Meta:
        model = CrewCertificate
        fields: tuple[str, ...] = ("id", "member", "kind", "number", "valid_until")
        read_only_fields = fields


class DeviceSerializer(serializers.ModelSerializer[CrewDevice]):
    """A device of a crew member, registered until it is revoked. A phone that waits for its coordinator has no such day yet."""

    signs = serializers.SerializerMethodField(help_text="Whether it has a key of its own.")

    class Meta:
        model = CrewDevice
        fields: tuple[str, ...] = (
            "id",
            "member",
            "label",
            "device_ref",
            "signs",
            "announced_at",
            "registered_at",
            "revoked_at",
        )
        read_only_fields = fields

    def get_signs(self, device: CrewDevice) -> bool:
        return bool(device.public_key)


class CrewMemberDetailSerializer(CrewMemberSerializer):
    """A crew member with certificates and devices."""

    certificates = CertificateSerializer(many=True, read_only=True)
    devices = DeviceSerializer(many=True, read_only=True)

    class Meta(CrewMemberSerializer.Meta):
        fields = (*CrewMemberSerializer.Meta.fields, "certificates", "devices")
        read_only_fields = fields
