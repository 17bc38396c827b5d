"""Doors to contradictions: what sources say differently of a borrower, and how it was settled."""

from typing import Any

from rest_framework import serializers

from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.shapes import LabelField, NumberedField, PersonField
from backoffice.outbox.write_actions import WriteRequest, write_action
from cases.services.casework.wording import REASON_MAX
from visits.api.filters import ContradictionFilter
from visits.contradiction_enums import Side
from visits.models import Contradiction
from visits.rules.contradictions.lifecycle import SETTLE
from visits.services.review.contradictions import settle_contradiction


class ContradictionSerializer(serializers.ModelSerializer[Contradiction]):
    """Two claims that cannot both be true, with masked values. A reason to look, never a finding."""

    number = NumberedField()
    borrower_ref = serializers.CharField(source="borrower.external_ref", read_only=True)
    subject_label = LabelField("subject")
    left_source_label = LabelField("left_source")
    left_shown = serializers.CharField(read_only=True)
    right_source_label = LabelField("right_source")
    right_shown = serializers.CharField(read_only=True)
    decided_by_label = LabelField("decided_by")
    state_label = LabelField("state")
    settled_by = PersonField()

    class Meta:
        model = Contradiction
        fields: tuple[str, ...] = (
            "id",
            "number",
            "borrower",
            "borrower_ref",
            "subject",
            "subject_label",
            "left_source",
            "left_source_label",
            "left_shown",
            "left_on",
            "right_source",
            "right_source_label",
            "right_shown",
            "right_on",
            "detail",
            "weight",
            "decided_by",
            "decided_by_label",
            "state",
            "state_label",
            "wrong_side",
            "settled_ref",
            "reason",
            "settled_by",
            "settled_at",
            "signal",
            "report",
            "found_at",
        )
        read_only_fields = fields


class SettleInput(serializers.Serializer[Any]):
    """Which source is wrong, left out where both can be true, and why that is known."""

    wrong = serializers.ChoiceField(choices=Side.choices, required=False, allow_blank=True, default="")
    reason = serializers.CharField(max_length=REASON_MAX)


class ContradictionViewSet(ReadViewSet):
    """Contradictions, for the lender's own people and programs; outside firms see none."""

    model = Contradiction
    permissions = {
        "list": "visits.view_contradiction",
        "retrieve": "visits.view_contradiction",
        "settle": SETTLE,
    }
    scopes = {"list": "visits:read", "retrieve": "visits:read"}
    related = ("borrower", "settled_by")
    serializer_class = ContradictionSerializer
    filterset_class = ContradictionFilter

    @write_action(
        takes=SettleInput, gives=ContradictionSerializer, summary="Settle a contradiction between two sources"
    )
    def settle(self, call: WriteRequest) -> Any:
        """Settle it with a reason; its signal asks for no visit any more."""
        return settle_contradiction(contradiction=call.record, **call.given, actor=call.actor, at=call.at)
