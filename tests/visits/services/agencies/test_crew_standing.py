"""A deactivated member goes to no door: their visits are planned anew. Logins are linked by the lender."""

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from tests.factories.visits import AT, VISIT_AT, make_case, make_member, make_order, make_placement, position
from visits.models import CrewMember, VisitOrder
from visits.services.agencies.crew_standing import deactivate_member, link_login, reactivate_member
from visits.services.doorstep.attendance import check_in


@pytest.fixture
def order(case, placement, pair, approver):
    def make(state, **fields):
        return make_order(case=case, placement=placement, state=state, approver=approver, pair=pair, **fields)

    return make


@pytest.mark.parametrize("state", ["SCHEDULED", "ACCEPTED"])
def test_planned_visits_are_taken_back(state, order, pair, coordinator):
    planned = order(state)

    deactivate_member(member=pair[1], reason="离职", actor=coordinator, at=AT)

    planned.refresh_from_db()
    assert (planned.state, planned.lead, planned.second, planned.letter_code) == ("APPROVED", None, None, None)
    assert planned.case.stage == "IN_WORK"
    member = CrewMember.objects.get(pk=pair[1].pk)
    assert (member.state, member.confirmed_by, member.state_note) == ("INACTIVE", None, "离职")


@pytest.mark.parametrize(("role", "fee"), [("dispatcher", "140.00"), ("coordinator", None)])
def test_a_crew_on_its_way_is_called_back(role, fee, order, pair, request):
    going = order("EN_ROUTE")

    deactivate_member(member=pair[0], reason="停用", actor=request.getfixturevalue(role), at=AT)

    going.refresh_from_db()
    assert (going.state, going.end_reason, None if going.fee is None else str(going.fee)) == (
        "ABORTED",
        "CREW_UNAVAILABLE",
        fee,
    )


@pytest.mark.parametrize("state", ["CHECKED_IN", "REPORTED"])
def test_a_visit_that_has_begun_is_finished(state, order, pair, dispatcher):
    begun = order(state)

    deactivate_member(member=pair[0], reason="停用", actor=dispatcher, at=AT)

    assert VisitOrder.objects.get(pk=begun.pk).state == state


def test_visits_of_others_stay(order, shanghai, agency, pair, dispatcher, approver):
    case = make_case(territory=shanghai)
    others = make_member(agency=agency), make_member(agency=agency)
    other = make_order(
        case=case, placement=make_placement(case=case, agency=agency), state="ACCEPTED", approver=approver, pair=others
    )

    deactivate_member(member=pair[0], reason="停用", actor=dispatcher, at=AT)

    assert VisitOrder.objects.get(pk=other.pk).state == "ACCEPTED"


@pytest.mark.parametrize("fields", [{"state": "ENTERED"}, {"state": "INACTIVE"}])
def test_who_is_not_confirmed_does_not_check_in(fields, order, pair):
    going = order("EN_ROUTE")
    CrewMember.objects.filter(pk=pair[0].pk).update(**fields, confirmed_by=None, confirmed_at=None)

    for member in pair:
        arrived = check_in(
            order=going,
            member=member,
            position=position(at=VISIT_AT),
            badge_evidence_ref="B1",
            actor=member.user,
            at=VISIT_AT,
        )

    assert (arrived.opened, arrived.aborted) == (False, False)
    assert [refusal.rule.value for refusal in arrived.refusals] == ["CREW_STANDING"]


def test_a_reason_is_given_and_each_step_is_taken_once(pair, dispatcher, coordinator, reviewer):
    member = pair[0]
    for act in (deactivate_member, reactivate_member):
        with pytest.raises(InvalidInput):
            act(member=member, reason=" ", actor=dispatcher, at=AT)
        with pytest.raises(NotAllowed):
            act(member=member, reason="x", actor=reviewer, at=AT)
    with pytest.raises(StateConflict):
        reactivate_member(member=member, reason="x", actor=dispatcher, at=AT)
    deactivate_member(member=member, reason="x", actor=dispatcher, at=AT)
    with pytest.raises(StateConflict):
        deactivate_member(member=member, reason="x", actor=dispatcher, at=AT)

    reactivate_member(member=member, reason="回来", actor=coordinator, at=AT)

    member.refresh_from_db()
    assert (member.state, member.entered_by, member.state_note) == ("ENTERED", coordinator, "回来")


def test_a_login_is_linked_by_the_lender_and_belongs_to_one_member(agency, pair, person, dispatcher, coordinator):
    member, login = make_member(agency=agency, with_login=False), person("CREW", name="new-crew")
    with pytest.raises(NotAllowed):
        link_login(member=member, username="new-crew", actor=coordinator, at=AT)
    for name in ("nobody", dispatcher.username, pair[0].user.username):
        with pytest.raises(InvalidInput) as refused:
            link_login(member=member, username=name, actor=dispatcher, at=AT)
        assert refused.value.field == "username"

    link_login(member=member, username=" new-crew ", actor=dispatcher, at=AT)
    assert CrewMember.objects.get(pk=member.pk).user == login

    link_login(member=member, username="", actor=dispatcher, at=AT)
    assert CrewMember.objects.get(pk=member.pk).user is None
