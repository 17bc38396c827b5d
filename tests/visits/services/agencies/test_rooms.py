"""The places of a territory's agencies, the share in force, and who had a case last."""

from datetime import date, timedelta

import pytest

from tests.factories.visits import AT, TODAY, make_agency, make_case, make_placement
from visits.models import AgencyEvaluation
from visits.rules.allocation import Places, ShareRule
from visits.rules.conduct.policy import PolicyLoosened
from visits.services.agencies.placement import recall_placement
from visits.services.agencies.placement_ends import end_placements
from visits.services.agencies.rooms import had_the_last_term, last_agencies, locked_places, share_rule


def test_the_share_in_force_may_be_tightened_and_never_loosened(settings):
    assert share_rule() == ShareRule(most_percent=40, least_agencies=3)
    settings.CONDUCT = {"CN": {"agency_share_percent": 30, "agencies_min": 4}}
    assert share_rule() == ShareRule(most_percent=30, least_agencies=4)
    settings.CONDUCT = {"CN": {"agency_share_percent": 41}}
    with pytest.raises(PolicyLoosened):
        share_rule()
    for impossible in ({"agency_share_percent": 33}, {"agencies_min": 2}):
        settings.CONDUCT = {"CN": impossible}
        with pytest.raises(ValueError, match="must make up the whole"):
            share_rule()


def test_places_count_who_may_take_cases_and_what_all_others_hold(shanghai, chengdu, django_assert_num_queries):
    able = make_agency(territory=shanghai, capacity=9)
    suspended = make_agency(territory=shanghai, capacity=9, state="SUSPENDED")
    stale = make_agency(territory=shanghai, capacity=9, admitted_on=date(2025, 3, 2))
    evaluated = make_agency(territory=shanghai, capacity=9, admitted_on=date(2024, 3, 2))
    ended = make_agency(territory=shanghai, capacity=9, contract_ends_on=TODAY)
    elsewhere = make_agency(territory=chengdu, capacity=5)
    AgencyEvaluation.objects.create(agency=evaluated, evaluated_on=TODAY, score=80)
    for agency in (able, suspended, suspended, elsewhere):
        make_placement(case=make_case(territory=shanghai), agency=agency)

    with django_assert_num_queries(2):
        places, agencies = locked_places(territories=[shanghai.pk, chengdu.pk], business_date=TODAY)

    assert places == {
        shanghai.pk: [
            Places(agency=able.pk, capacity=9, taken=1),
            Places(agency=suspended.pk, capacity=0, taken=2),
            Places(agency=stale.pk, capacity=0, taken=0),
            Places(agency=evaluated.pk, capacity=9, taken=0),
            Places(agency=ended.pk, capacity=0, taken=0),
            # It has no capacity here any more, and still a case.
            Places(agency=elsewhere.pk, capacity=0, taken=1),
        ],
        chengdu.pk: [Places(agency=elsewhere.pk, capacity=5, taken=0)],
    }
    assert agencies[able.pk] == able


def test_who_had_a_case_last_and_whether_its_term_ended(shanghai):
    first, second = make_agency(territory=shanghai), make_agency(territory=shanghai)
    case, fresh = make_case(territory=shanghai), make_case(territory=shanghai)
    make_placement(case=case, agency=first, term_ends_on=TODAY + timedelta(days=1))
    later = TODAY + timedelta(days=2)
    end_placements(business_date=later, at=AT)
    assert had_the_last_term(case=case.pk) == first.pk

    recalled = make_placement(case=case, agency=second, placed_on=later, term_ends_on=later + timedelta(days=9))
    assert last_agencies(cases=[case.pk, fresh.pk]) == {case.pk: first.pk}
    recall_placement(placement=recalled, reason="x", actor=None, at=AT, business_date=later)

    assert last_agencies(cases=[case.pk, fresh.pk]) == {case.pk: second.pk}
    # A recall is no end of a term: whoever recalled by mistake may place it there again.
    assert (had_the_last_term(case=case.pk), had_the_last_term(case=fresh.pk)) == (None, None)
