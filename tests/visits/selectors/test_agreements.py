"""What is read of agreements: by person for the guard, by reader for pages, and when one ended for a report."""

from datetime import timedelta

import pytest

from cases.enums import AddressKind
from tests.factories.agreements import CLOSES, OPENS, SECOND, make_consent, make_office, make_time
from tests.factories.people import merged_by_number
from tests.factories.visits import AT, make_agency, make_case, make_member, make_order, make_placement
from visits.rules.conduct.agreements import Agreements, PlaceConsent
from visits.rules.conduct.contact import AgreedTime
from visits.selectors.agreements import (
    addresses_for_consent,
    agreements_in_force,
    agreements_of,
    consent_ended_at,
    door_of_agreement,
)
from visits.selectors.doors import door_of
from visits.selectors.persons import people_of
from visits.selectors.policy import conduct_policy
from visits.services.answers.agreements import withdraw_agreement

UNTIL = AT + timedelta(days=30)


@pytest.fixture
def case(shanghai):
    return make_case(territory=shanghai)


@pytest.fixture
def office(case):
    return make_office(borrower=case.borrower)


def known(*cases, at=AT):
    people = people_of(borrowers=[case.borrower_id for case in cases])
    found = agreements_of(people=people, at=at)
    return [found.get(people.person_of[case.borrower_id], Agreements()) for case in cases]


def test_borrowers_that_are_one_person_share_what_they_agreed_to(
    case, office, shanghai, officer, approver, django_assert_num_queries
):
    twin, stranger = make_case(territory=shanghai), make_case(territory=shanghai)
    make_time(case=case, actor=officer)
    make_consent(case=case, address=office, actor=officer)
    make_time(case=stranger, actor=officer, opens_at=OPENS - timedelta(hours=8), evidence_ref="REC-9")
    merged_by_number(case.borrower, twin.borrower, approver=approver)
    time = AgreedTime(opens_at=OPENS, closes_at=CLOSES, granted_at=AT, expires_at=UNTIL, evidence_ref="REC-1")
    place = PlaceConsent(
        door=door_of(address=office),
        place=AddressKind.EMPLOYER,
        granted_at=AT,
        expires_at=UNTIL,
        evidence_ref="REC-2",
    )
    both = Agreements(times=(time,), places=(place,))
    people = people_of(borrowers=[case.borrower_id, twin.borrower_id, stranger.borrower_id])

    with django_assert_num_queries(1):
        agreements_of(people=people, at=AT)
    # The stranger's time leaves the hours too, and is theirs alone.
    assert known(case, twin) == [both, both]
    assert [each.evidence_ref for each in known(case)[0].times] == ["REC-1"]


def test_a_wish_inside_the_hours_is_nothing_to_the_guard(case, officer):
    make_time(case=case, actor=officer, opens_at=OPENS - timedelta(hours=9), closes_at=CLOSES - timedelta(hours=9))

    assert known(case) == [Agreements()]


def test_what_was_withdrawn_counts_no_more_and_what_ended_is_left_out_a_day_later(case, office, officer):
    agreed = make_time(case=case, actor=officer)
    make_consent(case=case, address=office, actor=officer)
    withdraw_agreement(agreement=agreed, actor=officer, at=AT)

    assert [len(each.times) + len(each.places) for each in known(case)] == [1]
    # The rules refuse it from its end on; a talk that began before is still judged by it.
    assert known(case, at=UNTIL + timedelta(days=1)) == known(case)
    assert known(case, at=UNTIL + timedelta(days=1) + SECOND) == [Agreements()]


def test_a_page_lists_what_counts_as_far_as_its_reader_sees_it(case, office, officer, person, chengdu):
    agreed, consent = make_time(case=case, actor=officer), make_consent(case=case, address=office, actor=officer)
    far = person("CASE_OFFICER", name="far", territories=(chengdu,))

    def listed(user, at):
        return list(agreements_in_force(user=user, borrower=case.borrower, at=at))

    assert listed(officer, UNTIL) == [agreed, consent]
    assert listed(officer, UNTIL + SECOND) == []
    assert listed(far, AT) == []
    withdraw_agreement(agreement=agreed, actor=officer, at=AT)
    assert listed(officer, AT) == [consent]


def test_addresses_that_take_a_consent_are_workplaces_and_relatives_homes(case, office, officer, person, chengdu):
    relative = make_office(borrower=case.borrower, kind="RELATIVE")
    make_office(borrower=case.borrower, verdict="INVALID")
    far = person("CASE_OFFICER", name="far", territories=(chengdu,))

    assert list(addresses_for_consent(user=officer, case=case)) == [office, relative]
    assert list(addresses_for_consent(user=far, case=case)) == []


@pytest.fixture
def planned(shanghai, approver, case):
    def make(**fields):
        agency = make_agency(territory=shanghai)
        pair = make_member(agency=agency), make_member(agency=agency)
        placement = make_placement(case=case, agency=agency)
        values = {"window_start": OPENS, "window_end": CLOSES, "planned_arrival_at": OPENS} | fields
        return make_order(case=case, placement=placement, state="CHECKED_IN", approver=approver, pair=pair, **values)

    return make


def test_a_consent_ended_when_the_last_one_that_held_the_visit_was_withdrawn(case, planned, officer):
    order, policy = planned(), conduct_policy()
    assert consent_ended_at(order=order, policy=policy) is None
    first = make_time(case=case, actor=officer)
    assert consent_ended_at(order=order, policy=policy) is None

    withdraw_agreement(agreement=first, actor=officer, at=OPENS + SECOND)
    assert consent_ended_at(order=order, policy=policy) == OPENS + SECOND
    make_time(case=case, actor=officer)
    assert consent_ended_at(order=order, policy=policy) is None


def test_a_visit_that_needs_no_consent_is_not_looked_up(planned, django_assert_num_queries):
    noon = OPENS - timedelta(hours=9)
    order = planned(window_start=noon, window_end=CLOSES, planned_arrival_at=noon)

    with django_assert_num_queries(0):
        assert consent_ended_at(order=order, policy=conduct_policy()) is None


def test_the_consent_to_a_place_ends_too(case, office, planned, officer):
    noon = OPENS - timedelta(hours=9)
    order = planned(address=office, window_start=noon, window_end=CLOSES, planned_arrival_at=noon)
    consent = make_consent(case=case, address=office, actor=officer)
    elsewhere = make_consent(case=case, address=make_office(borrower=case.borrower), actor=officer)
    assert door_of_agreement(agreement=consent) == door_of(address=office)
    assert door_of_agreement(agreement=make_time(case=case, actor=officer)) is None

    withdraw_agreement(agreement=elsewhere, actor=officer, at=noon)
    assert consent_ended_at(order=order, policy=conduct_policy()) is None
    withdraw_agreement(agreement=consent, actor=officer, at=noon + SECOND)
    assert consent_ended_at(order=order, policy=conduct_policy()) == noon + SECOND
