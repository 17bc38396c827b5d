"""Admission: entered by one person, admitted by another, once nothing is missing."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override
from hypothesis import HealthCheck
from hypothesis import settings as limits
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import DoorstepError, InvalidInput, NotAllowed, SelfApproval, StateConflict
from tests.factories.firms import agency_details, applicant, entered
from tests.factories.visits import AT, TODAY, make_agency, make_coordinator
from visits.models import Agency, AgencyTerritory
from visits.services.agencies.admission import (
    admission_gaps,
    admit_agency,
    change_agency,
    details_of,
    enter_agency,
    set_capacity,
    set_coordinators,
)
from visits.services.agencies.agencies import exit_agency, reinstate_agency, suspend_agency
from visits.services.agencies.credentials import confirm_credential, withdraw_credential


@pytest.fixture(autouse=True)
def _english(settings):
    """Compare words in English."""
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


def admit(agency, actor, **fields):
    return admit_agency(
        **{"agency": agency, "reason": "材料齐全", "actor": actor, "at": AT, "business_date": TODAY} | fields
    )


@pytest.fixture
def ready(shanghai, dispatcher, approver):
    return applicant(territory=shanghai, clerk=dispatcher, confirmer=approver)


def test_an_agency_is_entered_as_an_applicant_without_personal_data_in_the_trail(dispatcher):
    details = agency_details(registration=" 9144 0300 7152 6726 xg", name=" 申城  外访 ")

    agency = enter_agency(details=details, actor=dispatcher, at=AT, business_date=TODAY)

    agency.refresh_from_db()
    assert (agency.state, agency.registration, agency.name, agency.entered_by, agency.admitted_on) == (
        "APPLICANT",
        "9144030071526726XG",
        "申城 外访",
        dispatcher,
        None,
    )
    assert details_of(agency=agency) == replace(details, registration="9144030071526726XG", name="申城 外访")
    assert AuditEntry.objects.get(action="agency.entered").body == {"agency": details.code}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("code", ""),
        ("code", "A B"),
        ("code", "X" * 21),
        ("name", " "),
        ("name", "名" * 81),
        ("complaints_phone", ""),
        ("contract_number", ""),
        ("registration", "9144030071526726XH"),
        ("contract_ends_on", TODAY),
        ("no_subcontract_promise_on", TODAY + timedelta(days=1)),
        ("founded_on", TODAY + timedelta(days=1)),
        ("registered_capital", Decimal(-1)),
        ("registered_capital", Decimal("NaN")),
        ("staff_count", -1),
    ],
)
def test_a_wrong_detail_is_refused_at_its_field(field, value, dispatcher):
    with pytest.raises(InvalidInput) as refused:
        enter_agency(details=agency_details(**{field: value}), actor=dispatcher, at=AT, business_date=TODAY)

    assert refused.value.field == field
    assert not Agency.objects.exists()


def test_a_code_is_taken_once(dispatcher):
    enter_agency(details=agency_details(code="SJ"), actor=dispatcher, at=AT, business_date=TODAY)

    with pytest.raises(InvalidInput) as refused:
        enter_agency(details=agency_details(code="SJ"), actor=dispatcher, at=AT, business_date=TODAY)

    assert (refused.value.field, Agency.objects.count()) == ("code", 1)


@pytest.mark.parametrize("role", ["CASE_OFFICER", "REVIEWER", "AUDITOR", "AGENCY_COORDINATOR", "CREW"])
def test_others_enter_no_agency(role, person):
    for actor in (person(role), None):
        with pytest.raises(NotAllowed):
            enter_agency(details=agency_details(), actor=actor, at=AT, business_date=TODAY)
    assert not Agency.objects.exists()


def test_another_person_admits_and_open_criteria_are_recorded(shanghai, dispatcher, approver, risk_manager):
    agency = applicant(territory=shanghai, clerk=dispatcher, confirmer=approver, staff_count=29, founded_on=None)

    admit(agency, risk_manager)

    agency.refresh_from_db()
    assert (agency.state, agency.admitted_on, agency.admitted_by, agency.state_note) == (
        "ACTIVE",
        TODAY,
        risk_manager,
        "材料齐全",
    )
    assert AuditEntry.objects.get(action="agency.admitted").body == {"agency": agency.code, "open": ["AGE", "STAFF"]}


def test_nobody_admits_what_they_entered_or_changed(ready, person, dispatcher, risk_manager):
    change_agency(
        agency=ready,
        details=replace(details_of(agency=ready), name="改名"),
        actor=dispatcher,
        at=AT,
        business_date=TODAY,
    )
    Agency.objects.filter(pk=ready.pk).update(entered_by=risk_manager)

    with pytest.raises(SelfApproval):
        admit(ready, risk_manager)
    with pytest.raises(NotAllowed):
        admit(ready, dispatcher)
    with pytest.raises(NotAllowed):
        admit(ready, None)

    assert Agency.objects.get(pk=ready.pk).state == "APPLICANT"


def test_the_database_refuses_one_person_for_both(ready, dispatcher, risk_manager):
    for fields in ({"admitted_by": dispatcher}, {"admitted_by": risk_manager, "entered_by": None}):
        with pytest.raises(IntegrityError, match="agency_four_eyes"), transaction.atomic():
            Agency.objects.filter(pk=ready.pk).update(**fields)


def test_all_that_is_missing_is_listed(dispatcher, risk_manager):
    agency = enter_agency(
        details=agency_details(no_subcontract_promise_on=None, contract_starts_on=TODAY + timedelta(days=1)),
        actor=dispatcher,
        at=AT,
        business_date=TODAY,
    )
    paper = entered(agency, actor=dispatcher, kind="MLPS_3")

    with pytest.raises(InvalidInput) as refused:
        admit(agency, risk_manager)

    gaps = [str(gap) for gap in admission_gaps(agency=agency, day=TODAY)]
    assert gaps == [
        "The written promise not to subcontract is missing.",
        "The agency's contract has not begun.",
        "No valid paper of this kind: Business licence.",
        "No valid paper of this kind: Liability insurance.",
        "This paper awaits confirmation by another person: ISO 27001 certificate / MLPS level 3 filing.",
        "It has no capacity in any territory.",
    ]
    assert str(refused.value) == "Missing: " + " ".join(gaps)
    confirm_credential(credential=paper, actor=risk_manager, at=AT, business_date=TODAY)
    assert len(admission_gaps(agency=agency, day=TODAY)) == 5


@pytest.mark.parametrize(("days", "admitted"), [(365, True), (366, False)])
def test_papers_must_be_valid_on_the_day_of_admission(days, admitted, shanghai, dispatcher, approver, risk_manager):
    agency = applicant(
        territory=shanghai,
        clerk=dispatcher,
        confirmer=approver,
        contract_ends_on=TODAY + timedelta(days=700),
    )
    day = TODAY + timedelta(days=days)

    if admitted:
        assert admit(agency, risk_manager, business_date=day).state == "ACTIVE"
    else:
        with pytest.raises(InvalidInput):
            admit(agency, risk_manager, business_date=day)


def test_an_admitted_agency_keeps_registration_and_contract(ready, dispatcher, risk_manager):
    admit(ready, risk_manager)
    held = details_of(agency=Agency.objects.get(pk=ready.pk))

    for field, value in (
        ("contract_ends_on", held.contract_ends_on + timedelta(days=365)),
        ("contract_starts_on", held.contract_starts_on - timedelta(days=1)),
        ("contract_number", "other"),
        ("registration", "91330100799655058B"),
        ("code", "OTHER"),
    ):
        with pytest.raises(InvalidInput) as refused:
            change_agency(
                agency=ready, details=replace(held, **{field: value}), actor=dispatcher, at=AT, business_date=TODAY
            )
        assert refused.value.field == field
    changed = change_agency(
        agency=ready, details=replace(held, complaints_phone="021-1"), actor=dispatcher, at=AT, business_date=TODAY
    )

    assert details_of(agency=Agency.objects.get(pk=ready.pk)) == replace(held, complaints_phone="021-1")
    assert (changed.entered_by, changed.admitted_by) == (dispatcher, risk_manager)
    assert AuditEntry.objects.get(action="agency.changed").body == {"agency": held.code, "fields": ["complaints_phone"]}


def test_a_capacity_is_set_in_ones_own_territory_and_makes_the_price(agency, dispatcher, shanghai, chengdu):
    asked = {"agency": agency, "actor": dispatcher, "at": AT, "business_date": TODAY}
    set_capacity(**asked, territory=shanghai, capacity=7)
    for territory, capacity, error in (
        (chengdu, 5, NotAllowed),
        (shanghai, -1, InvalidInput),
        (shanghai, 100_001, InvalidInput),
    ):
        with pytest.raises(error):
            set_capacity(**asked, territory=territory, capacity=capacity)

    assert list(AgencyTerritory.objects.values_list("territory", "capacity")) == [(shanghai.pk, 7)]
    assert AuditEntry.objects.filter(action="visitprice.set").count() == 1


def test_only_whoever_keeps_users_names_coordinators(agency, administrator, dispatcher):
    before = make_coordinator(agency=agency)
    new = make_coordinator(agency=make_agency(territory=agency.capacities.get().territory))
    with pytest.raises(NotAllowed):
        set_coordinators(agency=agency, coordinators=[new], actor=dispatcher, at=AT)
    assert list(agency.coordinators.all()) == [before]

    set_coordinators(agency=agency, coordinators=[new], actor=administrator, at=AT)

    assert list(agency.coordinators.all()) == [new]


def test_no_order_of_steps_lists_an_agency_without_two_people_and_all_papers(person, shanghai, db):
    people = [person("DISPATCHER", name=f"clerk{n}") for n in range(2)]
    people += [person("RISK_MANAGER", name=f"risk{n}") for n in range(2)]
    number = iter(range(10**6))

    class Admission(RuleBasedStateMachine):
        who = st.sampled_from(people)

        @initialize(actor=st.sampled_from(people[:2]))
        def enter(self, actor):
            self.agency = enter_agency(
                details=agency_details(code=f"M{next(number)}"), actor=actor, at=AT, business_date=TODAY
            )
            self.admitted_by_hand = False
            set_capacity(agency=self.agency, territory=shanghai, capacity=3, actor=actor, at=AT, business_date=TODAY)

        def tried(self, work):
            try:
                with transaction.atomic():
                    return work()
            except DoorstepError:
                return None

        @rule(actor=who, kind=st.sampled_from(["BUSINESS_LICENCE", "LIABILITY_INSURANCE", "ISO_27001", "MLPS_3"]))
        def paper(self, actor, kind):
            self.tried(lambda: entered(self.agency, actor=actor, kind=kind))

        @rule(actor=who)
        def confirm(self, actor):
            for paper in self.agency.credentials.order_by("pk"):
                self.tried(
                    lambda paper=paper: confirm_credential(credential=paper, actor=actor, at=AT, business_date=TODAY)
                )

        @rule(actor=who)
        def withdraw(self, actor):
            paper = self.agency.credentials.order_by("-pk").first()
            if paper is not None:
                self.tried(lambda: withdraw_credential(credential=paper, actor=actor, at=AT, business_date=TODAY))

        @rule(actor=who, act=st.sampled_from([admit_agency, suspend_agency, reinstate_agency, exit_agency]))
        def step(self, actor, act):
            before = Agency.objects.get(pk=self.agency.pk)
            done = self.tried(lambda: act(agency=self.agency, reason="x", actor=actor, at=AT, business_date=TODAY))
            if done is not None and act in (admit_agency, reinstate_agency):
                assert before.papers_until is not None
            if done is not None and act is admit_agency:
                assert (before.state, before.entered_by_id != actor.pk) == ("APPLICANT", True)

        @invariant()
        def listed_by_two(self):
            agency = Agency.objects.get(pk=self.agency.pk)
            if agency.state == "ACTIVE":
                assert agency.admitted_by_id not in (None, agency.entered_by_id)
            confirmed = set(agency.credentials.filter(state="CONFIRMED").values_list("kind", flat=True))
            complete = {"BUSINESS_LICENCE", "LIABILITY_INSURANCE"} <= confirmed and bool(
                confirmed & {"ISO_27001", "MLPS_3"}
            )
            assert (agency.papers_until is not None) is complete
            assert not agency.credentials.filter(state="CONFIRMED", confirmed_by__isnull=True).exists()

    Admission.TestCase.settings = limits(
        max_examples=12, stateful_step_count=14, deadline=None, suppress_health_check=list(HealthCheck)
    )
    Admission.TestCase().runTest()


def test_an_agency_is_admitted_once(ready, risk_manager, approver):
    admit(ready, risk_manager)

    with pytest.raises(StateConflict):
        admit(ready, approver)
