"""Trying a version on kept facts: counted in the database as one would count by hand, worked piece by piece."""

import random
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from backoffice.core.errors import InvalidInput, NotAllowed
from cases.models import AccountFacts, Case, CaseEvent, PolicyTrial, PolicyVersion, RuleMute, TriggerHit
from cases.rules.policy.body import parse_policy
from cases.rules.policy.conditions import rule_q
from cases.rules.trials.trial_figures import bucket_of, figures_from
from cases.services.trials import request_trial
from cases.services.trials import trial_worker as trial_work
from cases.services.trials.request_trial import ask_trial, backtest
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import AT, TODAY, make_account, make_borrower, make_overdue

pytestmark = pytest.mark.django_db

ACTIVE = [
    make_rule(code="LARGE", value="30000"),
    make_rule(code="OLD", feature="days_past_due", value=60, needs_visit=False),
]
DRAFT = [
    make_rule(code="LARGE", value="20000"),
    make_rule(code="NEAR", feature="days_past_due", op="lt", value=40),
]


def versions() -> tuple[PolicyVersion, PolicyVersion]:
    return make_version(rules=ACTIVE), make_version(state="DRAFT", number=2, rules=DRAFT)


def work(trial: PolicyTrial) -> PolicyTrial:
    while trial_work.work_trial(trial_id=trial.pk, at=AT):
        pass
    trial.refresh_from_db()
    return trial


def portfolio(*, territories: list[Any], size: int = 60) -> None:
    dice = random.Random(11)
    for _one in range(size):
        borrower = make_borrower(territory=dice.choice(territories))
        for _account in range(dice.choice([1, 1, 2])):
            account = make_account(
                borrower=borrower,
                days_past_due=dice.choice([0, 5, 31, 61, 200]),
                currency=dice.choice(["CNY", "CNY", "XXX"]),
                arrears_amount=Decimal(dice.choice([0, 15000, 25000, 40000])),
                outstanding_principal=Decimal(dice.choice([10000, 60000])),
            )
            make_facts(account=account, protected_flags=dice.choice([0, 0, 0, 1]))


def by_hand(version: PolicyVersion) -> dict[str, set[tuple[int, int]]]:
    policy = parse_policy(version.body)
    return {
        rule.code: set(
            AccountFacts.objects.filter(request_trial.OVERDUE, rule_q(rule.when, policy=policy)).values_list(
                "account_id", "borrower_id"
            )
        )
        for rule in policy.rules
    }


def test_backtest_counts_as_one_would_by_hand(shanghai: Any, chengdu: Any, risk_manager: Any) -> None:
    active, draft = versions()
    portfolio(territories=[shanghai, chengdu])
    old, new = by_hand(active), by_hand(draft)
    muted = sorted(borrower for _account, borrower in new["LARGE"] - old["LARGE"])[:2]
    for borrower in muted:
        RuleMute.objects.create(
            borrower_id=borrower, rule="LARGE", until=TODAY, why="known", set_by=risk_manager, created_at=AT
        )

    figures = backtest(version=draft, against=active, business_date=TODAY)

    live = {code: {b for _a, b in pairs if code != "LARGE" or b not in muted} for code, pairs in new.items()}
    before = {code: {b for _a, b in pairs if code != "LARGE" or b not in muted} for code, pairs in old.items()}
    people, people_before = set().union(*live.values()), set().union(*before.values())
    assert figures.accounts == AccountFacts.objects.filter(request_trial.OVERDUE).count()
    assert figures.uncompared == AccountFacts.objects.filter(request_trial.OVERDUE, currency="XXX").count() > 0
    assert figures.hits["new"] == {code: len(pairs) for code, pairs in new.items()}
    assert figures.hits["old"] == {code: len(pairs) for code, pairs in old.items()}
    assert figures.hits["entered"]["LARGE"] == len(new["LARGE"] - old["LARGE"])
    assert figures.hits["both"] == {"LARGE": len(new["LARGE"] & old["LARGE"])}
    assert figures.hits["muted"]["LARGE"] == len([1 for _a, b in new["LARGE"] if b in muted])
    assert figures.borrowers["opened"] == len(people - people_before) > 0
    assert figures.borrowers["closed"] == len(people_before - people) > 0
    assert figures.borrowers["kept"] == len(people & people_before) > 0
    assert figures.opened["reason"] == {
        code: len(borrowers - people_before) for code, borrowers in live.items() if borrowers - people_before
    }
    assert sum(figures.opened["city"].values()) == sum(figures.opened["bucket"].values()) == figures.borrowers["opened"]
    assert figures.borrowers["visits_new"] == len(people)
    assert figures.borrowers["visits_old"] == len(before["LARGE"])


