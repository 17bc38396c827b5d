"""Amounts held, used and released in a concession budget, and what the database refuses."""

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from backoffice.core.errors import DoorstepError, InvalidInput, StateConflict
from cases.models import ConcessionBudget, Decision, Waiver
from cases.services.decisions.concessions import (
    change_waivers,
    hold_concession,
    let_waiver_count,
    must_be_reversible,
    release_concessions,
)
from cases.services.decisions.lifecycle import approve_decision, approve_decisions, reject_decision
from cases.services.decisions.reversal import reverse_decision
from cases.services.decisions.waivers import follow_waivers
from tests.factories.casework import AT, TODAY, make_case
from tests.factories.concessions import make_budget, pay, propose_waiver, wish
from tests.factories.portfolio import make_overdue


@pytest.fixture
def budget(person, approver):
    return make_budget(set_by=person("RISK_MANAGER"), confirmed_by=approver)


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def sums():
    budget = ConcessionBudget.objects.get()
    return budget.available, budget.held, budget.used


def test_hold_concession_keeps_the_amount_from_the_proposal_on(budget, account, officer):
    decision = propose_waiver(account=account, officer=officer)

    waiver = decision.waiver
    assert sums() == (200, 800, 0)
    assert (waiver.state, waiver.budget, waiver.amount, waiver.pay) == ("HELD", budget, 800, 31200)
    assert (waiver.evidence_ref, waiver.counts_from, decision.expires_on) == ("STATEMENT-1", None, waiver.settle_by)


def test_hold_concession_without_a_budget_says_who_sets_one(account, officer):
    with pytest.raises(InvalidInput, match=r"风险经理|risk manager"):
        propose_waiver(account=account, officer=officer)

    assert Decision.objects.count() == 0


def test_hold_concession_of_more_than_is_left_says_how_much_is(budget, account, shanghai, officer):
    propose_waiver(account=account, officer=officer)

    with pytest.raises(InvalidInput, match=r"200\.00 CNY"):
        propose_waiver(account=make_overdue(territory=shanghai), officer=officer, due="201")

    assert (sums(), Decision.objects.count()) == ((200, 800, 0), 1)


def test_hold_concession_takes_the_territorys_own_budget_first(budget, account, shanghai, officer, person, approver):
    own = make_budget(
        set_by=person("RISK_MANAGER", name="other"), confirmed_by=approver, amount="900", territory=shanghai
    )

    assert propose_waiver(account=account, officer=officer).waiver.budget == own


def test_hold_concession_needs_the_transaction_and_the_terms_of_its_decision(budget, account, officer):
    decision = propose_waiver(account=account, officer=officer, due="300")

    with pytest.raises(IntegrityError), transaction.atomic():
        hold_concession(decision=decision, account=account, wish=wish("300"), at=AT)

    assert sums() == (700, 300, 0)


def test_let_waiver_count_begins_after_the_day_on_which_another_one_was_earned(budget, account, officer, approver):
    first = propose_waiver(account=account, officer=officer, due="300")
    approve_decision(decision=first, actor=approver, at=AT)
    pay(account=account, amount="31700", on=TODAY)
    follow_waivers(business_date=TODAY, at=AT)
    Decision.objects.filter(pk=first.pk).update(state="ACKNOWLEDGED")
    second = propose_waiver(account=account, case=first.case, officer=officer, due="300")

    let_waiver_count(decision=second, at=AT)

    second.waiver.refresh_from_db()
    assert second.waiver.counts_from == TODAY + timedelta(days=1)


def test_reject_decision_releases_what_it_held(budget, account, officer, approver):
    reject_decision(decision=propose_waiver(account=account, officer=officer), reason="No", actor=approver, at=AT)

    assert sums() == (1000, 0, 0)


def test_approve_decisions_takes_no_waiver_along(budget, account, officer, approver):
    propose_waiver(account=account, officer=officer)

    assert approve_decisions(decisions=Decision.objects.all(), actor=approver, at=AT).approved == 0

    assert (sums(), Decision.objects.get().state) == ((200, 800, 0), "PROPOSED")


def test_reverse_decision_before_it_is_earned_releases_and_tells_the_core_nothing(budget, account, officer, approver):
    decision = propose_waiver(account=account, officer=officer)
    approve_decision(decision=decision, actor=approver, at=AT)
    assert sums() == (200, 800, 0)

    reverse_decision(decision=decision, reason="Wrong account", actor=approver, at=AT)

    assert (sums(), decision.waiver.version) == ((1000, 0, 0), 0)


def test_release_concessions_of_other_decisions_changes_nothing(budget, account, officer):
    decision = propose_waiver(account=account, officer=officer)

    assert release_concessions(decisions=[decision.pk + 1], at=AT) == []
    assert release_concessions(decisions=[decision.pk], at=AT) == [decision.waiver.pk]
    assert release_concessions(decisions=[decision.pk], at=AT) == []
    assert sums() == (1000, 0, 0)


