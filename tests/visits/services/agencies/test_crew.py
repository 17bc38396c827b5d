"""Crew members: entered by the agency, confirmed by the lender; a change takes the confirmation back."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override
from hypothesis import HealthCheck
from hypothesis import settings as limits
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import DoorstepError, InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.core.sealed.kept_files import is_sealed
from tests.factories.firms import entered_member, member_details, picture
from tests.factories.visits import AT, TODAY, make_agency, make_coordinator
from visits.models import CrewMember
from visits.services.agencies.crew import (
    change_member,
    confirm_member,
    confirmation_gaps,
    details_of,
    enter_member,
    locked_member,
    take_confirmation_back,
)
from visits.services.agencies.crew_papers import add_certificate
from visits.services.agencies.crew_standing import deactivate_member, reactivate_member


@pytest.fixture(autouse=True)
def _english(settings):
    """Compare words in English."""
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


def enter(agency, actor, photo=None, **fields):
    return enter_member(
        agency=agency, details=member_details(**fields), photo=photo, actor=actor, at=AT, business_date=TODAY
    )


def change(member, actor, photo=None, **fields):
    details = replace(details_of(member=member), **fields)
    return change_member(member=member, details=details, photo=photo, actor=actor, at=AT, business_date=TODAY)


@pytest.fixture
def confirmed(agency, coordinator, dispatcher):
    member = entered_member(agency, actor=coordinator)
    return confirm_member(member=member, actor=dispatcher, at=AT)


def test_a_coordinator_enters_a_member_whose_name_and_picture_are_sealed(agency, coordinator):
    member = enter(agency, coordinator, picture(), badge="SC-9", name=" 王  小明 ")

    member = CrewMember.objects.get(pk=member.pk)
    assert (member.state, member.entered_by, member.confirmed_by) == ("ENTERED", coordinator, None)
    assert details_of(member=member) == member_details(badge="SC-9", name="王 小明")
    assert is_sealed(name=member.photo_name)
    assert AuditEntry.objects.get(action="crewmember.entered").body == {"agency": agency.code, "badge": "SC-9"}


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"badge": ""}, "badge"),
        ({"badge": "工牌"}, "badge"),
        ({"badge": "A" * 41}, "badge"),
        ({"name": " "}, "name"),
        ({"sex": "X"}, "sex"),
        ({"screening": ""}, "screening"),
        ({"screened_on": None}, "screening"),
        ({"screening": "FINE"}, "screening"),
        ({"screened_on": TODAY + timedelta(days=1)}, "screened_on"),
        ({"exam_passed_on": TODAY + timedelta(days=1)}, "exam_passed_on"),
        ({"confidentiality_signed_on": TODAY + timedelta(days=1)}, "confidentiality_signed_on"),
        ({"photo": b"GIF89a"}, "photo"),
    ],
)
def test_a_wrong_detail_is_refused_at_its_field(fields, field, agency, coordinator):
    with pytest.raises(InvalidInput) as refused:
        enter(agency, coordinator, **fields)

    assert (refused.value.field, CrewMember.objects.count()) == (field, 0)


def test_a_badge_is_taken_once(agency, coordinator):
    enter(agency, coordinator, badge="SC-9")
    other = enter(agency, coordinator, badge="SC-8")

    for work in (lambda: enter(agency, coordinator, badge="SC-9"), lambda: change(other, coordinator, badge="SC-9")):
        with pytest.raises(InvalidInput) as refused:
            work()
        assert refused.value.field == "badge"


def test_an_agency_enters_and_changes_its_own_people_only(agency, coordinator, shanghai, reviewer):
    foreign = make_coordinator(agency=make_agency(territory=shanghai))
    member = enter(agency, coordinator)

    for actor in (foreign, reviewer, None):
        with pytest.raises(NotAllowed):
            enter(agency, actor)
        with pytest.raises(NotAllowed):
            change(member, actor, name="别人")
    assert CrewMember.objects.get().name == "王小明"


def test_nobody_joins_an_agency_that_left(shanghai, dispatcher):
    with pytest.raises(InvalidInput):
        enter(make_agency(territory=shanghai, state="EXITED"), dispatcher)


def test_a_second_person_of_the_lender_confirms(agency, coordinator, dispatcher, approver):
    member = entered_member(agency, actor=dispatcher)
    for actor in (coordinator, None):
        with pytest.raises(NotAllowed):
            confirm_member(member=member, actor=actor, at=AT)
    with pytest.raises(SelfApproval):
        confirm_member(member=member, actor=dispatcher, at=AT)

    confirm_member(member=member, actor=approver, at=AT)

    member.refresh_from_db()
    assert (member.state, member.entered_by, member.confirmed_by, member.confirmed_at) == (
        "CONFIRMED",
        dispatcher,
        approver,
        AT,
    )
    with pytest.raises(StateConflict):
        confirm_member(member=member, actor=approver, at=AT)


def test_the_database_refuses_one_person_for_both(confirmed, coordinator, dispatcher):
    rows = CrewMember.objects.filter(pk=confirmed.pk)
    for fields, name in (
        ({"entered_by": dispatcher}, "crew_four_eyes"),
        ({"entered_by": None}, "crew_four_eyes"),
        ({"state": "ENTERED"}, "crew_confirmed_iff_by_somebody"),
        ({"confirmed_by": None}, "crew_confirmed_iff_by_somebody"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            rows.update(**fields)


def test_all_that_is_missing_is_listed(agency, coordinator, dispatcher):
    member = enter(
        agency,
        coordinator,
        screened_on=None,
        screening="",
        confidentiality_signed_on=None,
        exam_passed_on=None,
    )

    with pytest.raises(InvalidInput) as refused:
        confirm_member(member=member, actor=dispatcher, at=AT)

    gaps = [str(gap) for gap in confirmation_gaps(member=member)]
    assert gaps == [
        "The photograph is missing.",
        "The day of the screening is missing.",
        "The signed promise of confidentiality is missing.",
        "The day of the exam is missing.",
        "No certificate is entered.",
    ]
    assert str(refused.value) == "Missing: " + " ".join(gaps)
    concerns = entered_member(agency, actor=coordinator, screening="CONCERNS")
    assert len(confirmation_gaps(member=concerns)) == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "王大明"},
        {"badge": "SC-NEW"},
        {"sex": "FEMALE"},
        {"screened_on": TODAY},
        {"exam_passed_on": TODAY},
        {"confidentiality_signed_on": TODAY},
        {"photo": picture(7)},
    ],
)
def test_a_change_takes_the_confirmation_back(fields, confirmed, coordinator):
    photo = confirmed.photo_sha256

    change(confirmed, coordinator, **fields)

    member = CrewMember.objects.get(pk=confirmed.pk)
    assert (member.state, member.entered_by, member.confirmed_by, member.confirmed_at) == (
        "ENTERED",
        coordinator,
        None,
        None,
    )
    expected = {name: value for name, value in fields.items() if name != "photo"}
    assert details_of(member=member) == replace(details_of(member=confirmed), **expected)
    assert (member.photo_sha256 != photo) is ("photo" in fields)


def test_what_is_there_already_changes_nothing(confirmed, coordinator):
    change(confirmed, coordinator, photo=picture())

    assert CrewMember.objects.get().state == "CONFIRMED"
    assert not AuditEntry.objects.filter(action="crewmember.changed").exists()


def test_an_inactive_member_is_not_changed(confirmed, coordinator):
    deactivate_member(member=confirmed, reason="离职", actor=coordinator, at=AT)

    with pytest.raises(StateConflict):
        change(confirmed, coordinator, name="别名")
    with pytest.raises(StateConflict), transaction.atomic():
        take_confirmation_back(member=locked_member(member=confirmed), actor=coordinator, at=AT)


def test_no_order_of_steps_confirms_a_member_without_a_second_person(person, shanghai, db):
    agency = make_agency(territory=shanghai)
    inside = [person("DISPATCHER", name="d0"), person("DISPATCHER", name="d1"), person("APPROVER", name="a0")]
    people = [make_coordinator(agency=agency), *inside]
    number = iter(range(10**6))

    class Standing(RuleBasedStateMachine):
        who = st.sampled_from(people)

        @initialize(actor=st.sampled_from(people[:3]))
        def enter(self, actor):
            self.member = entered_member(agency, actor=actor, badge=f"M{next(number)}")
            # What the confirmation stands for: who touched the member last, and whether somebody else confirmed since.
            self.toucher, self.confirmer = actor, None

        def tried(self, work):
            try:
                with transaction.atomic():
                    return work()
            except DoorstepError:
                return None

        @rule(actor=who)
        def confirm(self, actor):
            if self.tried(lambda: confirm_member(member=self.member, actor=actor, at=AT)) is not None:
                assert actor not in (self.toucher, people[0])
                self.confirmer = actor

        @rule(actor=who, name=st.sampled_from(["甲乙", "丙丁"]))
        def rename(self, actor, name):
            member = CrewMember.objects.get(pk=self.member.pk)
            if self.tried(lambda: change(member, actor, name=name)) is not None and member.name != name:
                self.toucher, self.confirmer = actor, None

        @rule(actor=who)
        def certify(self, actor):
            done = self.tried(
                lambda: add_certificate(
                    member=self.member,
                    kind="上岗证",
                    number="2",
                    valid_until=TODAY,
                    actor=actor,
                    at=AT,
                    business_date=TODAY,
                )
            )
            if done is not None:
                self.toucher, self.confirmer = actor, None

        @rule(actor=who)
        def deactivate(self, actor):
            done = self.tried(lambda: deactivate_member(member=self.member, reason="x", actor=actor, at=AT))
            if done is not None:
                self.confirmer = None

        @rule(actor=who)
        def reactivate(self, actor):
            done = self.tried(lambda: reactivate_member(member=self.member, reason="x", actor=actor, at=AT))
            if done is not None:
                self.toucher, self.confirmer = actor, None

        @invariant()
        def confirmed_by_another(self):
            member = CrewMember.objects.get(pk=self.member.pk)
            assert (member.state == "CONFIRMED") is (self.confirmer is not None)
            assert member.confirmed_by == self.confirmer
            assert member.entered_by == self.toucher

    Standing.TestCase.settings = limits(
        max_examples=12, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
    )
    Standing.TestCase().runTest()
