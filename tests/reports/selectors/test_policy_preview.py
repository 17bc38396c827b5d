"""What publishing a policy version would mean: room at agencies, cost, and what the conduct guard would refuse."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from cases.models import Account, Address, Borrower, BorrowerFlag, PolicyTrial, PolicyVersion
from cases.services.trials.trial_requests import request_trial
from reports.selectors.policy_preview import policy_preview
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import AT, TODAY, make_account, make_borrower, make_overdue
from tests.factories.trials import previewed
from tests.factories.visits import make_agency, make_attempts, make_case, make_placement

pytestmark = pytest.mark.django_db


def look(trial: PolicyTrial) -> Any:
    return policy_preview(trial=trial, business_date=TODAY, at=AT)


def test_new_visits_beyond_the_room_are_said_with_the_day_it_frees_up(shanghai: Any, risk_manager: Any) -> None:
    agency = make_agency(territory=shanghai, capacity=3)
    for days in (9, 40):
        make_placement(case=make_case(territory=shanghai), agency=agency, term_ends_on=TODAY + timedelta(days=days))
    make_case(territory=shanghai)
    # The cases stand on a policy that is history by now.
    PolicyVersion.objects.update(state="RETIRED")

    preview = look(previewed(risk_manager, territory=shanghai, size=2))

    (city,) = preview.cities
    # Three places, two held: one is free. One case waits, two come.
    assert (city.more, city.room.capacity, city.room.held, city.room.free, city.room.waiting) == (2, 3, 2, 1, 1)
    assert (city.overload.over, city.overload.since, city.overload.until) == (2, TODAY, TODAY + timedelta(days=41))
    assert preview.overloaded == (city,)


def test_cost_follows_the_price_cards_and_the_free_places(shanghai: Any, chengdu: Any, risk_manager: Any) -> None:
    cheap, dear = make_agency(territory=shanghai, capacity=30), make_agency(territory=shanghai, capacity=10)
    dear.prices.filter(basis="PER_VISIT").update(amount=Decimal(200))
    make_agency(territory=shanghai, state="SUSPENDED").prices.update(amount=Decimal(1))
    assert cheap.prices.count() == 3

    previewed(risk_manager, territory=chengdu, size=1)
    preview = look(previewed(risk_manager, territory=shanghai, size=2))

    (cost,) = preview.costs
    # 120 + 80 + 20 at one, 200 + 80 + 20 at the other, three places in four at the cheap one.
    assert (cost.currency, cost.low, cost.high, cost.mean) == ("CNY", Decimal(440), Decimal(600), Decimal(480))
    assert preview.unpriced == 1


def test_the_guard_is_asked_about_the_new_visits(shanghai: Any, risk_manager: Any) -> None:
    trial = previewed(risk_manager, territory=shanghai, size=4)
    borrowers = [borrower for _hash, borrower in trial.sample]
    for borrower in Borrower.objects.filter(pk__in=borrowers):
        make_attempts(borrower=borrower)
    for kind in ("BEREAVED", "COMPLAINT"):
        BorrowerFlag.objects.create(borrower_id=borrowers[0], kind=kind, source="CALL", set_at=AT)

    Address.objects.filter(borrower=borrowers[1]).update(verdict="INVALID")
    Account.objects.filter(borrower=borrowers[2]).update(arrears_amount=0)

    preview = look(trial)

    assert (preview.refusals.asked, preview.refusals.refused, preview.is_complete) == (4, 3, True)
    assert preview.refusals.reasons == {"BEREAVED": 1, "COMPLAINT_OPEN": 1, "NO_ADDRESS": 1, "PAID": 1}
    low, high = preview.refused_within
    assert low < 0.75 < high


def test_a_preview_costs_the_same_for_few_visits_and_many(shanghai: Any, chengdu: Any, risk_manager: Any) -> None:
    spent = []
    for territory, size in ((shanghai, 1), (chengdu, 6)):
        make_agency(territory=territory)
        trial = PolicyTrial.objects.select_related("version__policy", "against__policy").get(
            pk=previewed(risk_manager, territory=territory, size=size).pk
        )
        with CaptureQueriesContext(connection) as queries:
            look(trial)
        spent.append(len(queries))

    assert spent[0] == spent[1] <= 23


def test_there_is_no_preview_before_its_first_range_was_worked(shanghai: Any, risk_manager: Any) -> None:
    make_facts(account=make_overdue(territory=shanghai))
    draft = make_version(state="DRAFT", number=2, rules=[make_rule()])
    make_version(rules=[])

    trial = request_trial(kind="PREVIEW", version=draft, business_date=TODAY, actor=risk_manager, at=AT)

    assert look(trial) is None


def test_a_preview_of_a_draft_that_asks_for_no_visit_costs_nothing(shanghai: Any, risk_manager: Any) -> None:
    make_agency(territory=shanghai)
    make_facts(account=make_account(borrower=make_borrower(territory=shanghai)))

    preview = look(previewed(risk_manager, territory=shanghai, size=0))

    assert (preview.more, preview.unpriced, preview.cities, preview.costs, preview.overloaded) == (0, 0, (), (), ())
    assert (preview.refusals.asked, preview.refused_within, preview.is_complete) == (0, None, True)


def test_visits_without_an_agency_have_no_price_and_no_crew(shanghai: Any, risk_manager: Any) -> None:
    preview = look(previewed(risk_manager, territory=shanghai, size=2))

    (city,) = preview.cities
    assert (preview.costs, preview.unpriced, city.crew_days, city.room.agencies) == ((), 2, None, 0)
    assert (preview.more, preview.draft_has_changed) == (2, False)
