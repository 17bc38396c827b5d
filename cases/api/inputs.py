"""Input of the ground floor's write actions. A field that is not named here is not read."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from backoffice.access.models import User
from backoffice.core.rest.shapes import VisibleField
from cases.enums import (
    NEW_TOPICS,
    OWN_KINDS,
    Channel,
    ComplaintKind,
    ComplaintTopic,
    ContactOutcome,
    DecisionGround,
    Direction,
    IntakeMode,
    MergeGround,
    Section,
    Verdict,
    WaiverPart,
)
from cases.models import Account, Borrower, BorrowerPhone, Case, Decision

# An amount in the account's currency that has a default of its own.
_AMOUNT_OR_NONE: Final[dict[str, Any]] = {
    "max_digits": 14,
    "decimal_places": 2,
    "min_value": Decimal(0),
    "required": False,
    "allow_null": True,
    "default": None,
}


class NoteInput(serializers.Serializer[Any]):
    """A line for the timeline. It is sealed; name no unrelated persons."""

    text = serializers.CharField(max_length=2000)
    next_action_on = serializers.DateField(required=False, allow_null=True, default=None)


class HoldInput(serializers.Serializer[Any]):
    """Until when (at most 180 days on) and why."""

    until = serializers.DateField()
    reason = serializers.CharField(max_length=300)


class AssignInput(serializers.Serializer[Any]):
    """Who shall work the case."""

    owner = serializers.SlugRelatedField(
        slug_field="username",
        queryset=User.objects.filter(is_active=True),
        help_text="User name of a case officer.",
        error_messages={"does_not_exist": _("This person does not work cases of that territory.")},
    )


class FactInputShape(serializers.Serializer[Any]):
    """One section as it was established at the desk."""

    section = serializers.ChoiceField(choices=Section.choices)
    verdict = serializers.ChoiceField(choices=Verdict.choices)
    confidence = serializers.DecimalField(max_digits=3, decimal_places=2, min_value=0, max_value=1)
    evidence = serializers.ListField(
        child=serializers.CharField(max_length=80),
        max_length=20,
        required=False,
        default=list,
        help_text="References of evidence, never its content.",
    )


class DeskCheckInput(serializers.Serializer[Any]):
    """What a desk check by telephone established. Sections left out count as not established."""

    recording_ref = serializers.CharField(max_length=80, help_text="The call's recording; one verification for each.")
    facts = serializers.ListField(child=FactInputShape(), max_length=4)
    right_party_met = serializers.BooleanField(help_text="Whether the borrower in person was spoken to.")
    cooperative = serializers.BooleanField(required=False, default=False)
    verified_on = serializers.DateField()


class DecisionProposalInput(serializers.Serializer[Any]):
    """An officer's own proposal. Plans and waivers have requests of their own (`plan-proposals`, `waiver-proposals`)."""

    account = VisibleField(Account, help_text="Number of an account of the case's borrower.")
    kind = serializers.ChoiceField(choices=OWN_KINDS)
    days = serializers.IntegerField(
        min_value=1,
        max_value=180,
        required=False,
        allow_null=True,
        default=None,
        help_text="How long it counts; the house's number of days for its kind unless given.",
    )
    amount = serializers.DecimalField(
        **_AMOUNT_OR_NONE,
        help_text="The new limit in the account's currency; needed to cut a limit.",
    )
    points = serializers.DecimalField(
        max_digits=6,
        decimal_places=5,
        required=False,
        allow_null=True,
        default=None,
        help_text="Off the annual rate, for RATE_RELIEF and RATE_REDUCTION: 0.005 to 0.03 in steps of 0.005 (half a point, the default).",
    )
    reason = serializers.CharField(max_length=300, help_text="Sealed; stands in the borrower's letter.")


class WaiverProposalInput(serializers.Serializer[Any]):
    """What is waived of the arrears on one account, once the rest is paid. Amounts are in the account's currency."""

    account = VisibleField(Account, help_text="Number of an account of the case's borrower.")
    part = serializers.ChoiceField(choices=WaiverPart.choices)
    due = serializers.DecimalField(
        max_digits=14, decimal_places=2, min_value=Decimal(0), help_text="Due of this part by the core's own statement."
    )
    evidence_ref = serializers.CharField(max_length=80, help_text="The number or reference of that statement.")
    amount = serializers.DecimalField(
        **_AMOUNT_OR_NONE,
        help_text="All of penalty interest, half of interest unless given.",
    )
    pay = serializers.DecimalField(
        **_AMOUNT_OR_NONE,
        help_text="All the rest of the arrears unless given.",
    )
    settle_by = serializers.DateField(help_text="Last day to pay, at most 31 days ahead.")
    reason = serializers.CharField(max_length=300, help_text="Sealed; stands in the borrower's letter.")


class ApprovalInput(serializers.Serializer[Any]):
    """The approver's note; an adverse decision needs one."""

    note = serializers.CharField(max_length=300, required=False, allow_blank=True, default="", help_text="Sealed.")
    ground = serializers.ChoiceField(
        choices=DecisionGround.choices,
        required=False,
        allow_blank=True,
        default="",
        help_text="One that is none of an approval is refused.",
    )


class OptInInput(serializers.Serializer[Any]):
    """What the borrower answered to a raised limit."""

    accepted = serializers.BooleanField()
    evidence_ref = serializers.CharField(max_length=80, help_text="The recording or message in which they said so.")


