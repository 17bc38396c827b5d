"""Placing cases and ending placements: one agency, room, evaluation, term; and recall ends every access at once."""

from datetime import date, timedelta

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from tests.factories.visits import AT, TODAY, VISIT_AT, make_agency, make_case, make_order, make_placement, position
from visits.models import AgencyEvaluation, AgencyTerritory, CrewMember, Evidence, Placement, VisitOrder, VisitReport
from visits.services.agencies.placement import (
    file_certificate,
    place_case,
    recall_placement,
    retain_placement,
    return_placement,
)
from visits.services.agencies.placement_ends import end_placements
from visits.services.dispatch.orders import accept_visit
from visits.services.doorstep.attendance import check_in
from visits.services.orders.address_reveal import reveal_visit_address


def placed(case, agency, actor, **fields):
    return place_case(**({"case": case, "agency": agency, "actor": actor, "at": AT, "business_date": TODAY} | fields))


def test_a_case_is_placed_for_ninety_days_and_takes_its_order_along(case, agency, dispatcher):
    order = make_order(case=case, placement=None, state="DRAFT", approver=None)

    outcome = placed(case, agency, dispatcher)

    assert outcome.placement.term_ends_on == TODAY + timedelta(days=90)
    assert VisitOrder.objects.get(pk=order.pk).placement == outcome.placement


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "APPLICANT"},
        {"state": "RESTRICTED"},
        {"state": "SUSPENDED"},
        {"state": "EXITED"},
        {"contract_ends_on": TODAY},
        {"admitted_on": date(2025, 3, 2)},
    ],
)
def test_an_agency_off_the_list_or_not_evaluated_gets_no_case(fields, case, shanghai, dispatcher):
    agency = make_agency(territory=shanghai, **fields)

    with pytest.raises(InvalidInput) as refused:
        placed(case, agency, dispatcher)

    assert refused.value.field == "agency"
    assert not Placement.objects.exists()


def test_an_older_agency_takes_cases_after_its_yearly_evaluation(case, shanghai, dispatcher):
    agency = make_agency(territory=shanghai, admitted_on=date(2024, 3, 2))
    AgencyEvaluation.objects.create(agency=agency, evaluated_on=TODAY - timedelta(days=364), score=80)

    assert placed(case, agency, dispatcher).placement.state == "ACTIVE"


def test_an_agency_takes_no_more_than_its_capacity_in_the_territory(shanghai, chengdu, dispatcher):
    agency = make_agency(territory=shanghai, capacity=1)
    first, second, elsewhere = (
        make_case(territory=shanghai),
        make_case(territory=shanghai),
        make_case(territory=chengdu),
    )
    dispatcher.territories.add(chengdu)
    placed(first, agency, dispatcher)

    for case in (second, elsewhere):
        with pytest.raises(InvalidInput):
            placed(case, agency, dispatcher)

    assert Placement.objects.count() == 1


def test_a_case_has_one_live_placement(case, agency, placement, shanghai, dispatcher):
    with pytest.raises(StateConflict):
        placed(case, make_agency(territory=shanghai), dispatcher)

    assert list(Placement.objects.values_list("agency", flat=True)) == [agency.pk]


def english(words):
    with override("en"):
        return str(words)


def test_an_agency_gets_no_more_than_its_share_where_three_take_cases(shanghai, agency, dispatcher, settings):
    others = [make_agency(territory=shanghai) for _each in range(2)]
    for holder in (agency, agency, others[0], others[1]):
        make_placement(case=make_case(territory=shanghai), agency=holder)

    # Two of five are forty percent, three of six are not.
    with pytest.raises(InvalidInput) as refused:
        placed(make_case(territory=shanghai), agency, dispatcher)
    assert "40 %" in english(refused.value)
    assert placed(make_case(territory=shanghai), others[0], dispatcher).warnings == ()
    assert placed(make_case(territory=shanghai), agency, dispatcher).warnings == ()
    assert Placement.objects.filter(agency=agency).count() == 3

    settings.CONDUCT = {"CN": {"agency_share_percent": 34}}
    with pytest.raises(InvalidInput):
        placed(make_case(territory=shanghai), agency, dispatcher)


def test_with_fewer_than_three_agencies_cases_are_placed_with_a_warning(shanghai, agency, dispatcher):
    make_agency(territory=shanghai)
    make_agency(territory=shanghai, capacity=0)

    outcome = placed(make_case(territory=shanghai), agency, dispatcher)

    assert [english(each) for each in outcome.warnings] == [
        "Only 2 of 3 agencies take cases in this territory, so that no share is kept; admit others."
    ]


