"""What the writing doors of the first floor take. A field that is not named here is not read."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backoffice.core.rest.shapes import VisibleField
from cases.enums import Section, Verdict
from cases.rules.coordinates import DATUMS
from visits.enums import (
    AddressVerdict,
    Disclosure,
    DocumentKind,
    DocumentVerdict,
    EvidenceKind,
    Finding,
    PersonMet,
    Recommendation,
)
from visits.models import CheckIn, CrewDevice, CrewMember, VisitOrder
from visits.rules.report.paper_values import read_fields
from visits.services.doorstep.evidence_parts import PART_BYTES_MAX, PARTS_MAX
from visits.services.doorstep.media import LIMITS

# The service has a limit for each media type; the door refuses what is above all of them before it is read.
MAX_EVIDENCE_BYTES = max(LIMITS.values())


def member_of(*, order: VisitOrder, badge: str, user: Any) -> CrewMember:
    """
    Return the crew member that a request speaks for: by badge, or the person who signed in.

    :raises ValidationError: if the badge is not of this visit's crew.
    """
    crew = [member for member in (order.lead, order.second) if member is not None]
    own = getattr(user, "crew_member", None)
    for member in crew:
        if member.external_ref == badge or (not badge and own is not None and own.pk == member.pk):
            return member
    raise serializers.ValidationError({"badge": [_("This person is not of this visit's crew.")]})


class PositionInput(serializers.Serializer[Any]):
    """The position that a device reports: degrees, accuracy in metres, and the device's clock."""

    external_ref = serializers.CharField(max_length=80, help_text="The device's own reference of this position.")
    latitude = serializers.FloatField(min_value=-90, max_value=90)
    longitude = serializers.FloatField(min_value=-180, max_value=180)
    accuracy_m = serializers.FloatField(min_value=0, max_value=100_000)
    device_at = serializers.DateTimeField()
    mock_location = serializers.BooleanField(required=False, default=False)
    datum = serializers.ChoiceField(
        choices=sorted(DATUMS), required=False, default="wgs84", help_text="Of the degrees; kept in WGS 84."
    )


class CheckOutInput(serializers.Serializer[Any]):
    """Who leaves, and from where."""

    badge = serializers.CharField(
        max_length=40,
        required=False,
        default="",
        help_text="Of the crew member; a crew member's own login needs none.",
    )
    position = PositionInput()


class CheckInInput(CheckOutInput):
    """Who arrives, and where."""

    badge_evidence_ref = serializers.CharField(
        max_length=80,
        required=False,
        allow_blank=True,
        default="",
        help_text="Photograph of badges and mandate.",
    )
    is_indoors = serializers.BooleanField(required=False, default=False)


class SignedInput(serializers.Serializer[Any]):
    """What a crew member's own phone signed, as text, with the signature of its key (ECDSA P-256, SHA-256, base64)."""

    device = VisibleField(CrewDevice)
    statement = serializers.CharField(
        max_length=4_000, trim_whitespace=False, help_text="JSON: what the unsigned door takes, and the ticket."
    )
    signature = serializers.CharField(max_length=100)


class TicketInput(serializers.Serializer[Any]):
    """For which phone a ticket is, and what its clock says now."""

    device = VisibleField(CrewDevice)
    device_at = serializers.DateTimeField()


class StatementInput(serializers.Serializer[Any]):
    """What the text of a signed arrival or departure holds."""

    order = serializers.IntegerField()
    moment = serializers.ChoiceField(choices=CheckIn.Moment.choices)
    position = PositionInput()
    badge_evidence_ref = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    is_indoors = serializers.BooleanField(required=False, default=False)
    ticket = serializers.CharField(max_length=600)


class AbortInput(serializers.Serializer[Any]):
    """F40: unsafe. F41: no longer due."""

    finding = serializers.ChoiceField(choices=[(f, f.label) for f in (Finding.F40, Finding.F41)])
    reason = serializers.CharField(max_length=200)


class CheckedFieldInput(serializers.Serializer[Any]):
    """A field of a paper and whether it fits; never its value."""

    field = serializers.CharField(max_length=60)
    result = serializers.CharField(max_length=60)


