"""Who may change an agency: people of its territories, its own people, and whoever entered the applicant."""

import pytest

from backoffice.core.errors import NotAllowed
from tests.factories.visits import make_agency, make_coordinator
from visits.models import Agency
from visits.services.agencies.managing import locked_agency, must_be_person, must_manage


def test_people_of_its_territories_and_its_own_people_manage_an_agency(agency, coordinator, person, shanghai, chengdu):
    far = person("DISPATCHER", name="far", territories=(chengdu,))
    for actor in (None, coordinator, person("DISPATCHER", name="near"), person("RISK_MANAGER")):
        must_manage(agency=agency, actor=actor)
    for actor in (far, make_coordinator(agency=make_agency(territory=shanghai))):
        with pytest.raises(NotAllowed):
            must_manage(agency=agency, actor=actor)


def test_whoever_entered_an_applicant_manages_it_until_it_is_admitted(chengdu, person, shanghai):
    far = person("DISPATCHER", name="far", territories=(chengdu,))
    agency = make_agency(territory=shanghai, state="APPLICANT", entered_by=far)

    must_manage(agency=agency, actor=far)
    Agency.objects.filter(pk=agency.pk).update(state="ACTIVE")

    with pytest.raises(NotAllowed):
        must_manage(agency=agency, actor=far)


def test_the_system_is_nobody_of_two(person):
    with pytest.raises(NotAllowed):
        must_be_person(actor=None, permission="visits.admit_agency")
    with pytest.raises(NotAllowed):
        must_be_person(actor=person("AUDITOR"), permission="visits.admit_agency")
    must_be_person(actor=person("RISK_MANAGER"), permission="visits.admit_agency")


def test_a_locked_agency_is_as_it_is_now(agency):
    Agency.objects.filter(pk=agency.pk).update(name="新名")

    assert locked_agency(agency=agency).name == "新名"
