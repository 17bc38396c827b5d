"""Serializers of decisions, repayment plans and complaints."""

from datetime import date
from functools import reduce
from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from backoffice.core.currencies import rounded
from backoffice.core.rest.shapes import LabelField, NumberedField, PersonField
from cases.api.legal_step_shapes import LegalStepSerializer
from cases.models import Complaint, Decision, PlanInstalment, RepaymentPlan
from cases.rules.plans.means import means_of
from cases.rules.reasons import REASONS
from cases.selectors.casework.approvals import decided_by
from cases.selectors.casework.decisions import Explanation, explain_decision


class ReasonSerializer(serializers.Serializer[Any]):
    """A reason as a code and as the sentence of the borrower's letter."""

    code = serializers.CharField()
    sentence = serializers.CharField()


class ChangedTermSerializer(serializers.Serializer[Any]):
    """One term of the account before and after the decision."""

    term = serializers.CharField()
    before = serializers.CharField()
    after = serializers.CharField()


class ExplanationSerializer(serializers.Serializer[Any]):
    """What the borrower may be told of a decision (PIPL art. 24), in the language of Accept-Language."""

    reasons = serializers.ListField(child=serializers.CharField())
    changes = serializers.SerializerMethodField(help_text="Terms that the core is instructed to change.")
    decided_by_a_person = serializers.BooleanField(
        allow_null=True, help_text="False: by rules that people approved before. Null while nobody has decided."
    )
    policy_version = serializers.CharField()
    effective_on = serializers.DateField(allow_null=True)
    expires_on = serializers.DateField(allow_null=True)
    way_back = serializers.CharField(help_text="How the borrower can end an adverse decision; may be empty.")
    appeal = serializers.CharField(help_text="How the borrower has the decision looked at again.")

    @extend_schema_field(ChangedTermSerializer(many=True))
    def get_changes(self, explanation: Explanation) -> list[dict[str, str]]:
        return [
            {"term": str(term.label), "before": before, "after": after} for term, before, after in explanation.changes
        ]