def test_backtest_reads_with_as_many_statements_for_few_as_for_many(shanghai: Any, chengdu: Any) -> None:
    active, draft = versions()
    counts = []
    for _more in range(2):
        portfolio(territories=[shanghai, chengdu], size=20)
        with CaptureQueriesContext(
            connection,
        ) as asked:
            backtest(version=draft, against=active, business_date=TODAY)
        counts.append(len(asked))
        assert not [each["sql"] for each in asked if each["sql"].startswith(("INSERT", "UPDATE", "DELETE"))]

    assert counts[0] == counts[1] == 4


def test_a_city_and_bucket_are_those_of_the_longest_overdue_account(shanghai: Any, chengdu: Any) -> None:
    borrower = make_borrower(territory=shanghai)
    for territory, days in ((shanghai, 35), (chengdu, 95)):
        make_facts(
            account=make_account(
                borrower=borrower, territory=territory, days_past_due=days, arrears_amount=Decimal(25000)
            )
        )
    _active, draft = versions()

    figures = backtest(version=draft, against=None, business_date=TODAY)

    assert figures.opened == {"reason": {"LARGE": 1, "NEAR": 1}, "city": {str(chengdu.pk): 1}, "bucket": {"M4": 1}}
    assert (bucket_of(0), bucket_of(1), bucket_of(30), bucket_of(31), bucket_of(900)) == ("M0", "M1", "M1", "M2", "M7+")


def test_a_draft_of_a_segment_judges_that_segment_alone(shanghai: Any) -> None:
    active, _draft = versions()
    mine = make_overdue(territory=shanghai, arrears="25000", segment="vip")
    theirs = make_overdue(territory=shanghai, arrears="25000", segment="mass")
    both = make_overdue(territory=shanghai, arrears="25000", segment="vip")
    also = make_account(borrower=both.borrower, days_past_due=95, arrears_amount=Decimal(50000), segment="mass")
    for account in (mine, theirs, both, also):
        make_facts(account=account)
    from cases.models import Policy

    vip = Policy.objects.create(name="vip", segment="vip", created_at=AT)
    draft = PolicyVersion.objects.create(
        policy=vip, number=1, body=active.body | {"rules": [DRAFT[0]]}, created_at=AT, updated_at=AT
    )

    figures = backtest(version=draft, against=request_trial.against_in_force(version=draft), business_date=TODAY)

    # "OLD" holds for all of them under the policy of everybody; a borrower with a reason elsewhere keeps the case.
    assert figures.hits["new"] == {"LARGE": 2}
    assert figures.hits["old"] == {"OLD": 2}
    assert figures.borrowers.get("opened", 0) == figures.borrowers.get("closed", 0) == 0
    assert figures.borrowers["visits_more"] == 1
    assert figures.visits_more["reason"] == {"LARGE": 1}


def test_a_day_without_facts_is_refused_with_the_days_that_are_kept(shanghai: Any, risk_manager: Any) -> None:
    active, draft = versions()
    with override("en"), pytest.raises(InvalidInput, match="No facts are kept yet"):
        backtest(version=draft, against=active, business_date=TODAY)
    make_facts(account=make_overdue(territory=shanghai))

    with pytest.raises(InvalidInput, match="2026-03-02") as refused:
        ask_trial(kind="BACKTEST", version=draft, business_date=TODAY - timedelta(days=9), actor=risk_manager, at=AT)

    assert refused.value.field == "business_date"
    assert PolicyTrial.objects.count() == 0


