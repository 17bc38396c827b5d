"""How visit orders end: a reason of the closed list, and what a person wrote sealed beside it."""

import importlib
from datetime import timedelta
from decimal import Decimal

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput
from tests.factories.visits import AT, TODAY, VISIT_AT, make_case, make_order, make_placement, position
from visits.enums import EndReason
from visits.models import Agency, Placement, VisitOrder
from visits.services.agencies.agencies import reinstate_agency, suspend_agency
from visits.services.agencies.placement import file_certificate, recall_placement
from visits.services.dispatch.orders import cancel_visit
from visits.services.doorstep.attendance import abort_visit, check_in
from visits.services.orders.endings import end_orders

TYPED = "张小三 says she lives at 示范路 8"


def at_rest(table, column, pk):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE id = %s", [pk])  # noqa: S608 - names of this file
        return bytes(cursor.fetchone()[0])


@pytest.fixture
def order(case, placement, pair, approver):
    return make_order(case=case, placement=placement, state="EN_ROUTE", approver=approver, pair=pair)


def test_a_cancelled_visit_keeps_a_code_and_a_sealed_note(order, dispatcher):
    cancel_visit(order=order, reason="BORROWER_ASKED", note=TYPED, actor=dispatcher, at=AT)

    ended = VisitOrder.objects.get()
    sealed = at_rest("visits_visitorder", "end_note", ended.pk)
    assert (ended.end_reason, ended.end_note) == ("BORROWER_ASKED", TYPED)
    assert TYPED.encode() not in sealed
    assert AuditEntry.objects.get(action="visit.cancelled").body == {"action": "cancel", "reason": "BORROWER_ASKED"}


@pytest.mark.parametrize(
    ("reason", "note", "field"),
    [("UNSAFE", "x", "reason"), ("paid", "x", "reason"), ("", "", "reason"), ("OTHER", " ", "note")],
)
def test_a_person_cancels_for_a_reason_of_the_list_only(reason, note, field, order, dispatcher):
    with pytest.raises(InvalidInput) as refused:
        cancel_visit(order=order, reason=reason, note=note, actor=dispatcher, at=AT)

    assert (refused.value.field, VisitOrder.objects.get().state) == (field, "EN_ROUTE")


@pytest.mark.parametrize(("finding", "code"), [("F40", "UNSAFE"), ("F41", "NOT_DUE")])
def test_a_visit_broken_off_keeps_what_the_finding_means(finding, code, order, pair):
    abort_visit(order=order, finding=finding, reason=TYPED, actor=pair[0].user, at=AT)

    ended = VisitOrder.objects.get()
    assert (ended.end_reason, ended.end_note) == (code, TYPED)


def test_the_way_is_paid_only_if_one_of_the_crew_had_checked_in(
    order, pair, case, placement, approver, shanghai, agency
):
    later = make_case(territory=shanghai)
    other = make_order(
        case=later,
        placement=make_placement(case=later, agency=agency),
        state="EN_ROUTE",
        approver=approver,
        pair=pair,
    )
    at = VISIT_AT + timedelta(minutes=3)
    check_in(order=other, member=pair[0], position=position(at=at), actor=pair[0].user, at=at)

    for each in (order, other):
        abort_visit(order=each, finding="F40", reason=TYPED, actor=pair[0].user, at=at)

    assert list(VisitOrder.objects.order_by("pk").values_list("state", "fee")) == [
        ("ABORTED", None),
        ("ABORTED", Decimal("140.00")),
    ]


@pytest.mark.parametrize(
    ("state", "ended", "fee"),
    [
        ("SCHEDULED", "CANCELLED", None),
        ("EN_ROUTE", "ABORTED", Decimal("140.00")),
        ("CHECKED_IN", "ABORTED", Decimal("140.00")),
    ],
)
def test_a_crew_that_is_called_back_is_paid_for_the_way(state, ended, fee, case, placement, pair, approver, dispatcher):
    planned = make_order(case=case, placement=placement, state=state, approver=approver, pair=pair)

    recall_placement(placement=placement, reason=TYPED, actor=dispatcher, at=VISIT_AT, business_date=TODAY)

    planned.refresh_from_db()
    assert (planned.state, planned.fee) == (ended, fee)


