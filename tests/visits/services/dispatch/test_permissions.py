"""The borrower's permission: recorded before a visit is planned, asked for where the jurisdiction says so."""

from datetime import timedelta

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.rules.holidays import Notice
from tests.factories.holidays import put_in_use
from tests.factories.visits import AT, VISIT_AT, make_order
from visits.models import VisitOrder
from visits.services.dispatch.permissions import record_permission
from visits.services.dispatch.scheduling import assign_crew
from visits.services.orders.conduct_guard import ConductRefused


@pytest.fixture
def order(case, placement, approver):
    return make_order(case=case, placement=placement, state="APPROVED", approver=approver)


def test_a_permission_is_recorded_until_the_visit_is_planned(order, dispatcher):
    record_permission(order=order, reference=" rec-17 ", actor=dispatcher, at=AT)

    assert VisitOrder.objects.get().permission_ref == "rec-17"
    assert AuditEntry.objects.get(action="visit.permitted").body == {"order": str(order)}
    VisitOrder.objects.update(state="CANCELLED")
    with pytest.raises(StateConflict):
        record_permission(order=order, reference="rec-18", actor=dispatcher, at=AT)


@pytest.mark.parametrize("reference", ["", "  ", "r" * 81])
def test_a_permission_is_kept_somewhere(order, dispatcher, reference):
    with pytest.raises(InvalidInput) as refused:
        record_permission(order=order, reference=reference, actor=dispatcher, at=AT)

    assert (refused.value.field, VisitOrder.objects.get().permission_ref) == ("reference", "")


def test_an_agency_records_no_permission(order, coordinator):
    with pytest.raises(NotAllowed):
        record_permission(order=order, reference="rec-17", actor=coordinator, at=AT)


def test_in_australia_no_visit_is_planned_without_permission(order, case, pair, dispatcher, risk_manager, approver):
    # Noon in Perth is noon in Shanghai; only the rules of contact differ.
    type(case.territory).objects.update(jurisdiction="AU", time_zone="Australia/Perth")
    notice = put_in_use(
        notice=Notice(year=2026, breaks=()), made_by=risk_manager, confirmed_by=approver, jurisdiction="AU"
    )
    plan = {"lead": pair[0], "second": pair[1], "starts_at": VISIT_AT, "actor": dispatcher, "at": AT}

    with pytest.raises(ConductRefused) as refused:
        assign_crew(order=order, **plan)
    assert [refusal.rule for refusal in refused.value.refusals] == ["PERMISSION"]
    record_permission(order=order, reference="rec-17", actor=dispatcher, at=AT)

    planned = assign_crew(order=order, **plan)
    assert (planned.state, notice.jurisdiction) == ("SCHEDULED", "AU")
    assert planned.planned_arrival_at - VISIT_AT < timedelta(minutes=1)