def test_a_case_changes_its_agency_at_the_end_of_a_term(case, agency, shanghai, dispatcher):
    placement = make_placement(case=case, agency=agency)
    after = placement.term_ends_on + timedelta(days=1)
    end_placements(business_date=after, at=AT)
    other = make_agency(territory=shanghai, contract_ends_on=after + timedelta(days=30))

    with pytest.raises(InvalidInput) as refused:
        placed(case, agency, dispatcher, business_date=after)

    assert (refused.value.field, "last term" in english(refused.value)) == ("agency", True)
    assert placed(case, other, dispatcher, business_date=after).placement.agency == other


def test_a_case_stays_with_its_agency_where_no_other_takes_cases(case, agency, dispatcher):
    after = make_placement(case=case, agency=agency).term_ends_on + timedelta(days=1)
    end_placements(business_date=after, at=AT)

    assert placed(case, agency, dispatcher, business_date=after).placement.agency == agency


@pytest.mark.parametrize(
    ("state", "ends"), [("ACCEPTED", "CANCELLED"), ("CHECKED_IN", "ABORTED"), ("RETURNED", "ABORTED")]
)
def test_recall_ends_access_at_once_and_calls_open_orders_off(
    state, ends, case, placement, pair, coordinator, approver, dispatcher
):
    order = make_order(case=case, placement=placement, state=state, approver=approver, pair=pair)
    report = VisitReport.objects.create(
        order=order, external_ref="R1", findings=["F20"], recommendation="CLOSE", submitted_at=AT, created_at=AT
    )
    Evidence.objects.create(
        report=report,
        external_ref="M1",
        kind="DOOR",
        media_type="image/jpeg",
        byte_count=1,
        sha256="0" * 64,
        received_at=AT,
        updated_at=AT,
    )
    people = (coordinator, pair[0].user, pair[1].user)
    for user in people:
        assert VisitOrder.objects.visible_to(user).count() == 1
        assert Evidence.objects.visible_to(user).count() == 1

    recall_placement(placement=placement, reason="投诉", actor=dispatcher, at=AT, business_date=TODAY)

    for user in people:
        for model in (VisitOrder, VisitReport, Evidence):
            assert not model.objects.visible_to(user).exists()
    assert not Placement.objects.visible_to(coordinator).exists()
    order.refresh_from_db()
    case.refresh_from_db()
    assert (order.state, case.stage) == (ends, "IN_WORK")
    assert (placement.state, placement.certificate_due_on) == ("RECALLED", TODAY + timedelta(days=15))
    with pytest.raises(NotAllowed):
        accept_visit(order=order, actor=coordinator, at=AT)
    with pytest.raises(NotAllowed):
        check_in(order=order, member=pair[0], position=position(at=VISIT_AT), actor=pair[0].user, at=VISIT_AT)
    with pytest.raises(NotAllowed):
        reveal_visit_address(order=order, actor=coordinator, at=AT)


def test_people_of_another_agency_see_nothing(shanghai, case, placement, pair, approver):
    from tests.factories.visits import make_coordinator, make_member

    order = make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)
    other = make_agency(territory=shanghai)
    strangers = (
        make_coordinator(agency=other),
        make_member(agency=other).user,
        make_member(agency=placement.agency).user,
    )

    for stranger in strangers:
        assert not VisitOrder.objects.visible_to(stranger).filter(pk=order.pk).exists()
        with pytest.raises(NotAllowed):
            reveal_visit_address(order=order, actor=stranger, at=AT)
    assert CrewMember.objects.visible_to(strangers[0]).count() == 1


@pytest.mark.parametrize(("end", "state"), [(recall_placement, "RECALLED"), (return_placement, "RETURNED")])
def test_a_placement_ends_once(end, state, placement, dispatcher):
    end(placement=placement, reason="x", actor=dispatcher, at=AT, business_date=TODAY)

    with pytest.raises(StateConflict):
        end(placement=placement, reason="x", actor=dispatcher, at=AT, business_date=TODAY)

    assert Placement.objects.get(pk=placement.pk).state == state


def test_a_coordinator_returns_own_cases_only(placement, coordinator, shanghai):
    foreign = make_placement(case=make_case(territory=shanghai), agency=make_agency(territory=shanghai))

    return_placement(placement=placement, reason="无人手", actor=coordinator, at=AT, business_date=TODAY)
    with pytest.raises(NotAllowed):
        return_placement(placement=foreign, reason="无人手", actor=coordinator, at=AT, business_date=TODAY)
    with pytest.raises(NotAllowed):
        recall_placement(placement=foreign, reason="x", actor=coordinator, at=AT, business_date=TODAY)

    assert Placement.objects.get(pk=foreign.pk).state == "ACTIVE"


