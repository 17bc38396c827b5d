"""A crew member deactivated at the moment in which somebody plans or begins their visit, on real connections."""

from dataclasses import replace
from datetime import timedelta

import pytest

from backoffice.core.errors import DoorstepError
from tests.factories.firms import entered_member
from tests.factories.visits import (
    AT,
    VISIT_AT,
    make_agency,
    make_case,
    make_coordinator,
    make_member,
    make_order,
    make_placement,
    position,
)
from tests.visits.services.dispatch.test_at_once import during
from visits.models import CrewMember, VisitOrder
from visits.services.agencies.crew import change_member, confirm_member, details_of
from visits.services.agencies.crew_standing import deactivate_member
from visits.services.dispatch.orders import assign_crew
from visits.services.doorstep.attendance import check_in

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def staged(shanghai, approver):
    agency, case = make_agency(territory=shanghai), make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)

    def make(state):
        return make_order(case=case, placement=placement, state=state, approver=approver, pair=pair), pair

    return make


def off(member, actor):
    return deactivate_member(member=member, reason="停用", actor=actor, at=AT)


def test_a_visit_is_not_planned_with_a_member_who_is_deactivated_meanwhile(staged, dispatcher):
    order, (lead, second) = staged("APPROVED")

    def plan():
        try:
            return assign_crew(order=order, lead=lead, second=second, starts_at=VISIT_AT, actor=dispatcher, at=AT)
        except DoorstepError as refusal:
            return [each.rule.value for each in refusal.refusals]

    assert during(lambda: off(second, dispatcher), plan) == ["CREW_STANDING"]
    assert VisitOrder.objects.get().state == "APPROVED"


def test_a_visit_that_was_planned_first_is_taken_back(staged, dispatcher):
    order, (lead, second) = staged("APPROVED")

    during(
        lambda: assign_crew(order=order, lead=lead, second=second, starts_at=VISIT_AT, actor=dispatcher, at=AT),
        lambda: off(second, dispatcher),
    )

    assert (VisitOrder.objects.get().state, CrewMember.objects.get(pk=second.pk).state) == ("APPROVED", "INACTIVE")


def test_a_door_does_not_open_while_a_member_is_deactivated(staged, dispatcher):
    order, pair = staged("EN_ROUTE")
    at = VISIT_AT + timedelta(minutes=1)

    def arrive(member):
        try:
            return check_in(
                order=order, member=member, position=position(at=at), badge_evidence_ref="M1", actor=None, at=at
            )
        except DoorstepError as refusal:
            return refusal.code

    arrive(pair[0])

    assert during(lambda: off(pair[0], dispatcher), lambda: arrive(pair[1])) == "state_conflict"
    assert VisitOrder.objects.get().state == "ABORTED"


def test_what_is_changed_meanwhile_is_not_confirmed(shanghai, dispatcher):
    agency = make_agency(territory=shanghai)
    coordinator = make_coordinator(agency=agency)
    member = entered_member(agency, actor=coordinator, screening="CLEAR")
    lead = CrewMember.objects.get(pk=member.pk)
    worse = replace(details_of(member=lead), screening="CONCERNS")

    def change():
        return change_member(member=lead, details=worse, actor=coordinator, at=AT, business_date=AT.date())

    def confirm():
        try:
            return confirm_member(member=member, actor=dispatcher, at=AT).state
        except DoorstepError as refusal:
            return refusal.code

    assert during(change, confirm) == "invalid_input"
    assert CrewMember.objects.get().state == "ENTERED"
