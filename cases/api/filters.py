"""Filters of the ground floor's lists. Nothing else in the query string reaches the database."""

from typing import Any

import django_filters.rest_framework as filters
from django.db.models import QuerySet
from django.utils import timezone

from backoffice.core.rest.filtering import CodeFilter, CountFilter, IdFilter, choices, present, since, until
from cases.enums import (
    AccountStatus,
    BreachKind,
    CaseEventKind,
    CaseStage,
    Channel,
    ComplaintKind,
    ComplaintState,
    ContactOutcome,
    ContactPurpose,
    ContactSourceKind,
    DecisionKind,
    DecisionOrigin,
    DecisionState,
    Grade,
    IntakeState,
    LetterKind,
    LetterState,
    MergeGround,
    PermitState,
    PersonMergeState,
    PlanState,
    Product,
    SignalKind,
    TermsField,
    VerificationSource,
    WishKind,
)
from cases.selectors.casework.letters import undelivered
from cases.signal_enums import SignalAnswer


class PersonMergeFilter(filters.FilterSet):
    borrower = IdFilter("borrowers")
    state = choices(PersonMergeState)
    ground = choices(MergeGround)
    names_differ = filters.BooleanFilter(label="Whether the names of the borrowers differ")


class BorrowerFilter(filters.FilterSet):
    external_ref = CodeFilter("external_ref")
    person = IdFilter("person")
    territory = CodeFilter("territory__code")


class AccountFilter(filters.FilterSet):
    external_ref = CodeFilter("external_ref")
    borrower = IdFilter("borrower")
    borrower_ref = CodeFilter("borrower__external_ref")
    territory = CodeFilter("territory__code")
    product = choices(Product)
    status = choices(AccountStatus)
    min_days_past_due = CountFilter("days_past_due", lookup_expr="gte")
    max_days_past_due = CountFilter("days_past_due", lookup_expr="lte")


class CaseFilter(filters.FilterSet):
    borrower = IdFilter("borrower")
    borrower_ref = CodeFilter("borrower__external_ref")
    territory = CodeFilter("territory__code")
    stage = choices(CaseStage)
    is_open = filters.BooleanFilter(method="by_open", label="Open cases, or closed ones")
    grade = choices(Grade)
    owner = IdFilter("owner")
    needs_visit = present("needs_visit_by")
    opened_from = since("opened_on")
    opened_to = until("opened_on")
    due_to = until("sla_due_on")

    def by_open(self, rows: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        return rows.exclude(stage=CaseStage.CLOSED) if value else rows.filter(stage=CaseStage.CLOSED)


class CaseEventFilter(filters.FilterSet):
    kind = choices(CaseEventKind)


class VerificationFilter(filters.FilterSet):
    borrower = IdFilter("borrower")
    case = IdFilter("case")
    source = choices(VerificationSource)
    source_ref = CodeFilter("source_ref")
    verified_from = since("verified_on")
    verified_to = until("verified_on")


class DecisionFilter(filters.FilterSet):
    borrower = IdFilter("borrower")
    account = IdFilter("account")
    account_ref = CodeFilter("account__external_ref")
    case = IdFilter("case")
    kind = choices(DecisionKind)
    state = choices(DecisionState)
    origin = choices(DecisionOrigin)
    decided_from = since("business_date")
    decided_to = until("business_date")


class DecisionLetterFilter(filters.FilterSet):
    decision = IdFilter("decision")
    borrower_ref = CodeFilter("decision__borrower__external_ref")
    kind = choices(LetterKind)
    state = choices(LetterState)
    undelivered = filters.BooleanFilter(
        method="only_undelivered", label="Came back, or not reported as delivered for seven days"
    )

    def only_undelivered(self, queryset: QuerySet[Any], name: str, value: bool) -> QuerySet[Any]:
        """Keep the letters that need somebody; false keeps all."""
        return undelivered(queryset, business_date=timezone.localdate()) if value else queryset


class PlanFilter(filters.FilterSet):
    account = IdFilter("account")
    account_ref = CodeFilter("account__external_ref")
    state = choices(PlanState)


class TermsChangeFilter(filters.FilterSet):
    effect_key = CodeFilter("effect_key")
    account = IdFilter("account")
    account_ref = CodeFilter("account__external_ref")
    decision = IdFilter("decision")
    field = choices(TermsField)
    acknowledged = present("acknowledged_at")


class ComplaintFilter(filters.FilterSet):
    borrower = IdFilter("borrower")
    case = IdFilter("case")
    decision = IdFilter("decision")
    kind = choices(ComplaintKind)
    state = choices(ComplaintState)
    due_to = until("answer_due_on")


class ContactFilter(filters.FilterSet):
    external_ref = CodeFilter("external_ref")
    borrower = IdFilter("borrower")
    borrower_ref = CodeFilter("borrower__external_ref")
    channel = choices(Channel)
    outcome = choices(ContactOutcome)


class ContactPermitFilter(filters.FilterSet):
    borrower = IdFilter("borrower")
    borrower_ref = CodeFilter("borrower__external_ref")
    reference = CodeFilter("reference")
    request_id = CodeFilter("request_id")
    channel = choices(Channel)
    purpose = choices(ContactPurpose)
    state = choices(PermitState)
    asked_from = since("asked_at__date")
    asked_to = until("asked_at__date")


class ContactBreachFilter(filters.FilterSet):
    borrower = IdFilter("borrower")
    borrower_ref = CodeFilter("borrower__external_ref")
    contact_ref = CodeFilter("contact_ref")
    kind = choices(BreachKind)
    source_kind = choices(ContactSourceKind, field_name="source__kind")
    source_name = CodeFilter("source__name")
    attempted_from = since("attempted_at__date")
    attempted_to = until("attempted_at__date")


class ContactWishFilter(filters.FilterSet):
    borrower = IdFilter("borrower")
    kind = choices(WishKind)
    ended = present("ended_at")


class SuspicionSignalFilter(filters.FilterSet):
    external_ref = CodeFilter("external_ref")
    borrower = IdFilter("borrower")
    borrower_ref = CodeFilter("borrower__external_ref")
    kind = choices(SignalKind)
    answer = choices(SignalAnswer)
    ended = present("cleared_on")
    noticed_from = since("noticed_on")
    noticed_to = until("noticed_on")


class ContactStopFilter(filters.FilterSet):
    borrower = IdFilter("borrower")


class IntakeFilter(filters.FilterSet):
    state = choices(IntakeState)
    profile = CodeFilter("profile_name")
