"""Serializers of borrowers and accounts. Personal data is masked."""

from typing import Any

from django.db.models import Count, Max, Q
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backoffice.core.rest.shapes import LabelField
from cases.api.application_shapes import ApplicationSerializer
from cases.api.statement_shapes import StatementSerializer
from cases.api.tier_shapes import TierField
from cases.enums import Channel
from cases.models import (
    Account,
    AccountFacts,
    Address,
    Application,
    Borrower,
    BorrowerFlag,
    BorrowerPhone,
    ContactAttempt,
    TermsChange,
)
from cases.rules.policy.features import FEATURES

STATEMENTS_SHOWN = 24


class FactsSerializer(serializers.ModelSerializer[AccountFacts]):
    """The newest facts row: all that the rules look at. Amounts in `currency`."""

    values = serializers.SerializerMethodField(help_text="Feature code to value, as the rules compare it.")

    class Meta:
        model = AccountFacts
        fields: tuple[str, ...] = ("business_date", "currency", "values")

    @extend_schema_field({"type": "object", "additionalProperties": {}})
    def get_values(self, facts: AccountFacts) -> dict[str, Any]:
        return {name: getattr(facts, name) for name in FEATURES if hasattr(facts, name)}


class ContactSummarySerializer(serializers.Serializer[Any]):
    """What was tried with the borrower by one channel."""

    channel = serializers.ChoiceField(choices=Channel.choices)
    attempts = serializers.IntegerField()
    reached = serializers.IntegerField(help_text="Attempts that reached the borrower in person.")
    last_at = serializers.DateTimeField(help_text="The latest attempt, UTC.")


class AccountSerializer(serializers.ModelSerializer[Account]):
    """One credit line or loan, as the lender's core last reported it."""

    borrower_ref = serializers.CharField(source="borrower.external_ref", read_only=True)
    territory = serializers.CharField(source="territory.code", read_only=True, help_text="Code of the territory.")
    product_label = LabelField("product")
    status_label = LabelField("status")

    class Meta:
        model = Account
        fields: tuple[str, ...] = (
            "id",
            "external_ref",
            "borrower",
            "borrower_ref",
            "territory",
            "product",
            "product_label",
            "segment",
            "currency",
            "status",
            "status_label",
            "credit_limit",
            "pre_default_limit",
            "annual_rate",
            "outstanding_principal",
            "arrears_amount",
            "days_past_due",
            "as_of",
            "opened_on",
            "updated_at",
        )
        read_only_fields = fields


class AccountDetailSerializer(AccountSerializer):
    """One account with its newest statements and facts and what was tried; null where the role may not see a part."""

    statements = serializers.SerializerMethodField(help_text="The newest 24 periods.")
    risk_tier = TierField()
    facts = serializers.SerializerMethodField()
    contacts = serializers.SerializerMethodField(help_text="What was tried with the borrower, by channel.")

    class Meta(AccountSerializer.Meta):
        fields: tuple[str, ...] = (*AccountSerializer.Meta.fields, "risk_tier", "statements", "facts", "contacts")

    def _sees(self, name: str) -> bool:
        request = self.context["request"]
        # A machine's scope for accounts covers their parts.
        return request.auth is not None or request.user.has_perm(f"cases.view_{name}")

    @extend_schema_field(StatementSerializer(many=True, allow_null=True))
    def get_statements(self, account: Account) -> Any:
        if not self._sees("statement"):
            return None
        return StatementSerializer(account.statements.order_by("-period", "-pk")[:STATEMENTS_SHOWN], many=True).data

    @extend_schema_field(FactsSerializer(allow_null=True))
    def get_facts(self, account: Account) -> Any:
        if not self._sees("accountfacts"):
            return None
        newest = account.facts.order_by("-business_date", "-pk").first()
        return FactsSerializer(newest).data if newest else None

    @extend_schema_field(ContactSummarySerializer(many=True, allow_null=True))
    def get_contacts(self, account: Account) -> Any:
        if not self._sees("contactattempt"):
            return None
        summary = (
            ContactAttempt.objects.filter(borrower_id=account.borrower_id)
            .values("channel")
            .annotate(
                attempts=Count("pk"), reached=Count("pk", filter=Q(right_party=True)), last_at=Max("attempted_at")
            )
            .order_by("channel")
        )
        return ContactSummarySerializer(summary, many=True).data


class BorrowerSerializer(serializers.ModelSerializer[Borrower]):
    """One person, masked."""

    territory = serializers.CharField(source="territory.code", read_only=True, help_text="Code of the territory.")
    name = serializers.CharField(source="masked_name", read_only=True, help_text="Masked.")
    id_number = serializers.CharField(
        source="masked_id_number", read_only=True, help_text="Masked but for its last four."
    )
    person = serializers.PrimaryKeyRelatedField[Any](read_only=True, help_text="Equal if they are one person.")

    class Meta:
        model = Borrower
        fields: tuple[str, ...] = (
            "id",
            "external_ref",
            "person",
            "territory",
            "name",
            "id_number",
            "last_app_login_at",
            "updated_at",
        )
        read_only_fields = fields


