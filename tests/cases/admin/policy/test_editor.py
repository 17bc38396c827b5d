"""The policy editor: who may open it, what it answers after a pause, and saving that overwrites nobody."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from backoffice.access.roles import CARDS, Role
from backoffice.audit.models import AuditEntry
from cases.models import PolicyVersion
from cases.services.policies import versions
from tests.factories.facts import make_facts
from tests.factories.policy import make_rule, make_version, policy_body
from tests.factories.portfolio import AT, make_overdue

pytestmark = pytest.mark.django_db

STAFF = [role for role in Role if role != Role.MACHINE]


@pytest.fixture
def draft(risk_manager: Any) -> PolicyVersion:
    return versions.draft_version(body=policy_body(), note="first", actor=risk_manager, at=AT)


def at(name: str, version: PolicyVersion) -> str:
    return reverse(f"admin:cases_policyversion_{name}", args=[version.pk])


def send(client: Client, address: str, body: Any) -> Any:
    text = body if isinstance(body, str | bytes) else json.dumps(body)
    return client.post(address, text, content_type="application/json")


def stamp(version: PolicyVersion) -> str:
    version.refresh_from_db()
    return version.updated_at.isoformat()


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_editor_opens_with_the_catalogue_in_the_readers_language(
    client: Client, risk_manager: Any, draft: PolicyVersion, language: str
) -> None:
    client.force_login(risk_manager)
    client.cookies["django_language"] = language

    page = client.get(at("revise", draft))

    data = page.context["data"]
    assert page.status_code == 200
    assert data["body"] == draft.body
    labels = {feature["name"]: feature["label"] for feature in data["features"]}
    assert labels["days_past_due"] == {"zh-hans": "逾期天数", "en": "Days past due"}[language]
    assert "age" not in labels
    assert "territory_id" not in labels


@pytest.mark.parametrize("role", STAFF)
@pytest.mark.parametrize(
    ("name", "permission"),
    [
        ("revise", "cases.change_policyversion"),
        ("draft", "cases.add_policyversion"),
        ("inspect", "cases.view_policyversion"),
        ("compare", "cases.view_policyversion"),
        ("submit", "cases.submit_policyversion"),
        ("check", "cases.view_policyversion"),
        ("count", "cases.view_policyversion"),
    ],
)
def test_pages_open_for_the_permitted_role_only(
    client: Client, person: Any, draft: PolicyVersion, role: str, name: str, permission: str
) -> None:
    user = person(role, name="visitor")
    client.force_login(user)

    visible = PolicyVersion.objects.visible_to(user).exists()
    expected = 404 if not visible else 200 if permission in CARDS[role].permissions else 403
    assert client.get(at(name, draft)).status_code == expected


@pytest.mark.parametrize("role", [role for role in STAFF if role != Role.RISK_MANAGER])
def test_nobody_else_checks_counts_or_saves(client: Client, person: Any, draft: PolicyVersion, role: str) -> None:
    client.force_login(person(role, name="visitor"))
    before = AuditEntry.objects.count()

    answers = [send(client, at(name, draft), policy_body()) for name in ("check", "count", "revise", "draft")]

    assert {answer.status_code for answer in answers} <= {403, 404}
    assert (AuditEntry.objects.count(), PolicyVersion.objects.count()) == (before, 1)


def test_a_stranger_is_sent_to_sign_in_and_a_forged_form_is_refused(risk_manager: Any, draft: PolicyVersion) -> None:
    stranger, forged = Client(), Client(enforce_csrf_checks=True)
    forged.force_login(risk_manager)

    assert send(stranger, at("check", draft), {}).status_code == 302
    assert send(forged, at("revise", draft), {"body": policy_body()}).status_code == 403


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


def test_save_refuses_what_somebody_else_saved_meanwhile(
    client: Client, risk_manager: Any, person: Any, draft: PolicyVersion
) -> None:
    opened = stamp(draft)
    other = person("RISK_MANAGER", name="other")
    versions.revise_version(
        version=draft, body=policy_body(rules=[make_rule()]), note="theirs", actor=other, at=AT + timedelta(hours=1)
    )
    client.force_login(risk_manager)
    mine = {"body": policy_body(rules=[]), "note": "mine", "updated_at": opened}

    refused = send(client, at("revise", draft), mine)
    kept = PolicyVersion.objects.get().note
    over = send(client, at("revise", draft), mine | {"updated_at": refused.json()["conflict"]["updated_at"]})

    assert (refused.status_code, kept) == (409, "theirs")
    assert refused.json()["conflict"]["by"] == str(other)
    assert (over.status_code, PolicyVersion.objects.get().note) == (200, "mine")


def test_save_of_a_submitted_version_is_a_conflict(client: Client, risk_manager: Any, draft: PolicyVersion) -> None:
    versions.submit_version(version=draft, actor=risk_manager, at=AT)
    client.force_login(risk_manager)

    answer = send(client, at("revise", draft), {"body": policy_body(rules=[]), "note": "", "updated_at": stamp(draft)})

    assert (answer.status_code, answer.json()["conflict"]["is_draft"]) == (409, False)
    assert PolicyVersion.objects.get().body == policy_body()
    assert client.get(at("revise", draft)).context["readonly"]


@pytest.mark.parametrize("moment", ["", "yesterday", "2026-03-02T02:00:00", 7])
def test_save_needs_the_moment_of_the_last_save(
    client: Client, risk_manager: Any, draft: PolicyVersion, moment: Any
) -> None:
    client.force_login(risk_manager)

    answer = send(client, at("revise", draft), {"body": policy_body(rules=[]), "note": "", "updated_at": moment})

    assert (answer.status_code, answer.json()["faults"][0]["path"]) == (400, "updated_at")
    assert PolicyVersion.objects.get().body == policy_body()


def test_a_draft_for_a_segment_begins_a_policy_of_its_own(
    client: Client, risk_manager: Any, draft: PolicyVersion
) -> None:
    client.force_login(risk_manager)

    answer = send(client, at("draft", draft), {"body": draft.body, "note": "cards", "segment": "CARD"})

    made = PolicyVersion.objects.get(note="cards")
    assert (answer.status_code, answer.json()["url"]) == (201, at("revise", made))
    assert (made.policy.segment, made.number, made.based_on) == ("CARD", 1, draft)


def test_submit_asks_for_each_warning(client: Client, risk_manager: Any, draft: PolicyVersion) -> None:
    twice = [make_rule(code="ONE"), make_rule(code="TWO")]
    versions.revise_version(version=draft, body=policy_body(rules=twice), note="", actor=risk_manager, at=AT)
    client.force_login(risk_manager)

    page = client.get(at("submit", draft))
    ticks = {name: "on" for name in page.context["form"].fields}
    refused = client.post(at("submit", draft), {})
    state = PolicyVersion.objects.get().state
    done = client.post(at("submit", draft), ticks)

    assert ticks
    assert (refused.status_code, state) == (200, "DRAFT")
    assert done.status_code == 302
    version = PolicyVersion.objects.get()
    assert (version.state, len(version.accepted_warnings)) == ("SUBMITTED", len(ticks))


def test_submit_is_closed_to_a_draft_that_is_wrong(client: Client, risk_manager: Any, draft: PolicyVersion) -> None:
    never = {"all": [{"feature": "days_past_due", "op": op, "value": 90} for op in ("gt", "lt")]}
    wrong = policy_body(rules=[make_rule(when=never)])
    versions.revise_version(version=draft, body=wrong, note="", actor=risk_manager, at=AT)
    client.force_login(risk_manager)

    page = client.get(at("submit", draft))
    ticks = {name: "on" for name in page.context["form"].fields}
    answer = client.post(at("submit", draft), ticks)

    assert page.context["errors"]
    assert (answer.status_code, PolicyVersion.objects.get().state) == (200, "DRAFT")


def test_compare_shows_old_left_and_new_right(client: Client, risk_manager: Any, draft: PolicyVersion) -> None:
    make_version(number=9, rules=[make_rule(value="20000"), make_rule(code="GONE")])
    versions.revise_version(
        version=draft, body=policy_body(rules=[make_rule(value="30000")]), note="", actor=risk_manager, at=AT
    )
    client.force_login(risk_manager)
    client.cookies["django_language"] = "en"

    page = client.get(at("compare", draft))

    rules = page.context["sections"][2]["rules"]
    marks = {rule["code"]: rule["mark"] for rule in rules}
    changed = next(line for rule in rules for line in rule["lines"] if line["mark"] != "same")
    assert page.context["other"].number == 9
    assert marks == {"LARGE_ARREARS": "changed", "GONE": "removed"}
    assert ("20,000" in changed["old"], "30,000" in changed["new"]) == (True, True)


@pytest.mark.parametrize("asked", ["999999", "x", "-1", "9" * 40])
def test_compare_with_what_is_not_there_is_not_found(
    client: Client, risk_manager: Any, draft: PolicyVersion, asked: str
) -> None:
    client.force_login(risk_manager)

    assert client.get(at("compare", draft), {"with": asked}).status_code == 404


def test_compare_without_another_version_says_so(client: Client, risk_manager: Any, draft: PolicyVersion) -> None:
    client.force_login(risk_manager)

    assert client.get(at("compare", draft)).context["other"] is None
