"""Concession budgets: two people, no overlap, another amount by an amendment."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from cases.models import ConcessionBudget
from cases.services.decisions.concession_budgets import (
    confirm_concession_budget,
    discard_concession_budget,
    set_concession_budget,
)
from tests.factories.casework import AT
from tests.factories.concessions import make_budget, propose_waiver
from tests.factories.portfolio import make_overdue


@pytest.fixture
def risk(person):
    return person("RISK_MANAGER")


@pytest.fixture
def everywhere(person):
    return person("APPROVER", name="everywhere", all_territories=True)


def ask(risk, **fields):
    values = {"currency": "CNY", "starts_on": date(2026, 3, 1), "period": "MONTH", "amount": Decimal(1000)} | fields
    return set_concession_budget(actor=risk, at=AT, **values)


def test_set_concession_budget_counts_once_another_person_confirmed(risk, everywhere):
    budget = ask(risk, period="QUARTER")
    assert (budget.state, budget.ends_on, budget.confirmed_by) == ("DRAFT", date(2026, 5, 31), None)

    confirm_concession_budget(budget=budget, actor=everywhere, at=AT)

    budget.refresh_from_db()
    assert (budget.state, budget.confirmed_by, budget.available) == ("CONFIRMED", everywhere, 1000)
    assert list(AuditEntry.objects.order_by("pk").values_list("action", flat=True)) == [
        "concession_budget.set",
        "concession_budget.confirmed",
    ]


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"currency": "cny"}, "currency"),
        ({"starts_on": date(2026, 3, 2)}, "starts_on"),
        ({"period": "YEAR"}, "period"),
        ({"amount": Decimal(0)}, "amount"),
        ({"amount": Decimal("0.5"), "currency": "JPY"}, "amount"),
    ],
)
def test_set_concession_budget_names_the_field_that_does_not_fit(risk, fields, field):
    with pytest.raises(InvalidInput) as refusal:
        ask(risk, **fields)

    assert (refusal.value.field, ConcessionBudget.objects.count()) == (field, 0)


@pytest.mark.parametrize("role", ["APPROVER", "CASE_OFFICER", "AUDITOR", "ADMINISTRATOR", "DISPATCHER"])
def test_set_concession_budget_is_for_the_risk_manager(person, role):
    with pytest.raises(NotAllowed):
        ask(person(role, name="other", all_territories=True))
    with pytest.raises(NotAllowed):
        ask(None)


def test_confirm_concession_budget_never_by_who_set_it_nor_by_people_of_a_territory(risk, approver, shanghai, chengdu):
    budget = make_budget(set_by=approver, confirmed_by=None, state="DRAFT", confirmed_at=None, territory=shanghai)
    with pytest.raises(SelfApproval):
        confirm_concession_budget(budget=budget, actor=approver, at=AT)
    for other in (ask(risk), ask(risk, territory=chengdu)):
        with pytest.raises(NotAllowed):
            confirm_concession_budget(budget=other, actor=approver, at=AT)

    with pytest.raises(IntegrityError), transaction.atomic():
        ConcessionBudget.objects.filter(pk=budget.pk).update(state="CONFIRMED", confirmed_by=approver, confirmed_at=AT)

    assert not ConcessionBudget.objects.filter(state="CONFIRMED").exists()


def test_budgets_in_use_do_not_overlap(risk, everywhere, shanghai):
    drafts = [ask(risk, period="QUARTER"), ask(risk, starts_on=date(2026, 5, 1))]
    confirm_concession_budget(budget=drafts[0], actor=everywhere, at=AT)

    with pytest.raises(StateConflict):
        confirm_concession_budget(budget=drafts[1], actor=everywhere, at=AT)
    with pytest.raises(InvalidInput):
        ask(risk, starts_on=date(2026, 4, 1))
    with pytest.raises(IntegrityError, match="one_concession_budget_a_day"), transaction.atomic():
        make_budget(set_by=risk, confirmed_by=everywhere, starts_on=date(2026, 5, 1), ends_on=date(2026, 5, 31))

    for other in ({"currency": "USD"}, {"territory": shanghai}, {"starts_on": date(2026, 6, 1)}):
        confirm_concession_budget(budget=ask(risk, **other), actor=everywhere, at=AT)
    assert ConcessionBudget.objects.filter(state="CONFIRMED").count() == 4


def test_an_amendment_gives_the_budget_in_use_another_amount(risk, everywhere, officer, shanghai):
    budget = make_budget(set_by=risk, confirmed_by=everywhere)
    propose_waiver(account=make_overdue(territory=shanghai), officer=officer)
    amendment = ask(risk, amount=Decimal(2000))
    lower = ask(risk, amount=Decimal(900))
    with pytest.raises(InvalidInput):
        ask(risk, amount=Decimal(799))

    assert confirm_concession_budget(budget=amendment, actor=everywhere, at=AT) == budget

    budget.refresh_from_db()
    amendment.refresh_from_db()
    assert (budget.amount, budget.available, amendment.state, amendment.amends) == (2000, 1200, "RETIRED", budget)
    propose_waiver(account=make_overdue(territory=shanghai), officer=officer)
    with pytest.raises(InvalidInput):
        confirm_concession_budget(budget=lower, actor=everywhere, at=AT)


def test_discard_concession_budget_keeps_it_out_of_use(risk, everywhere):
    budget = ask(risk)

    discard_concession_budget(budget=budget, actor=risk, at=AT)

    with pytest.raises(StateConflict):
        confirm_concession_budget(budget=budget, actor=everywhere, at=AT)
    assert ConcessionBudget.objects.get().state == "RETIRED"
