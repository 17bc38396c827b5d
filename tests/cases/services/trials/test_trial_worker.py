"""A trial is worked range by range under a lease, and fails with a message where its rules are invalid."""

from datetime import timedelta
from typing import Any

import pytest

from cases.models import AccountFacts, Case, CaseEvent, PolicyTrial, TriggerHit
from cases.rules.trials.trial_figures import figures_from
from cases.services.trials import fact_ranges, trial_worker
from cases.services.trials.backtest import backtest
from cases.services.trials.trial_requests import request_trial
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule
from tests.factories.portfolio import AT, TODAY, make_overdue
from tests.factories.trials import portfolio, versions, work

pytestmark = pytest.mark.django_db


def test_a_trial_is_worked_in_ranges_and_gives_what_one_look_gives(
    shanghai: Any, chengdu: Any, risk_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    active, draft = versions()
    portfolio(territories=[shanghai, chengdu])
    at_once = backtest(version=draft, against=active, business_date=TODAY)
    before = [model.objects.count() for model in (TriggerHit, Case, CaseEvent, AccountFacts)]
    monkeypatch.setattr(fact_ranges, "RANGE_FACTS", 7)

    trial = request_trial(kind="BACKTEST", version=draft, business_date=TODAY, actor=risk_manager, at=AT)
    assert (trial.state, trial.against, trial.account_count) == ("QUEUED", active, at_once.accounts)
    trial = work(trial)

    found = figures_from(trial.figures[0])
    assert (trial.state, trial.done_count, trial.epoch > 5) == ("FINISHED", at_once.accounts, True)
    assert {**found.as_json(), "seconds": 0} == {**at_once.as_json(), "seconds": 0}
    assert [model.objects.count() for model in (TriggerHit, Case, CaseEvent, AccountFacts)] == before
    # Everybody whom only the draft would visit is in the sample while they are few.
    assert len(trial.sample) == found.borrowers["visits_more"]


def test_a_worker_whose_lease_was_taken_over_adds_nothing(shanghai: Any, risk_manager: Any) -> None:
    _active, draft = versions()
    make_facts(account=make_overdue(territory=shanghai))
    trial = request_trial(kind="BACKTEST", version=draft, business_date=TODAY, actor=risk_manager, at=AT)
    slow = trial_worker._claim(trial_id=trial.pk, at=AT)
    assert slow is not None
    assert trial_worker.work_trial(trial_id=trial.pk, at=AT) is False
    later = AT + timedelta(minutes=5)
    assert trial_worker.enqueue_open_trials(at=later) == 1

    assert trial_worker.work_trial(trial_id=trial.pk, at=later) is True
    trial_worker._work(trial=slow, at=later)

    trial.refresh_from_db()
    assert (trial.state, trial.done_count, len(trial.figures)) == ("FINISHED", 1, 1)


def test_a_trial_over_several_days_keeps_one_entry_a_day_that_has_facts(shanghai: Any, risk_manager: Any) -> None:
    _active, draft = versions()
    account = make_overdue(territory=shanghai, arrears="25000")
    for days in (0, 1, 3):
        make_facts(account=account, business_date=TODAY + timedelta(days=days))

    trial = work(
        request_trial(
            kind="BACKTEST",
            version=draft,
            business_date=TODAY - timedelta(days=2),
            until_date=TODAY + timedelta(days=5),
            actor=risk_manager,
            at=AT,
        )
    )

    assert [entry["business_date"] for entry in trial.figures] == ["2026-03-02", "2026-03-03", "2026-03-05"]
    assert [entry["hits"]["entered"] for entry in trial.figures] == [{"LARGE": 1}] * 3


def test_rules_that_cannot_be_read_end_a_trial_with_words(shanghai: Any, risk_manager: Any) -> None:
    _active, draft = versions()
    make_facts(account=make_overdue(territory=shanghai))
    trial = request_trial(kind="BACKTEST", version=draft, business_date=TODAY, actor=risk_manager, at=AT)
    PolicyTrial.objects.filter(pk=trial.pk).update(body=draft.body | {"rules": [make_rule(feature="age", value=30)]})

    trial = work(trial)

    assert trial.state == "FAILED"
    assert "age" in trial.last_error