class DocumentInput(serializers.Serializer[Any]):
    """A paper that the borrower showed."""

    kind = serializers.ChoiceField(choices=DocumentKind.choices)
    verdict = serializers.ChoiceField(choices=DocumentVerdict.choices)
    checks = serializers.ListField(child=CheckedFieldInput(), required=False, default=list, max_length=30)
    issuer = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    issued_on = serializers.DateField(required=False, allow_null=True, default=None)
    copy_ref = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    no_copy_reason = serializers.CharField(max_length=120, required=False, allow_blank=True, default="")
    copy_consent_ref = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    fields = serializers.DictField(  # type: ignore[assignment]  # the metaclass takes it away before the base class looks
        required=False,
        default=dict,
        help_text="What was read from the paper, by the fields of its kind (docs/papers.md). Kept sealed. "
        "Days as YYYY-MM-DD, months as YYYY-MM, amounts as text with two decimals.",
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse each value that does not fit its field, and fields that this kind of paper does not have."""
        problems = read_fields(kind=attrs["kind"], given=attrs["fields"]).problems
        if problems:
            raise serializers.ValidationError({"fields": {name: [str(words)] for name, words in problems.items()}})
        return attrs


class SectionInput(serializers.Serializer[Any]):
    """One of the four sections."""

    section = serializers.ChoiceField(choices=Section.choices)
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    confidence = serializers.DecimalField(max_digits=3, decimal_places=2, min_value=0, max_value=1)
    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    documents = serializers.ListField(child=DocumentInput(), required=False, default=list, max_length=20)


class MediaInput(serializers.Serializer[Any]):
    """A photograph or recording that was taken; its file follows to the report's evidence door."""

    ref = serializers.CharField(max_length=80)
    kind = serializers.ChoiceField(choices=EvidenceKind.choices)
    sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="Of the file, in lower-case hexadecimal.")


class ReportInput(serializers.Serializer[Any]):
    """A report as the crew hands it in. Check-ins, check-out and purposes come from the order itself."""

    external_ref = serializers.CharField(max_length=60)
    findings = serializers.ListField(
        child=serializers.ChoiceField(choices=Finding.choices), min_length=1, max_length=20
    )
    person_met = serializers.ChoiceField(choices=PersonMet.choices)
    recommendation = serializers.ChoiceField(choices=Recommendation.choices)
    recommendation_reason = serializers.CharField(max_length=300)
    attested_by_lead = serializers.BooleanField()
    attested_by_second = serializers.BooleanField()
    sections = serializers.ListField(child=SectionInput(), required=False, default=list, max_length=4)
    media = serializers.ListField(child=MediaInput(), required=False, default=list, max_length=100)
    disclosure = serializers.ChoiceField(choices=Disclosure.choices, required=False, default=Disclosure.NONE)
    identity_factors = serializers.IntegerField(min_value=0, max_value=20, required=False, default=0)
    address_verdict = serializers.ChoiceField(
        choices=AddressVerdict.choices, required=False, allow_null=True, default=None
    )
    is_hearsay_marked = serializers.BooleanField(required=False, default=False)
    entered_home = serializers.BooleanField(required=False, default=False)
    entry_consent_ref = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    took_payment = serializers.BooleanField(required=False, default=False)
    recording_announced = serializers.BooleanField(required=False, default=False)
    recording_refused = serializers.BooleanField(required=False, default=False)
    recording_gap_seconds = serializers.IntegerField(
        min_value=0, max_value=86_400, required=False, allow_null=True, default=None
    )
    contact_started_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    contact_ended_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    statement = serializers.CharField(
        max_length=4000, required=False, allow_blank=True, default="", help_text="Kept sealed."
    )
    observations = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    promised_amount = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=0, required=False, allow_null=True, default=None
    )
    promised_for = serializers.DateField(required=False, allow_null=True, default=None)
    incident = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class AnnouncedFileInput(serializers.Serializer[Any]):
    """What is said of one file that the report announced."""

    kind = serializers.ChoiceField(choices=EvidenceKind.choices)
    external_ref = serializers.CharField(max_length=80, help_text="The reference under which the report announced it.")
    section = serializers.ChoiceField(choices=Section.choices, required=False, allow_blank=True, default="")
    badge = serializers.CharField(
        max_length=40, required=False, default="", help_text="Of the crew member who uploads."
    )
    device_at = serializers.DateTimeField(help_text="The device's clock at upload.")
    mock_location = serializers.BooleanField(required=False, default=False)


class EvidenceInput(AnnouncedFileInput):
    """One file that the report announced."""

    file = serializers.FileField(max_length=200, help_text="At most 50 MB.")

    def validate_file(self, file: Any) -> Any:
        if file.size > MAX_EVIDENCE_BYTES:
            raise serializers.ValidationError(_("The file is too large."))
        return file


class PartInput(serializers.Serializer[Any]):
    """One part of a file that the report announced."""

    sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="Of the whole file, in lower-case hexadecimal.")
    number = serializers.IntegerField(min_value=0, max_value=PARTS_MAX - 1, help_text="From 0.")
    count = serializers.IntegerField(min_value=1, max_value=PARTS_MAX, help_text="Of how many parts.")
    part = serializers.FileField(max_length=200, help_text="At most 2 MB.")

    def validate_part(self, part: Any) -> Any:
        if part.size > PART_BYTES_MAX:
            raise serializers.ValidationError(_("A part is empty or too large."))
        return part


class JoinedEvidenceInput(AnnouncedFileInput):
    """A file whose parts have all arrived."""

    sha256 = serializers.RegexField(r"^[0-9a-f]{64}$", help_text="Of the whole file, in lower-case hexadecimal.")
