"""A replay judges a past day again by its kept facts and its own policies, and names what differs."""

from datetime import timedelta
from typing import Any

import pytest

from cases.models import EvaluationRun, PolicyTerm, PolicyTrial, PolicyVersion, RunPolicy, TriggerHit
from cases.rules.trials.trial_figures import figures_from
from cases.services.evaluation import chunks, runs
from cases.services.trials import trial_worker
from cases.services.trials.trial_requests import request_trial
from tests.factories.facts import make_facts
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


def replayed(version: PolicyVersion, person: Any, *, days: int = 0) -> Any:
    trial = request_trial(
        kind="REPLAY", version=version, business_date=TODAY + days * DAY, actor=person, at=AT + 9 * DAY
    )
    return figures_from(work(trial).figures[0])


def portfolio(territory: Any) -> list[Any]:
    return [make_overdue(territory=territory, days=days, arrears="32000") for days in (15, 35, 61, 95, 130)]


def test_a_replay_finds_again_what_the_night_found(shanghai: Any, risk_manager: Any) -> None:
    version = make_version(
        rules=[
            make_rule(code="LARGE", value="20000"),
            make_rule(code="OLD", feature="days_past_due", op="eq", value=61),
        ]
    )
    accounts = portfolio(shanghai)
    night(version)
    # A day later one has paid and another has no longer 61 days.
    paid = accounts[3]
    type(paid).objects.filter(pk=paid.pk).update(arrears_amount=0, days_past_due=0, as_of=TODAY + DAY)
    night(version, days=1)

    first, second = replayed(version, risk_manager), replayed(version, risk_manager, days=1)

    assert TriggerHit.objects.filter(left_on=TODAY + DAY).count() == 2
    assert (first.accounts, first.replay) == (5, {"same": {"LARGE": 5, "OLD": 1}})
    assert (second.accounts, second.replay) == (4, {"same": {"LARGE": 4}})


def test_a_replay_takes_the_version_that_judged_the_day_not_todays(shanghai: Any, risk_manager: Any) -> None:
    then = make_version(rules=[make_rule(code="LARGE", value="20000")])
    portfolio(shanghai)
    run = night(then)
    assert RunPolicy.objects.get(run=run).version == then
    PolicyVersion.objects.filter(pk=then.pk).update(state="RETIRED")
    PolicyTerm.objects.update(effective_until=TODAY)
    now = make_version(number=2, rules=[make_rule(code="LARGE", value="90000")])

    assert replayed(now, risk_manager).replay == {"same": {"LARGE": 5}}


@pytest.mark.owner_rights
def test_a_replay_names_what_differs(shanghai: Any, risk_manager: Any) -> None:
    version = make_version(rules=[make_rule(code="LARGE", value="20000")])
    accounts = portfolio(shanghai)
    night(version)
    gone, made_up = TriggerHit.objects.get(account=accounts[0]), accounts[1]
    TriggerHit.objects.filter(pk=gone.pk).delete()
    TriggerHit.objects.create(
        account=made_up,
        borrower=made_up.borrower,
        rule="OTHER",
        policy_version=version,
        entered_on=TODAY,
        created_at=AT,
    )

    found = replayed(version, risk_manager)

    assert found.replay == {"same": {"LARGE": 4}, "unrecorded": {"LARGE": 1}, "unfounded": {"OTHER": 1}}
    assert found.differences == {"unrecorded": {"LARGE": [gone.account_id]}, "unfounded": {"OTHER": [made_up.pk]}}


def test_a_hit_in_a_currency_without_a_rate_is_no_difference(shanghai: Any, risk_manager: Any) -> None:
    version = make_version(rules=[make_rule(code="LARGE", value="20000")])
    account = make_overdue(territory=shanghai, currency="XXX")
    make_facts(account=account)
    TriggerHit.objects.create(
        account=account,
        borrower=account.borrower,
        rule="LARGE",
        policy_version=version,
        entered_on=TODAY - DAY,
        created_at=AT,
    )
    night(version)

    assert replayed(version, risk_manager).replay == {"unjudged": {"LARGE": 1}}