def test_a_trial_is_worked_in_ranges_and_gives_what_one_look_gives(
    shanghai: Any, chengdu: Any, risk_manager: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    active, draft = versions()
    portfolio(territories=[shanghai, chengdu])
    at_once = backtest(version=draft, against=active, business_date=TODAY)
    before = [model.objects.count() for model in (TriggerHit, Case, CaseEvent, AccountFacts)]
    monkeypatch.setattr(request_trial, "RANGE_FACTS", 7)

    trial = ask_trial(kind="BACKTEST", version=draft, business_date=TODAY, actor=risk_manager, at=AT)
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
    trial = ask_trial(kind="BACKTEST", version=draft, business_date=TODAY, actor=risk_manager, at=AT)
    slow = trial_work._claim(trial_id=trial.pk, at=AT)
    assert slow is not None
    assert trial_work.work_trial(trial_id=trial.pk, at=AT) is False
    later = AT + timedelta(minutes=5)
    assert trial_work.enqueue_open_trials(at=later) == 1

    assert trial_work.work_trial(trial_id=trial.pk, at=later) is True
    trial_work._work(trial=slow, at=later)

    trial.refresh_from_db()
    assert (trial.state, trial.done_count, len(trial.figures)) == ("FINISHED", 1, 1)


def test_a_trial_over_several_days_keeps_one_entry_a_day_that_has_facts(shanghai: Any, risk_manager: Any) -> None:
    _active, draft = versions()
    account = make_overdue(territory=shanghai, arrears="25000")
    for days in (0, 1, 3):
        make_facts(account=account, business_date=TODAY + timedelta(days=days))

    trial = work(
        ask_trial(
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


def test_a_draft_is_tried_as_it_was_when_it_was_asked_for(shanghai: Any, risk_manager: Any) -> None:
    _active, draft = versions()
    make_facts(account=make_overdue(territory=shanghai, arrears="25000"))
    trial = ask_trial(kind="BACKTEST", version=draft, business_date=TODAY, actor=risk_manager, at=AT)
    PolicyVersion.objects.filter(pk=draft.pk).update(body=draft.body | {"rules": []})

    assert figures_from(work(trial).figures[0]).hits["new"] == {"LARGE": 1}


def test_rules_that_cannot_be_read_end_a_trial_with_words(shanghai: Any, risk_manager: Any) -> None:
    _active, draft = versions()
    make_facts(account=make_overdue(territory=shanghai))
    trial = ask_trial(kind="BACKTEST", version=draft, business_date=TODAY, actor=risk_manager, at=AT)
    PolicyTrial.objects.filter(pk=trial.pk).update(body=draft.body | {"rules": [make_rule(feature="age", value=30)]})

    trial = work(trial)

    assert trial.state == "FAILED"
    assert "age" in trial.last_error


def test_only_those_who_may_try_policies_do(shanghai: Any, approver: Any, officer: Any) -> None:
    _active, draft = versions()
    make_facts(account=make_overdue(territory=shanghai))
    for person in (approver, officer):
        with pytest.raises(NotAllowed):
            ask_trial(kind="BACKTEST", version=draft, business_date=TODAY, actor=person, at=AT)
    assert PolicyTrial.objects.visible_to(approver).count() == 0


def test_a_preview_counts_whom_rewards_and_restrictions_would_reach(shanghai: Any, risk_manager: Any) -> None:
    _active, draft = versions()
    good = make_account(borrower=make_borrower(territory=shanghai))
    make_facts(account=good, on_time_months=7)
    freeze = {
        "code": "FREEZE_OLD",
        "title": {"en": "Old", "zh": "旧"},
        "when": {"feature": "days_past_due", "op": "gte", "value": 61},
        "effect": {"kind": "FREEZE", "expires_days": 90},
    }
    PolicyVersion.objects.filter(pk=draft.pk).update(body=draft.body | {"restrictions": [freeze]})
    draft.refresh_from_db()
    for flags in (0, 1):
        make_facts(account=make_overdue(territory=shanghai, days=70), protected_flags=flags)

    trial = work(ask_trial(kind="PREVIEW", version=draft, business_date=TODAY, actor=risk_manager, at=AT))

    standing = trial.figures[0]["standing"]
    # Six months on time comes before three: the first that holds counts. A protected borrower is restricted by nothing.
    assert standing["new"] == {"SIX_MONTHS_ON_TIME": 1, "FREEZE_OLD": 1}
    assert standing["old"]["SIX_MONTHS_ON_TIME"] == 1