def test_must_be_reversible_refuses_what_was_earned(budget, account, officer, approver):
    decision = propose_waiver(account=account, officer=officer)
    approve_decision(decision=decision, actor=approver, at=AT)
    must_be_reversible(decision=decision)
    pay(account=account, amount="31200", on=TODAY)
    follow_waivers(business_date=TODAY, at=AT)

    with pytest.raises(StateConflict):
        reverse_decision(decision=decision, reason="Wrong", actor=approver, at=AT)
    assert sums() == (200, 0, 800)

    Waiver.objects.update(refused_reason="closed")
    reverse_decision(decision=decision, reason="The core cannot", actor=approver, at=AT)
    assert sums() == (1000, 0, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_change_waivers_costs_the_same_for_one_and_three(budget, shanghai, officer, count, django_assert_num_queries):
    for _number in range(count):
        propose_waiver(account=make_overdue(territory=shanghai), officer=officer, due="300")
    ids = list(Waiver.objects.values_list("pk", flat=True))

    # locks of the budgets, states, the step; nothing is told of what was only held
    with transaction.atomic(), django_assert_num_queries(3):
        assert change_waivers(waivers=ids, action="release", at=AT, earned_on=None) == sorted(ids)

    assert change_waivers(waivers=[], action="release", at=AT) == []


@pytest.mark.parametrize(
    "changes",
    [{"amount": 1}, {"pay": 1}, {"settle_by": TODAY}, {"due": 9000}, {"state": "USED"}],
    ids=["amount", "pay", "day", "due", "used without a day"],
)
def test_the_database_lets_nothing_of_a_waiver_change_but_its_state(budget, account, officer, changes):
    propose_waiver(account=account, officer=officer)

    with pytest.raises(IntegrityError), transaction.atomic():
        Waiver.objects.update(**changes)

    assert sums() == (200, 800, 0)


def test_the_database_keeps_released_waivers_released(budget, account, officer, approver):
    decision = propose_waiver(account=account, officer=officer)
    reject_decision(decision=decision, reason="No", actor=approver, at=AT)

    with pytest.raises(IntegrityError), transaction.atomic():
        Waiver.objects.update(state="HELD")

    assert sums() == (1000, 0, 0)


@pytest.mark.parametrize("changes", [{"held": 0}, {"used": 5}, {"amount": 799}], ids=["held", "used", "amount"])
def test_the_database_lets_nobody_write_the_sums_or_pass_the_budget(budget, account, officer, changes):
    propose_waiver(account=account, officer=officer)

    with pytest.raises(IntegrityError), transaction.atomic():
        ConcessionBudget.objects.update(**changes)

    assert sums() == (200, 800, 0)


@pytest.mark.parametrize("fields", [{"part": "INTEREST", "amount": 401}, {"amount": 801}], ids=["interest", "penalty"])
def test_the_database_bounds_a_waiver_by_what_is_due(budget, account, officer, fields):
    waiver = propose_waiver(account=account, officer=officer).waiver
    values = {
        name: getattr(waiver, name)
        for name in ("account", "budget", "part", "due", "amount", "pay", "settle_by", "created_at", "updated_at")
    }
    other = Decision.objects.get()
    other.pk, other.state = None, "REJECTED"
    other.save()

    with pytest.raises(IntegrityError), transaction.atomic():
        Waiver.objects.create(decision=other, evidence_ref="S", **(values | fields))


@pytest.mark.django_db(transaction=True)
def test_two_officers_at_the_last_of_a_budget_do_not_both_get_it(shanghai, person, approver):
    """Each waits for the other at the budget's row; one of them reads what is left after the other has taken it."""
    make_budget(set_by=person("RISK_MANAGER"), confirmed_by=approver)
    officers = [person("CASE_OFFICER", name=f"officer{number}") for number in range(4)]
    accounts = [make_overdue(territory=shanghai) for _officer in officers]
    cases = [make_case(account=account) for account in accounts]
    for officer in officers:
        _ = officer.territory_ids, officer.has_perm("cases.propose_decision")
    together, said = threading.Barrier(len(officers)), []

    def propose(number: int) -> None:
        try:
            together.wait()
            propose_waiver(account=accounts[number], case=cases[number], officer=officers[number], due="600")
            said.append("held")
        except DoorstepError as error:
            said.append(type(error).__name__)
        finally:
            connection.close()

    threads = [threading.Thread(target=propose, args=(number,)) for number in range(len(officers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["InvalidInput"] * 3 + ["held"]
    assert (sums(), Decision.objects.count()) == ((400, 600, 0), 1)


@pytest.mark.django_db(transaction=True)
def test_payment_and_reversal_at_the_same_moment_count_a_waiver_once(shanghai, person):
    approver, officer = person("APPROVER"), person("CASE_OFFICER")
    make_budget(set_by=person("RISK_MANAGER"), confirmed_by=approver)
    account = make_overdue(territory=shanghai)
    decision = propose_waiver(account=account, officer=officer)
    approve_decision(decision=decision, actor=approver, at=AT)
    pay(account=account, amount="31200", on=TODAY)
    together, said = threading.Barrier(3), []

    def act(what: str) -> None:
        try:
            together.wait()
            if what == "reverse":
                reverse_decision(decision=Decision.objects.get(), reason="Wrong", actor=approver, at=AT)
                said.append("reversed")
            elif follow_waivers(business_date=TODAY, at=AT):
                said.append("earned")
        except StateConflict:
            pass
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=(what,)) for what in ("reverse", "follow", "follow")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert said in (["reversed"], ["earned"])
    assert sums() == ((Decimal(1000), 0, 0) if said == ["reversed"] else (200, 0, Decimal(800)))
