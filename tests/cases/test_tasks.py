"""The queue's doors of the daily work: what the schedule names exists, and may run at any time, any number of times."""

import pytest
from django.conf import settings

from backoffice.celery import app
from cases import tasks
from cases.models import BorrowerFlag, Case, Decision, PersonMerge, Waiver
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import AT, TODAY, make_case, make_decision
from tests.factories.concessions import make_budget, pay, propose_waiver
from tests.factories.people import make_sharing
from tests.factories.portfolio import make_overdue


@pytest.mark.parametrize(
    "name",
    [
        "cases.tasks.sweep_case_deadlines",
        "cases.tasks.settle_promises",
        "cases.tasks.suggest_people",
        "cases.tasks.expire_decisions",
        "cases.tasks.evaluate_due",
        "backoffice.outbox.tasks.relay",
    ],
)
def test_schedule_names_a_task(name):
    app.loader.import_default_modules()

    assert name in app.tasks
    assert name in {entry["task"] for entry in settings.CELERY["beat_schedule"].values()}


def test_sweep_case_deadlines_ends_what_is_over(shanghai, approver):
    account = make_overdue(territory=shanghai)
    make_case(account=account, stage="ON_HOLD", held_until=TODAY)
    BorrowerFlag.objects.create(
        borrower=account.borrower, kind="CEASE", source="CALL", set_at="2026-01-01T00:00Z", expires_on=TODAY
    )

    for _again in range(2):
        tasks.sweep_case_deadlines()

    assert Case.objects.get().stage == "IN_WORK"
    assert BorrowerFlag.objects.get().cleared_at is not None


def test_expire_decisions_works_until_nothing_is_left(shanghai):
    make_decision(account=make_overdue(territory=shanghai), kind="FREEZE", expires_on=TODAY)

    for _again in range(2):
        tasks.expire_decisions()

    assert Decision.objects.get().state == "REJECTED"


@pytest.mark.django_db
def test_settle_promises_runs_on_an_empty_house():
    tasks.settle_promises(unknown="an older worker's argument")


def test_suggest_people_looks_at_all_borrowers_and_may_run_again(shanghai):
    make_sharing(territory=shanghai)

    for _again in range(2):
        tasks.suggest_people()

    assert [merge.state for merge in PersonMerge.objects.all()] == ["SUGGESTED"]


def test_check_terms_lets_waivers_follow_payments(shanghai, officer, approver, person):
    make_budget(set_by=person("RISK_MANAGER"), confirmed_by=approver)
    account = make_overdue(territory=shanghai)
    approve_decision(decision=propose_waiver(account=account, officer=officer), actor=approver, at=AT)
    pay(account=account, amount="31200", on=TODAY)

    tasks.check_terms()

    assert Waiver.objects.get().state == "USED"