def test_a_placement_is_extended_once_by_thirty_days(placement, dispatcher):
    AgencyEvaluation.objects.create(agency=placement.agency, evaluated_on=TODAY - timedelta(days=364), score=80)
    retain_placement(placement=placement, actor=dispatcher, at=AT, business_date=TODAY)

    with pytest.raises(StateConflict):
        retain_placement(placement=placement, actor=dispatcher, at=AT, business_date=TODAY)

    placement.refresh_from_db()
    assert (placement.state, placement.term_ends_on) == ("RETAINED", TODAY + timedelta(days=120))


@pytest.mark.parametrize(
    ("evaluated", "score", "ends", "extended"),
    [
        ((), 80, 500, False),
        ((365,), 80, 500, False),
        ((364,), 80, 500, True),
        ((364,), 59, 500, False),
        ((364,), 80, 91, True),
        ((364,), 80, 90, False),
        ((0,), 80, 90, True),
    ],
)
def test_an_extension_needs_the_evaluations_of_a_renewal(evaluated, score, ends, extended, case, shanghai, dispatcher):
    agency = make_agency(territory=shanghai, contract_ends_on=TODAY + timedelta(days=ends))
    placement = make_placement(case=case, agency=agency, term_ends_on=TODAY + timedelta(days=30))
    for days in evaluated:
        AgencyEvaluation.objects.create(agency=agency, evaluated_on=TODAY - timedelta(days=days), score=score)

    if extended:
        retain_placement(placement=placement, actor=dispatcher, at=AT, business_date=TODAY)
    else:
        with pytest.raises(InvalidInput):
            retain_placement(placement=placement, actor=dispatcher, at=AT, business_date=TODAY)

    assert Placement.objects.get().term_ends_on == TODAY + timedelta(days=60 if extended else 30)


@pytest.mark.parametrize(("papers", "placed_there"), [(0, True), (-1, False), (None, False)])
def test_an_agency_takes_cases_to_the_last_day_of_its_papers(papers, placed_there, case, shanghai, dispatcher):
    until = None if papers is None else TODAY + timedelta(days=papers)
    agency = make_agency(territory=shanghai, papers_until=until)

    if placed_there:
        placed(case, agency, dispatcher)
    else:
        with pytest.raises(InvalidInput):
            placed(case, agency, dispatcher)

    assert Placement.objects.exists() is placed_there


def test_a_certificate_is_filed_once_and_only_after_the_end(placement, dispatcher):
    with pytest.raises(StateConflict):
        file_certificate(placement=placement, ref="DEL-1", actor=dispatcher, at=AT)
    recall_placement(placement=placement, reason="x", actor=dispatcher, at=AT, business_date=TODAY)
    file_certificate(placement=placement, ref="DEL-1", actor=dispatcher, at=AT)

    with pytest.raises(StateConflict):
        file_certificate(placement=placement, ref="DEL-2", actor=dispatcher, at=AT)

    assert Placement.objects.get(pk=placement.pk).certificate_ref == "DEL-1"
    assert AgencyTerritory.objects.count() == 1


def test_nobody_places_a_case_or_recalls_a_placement_of_another_territory(case, agency, person, chengdu):
    stranger = person("DISPATCHER", name="stranger", territories=(chengdu,))

    with pytest.raises(NotAllowed):
        placed(case, agency, stranger)
    held = make_placement(case=case, agency=agency)
    with pytest.raises(NotAllowed):
        recall_placement(placement=held, reason="x", actor=stranger, at=AT, business_date=TODAY)

    assert Placement.objects.get().state == "ACTIVE"


def test_a_foreign_placement_is_neither_extended_nor_certified(case, agency, person, chengdu):
    far = person("DISPATCHER", name="far", territories=(chengdu,))
    live = make_placement(case=case, agency=agency)

    with pytest.raises(NotAllowed):
        retain_placement(placement=live, actor=far, at=AT, business_date=TODAY)
    recall_placement(placement=live, reason="x", actor=None, at=AT, business_date=TODAY)
    with pytest.raises(NotAllowed):
        file_certificate(placement=live, ref="C1", actor=far, at=AT)

    ended = Placement.objects.get()
    assert (ended.state, ended.term_ends_on, ended.certificate_ref) == ("RECALLED", live.term_ends_on, "")