class RejectionInput(serializers.Serializer[Any]):
    """Why a proposal is rejected."""

    reason = serializers.CharField(max_length=300, help_text="Sealed.")
    ground = serializers.ChoiceField(
        choices=DecisionGround.choices,
        required=False,
        allow_blank=True,
        default="",
        help_text="One that is none of a rejection is refused.",
    )


class ComplaintInput(serializers.Serializer[Any]):
    """What a borrower complains of. Without `case` their open case, if any, is meant."""

    borrower = VisibleField(Borrower, help_text="Number of the borrower.")
    kind = serializers.ChoiceField(choices=ComplaintKind.choices)
    topic = serializers.ChoiceField(choices=NEW_TOPICS, required=False, default=ComplaintTopic.OTHER)
    occurred_on = serializers.DateField(
        required=False,
        allow_null=True,
        default=None,
        help_text="The day of what is complained of; needed where it is about conduct.",
    )
    subject = serializers.CharField(max_length=200, help_text="What the borrower says; kept sealed.")
    case = VisibleField(Case, required=False, allow_null=True, default=None)
    decision = VisibleField(
        Decision, required=False, allow_null=True, default=None, help_text="An appeal names its decision."
    )

    def validate(self, attrs: Mapping[str, Any]) -> Any:
        for name in ("case", "decision"):
            if attrs[name] is not None and attrs[name].borrower_id != attrs["borrower"].pk:
                raise serializers.ValidationError({name: _("This belongs to another borrower.")})
        return attrs


class ReopenInput(serializers.Serializer[Any]):
    """What the borrower says of an answer that they do not accept."""

    subject = serializers.CharField(max_length=200, help_text="Kept sealed.")


class AnswerInput(serializers.Serializer[Any]):
    """The answer that the borrower receives."""

    upheld = serializers.BooleanField()
    answer = serializers.CharField(max_length=500)
    quotes_only = serializers.BooleanField(
        default=False,
        help_text="Threats, claims of legal effect or numbers in the answer only repeat what the complaint says.",
    )


class MergeInput(serializers.Serializer[Any]):
    """Two borrowers that are held to be one person."""

    borrower = VisibleField(Borrower, help_text="Number of one borrower.")
    other_ref = serializers.CharField(max_length=60, help_text="Reference of the other borrower.")
    ground = serializers.ChoiceField(choices=MergeGround.choices, help_text="The ground of the rule is refused.")


class ContactInput(serializers.Serializer[Any]):
    """One attempt by one channel, now unless `attempted_at` says when."""

    borrower = VisibleField(Borrower, help_text="Number of the borrower.")
    external_ref = serializers.CharField(
        max_length=80, required=False, default="", help_text="The dialler's own reference."
    )
    channel = serializers.ChoiceField(choices=Channel.choices)
    direction = serializers.ChoiceField(choices=Direction.choices, required=False, default=Direction.OUTBOUND)
    outcome = serializers.ChoiceField(choices=ContactOutcome.choices)
    attempted_at = serializers.DateTimeField(required=False, allow_null=True, default=None)
    receipt = serializers.BooleanField(
        required=False, default=False, help_text="The channel itself confirmed the outcome."
    )
    phone_ref = serializers.SlugRelatedField(
        slug_field="external_ref",
        queryset=BorrowerPhone.objects.all(),
        required=False,
        allow_null=True,
        default=None,
        help_text="Reference of the borrower's telephone that was used.",
    )
    permit_ref = serializers.CharField(
        max_length=40,
        required=False,
        allow_blank=True,
        default="",
        help_text="`reference` of the permit that the contact was made with.",
    )

    def validate(self, attrs: Mapping[str, Any]) -> Any:
        phone = attrs["phone_ref"]
        if phone is not None and phone.borrower_id != attrs["borrower"].pk:
            raise serializers.ValidationError({"phone_ref": _("This is no telephone of the borrower.")})
        return attrs


class AcknowledgementInput(serializers.Serializer[Any]):
    """The core's answer to one instruction."""

    effect_key = serializers.CharField(max_length=120)
    accepted = serializers.BooleanField()
    value = serializers.CharField(
        max_length=40,
        required=False,
        allow_blank=True,
        default="",
        help_text="What the core holds now: a limit, a rate as a share of 1, or the word of the line. Required if accepted.",
    )
    refused_reason = serializers.CharField(max_length=200, required=False, allow_blank=True, default="")


class TermsAnswerInput(AcknowledgementInput):
    """The core's answer to one line of the ledger, or the borrower's that it heard."""

    declined = serializers.BooleanField(
        required=False,
        default=False,
        help_text="The borrower did not want the raised limit (`opt_in_required`); `accepted` is false then.",
    )


class IntakeInput(serializers.Serializer[Any]):
    """A file of the lender and the profile that maps it."""

    file = serializers.FileField(max_length=200)
    profile = serializers.SlugField(max_length=60, help_text="Name of an intake profile.")
    mode = serializers.ChoiceField(
        choices=IntakeMode.choices,
        required=False,
        allow_blank=True,
        default="",
        help_text="Whether accounts that the file does not name are gone; the profile's own unless given.",
    )
    dry_run = serializers.BooleanField(required=False, default=False, help_text="Read and count, write nothing.")
