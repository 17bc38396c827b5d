"""Input of the doors of contact permits, wishes about times, and refused numbers."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backoffice.core.rest.shapes import VisibleField
from cases.enums import Channel, ContactPurpose, WishKind
from cases.models import Borrower, BorrowerPhone, RelatedPerson

ASKED_CHANNELS = [choice for choice in Channel.choices if choice[0] != Channel.VISIT]


class _RefField(serializers.SlugRelatedField[Any]):
    """A related record by its reference. One that the caller may not see does not exist."""

    def __init__(self, model: Any = None, **kwargs: Any) -> None:
        self.model = model
        super().__init__(slug_field="external_ref", queryset=model._default_manager.all(), **kwargs)

    def get_queryset(self) -> Any:
        """Return the rows that the caller may see; none without a request."""
        request = self.context.get("request")
        rows = self.model._default_manager.all()
        return rows.visible_to(request.user) if request is not None else rows.none()


class PermitInput(serializers.Serializer[Any]):
    """Who shall be contacted how and why. A call or an SMS names the number by `phone_ref` or `related_ref`."""

    request_id = serializers.CharField(
        max_length=80, help_text="Your own number of this request; the same one is answered the same."
    )
    borrower = VisibleField(Borrower, help_text="Number of the borrower.")
    channel = serializers.ChoiceField(choices=ASKED_CHANNELS)
    purpose = serializers.ChoiceField(choices=ContactPurpose.choices)
    phone_ref = _RefField(
        BorrowerPhone, required=False, allow_null=True, default=None, help_text="Reference of the borrower's telephone."
    )
    related_ref = _RefField(
        RelatedPerson,
        required=False,
        allow_null=True,
        default=None,
        help_text="Reference of the related person who shall be contacted in place of the borrower.",
    )

    def validate(self, attrs: Mapping[str, Any]) -> Any:
        return {
            **{name: value for name, value in attrs.items() if not name.endswith("_ref")},
            "phone": attrs["phone_ref"],
            "related": attrs["related_ref"],
        }


class WishInput(serializers.Serializer[Any]):
    """A time of day, by the borrower's clock, that they named."""

    borrower = VisibleField(Borrower, help_text="Number of the borrower.")
    kind = serializers.ChoiceField(choices=WishKind.choices)
    opens = serializers.TimeField(help_text="HH:MM")
    closes = serializers.TimeField(help_text="HH:MM, later than `opens`.")
    last_day = serializers.DateField(help_text="A wish for quiet hours counts for at most 30 days.")
    evidence_ref = serializers.CharField(
        max_length=80, help_text="Reference of the recording or letter in which they said so."
    )


class StopInput(serializers.Serializer[Any]):
    """A related person who refused contact."""

    related_ref = _RefField(RelatedPerson, help_text="Reference of the related person.")
    evidence_ref = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")

    def validate(self, attrs: Mapping[str, Any]) -> Any:
        related = attrs["related_ref"]
        if related is None:
            raise serializers.ValidationError({"related_ref": _("Name the related person.")})
        return {"related": related, "evidence_ref": attrs["evidence_ref"]}
