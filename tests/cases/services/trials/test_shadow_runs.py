"""Shadow runs: one comparison after each finished night, until the run ends."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from backoffice.access.roles import CARDS, Role
from backoffice.core.errors import NotAllowed, StateConflict
from cases.models import EvaluationRun, PolicyTrial, PolicyVersion, ShadowRun, TriggerHit
from cases.rules.trials.trial_figures import figures_from
from cases.services.evaluation import chunks, runs
from cases.services.trials import trial_worker
from cases.services.trials.shadow_runs import begin_shadow, end_shadow, queue_due_comparisons
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import AT, TODAY, make_overdue

pytestmark = pytest.mark.django_db


DAY = timedelta(days=1)


def night(version: PolicyVersion, *, days: int = 0) -> EvaluationRun:
    run = runs.start_run(job="TRIGGERS", business_date=TODAY + days * DAY, at=AT + days * DAY)
    while chunks.work_chunk(run_id=run.pk, at=AT + days * DAY):
        pass
    assert runs.settle_run(run_id=run.pk, at=AT + days * DAY)
    run.refresh_from_db()
    return run


def work(trial: PolicyTrial) -> PolicyTrial:
    while trial_worker.work_trial(trial_id=trial.pk, at=AT):
        pass
    trial.refresh_from_db()
    assert trial.last_error == ""
    return trial


def portfolio(territory: Any) -> list[Any]:
    return [make_overdue(territory=territory, days=days, arrears="32000") for days in (15, 35, 61, 95, 130)]


def test_a_shadow_is_compared_once_after_each_finished_night(shanghai: Any, risk_manager: Any) -> None:
    active = make_version(rules=[make_rule(code="LARGE", value="40000")])
    draft = make_version(state="DRAFT", number=2, rules=[make_rule(code="LARGE", value="20000")])
    portfolio(shanghai)
    begin_shadow(version=draft, from_date=TODAY, until_date=TODAY + 5 * DAY, actor=risk_manager, at=AT)
    assert queue_due_comparisons(at=AT) == 0
    night(active)

    assert (queue_due_comparisons(at=AT), queue_due_comparisons(at=AT)) == (1, 0)
    night(active, days=1)
    assert queue_due_comparisons(at=AT + DAY) == 1

    trials = [work(trial) for trial in PolicyTrial.objects.order_by("business_date")]
    assert [(t.kind, t.version, t.against, t.state) for t in trials] == [("SHADOW", draft, active, "FINISHED")] * 2
    assert [figures_from(t.figures[0]).borrowers["opened"] for t in trials] == [5, 5]
    assert TriggerHit.objects.count() == 0


def test_a_shadow_ends_by_hand_or_when_its_version_comes_into_force(shanghai: Any, risk_manager: Any) -> None:
    active = make_version(rules=[])
    draft = make_version(state="DRAFT", number=2, rules=[])
    days = {"from_date": TODAY, "until_date": TODAY + DAY}
    with pytest.raises(StateConflict):
        begin_shadow(version=active, actor=risk_manager, at=AT, **days)
    shadow = begin_shadow(version=draft, actor=risk_manager, at=AT, **days)
    with pytest.raises(StateConflict):
        begin_shadow(version=draft, actor=risk_manager, at=AT, **days)

    end_shadow(shadow=shadow, actor=risk_manager, at=AT)
    with pytest.raises(StateConflict):
        end_shadow(shadow=shadow, actor=risk_manager, at=AT)
    begin_shadow(version=draft, actor=risk_manager, at=AT, **days)
    PolicyVersion.objects.filter(pk=active.pk).update(state="RETIRED")
    PolicyVersion.objects.filter(pk=draft.pk).update(state="ACTIVE")
    queue_due_comparisons(at=AT + DAY)

    assert list(ShadowRun.objects.order_by("pk").values_list("ended_at", flat=True)) == [AT, AT + DAY]


def test_shadow_runs_are_closed_to_a_person_of_one_territory(
    shanghai: Any, risk_manager: Any, approver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    card = CARDS[Role.APPROVER]
    permissions = card.permissions | {"cases.run_policytrial"}
    monkeypatch.setitem(CARDS, Role.APPROVER, replace(card, permissions=permissions))
    draft = make_version(state="DRAFT", rules=[])
    days = {"from_date": TODAY, "until_date": TODAY + DAY}

    with pytest.raises(NotAllowed):
        begin_shadow(version=draft, actor=approver, at=AT, **days)
    assert ShadowRun.objects.count() == 0
    shadow = begin_shadow(version=draft, actor=risk_manager, at=AT, **days)
    with pytest.raises(NotAllowed):
        end_shadow(shadow=shadow, actor=approver, at=AT)

    assert ShadowRun.objects.get().ended_at is None
