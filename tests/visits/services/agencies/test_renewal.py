"""A contract's end moves by a renewal only: evaluated, asked for by one person, granted by another."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.translation import override

from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from tests.factories.visits import AT, TODAY, make_agency
from visits.models import Agency, AgencyEvaluation, ContractRenewal
from visits.services.agencies.renewal import ask_renewal, evaluations_of, renew_agency, withdraw_renewal

ENDS = TODAY + timedelta(days=60)
LATER = ENDS + timedelta(days=365)


@pytest.fixture(autouse=True)
def _english(settings):
    """Compare words in English."""
    settings.LANGUAGE_CODE = "en"
    with override("en"):
        yield


@pytest.fixture
def ending(shanghai):
    return make_agency(territory=shanghai, contract_ends_on=ENDS)


def evaluated(agency, days=0, score=80):
    return AgencyEvaluation.objects.create(agency=agency, evaluated_on=TODAY - timedelta(days=days), score=score)


def ask(agency, actor, **fields):
    return ask_renewal(**{"agency": agency, "until": LATER, "actor": actor, "at": AT, "business_date": TODAY} | fields)


def grant(renewal, actor):
    return renew_agency(renewal=renewal, actor=actor, at=AT, business_date=TODAY)


def test_prolonging_is_not_free(ending, dispatcher):
    with pytest.raises(InvalidInput) as refused:
        ask(ending, dispatcher)

    assert refused.value.field == "until"
    assert str(refused.value).startswith("The agency has no evaluation of the last twelve months; evaluate it first.")
    assert (Agency.objects.get(pk=ending.pk).contract_ends_on, ContractRenewal.objects.count()) == (ENDS, 0)


def test_another_person_grants_it(ending, dispatcher, risk_manager):
    evaluated(ending)
    renewal = ask(ending, dispatcher)
    assert Agency.objects.get(pk=ending.pk).contract_ends_on == ENDS

    grant(renewal, risk_manager)

    renewal.refresh_from_db()
    assert Agency.objects.get(pk=ending.pk).contract_ends_on == LATER
    assert (renewal.state, renewal.from_day, renewal.entered_by, renewal.confirmed_by) == (
        "CONFIRMED",
        ENDS,
        dispatcher,
        risk_manager,
    )
    with pytest.raises(StateConflict):
        grant(renewal, risk_manager)


def test_nobody_grants_what_they_asked_for(ending, dispatcher, risk_manager):
    evaluated(ending)
    renewal = ask(ending, dispatcher)
    for actor in (dispatcher, None):
        with pytest.raises(NotAllowed):
            grant(renewal, actor)
    renewal.entered_by = risk_manager
    renewal.save()
    with pytest.raises(SelfApproval):
        grant(renewal, risk_manager)
    with pytest.raises(IntegrityError, match="renewal_four_eyes"), transaction.atomic():
        ContractRenewal.objects.update(confirmed_by=risk_manager)
    with pytest.raises(IntegrityError, match="renewal_was_granted"), transaction.atomic():
        ContractRenewal.objects.update(state="CONFIRMED")

    assert Agency.objects.get(pk=ending.pk).contract_ends_on == ENDS


def test_the_evaluations_are_asked_for_again_when_it_is_granted(ending, dispatcher, risk_manager):
    evaluated(ending, days=3)
    renewal = ask(ending, dispatcher)
    evaluated(ending, score=59)

    with pytest.raises(InvalidInput):
        grant(renewal, risk_manager)

    assert ContractRenewal.objects.get().state == "ENTERED"
    assert [(each.on, each.score) for each in evaluations_of(agency=ending)] == [
        (TODAY - timedelta(days=3), 80),
        (TODAY, 59),
    ]


def test_one_renewal_is_open_at_a_time_and_may_be_withdrawn(ending, dispatcher, risk_manager):
    evaluated(ending)
    first = ask(ending, dispatcher)
    with pytest.raises(StateConflict):
        ask(ending, dispatcher)

    withdraw_renewal(renewal=first, actor=dispatcher, at=AT)

    with pytest.raises(StateConflict):
        grant(first, risk_manager)
    assert grant(ask(ending, dispatcher), risk_manager).contract_ends_on == LATER


@pytest.mark.parametrize("state", ["APPLICANT", "SUSPENDED", "EXITED"])
def test_only_an_agency_on_the_list_is_renewed(state, ending, dispatcher):
    evaluated(ending)
    Agency.objects.filter(pk=ending.pk).update(state=state)

    with pytest.raises(StateConflict):
        ask(ending, dispatcher)
