"""Build the drafts of agencies' monthly statements from what was done, for all agencies at once."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import TruncMonth
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.batches import insert_select
from backoffice.core.errors import InvalidInput
from backoffice.core.scoping import must_act_everywhere
from backoffice.core.transitions import may
from visits.enums import LineState, StatementState
from visits.models import Agency, AgencyStatement, StatementLine
from visits.rules.statement_lifecycle import PREPARE
from visits.rules.statement_months import month_of, next_month
from visits.services.orders.fees import owed_parts


@dataclass(frozen=True, slots=True, kw_only=True)
class Built:
    """How many drafts were built, and how many lines they have that were computed now."""

    statements: int
    lines: int


@transaction.atomic
def build_statements(
    *, month: date, business_date: date, at: datetime, actor: Any = None, agency: Agency | None = None
) -> Built:
    """
    Build the drafts of a month (its first day), of every agency or of one, with a constant number of statements.

    A draft has a line for each part of a visit that is owed, on no statement yet, and done up to the end of the month:
    also of earlier months, unless these have a draft of their own. Building again computes the lines anew; those of a
    dispute that was answered stay. A statement that was sent is not touched.

    :raises NotAllowed: if the actor may not prepare statements, or not in all territories.
    :raises InvalidInput: if `month` is no first day, or not over on `business_date`.
    """
    may(actor=actor, permission=PREPARE)
    must_act_everywhere(actor=actor)
    if month != month_of(month):
        raise InvalidInput(_("Give the first day of the month."), field="month")
    if month >= month_of(business_date):
        raise InvalidInput(_("This month is not over; build its statements from the first of the next."), field="month")
    chosen = Q() if agency is None else Q(pk=agency.pk)
    # One build after the other, of any month: what one takes off its draft the other must find.
    list(Agency.objects.filter(chosen).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    owing = Agency.objects.filter(chosen, pk__in=_unpaid(month).values("of_agency"))
    insert_select(
        model=AgencyStatement,
        columns=["agency_id", "month", "state", "open_disputes", "payment_ref", "created_at", "updated_at"],
        rows=owing.values_list("pk", Value(month), Value("DRAFT"), Value(0), Value(""), Value(at), Value(at)),
        conflict="(agency_id, month) DO NOTHING",
    )
    drafts = AgencyStatement.objects.filter(month=month, state=StatementState.DRAFT)
    if agency is not None:
        drafts = drafts.filter(agency=agency)
    # A draft that is being sent is waited for, and not changed any more.
    held = list(drafts.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    StatementLine.objects.filter(statement__in=held, state=LineState.BUILT).delete()
    draft_of = AgencyStatement.objects.filter(pk__in=held, agency=OuterRef("of_agency")).values("pk")
    lines = insert_select(
        model=StatementLine,
        columns=[
            "statement_id",
            "order_id",
            "done_on",
            "basis",
            "computed_amount",
            "amount",
            "currency",
            "state",
            "updated_at",
        ],
        rows=_unpaid(month)
        .filter(Exists(draft_of))
        .order_by("of_order", "basis")
        .values_list(
            Subquery(draft_of),
            "of_order",
            "done_on",
            "basis",
            "amount",
            "amount",
            "currency",
            Value(LineState.BUILT.value),
            Value(at),
        ),
        conflict="(order_id, basis) DO NOTHING",
    )
    built = Built(statements=len(held), lines=lines)
    record(
        actor=actor,
        action="statements.built",
        subject=("visits.agencystatement", month.isoformat()),
        at=at,
        body={"month": month, "statements": held, "lines": lines},
    )
    return built


def _unpaid(month: date) -> "QuerySet[Any, Any]":
    """Return what is owed up to the end of the month and on no statement, without what a draft of its month awaits."""
    paid = StatementLine.objects.filter(order=OuterRef("of_order"), basis=OuterRef("basis"))
    own_draft = AgencyStatement.objects.filter(
        agency=OuterRef("of_agency"), month=OuterRef("done_month"), state=StatementState.DRAFT
    ).exclude(month=month)
    parts: Any = owed_parts().annotate(done_month=TruncMonth("done_on"))
    return parts.filter(~Exists(paid), ~Exists(own_draft), done_on__lt=next_month(month))  # type: ignore[no-any-return]
