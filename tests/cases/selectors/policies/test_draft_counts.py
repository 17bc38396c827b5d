"""What a draft hits today: by the conditions of the nightly run, for its segment, within the reader's scope."""

from datetime import timedelta
from typing import Any

import pytest
from django.core.cache import cache

from cases.models import AccountFacts, TriggerHit
from cases.rules.policy.draft_reading import read_draft
from cases.selectors.policies.draft_counts import draft_counts, latest_judged_day, segments_known
from cases.services.evaluation import chunks, runs
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, make_version, policy_body
from tests.factories.portfolio import AT, TODAY, make_account, make_borrower, make_overdue

pytestmark = pytest.mark.django_db


ALL = {"feature": "arrears_amount", "op": "gte", "value": "0"}


@pytest.fixture(autouse=True)
def _no_old_counts() -> None:
    cache.clear()


def counts(user: Any, *, segment: str = "", body: Any = None, **how: Any) -> Any:
    reading = read_draft(body or policy_body(gate=ALL, rules=[make_rule()], rewards=[], restrictions=[]))
    return draft_counts(reading=reading, segment=segment, user=user, **how)


def test_draft_counts_agree_with_the_run_of_that_night(risk_manager: Any, shanghai: Any) -> None:
    version = make_version()
    for arrears in range(10_000, 90_000, 10_000):
        make_overdue(territory=shanghai, arrears=str(arrears), outstanding_principal=arrears + 20_000)
    run = runs.start_run(business_date=TODAY, job="TRIGGERS", at=AT)
    while chunks.work_chunk(run_id=run.pk, at=AT):
        pass
    assert runs.settle_run(run_id=run.pk, at=AT)

    found = counts(risk_manager, body=version.body)

    by_rule = {part: hits.now.value for part, hits in found.parts.items() if part.startswith("rules[")}
    for index, rule in enumerate(version.body["rules"]):
        held = TriggerHit.objects.filter(rule=rule["code"], left_on__isnull=True).count()
        assert by_rule[f"rules[{index}]"] == held
    assert sum(by_rule.values()) > 0
    assert found.parts["rules"].now.value == TriggerHit.objects.values("account").distinct().count()


def test_a_rule_for_visits_counts_overdue_accounts_through_the_gate(risk_manager: Any, shanghai: Any) -> None:
    make_facts(account=make_overdue(territory=shanghai, arrears="30000", days=40))
    make_facts(account=make_overdue(territory=shanghai, arrears="30000", days=5))
    make_facts(account=make_overdue(territory=shanghai, arrears="30000", days=40, currency="EUR"))
    current = make_account(borrower=make_borrower(territory=shanghai))
    make_facts(account=current)
    gate = {"feature": "days_past_due", "op": "gte", "value": 10}
    standing = {
        "code": "OK",
        "title": {"en": "x", "zh": "x"},
        "when": {"feature": "days_past_due", "op": "eq", "value": 0},
        "effect": {"kind": "LIMIT_INCREASE", "percent": 5},
    }

    found = counts(risk_manager, body=policy_body(gate=gate, rules=[make_rule(value="1")], rewards=[standing]))

    assert (found.accounts.value, found.judged) == (3, 4)
    assert found.parts["gate"].now.value == 1
    assert found.parts["rules[0]"].now.value == 1
    # Standing has no gate.
    assert found.parts["rewards[0]"].now.value == 1


def test_each_segment_counts_its_own_accounts(risk_manager: Any, shanghai: Any) -> None:
    make_version()
    make_version(segment="CARD")
    for segment in ("", "CASH", "CARD", "CARD"):
        make_facts(account=make_overdue(territory=shanghai, segment=segment))

    assert counts(risk_manager, segment="CARD").judged == 2
    assert counts(risk_manager, segment="CASH").judged == 1
    assert counts(risk_manager).judged == 2
    assert segments_known() == ["CARD", "CASH"]


def test_nobody_counts_beyond_their_territory(risk_manager: Any, approver: Any, shanghai: Any, chengdu: Any) -> None:
    make_facts(account=make_overdue(territory=shanghai))
    make_facts(account=make_overdue(territory=chengdu))

    assert counts(risk_manager).judged == 2
    assert counts(approver).judged == 1


def test_a_changed_rule_tells_who_enters_and_who_leaves(risk_manager: Any, shanghai: Any) -> None:
    band = {
        "all": [{"feature": "arrears_amount", "op": op, "value": v} for op, v in (("gte", "20000"), ("lt", "40000"))]
    }
    make_version(gate=ALL, rules=[make_rule(when=band)])
    for arrears in ("25000", "35000", "45000", "55000", "65000"):
        make_facts(account=make_overdue(territory=shanghai, arrears=arrears))

    hits = counts(risk_manager, body=policy_body(gate=ALL, rules=[make_rule(value="30000")])).parts["rules[0]"]

    assert (hits.now.value, hits.before, hits.entered, hits.left) == (4, 2, 3, 1)


def test_without_facts_or_gate_there_is_nothing_to_count(risk_manager: Any, shanghai: Any) -> None:
    assert latest_judged_day() is None
    assert counts(risk_manager) is None
    make_facts(account=make_overdue(territory=shanghai))

    assert counts(risk_manager, body=policy_body(gate={})) is None


def test_the_last_finished_run_decides_the_day(shanghai: Any) -> None:
    account = make_overdue(territory=shanghai)
    make_facts(account=account)
    make_facts(account=account, business_date=TODAY + timedelta(days=1))

    assert latest_judged_day() == TODAY + timedelta(days=1)
    assert AccountFacts.objects.count() == 2