class PhoneSerializer(serializers.ModelSerializer[BorrowerPhone]):
    """A telephone, masked."""

    number = serializers.CharField(source="masked_number", read_only=True, help_text="Masked but for its last four.")
    verdict_label = LabelField("verdict")

    class Meta:
        model = BorrowerPhone
        fields: tuple[str, ...] = ("external_ref", "number", "verdict", "verdict_label")


class AddressSerializer(serializers.ModelSerializer[Address]):
    """A place, masked beyond province and city."""

    kind_label = LabelField("kind")
    line = serializers.CharField(source="masked_line", read_only=True, help_text="Masked.")
    verdict_label = LabelField("verdict")

    class Meta:
        model = Address
        fields: tuple[str, ...] = (
            "external_ref",
            "kind",
            "kind_label",
            "line",
            "adcode",
            "is_rural",
            "verdict",
            "verdict_label",
            "first_seen_on",
            "last_verified_on",
        )


class FlagSerializer(serializers.ModelSerializer[BorrowerFlag]):
    """A circumstance that holds. Notes of officers stay in the back office."""

    kind_label = LabelField("kind")
    source_label = LabelField("source")

    class Meta:
        model = BorrowerFlag
        fields: tuple[str, ...] = ("kind", "kind_label", "source", "source_label", "source_ref", "set_at", "expires_on")


class BorrowerDetailSerializer(BorrowerSerializer):
    """One person with what is known of them; null where the role may not see a part, or nothing was stated."""

    phones = serializers.SerializerMethodField()
    addresses = serializers.SerializerMethodField()
    application = serializers.SerializerMethodField(help_text="What was stated when applying.")
    flags = serializers.SerializerMethodField(help_text="Circumstances that hold; most forbid visits.")

    class Meta(BorrowerSerializer.Meta):
        fields: tuple[str, ...] = (*BorrowerSerializer.Meta.fields, "phones", "addresses", "application", "flags")

    def _part(self, name: str, shape: type[serializers.BaseSerializer[Any]], rows: Any) -> Any:
        request = self.context["request"]
        if request.auth is None and not request.user.has_perm(f"cases.view_{name}"):
            return None
        return shape(rows.order_by("pk"), many=True).data

    @extend_schema_field(PhoneSerializer(many=True, allow_null=True))
    def get_phones(self, borrower: Borrower) -> Any:
        return self._part("borrowerphone", PhoneSerializer, borrower.phones)

    @extend_schema_field(AddressSerializer(many=True, allow_null=True))
    def get_addresses(self, borrower: Borrower) -> Any:
        return self._part("address", AddressSerializer, borrower.addresses)

    @extend_schema_field(ApplicationSerializer(allow_null=True))
    def get_application(self, borrower: Borrower) -> Any:
        rows = Application.objects.filter(borrower=borrower)
        return next(iter(self._part("application", ApplicationSerializer, rows) or ()), None)

    @extend_schema_field(FlagSerializer(many=True, allow_null=True))
    def get_flags(self, borrower: Borrower) -> Any:
        return self._part("borrowerflag", FlagSerializer, borrower.flags.filter(cleared_at__isnull=True))


class ContactSerializer(serializers.ModelSerializer[ContactAttempt]):
    """One attempt by one channel."""

    borrower_ref = serializers.CharField(source="borrower.external_ref", read_only=True)
    channel_label = LabelField("channel")
    outcome_label = LabelField("outcome")

    class Meta:
        model = ContactAttempt
        fields: tuple[str, ...] = (
            "id",
            "external_ref",
            "borrower",
            "borrower_ref",
            "channel",
            "channel_label",
            "direction",
            "outcome",
            "outcome_label",
            "right_party",
            "receipt",
            "permit_ref",
            "attempted_at",
            "created_at",
        )
        read_only_fields = fields


class TermsChangeSerializer(serializers.ModelSerializer[TermsChange]):
    """One line of the ledger of terms: what the core is asked to change, and its answer."""

    account_ref = serializers.CharField(source="account.external_ref", read_only=True)
    currency = serializers.CharField(
        source="account.currency", read_only=True, help_text="Of `before` and `after` of a limit."
    )
    field_label = LabelField("field")

    class Meta:
        model = TermsChange
        fields: tuple[str, ...] = (
            "id",
            "effect_key",
            "account",
            "account_ref",
            "decision",
            "field",
            "field_label",
            "version",
            "before",
            "after",
            "currency",
            "effective_on",
            "expires_on",
            "opt_in_required",
            "sent_at",
            "acknowledged_at",
            "answered_value",
            "refused_reason",
            "created_at",
        )
        read_only_fields = fields
