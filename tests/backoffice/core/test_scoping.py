"""Who may act on what holds for every territory at once."""

import pytest
from django.contrib.auth.models import AnonymousUser

from backoffice.access.roles import CARDS, Role
from backoffice.core.errors import NotAllowed
from backoffice.core.reach import Reach
from backoffice.core.scoping import acts_everywhere, must_act_everywhere

LIMITED = (Reach.TERRITORY, Reach.AGENCY, Reach.CREW)


@pytest.mark.parametrize("role", Role.values)
def test_role_acts_everywhere_only_if_its_reach_is_everything_or_the_configuration(person, role):
    assert acts_everywhere(user=person(role)) is (CARDS[role].reach not in LIMITED)


def test_person_of_all_territories_acts_everywhere(person):
    assert acts_everywhere(user=person("APPROVER", all_territories=True)) is True


def test_person_who_lists_every_territory_acts_in_those_only(person, shanghai, chengdu):
    assert acts_everywhere(user=person("APPROVER", territories=(shanghai, chengdu))) is False


def test_agency_stays_in_its_placements_whatever_territories_are_set(person):
    assert acts_everywhere(user=person("AGENCY_COORDINATOR", all_territories=True)) is False


def test_agency_program_stays_in_its_placements(person):
    assert acts_everywhere(user=person("MACHINE", scopes=["visits:write"])) is False


def test_inactive_and_anonymous_people_act_nowhere_and_the_system_everywhere(person):
    assert acts_everywhere(user=person("RISK_MANAGER", is_active=False)) is False
    assert acts_everywhere(user=AnonymousUser()) is False
    assert acts_everywhere(user=None) is True


def test_person_of_one_territory_is_refused(approver):
    with pytest.raises(NotAllowed):
        must_act_everywhere(actor=approver)
