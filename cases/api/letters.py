"""Doors of the lender's channels to letters about decisions: fetch one as text or PDF, report how it arrived."""

from typing import Any

from django.http import HttpResponse
from django.utils.cache import add_never_cache_headers
from django.utils.translation import gettext as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from backoffice.core.rest.api import ReadViewSet
from backoffice.core.rest.shapes import LabelField, NumberedField
from backoffice.outbox.write_actions import WriteRequest, write_action
from cases.api.filters import DecisionLetterFilter
from cases.enums import LetterChannel, LetterReport
from cases.models import DecisionLetter, LetterDelivery
from cases.rules.letters.bank import LANGUAGES
from cases.selectors.casework.letters import RELATED, file_name, letter_pdf, letter_text, own_language
from cases.services.decisions.letter_deliveries import report_delivery

DELIVER = "letters:deliver"
LANGUAGE = OpenApiParameter(
    name="language",
    type=OpenApiTypes.STR,
    enum=sorted(LANGUAGES),
    description="The letter's language; without it that of Accept-Language.",
)


class DeliverySerializer(serializers.ModelSerializer[LetterDelivery]):
    """One report about a letter."""

    report_label = LabelField("report")
    channel_label = LabelField("channel")

    class Meta:
        model = LetterDelivery
        fields: tuple[str, ...] = ("report", "report_label", "channel", "channel_label", "happened_at", "created_at")
        read_only_fields = fields


class DecisionLetterSerializer(serializers.ModelSerializer[DecisionLetter]):
    """One letter about one decision, and how far it has come."""

    number = NumberedField()
    borrower_ref = serializers.CharField(source="decision.borrower.external_ref", read_only=True)
    kind_label = LabelField("kind")
    state_label = LabelField("state")

    class Meta:
        model = DecisionLetter
        fields: tuple[str, ...] = (
            "id",
            "number",
            "decision",
            "borrower_ref",
            "kind",
            "kind_label",
            "state",
            "state_label",
            "happened_on",
            "digest",
            "created_at",
        )
        read_only_fields = fields


class DecisionLetterDetailSerializer(DecisionLetterSerializer):
    """One letter with its text, in the language of `language` or Accept-Language, and what was reported of it."""

    text = serializers.SerializerMethodField(help_text="The whole letter as plain text.")
    deliveries = serializers.SerializerMethodField(help_text="Oldest first.")

    class Meta(DecisionLetterSerializer.Meta):
        fields: tuple[str, ...] = (*DecisionLetterSerializer.Meta.fields, "text", "deliveries")

    def get_text(self, letter: DecisionLetter) -> str:
        return letter_text(letter=letter, language=asked_language(self.context["request"]))

    @extend_schema_field(DeliverySerializer(many=True))
    def get_deliveries(self, letter: DecisionLetter) -> Any:
        return DeliverySerializer(letter.deliveries.order_by("happened_at", "pk"), many=True).data


class DeliveryInput(serializers.Serializer[Any]):
    """What happened to a letter on its way."""

    report = serializers.ChoiceField(choices=LetterReport.choices)
    channel = serializers.ChoiceField(choices=LetterChannel.choices)
    happened_at = serializers.DateTimeField(help_text="When it happened, with an offset or Z.")


def asked_language(request: Request) -> str:
    """
    Return the language that a request names, or that of its reader.

    :raises ValidationError: if it names another one than those of letters.
    """
    language = request.query_params.get("language", "").lower() or own_language()
    if language not in LANGUAGES:
        text = _("Letters are written in these languages: {codes}. Name one of them.")
        raise ValidationError({"language": [text.format(codes=", ".join(sorted(LANGUAGES)))]})
    return language


class DecisionLetterViewSet(ReadViewSet):
    """Letters to borrowers about decisions. The lender's channels fetch them and report how they arrived."""

    model = DecisionLetter
    permissions = {
        "list": "cases.view_decisionletter",
        "retrieve": "cases.view_decisionletter",
        "pdf": "cases.view_decisionletter",
        "delivery": "cases.report_letterdelivery",
    }
    scopes = {"list": DELIVER, "retrieve": DELIVER, "pdf": DELIVER, "delivery": DELIVER}
    related = RELATED
    serializer_class = DecisionLetterSerializer
    detail_serializer_class = DecisionLetterDetailSerializer
    filterset_class = DecisionLetterFilter

    @extend_schema(parameters=[LANGUAGE])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """Read one letter with its text."""
        return super().retrieve(request, *args, **kwargs)

    @extend_schema(
        summary="A letter as PDF",
        parameters=[LANGUAGE],
        responses={(200, "application/pdf"): OpenApiTypes.BINARY},
        filters=False,
    )
    @action(detail=True, pagination_class=None, filterset_class=None)
    def pdf(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        """Fetch one letter as PDF. Its name, title and headers tell a stranger nothing of what is in it."""
        letter, language = self.get_object(), asked_language(request)
        response = HttpResponse(letter_pdf(letter=letter, language=language), content_type="application/pdf")
        response["Content-Disposition"] = f'attachment; filename="{file_name(letter=letter, language=language)}"'
        response["X-Content-Type-Options"] = "nosniff"
        add_never_cache_headers(response)
        return response

    @write_action(takes=DeliveryInput, gives=DecisionLetterDetailSerializer, summary="Report how a letter arrived")
    def delivery(self, call: WriteRequest) -> Any:
        """Report that a letter was delivered, opened or came back. The same report again changes nothing."""
        return report_delivery(letter=call.record, **call.given, actor=call.actor, at=call.at)