def test_the_notes_of_many_rows_open_each_in_its_own(shanghai, agency, dispatcher, risk_manager):
    held = [make_placement(case=make_case(territory=shanghai), agency=agency) for _each in range(3)]
    recall_placement(placement=held[0], reason="first", actor=dispatcher, at=AT, business_date=TODAY)
    suspend_agency(agency=agency, reason=TYPED, actor=risk_manager, at=AT, business_date=TODAY)

    ended = Placement.objects.order_by("pk").values_list("end_reason", flat=True)
    assert list(ended) == ["RECALLED", "AGENCY_STOPPED", "AGENCY_STOPPED"]
    assert Placement.objects.get(pk=held[0].pk).end_note == "first"
    assert Agency.objects.get(pk=agency.pk).state_note == TYPED


def test_the_trail_holds_no_typed_text(order, dispatcher, risk_manager, pair):
    abort_visit(order=order, finding="F40", reason=TYPED, actor=pair[0].user, at=AT)
    placement = order.placement
    recall_placement(placement=placement, reason=TYPED, actor=dispatcher, at=AT, business_date=TODAY)
    file_certificate(placement=placement, ref=TYPED, actor=dispatcher, at=AT)
    suspend_agency(agency=placement.agency, reason=TYPED, actor=risk_manager, at=AT, business_date=TODAY)
    reinstate_agency(agency=placement.agency, reason=TYPED, actor=risk_manager, at=AT, business_date=TODAY)

    entries = AuditEntry.objects.order_by("sequence")
    assert list(entries.values_list("action", flat=True)) == [
        "visit.abort",
        "placement.recalled",
        "placement.certified",
        "agency.suspended",
        "agency.reinstated",
    ]
    assert [entry for entry in entries if "张小三" in str(entry.body)] == []


def test_an_end_reason_outside_the_list_is_refused_by_the_database(order):
    with pytest.raises(IntegrityError), transaction.atomic():
        VisitOrder.objects.filter(pk=order.pk).update(end_reason="paid")

    VisitOrder.objects.filter(pk=order.pk).update(end_reason="OTHER")


@pytest.mark.owner_rights
@pytest.mark.parametrize(
    ("text", "state", "code", "note"),
    [
        ("VALIDITY", "EXPIRED", "LAPSED", ""),
        ("TERM", "EXPIRED", "TERM_ENDED", ""),
        ("RED_LINE", "ABORTED", "RED_LINE", ""),
        ("F41", "CANCELLED", "NOT_DUE", ""),
        ("F41 PAID DECEASED", "ABORTED", "NOT_DUE", "PAID DECEASED"),
        ("F40 dog", "ABORTED", "UNSAFE", "dog"),
        ("投诉", "RECALLED", "RECALLED", "投诉"),
        ("投诉", "RETURNED", "RETURNED", "投诉"),
        ("已还清", "CANCELLED", "OTHER", "已还清"),
    ],
)
def test_what_was_written_before_becomes_a_code_and_a_sealed_note(text, state, code, note, order):
    migration = importlib.import_module("visits.migrations.0006_seal_what_was_written_about_endings")
    assert migration.divided(text, state) == (code, note)
    end_orders(rows=VisitOrder.objects.all(), action="cancel", reason=EndReason.NOT_NEEDED, actor=None, at=AT)
    with connection.cursor() as cursor:
        # As the column was before it had a list.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE visits_visitorder DROP CONSTRAINT visit_end_is_listed")
        cursor.execute("ALTER TABLE visits_visitorder ALTER end_reason TYPE varchar(200)")
    VisitOrder.objects.update(end_reason=text, state=state if state in ("CANCELLED", "ABORTED") else "CANCELLED")

    migration.seal_notes(apps, None)

    sealed = VisitOrder.objects.get()
    assert sealed.end_reason in EndReason.values
    assert (sealed.end_note or "") == migration.divided(text, sealed.state)[1]
    migration.open_notes(apps, None)
    assert VisitOrder.objects.get().end_reason == (note or sealed.end_reason)
