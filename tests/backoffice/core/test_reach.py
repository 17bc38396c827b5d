"""How far each reach sees, tried on the rows of two territories."""

import pytest
from django.utils.translation import override

from backoffice.access.models import Territory, User
from backoffice.core.reach import Reach
from cases.models import Borrower, Case, IntakeFile, PolicyVersion
from tests.factories.world import make_world
from visits.models import Agency, AgencyTerritory, CrewMember, VisitOrder

MODELS = (Borrower, Case, IntakeFile, PolicyVersion, VisitOrder, Agency, CrewMember, Territory)
BOTH, OWN, NONE = "both", "own", "none"
# What each reach sees of MODELS: the rows of both territories, those of its own, or none.
SEEN = {
    Reach.ALL: (BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH, BOTH),
    Reach.TERRITORY: (OWN, OWN, NONE, BOTH, OWN, BOTH, BOTH, OWN),
    Reach.AGENCY: (NONE, NONE, NONE, NONE, OWN, OWN, OWN, NONE),
    Reach.CREW: (NONE, NONE, NONE, NONE, OWN, NONE, OWN, NONE),
    Reach.CONFIGURATION: (NONE, NONE, BOTH, BOTH, NONE, BOTH, BOTH, BOTH),
    Reach.NONE: (NONE, NONE, NONE, NONE, NONE, NONE, NONE, NONE),
}


@pytest.fixture
def worlds(shanghai, chengdu, person):
    author, approver = person("CASE_OFFICER", name="author"), person("APPROVER", name="approver2")
    return tuple(make_world(territory=place, author=author, approver=approver) for place in (shanghai, chengdu))


@pytest.fixture
def people(worlds, person):
    here, _there = worlds
    # A role that this version of the program does not know: of a later version, or a slip in the database.
    stranger = person("CASE_OFFICER", name="stranger")
    User.objects.filter(pk=stranger.pk).update(role="SOMETHING_ELSE")
    return {
        Reach.ALL: person("AUDITOR"),
        Reach.TERRITORY: person("CASE_OFFICER"),
        Reach.AGENCY: here.coordinator,
        Reach.CREW: here.crew,
        Reach.CONFIGURATION: person("ADMINISTRATOR"),
        Reach.NONE: User.objects.get(pk=stranger.pk),
    }


def territory_of(row):
    """Return the territory of a row of MODELS; None where rows of this kind belong to none."""
    if isinstance(row, Territory):
        return row
    if isinstance(row, VisitOrder):
        return row.case.territory
    if isinstance(row, CrewMember):
        return territory_of(row.agency)
    if isinstance(row, Agency):
        return AgencyTerritory.objects.get(agency=row).territory
    return getattr(row, "territory", None)


def seen(model, user, own):
    rows = set(model.objects.visible_to(user))
    if not rows:
        return NONE
    if rows == set(model.objects.all()):
        return BOTH
    assert {territory_of(row) for row in rows} == {own}, f"{user} sees foreign rows of {model.__name__}"
    return OWN


@pytest.mark.parametrize("reach", Reach)
def test_each_reach_sees_so_far(people, shanghai, reach):
    user = people[reach]

    assert user.reach == reach
    assert dict(zip(MODELS, SEEN[reach], strict=True)) == {model: seen(model, user, shanghai) for model in MODELS}


@pytest.mark.parametrize(
    ("role", "fields", "reach"),
    [
        ("APPROVER", {"all_territories": True}, Reach.ALL),
        ("AGENCY_COORDINATOR", {"all_territories": True}, Reach.AGENCY),
        ("ADMINISTRATOR", {"all_territories": True}, Reach.CONFIGURATION),
        ("MACHINE", {"scopes": ["cases:read"]}, Reach.ALL),
        ("MACHINE", {"scopes": ["visits:read", "visits:write"]}, Reach.AGENCY),
    ],
)
def test_all_territories_and_scopes_change_the_reach_of_some_roles(person, role, fields, reach):
    assert person(role, **fields).reach == reach


def test_a_person_without_territories_sees_none(person, worlds):
    assert not Borrower.objects.visible_to(person("CASE_OFFICER", territories=())).exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh-hans", ["全部", "本人辖区", "本机构受托的委案", "本人外访", "仅系统配置", "无"]),
        (
            "en",
            ["Everything", "Own territories", "Own agency's placements", "Own visits", "Configuration only", "Nothing"],
        ),
    ],
)
def test_reaches_are_named_in_both_languages(language, words):
    with override(language):
        assert [str(label) for label in Reach.labels] == words
