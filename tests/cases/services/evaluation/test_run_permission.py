"""A run judges every territory: people of some territories neither start nor stop nor release one, whatever their role."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backoffice.access.roles import CARDS, Role
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import NotAllowed
from backoffice.core.reach import Reach
from cases.models import EvaluationRun, Quarantine
from cases.services.evaluation import catch_up, run_control, runs
from cases.services.evaluation.run_permission import may_control_runs
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_overdue

# The state in which each action is possible, and the action itself.
ACTIONS: dict[str, tuple[str, str, Callable[..., Any]]] = {
    "start": (
        "FINISHED",
        Role.RISK_MANAGER,
        lambda run, actor: runs.start_run(job="STANDING", business_date=TODAY, actor=actor, at=AT),
    ),
    "catch up": (
        "FINISHED",
        Role.RISK_MANAGER,
        lambda run, actor: catch_up.catch_up(job="STANDING", until=TODAY, actor=actor, at=AT),
    ),
    "pause": ("RUNNING", Role.RISK_MANAGER, lambda run, actor: run_control.pause_run(run=run, actor=actor, at=AT)),
    "resume": ("PAUSED", Role.RISK_MANAGER, lambda run, actor: run_control.resume_run(run=run, actor=actor, at=AT)),
    "cancel": ("RUNNING", Role.RISK_MANAGER, lambda run, actor: run_control.cancel_run(run=run, actor=actor, at=AT)),
    "retry": (
        "FINISHED",
        Role.RISK_MANAGER,
        lambda run, actor: run_control.retry_quarantined(run=run, borrower_ids=None, actor=actor, at=AT),
    ),
    "release": (
        "HELD",
        Role.APPROVER,
        lambda run, actor: run_control.release_run(run=run, note="fits", actor=actor, at=AT),
    ),
    "refuse": ("HELD", Role.APPROVER, lambda run, actor: run_control.refuse_held(run=run, actor=actor, at=AT)),
}


@pytest.fixture
def run(shanghai: Any) -> EvaluationRun:
    make_version()
    account = make_overdue(territory=shanghai, outstanding_principal=60000)
    begun = runs.start_run(job="TRIGGERS", business_date=TODAY, at=AT)
    begun.chunks.update(state="DEAD")
    Quarantine.objects.create(run=begun, borrower_id=account.borrower_id, error="x", created_at=AT)
    return begun


def in_state(run: EvaluationRun, state: str) -> EvaluationRun:
    EvaluationRun.objects.filter(pk=run.pk).update(state=state)
    run.refresh_from_db()
    return run


@pytest.mark.parametrize("action", ACTIONS)
def test_person_of_one_territory_is_refused_and_nothing_changes(
    run: EvaluationRun, person: Any, monkeypatch: pytest.MonkeyPatch, action: str
) -> None:
    state, role, act = ACTIONS[action]
    # Risk managers see everything today; the guard must not depend on that.
    monkeypatch.setitem(CARDS, role, replace(CARDS[role], reach=Reach.TERRITORY))
    entries = AuditEntry.objects.count()

    with pytest.raises(NotAllowed):
        act(in_state(run, state), person(role))

    assert (EvaluationRun.objects.get().state, AuditEntry.objects.count()) == (state, entries)


@pytest.mark.parametrize("action", ACTIONS)
def test_person_of_all_territories_may(run: EvaluationRun, person: Any, action: str) -> None:
    state, role, act = ACTIONS[action]
    entries = AuditEntry.objects.count()

    act(in_state(run, state), person(role, all_territories=True))

    assert AuditEntry.objects.count() > entries


@pytest.mark.parametrize("role", [role for role in Role.values if role not in (Role.RISK_MANAGER, Role.APPROVER)])
@pytest.mark.parametrize("action", ACTIONS)
def test_other_roles_are_refused_even_with_all_territories(
    run: EvaluationRun, person: Any, role: str, action: str
) -> None:
    state, _role, act = ACTIONS[action]

    with pytest.raises(NotAllowed):
        act(in_state(run, state), person(role, all_territories=True))
    assert EvaluationRun.objects.get().state == state


def test_the_system_may() -> None:
    may_control_runs(actor=None, permission="cases.run_evaluation")
