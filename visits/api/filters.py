"""What lists of the first floor can be narrowed by."""

import django_filters.rest_framework as filters

from backoffice.core.rest.filtering import CodeFilter, IdFilter, choices, since, until
from visits.contradiction_enums import ContradictionState, Subject
from visits.enums import (
    AgencyState,
    AgreementKind,
    CredentialKind,
    CrewState,
    EntryState,
    EvidenceKind,
    EvidenceState,
    FeeBasis,
    LetterAnswerKind,
    LetterProof,
    PlacementState,
    StatementState,
    VisitState,
)
from visits.trust_enums import CallBackCause, CallBackState


class AgencyFilter(filters.FilterSet):
    code = CodeFilter("code")
    state = choices(AgencyState)


class CallBackFilter(filters.FilterSet):
    state = choices(CallBackState)
    cause = choices(CallBackCause)
    due_to = until("due_on")


class ContradictionFilter(filters.FilterSet):
    state = choices(ContradictionState)
    subject = choices(Subject)
    borrower = IdFilter("borrower")


class CrewFilter(filters.FilterSet):
    badge = CodeFilter("external_ref")
    agency = CodeFilter("agency__code")
    state = choices(CrewState)


class CredentialFilter(filters.FilterSet):
    agency = CodeFilter("agency__code")
    kind = choices(CredentialKind)
    state = choices(EntryState)
    valid_until_to = until("valid_until")


class PriceFilter(filters.FilterSet):
    agency = CodeFilter("agency__code")
    basis = choices(FeeBasis)
    state = choices(EntryState)


class PlacementFilter(filters.FilterSet):
    case = IdFilter("case")
    agency = CodeFilter("agency__code")
    state = choices(PlacementState)
    term_ends_to = until("term_ends_on")


class AgencyStatementFilter(filters.FilterSet):
    agency = CodeFilter("agency__code")
    state = choices(StatementState)
    month_from = since("month")
    month_to = until("month")


class VisitOrderFilter(filters.FilterSet):
    case = IdFilter("case")
    placement = IdFilter("placement")
    agency = CodeFilter("placement__agency__code")
    state = choices(VisitState)
    badge = CodeFilter("lead__external_ref", label="Badge of the lead")
    planned_from = since("planned_arrival_at__date")
    planned_to = until("planned_arrival_at__date")


class CheckInFilter(filters.FilterSet):
    order = IdFilter("order")


class ReportFilter(filters.FilterSet):
    order = IdFilter("order")
    external_ref = CodeFilter("external_ref")


class EvidenceFilter(filters.FilterSet):
    report = IdFilter("report")
    external_ref = CodeFilter("external_ref")
    kind = choices(EvidenceKind)
    state = choices(EvidenceState)


class LetterAnswerFilter(filters.FilterSet):
    order = IdFilter("order")
    case = IdFilter("order__case")
    kind = choices(LetterAnswerKind)
    proof = choices(LetterProof)
    handled = filters.BooleanFilter("handled_at", lookup_expr="isnull", exclude=True)


class VisitAgreementFilter(filters.FilterSet):
    case = IdFilter("case")
    borrower = IdFilter("case__borrower")
    order = IdFilter("order")
    kind = choices(AgreementKind)
    withdrawn = filters.BooleanFilter("withdrawn_at", lookup_expr="isnull", exclude=True)
