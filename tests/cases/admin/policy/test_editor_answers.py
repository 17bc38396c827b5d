"""What the editor's address answers to a body: faults, sentences, findings and counts."""

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from cases.models import PolicyVersion
from cases.services.policies import versions
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, make_version, policy_body
from tests.factories.portfolio import AT, make_overdue

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(risk_manager: Any) -> PolicyVersion:
    return versions.draft_version(body=policy_body(), note="first", actor=risk_manager, at=AT)


def at(name: str, version: PolicyVersion) -> str:
    return reverse(f"admin:cases_policyversion_{name}", args=[version.pk])


def stamp(version: PolicyVersion) -> str:
    version.refresh_from_db()
    return version.updated_at.isoformat()


def send(client: Client, address: str, body: Any) -> Any:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(address, text, content_type="application/json")


def test_check_says_faults_at_their_rows_and_sentences_in_both_languages(
    client: Client, risk_manager: Any, draft: PolicyVersion
) -> None:
    client.force_login(risk_manager)
    body = policy_body(rules=[make_rule(), make_rule(code="BAD", value="-1"), make_rule(code="OLD", feature="age")])

    answer = send(client, at("check", draft), body)

    told = answer.json()
    assert answer.status_code == 400
    assert [fault["path"] for fault in told["faults"]] == ["rules[1].when.value", "rules[2].when.feature"]
    assert told["sentences"]["rules[0]"]["en"].startswith("If Arrears at least CNY 20,000: open a case of priority 2")
    assert "逾期金额" in told["sentences"]["rules[0]"]["zh"]
    assert "rules[1]" not in told["sentences"]


def test_check_of_a_sound_body_says_what_the_static_checks_found(
    client: Client, risk_manager: Any, draft: PolicyVersion
) -> None:
    client.force_login(risk_manager)
    never = {"all": [{"feature": "days_past_due", "op": op, "value": 90} for op in ("gt", "lt")]}

    answer = send(client, at("check", draft), policy_body(rules=[make_rule(), make_rule(code="NEVER", when=never)]))

    found = [(finding["severity"], finding["paths"][0]) for finding in answer.json()["findings"]]
    assert answer.status_code == 200
    assert ("error", "rules[1]") in found


@pytest.mark.parametrize(
    ("text", "path"),
    [
        (json.dumps({f"k{n}": n for n in range(1_000_000)}), "body"),
        ('{"a":' * 10_000 + "1" + "}" * 10_000, "body"),
        ('{"gate": ' + '{"not":' * 200 + "1" + "}" * 201, "currency"),
        (b"\xff\xfe", "body"),
        ("", "body"),
        ("[]", "body"),
        ("null", "body"),
        ('"text"', "body"),
        ("NaN", "body"),
        ('{"rates": 1, "rates": 2}', "body"),
        (json.dumps(policy_body(rates={"CNY": float("nan")})), "rates.CNY"),
        (json.dumps(policy_body(rates={"CNY": "1", "TWD": "@"})).replace('"@"', "1e400"), "rates.TWD"),
        (json.dumps(policy_body(rates={"CNY": "1", "TWD": "@"})).replace('"@"', "9" * 5_000), "rates.TWD"),
        (json.dumps(policy_body(rules=[make_rule(feature="age")])), "rules[0].when.feature"),
        (json.dumps(policy_body(rules=[make_rule(title={"en": "a\x00", "zh": "\ud800"})])), "rules[0].title.en"),
    ],
    ids=[
        "million keys",
        "deep",
        "deep tree",
        "utf-16",
        "empty",
        "list",
        "null",
        "text",
        "nan",
        "twins",
        "nan rate",
        "1e400",
        "huge int",
        "protected",
        "unwritable",
    ],
)
def test_hostile_bodies_get_a_fault_with_its_place(
    client: Client, risk_manager: Any, draft: PolicyVersion, text: str | bytes, path: str
) -> None:
    client.force_login(risk_manager)
    whole = text.decode("latin-1") if isinstance(text, bytes) else text

    checked = send(client, at("check", draft), text)
    counted = send(client, at("count", draft), text)
    saved = send(client, at("revise", draft), f'{{"body": {whole}, "updated_at": "{stamp(draft)}"}}')

    assert checked.status_code == 400
    assert path in [fault["path"] for fault in checked.json()["faults"]]
    assert counted.status_code in (200, 400)
    assert saved.status_code == 400
    assert saved.json()["message"]
    assert PolicyVersion.objects.get().body == policy_body()


def test_count_says_what_each_rule_hits_today_and_against_the_version_in_force(
    client: Client, risk_manager: Any, draft: PolicyVersion, shanghai: Any
) -> None:
    make_version(number=9, rules=[make_rule()])
    for arrears in ("5000", "25000", "40000"):
        make_facts(account=make_overdue(territory=shanghai, arrears=arrears))
    client.force_login(risk_manager)
    body = policy_body(rules=[make_rule(value="3000"), make_rule(code="LARGER", value="30000")])

    told = send(client, at("count", draft), body).json()["counts"]

    parts = told["parts"]
    assert (told["against"], told["judged"], told["is_estimate"]) == (9, 3, False)
    assert parts["rules[0]"] == {"now": 3, "low": 3, "high": 3, "before": 2, "entered": 1, "left": 0}
    assert (parts["rules[1]"]["now"], parts["rules[1]"]["before"]) == (1, None)
    assert (parts["rules"]["now"], parts["rules"]["entered"], parts["rules"]["left"]) == (3, 1, 0)


def test_count_goes_on_beside_a_fault_and_says_when_it_cannot(
    client: Client, risk_manager: Any, draft: PolicyVersion, shanghai: Any
) -> None:
    client.force_login(risk_manager)
    assert "counts" in send(client, at("count", draft), policy_body()).json()
    make_facts(account=make_overdue(territory=shanghai))

    half = send(client, at("count", draft), policy_body(rules=[make_rule(code="x"), make_rule(code="B1", when={})]))
    none = send(client, at("count", draft), policy_body(gate={}))

    assert half.json()["counts"]["parts"]["rules[0]"]["now"] == 1
    assert "rules[1]" not in half.json()["counts"]["parts"]
    assert none.json()["counts"] is None
    assert none.json()["note"]


def test_answers_cost_the_same_for_one_rule_and_ten(
    client: Client, risk_manager: Any, draft: PolicyVersion, shanghai: Any
) -> None:
    make_version(number=9, rules=[make_rule()])
    make_facts(account=make_overdue(territory=shanghai))
    client.force_login(risk_manager)
    costs = []

    for number in (1, 10):
        body = policy_body(rules=[make_rule(code=f"R{n}", value=str(n + number)) for n in range(number)])
        with CaptureQueriesContext(connection) as checks:
            send(client, at("check", draft), body)
        with CaptureQueriesContext(connection) as counts:
            send(client, at("count", draft), body)
        costs.append((len(checks), len(counts)))

    # Session, person, the version with its policy. Counting adds the last day, the versions in force, territories,
    # the settings of the statement, how many rows there are (once) and one count of all that was asked.
    assert costs[0][0] == costs[1][0] <= 5
    assert costs[1][1] <= costs[0][1] <= 16
