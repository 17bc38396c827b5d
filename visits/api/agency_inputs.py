"""What the writing doors of agencies, papers and prices take. A field that is not named here is not read."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backoffice.access.models import Territory
from backoffice.core.rest.shapes import VisibleField
from visits.enums import CredentialKind, FeeBasis
from visits.models import Agency
from visits.services.agencies.credentials import FILE_BYTES


class AgencyChangeInput(serializers.Serializer[Any]):
    """What changes of an agency; a field that is left out stays. After the admission some are fixed."""

    name = serializers.CharField(max_length=80, required=False)
    registration = serializers.CharField(max_length=40, required=False, help_text="Unified social credit code.")
    complaints_phone = serializers.CharField(max_length=30, required=False)
    contract_number = serializers.CharField(max_length=60, required=False)
    contract_starts_on = serializers.DateField(required=False)
    contract_ends_on = serializers.DateField(required=False, help_text="The last day.")
    no_subcontract_promise_on = serializers.DateField(required=False, allow_null=True)
    founded_on = serializers.DateField(required=False, allow_null=True)
    registered_capital = serializers.DecimalField(
        max_digits=16, decimal_places=2, min_value=0, required=False, allow_null=True, help_text="In RMB."
    )
    staff_count = serializers.IntegerField(min_value=0, max_value=1_000_000, required=False, allow_null=True)


class AgencyInput(AgencyChangeInput):
    """A new applicant."""

    code = serializers.CharField(max_length=20)
    name = serializers.CharField(max_length=80)
    registration = serializers.CharField(max_length=40, help_text="Unified social credit code.")
    complaints_phone = serializers.CharField(max_length=30)
    contract_number = serializers.CharField(max_length=60)
    contract_starts_on = serializers.DateField()
    contract_ends_on = serializers.DateField(help_text="The last day.")


class CapacityInput(serializers.Serializer[Any]):
    """How many cases an agency takes in a territory at once."""

    territory = serializers.CharField(max_length=20, help_text="Code of the territory.")
    capacity = serializers.IntegerField(min_value=0, max_value=100_000)

    def validate_territory(self, code: str) -> Territory:
        """Return the territory; one that the caller may not see does not exist."""
        found = Territory.objects.visible_to(self.context["request"].user).filter(code=code).first()
        if found is None:
            raise serializers.ValidationError(self.fields["territory"].error_messages["invalid"])
        return found


class RenewalInput(serializers.Serializer[Any]):
    """The new last day of a contract."""

    until = serializers.DateField()


class EvaluationInput(serializers.Serializer[Any]):
    """What the evaluator has to say."""

    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")


class CredentialInput(serializers.Serializer[Any]):
    """A paper of an agency, with a copy or without."""

    agency = VisibleField(Agency)
    kind = serializers.ChoiceField(choices=CredentialKind.choices)
    number = serializers.CharField(max_length=60)
    issuer = serializers.CharField(max_length=80)
    valid_from = serializers.DateField()
    valid_until = serializers.DateField(help_text="The last day.")
    file = serializers.FileField(max_length=200, required=False, help_text="PDF, JPEG or PNG, at most 10 MB.")

    def validate_file(self, file: Any) -> Any:
        """Refuse a file that is too large before it is read."""
        if file.size > FILE_BYTES:
            raise serializers.ValidationError(_("The file is too large; send at most 10 MB."))
        return file


class PriceInput(serializers.Serializer[Any]):
    """A line of an agency's price card, from a day on."""

    agency = VisibleField(Agency)
    basis = serializers.ChoiceField(choices=FeeBasis.choices)
    amount = serializers.DecimalField(
        max_digits=10, decimal_places=2, help_text="In the currency; for a share of recovery percent, at most 50."
    )
    currency = serializers.CharField(max_length=3, required=False, default="CNY")
    valid_from = serializers.DateField()