class DecisionSerializer(serializers.ModelSerializer[Decision]):
    """One decision on one account: help, restrict or reward. Amounts in `terms` are in `currency`."""

    number = NumberedField()
    account_ref = serializers.CharField(source="account.external_ref", read_only=True)
    currency = serializers.CharField(source="account.currency", read_only=True)
    kind_label = LabelField("kind")
    origin_label = LabelField("origin")
    state_label = LabelField("state")
    reasons = serializers.SerializerMethodField()
    terms = serializers.JSONField(read_only=True, help_text="What it would change; amounts as strings.")
    means = serializers.SerializerMethodField(
        help_text="Income and expenses in a month as the borrower says, and the instalment they allow; null where unknown."
    )
    is_adverse = serializers.BooleanField(read_only=True, help_text="Takes something from the borrower.")
    policy_version = serializers.IntegerField(source="policy_version.number", read_only=True)
    explanation = serializers.CharField(
        read_only=True, allow_null=True, help_text="What the officer wrote for the borrower; null where nobody did."
    )
    ground_label = LabelField("ground")
    proposed_by = PersonField()
    approved_by = PersonField()
    borrower_accepted = serializers.BooleanField(
        source="opt_in.accepted",
        default=None,
        read_only=True,
        allow_null=True,
        help_text="The borrower's answer to a raised limit; null while there is none.",
    )
    approved_for = PersonField(help_text="Who was away, where the approver decided as their stand-in.")
    second_approved_for = PersonField()
    approvals_needed = serializers.IntegerField(read_only=True, help_text="1 or 2 people, none of them the proposer.")
    approvals_given = serializers.IntegerField(
        read_only=True, help_text="Below `approvals_needed` the decision is still a proposal and changes nothing."
    )
    second_approved_by = PersonField()
    decide_by = serializers.SerializerMethodField(help_text="Last day to decide in time; null once decided.")

    class Meta:
        model = Decision
        fields: tuple[str, ...] = (
            "id",
            "number",
            "borrower",
            "account",
            "account_ref",
            "case",
            "verification",
            "kind",
            "kind_label",
            "origin",
            "origin_label",
            "state",
            "state_label",
            "is_adverse",
            "reasons",
            "terms",
            "means",
            "currency",
            "explanation",
            "ground",
            "ground_label",
            "business_date",
            "policy_version",
            "proposed_by",
            "approved_by",
            "approved_for",
            "approved_at",
            "approvals_needed",
            "approvals_given",
            "second_approved_by",
            "second_approved_for",
            "second_approved_at",
            "decide_by",
            "borrower_accepted",
            "effective_on",
            "expires_on",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields

    def get_means(self, decision: Decision) -> dict[str, str] | None:
        return dict(means_of(text=decision.means)) or None

    def get_decide_by(self, decision: Decision) -> date | None:
        return decided_by(decision=decision)

    @extend_schema_field(ReasonSerializer(many=True))
    def get_reasons(self, decision: Decision) -> list[dict[str, str]]:
        return [{"code": code, "sentence": str(REASONS.get(code, code))} for code in decision.reasons]


class DecisionDetailSerializer(DecisionSerializer):
    """One decision with its explanation for the borrower."""

    why = serializers.SerializerMethodField(help_text="What the borrower may be told of it.")
    legal_steps = serializers.SerializerMethodField(
        help_text="Steps of legal recovery in their order; null where the role may not see them."
    )

    class Meta(DecisionSerializer.Meta):
        fields: tuple[str, ...] = (*DecisionSerializer.Meta.fields, "why", "legal_steps")

    @extend_schema_field(ExplanationSerializer())
    def get_why(self, decision: Decision) -> Any:
        return ExplanationSerializer(explain_decision(decision=decision)).data

    @extend_schema_field(LegalStepSerializer(many=True, allow_null=True))
    def get_legal_steps(self, decision: Decision) -> Any:
        request = self.context["request"]
        if request.auth is None and not request.user.has_perm("cases.view_legalstep"):
            return None
        return LegalStepSerializer(decision.legal_steps.select_related("recorded_by").order_by("pk"), many=True).data


class PlanAmountField(serializers.DecimalField):
    """An amount of a plan with the decimals of the account's currency; `account` is the way from the row to the account."""

    def __init__(self, *, account: str, **others: Any) -> None:
        self.account = account.split(".")
        super().__init__(max_digits=15, decimal_places=None, read_only=True, **others)

    def get_attribute(self, instance: Any) -> Any:
        currency = reduce(getattr, self.account, instance).currency
        amount: Any = super().get_attribute(instance)
        return rounded(amount, currency)


class InstalmentSerializer(serializers.ModelSerializer[PlanInstalment]):
    """One instalment, in the plan's currency."""

    amount = PlanAmountField(account="plan.account")
    interest = PlanAmountField(account="plan.account")

    class Meta:
        model = PlanInstalment
        fields: tuple[str, ...] = ("number", "due_on", "amount", "interest", "paid_on")


class PlanSerializer(serializers.ModelSerializer[RepaymentPlan]):
    """An individual instalment plan of at most 60 instalments."""

    number = NumberedField()
    account_ref = serializers.CharField(source="account.external_ref", read_only=True)
    currency = serializers.CharField(source="account.currency", read_only=True)
    state_label = LabelField("state")
    total_amount = PlanAmountField(account="account")

    class Meta:
        model = RepaymentPlan
        fields: tuple[str, ...] = (
            "id",
            "number",
            "account",
            "account_ref",
            "decision",
            "state",
            "state_label",
            "total_amount",
            "currency",
            "annual_rate",
            "starts_on",
            "created_at",
            "updated_at",
        )
        read_only_fields = fields


class PlanDetailSerializer(PlanSerializer):
    """One plan with its instalments; null where the role may not see them."""

    instalments = serializers.SerializerMethodField()

    class Meta(PlanSerializer.Meta):
        fields: tuple[str, ...] = (*PlanSerializer.Meta.fields, "instalments")

    @extend_schema_field(InstalmentSerializer(many=True, allow_null=True))
    def get_instalments(self, plan: RepaymentPlan) -> Any:
        request = self.context["request"]
        if request.auth is None and not request.user.has_perm("cases.view_planinstalment"):
            return None
        return InstalmentSerializer(plan.instalments.order_by("number", "pk"), many=True).data


class ComplaintSerializer(serializers.ModelSerializer[Complaint]):
    """A complaint, dispute, appeal or wish for an explanation."""

    number = NumberedField()
    kind_label = LabelField("kind")
    state_label = LabelField("state")
    topic_label = LabelField("topic")
    subject = serializers.CharField(read_only=True, help_text="What the borrower says.")
    answer = serializers.CharField(read_only=True, allow_null=True, help_text="Null until it is answered.")
    extension_reason = serializers.CharField(
        read_only=True, allow_null=True, help_text="Why the answer was put off, as the borrower is told; else null."
    )
    received_by = PersonField()
    answered_by = PersonField()

    class Meta:
        model = Complaint
        fields: tuple[str, ...] = (
            "id",
            "number",
            "borrower",
            "case",
            "decision",
            "kind",
            "kind_label",
            "state",
            "state_label",
            "topic",
            "topic_label",
            "occurred_on",
            "subject",
            "received_at",
            "received_by",
            "answer_due_on",
            "extended_at",
            "extension_reason",
            "reopens",
            "answered_at",
            "answered_by",
            "answer",
        )
        read_only_fields = fields
