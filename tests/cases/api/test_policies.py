"""Policies through the REST doors: who may do what, four eyes, and what is read."""

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from cases.models import PolicyVersion
from tests.backoffice.core.rest.test_api import machine
from tests.factories.casework import WILFUL, make_case, verify
from tests.factories.policy import make_rule, make_version, policy_body
from tests.factories.portfolio import make_overdue
from tests.factories.proposals import asked, rest, taking
from tests.factories.requests import post, signed_in

pytestmark = pytest.mark.django_db
VERSIONS = "/api/v1/policy-versions/"


def gap() -> dict[str, Any]:
    return policy_body(
        rules=[
            make_rule(
                code=code,
                when={
                    "all": [
                        {"feature": "days_past_due", "op": "gte", "value": low},
                        {"feature": "days_past_due", "op": "lte", "value": high},
                    ]
                },
            )
            for code, low, high in (("B2", 31, 60), ("B3", 62, 90))
        ]
    )


def test_a_version_goes_from_draft_to_force_and_back_by_two_people(risk_manager: Any, general_approver: Any) -> None:
    old = make_version(effective_from=date(2026, 1, 1))
    drafted = post(risk_manager, VERSIONS, {"body": policy_body(), "note": "same", "based_on": old.pk})
    assert (drafted.status_code, drafted.json()["number"], drafted.json()["based_on"]) == (201, 2, old.pk)
    at = f"{VERSIONS}{drafted.json()['id']}/"

    assert post(risk_manager, f"{at}submit/", {}).json()["state"] == "SUBMITTED"
    assert post(risk_manager, f"{at}approve/", {}).status_code == 403
    assert post(general_approver, f"{at}send-back/", {"reason": "say more"}).json()["state"] == "DRAFT"
    revised = post(risk_manager, f"{at}revise/", {"body": policy_body(), "note": "more"})
    assert (revised.status_code, revised.json()["review_note"]) == (200, "say more")
    post(risk_manager, f"{at}submit/", {})
    assert post(general_approver, f"{at}approve/", {}).json()["state"] == "APPROVED"
    later = post(general_approver, f"{at}activate/", {"effective_from": (date.today() + timedelta(days=9)).isoformat()})
    assert (later.json()["state"], PolicyVersion.objects.get(pk=old.pk).state) == ("APPROVED", "ACTIVE")
    assert post(general_approver, f"{at}activate/", {"effective_from": "2026-03-02"}).json()["state"] == "ACTIVE"
    assert post(general_approver, f"{at}retire/", {"reason": "x"}).status_code == 400
    back = post(
        general_approver, f"{VERSIONS}{old.pk}/roll-back/", {"effective_from": "2026-03-03", "reason": "too many"}
    )

    assert (back.status_code, back.json()["state"]) == (200, "ACTIVE")
    terms = signed_in(general_approver).get("/api/v1/policy-terms/").json()["results"]
    assert [(t["version"], t["effective_from"], t["effective_until"]) for t in terms] == [
        (1, "2026-03-03", None),
        (2, "2026-03-02", "2026-03-03"),
        (1, "2026-01-01", "2026-03-02"),
    ]


def test_nobody_approves_their_own(risk_manager: Any, person: Any) -> None:
    both = person("APPROVER", name="both", all_territories=True)
    version = make_version(state="SUBMITTED")
    PolicyVersion.objects.update(proposed_by=both)

    answer = post(both, f"{VERSIONS}{version.pk}/approve/", {})

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "self_approval")
    assert PolicyVersion.objects.get().state == "SUBMITTED"


def test_an_approver_of_one_territory_decides_about_no_policy(approver: Any, risk_manager: Any) -> None:
    version = make_version(state="SUBMITTED")
    PolicyVersion.objects.update(proposed_by=risk_manager)
    given = {"reason": "x", "effective_from": "2026-03-02"}

    for action in ("approve", "send-back", "activate", "retire", "roll-back"):
        answer = post(approver, f"{VERSIONS}{version.pk}/{action}/", given)
        assert (answer.status_code, answer.json()["errors"][0]["code"]) == (403, "not_allowed"), action

    assert PolicyVersion.objects.get().state == "SUBMITTED"


@pytest.mark.parametrize("role", ["CASE_OFFICER", "DISPATCHER", "REVIEWER", "AGENCY_COORDINATOR", "CREW"])
def test_policies_are_closed_to_who_has_nothing_to_do_with_them(role: str, person: Any) -> None:
    version = make_version(state="DRAFT")
    user = person(role)

    assert signed_in(user).get(VERSIONS).status_code == 403
    assert post(user, VERSIONS, {"body": policy_body()}).status_code == 403
    assert post(user, f"{VERSIONS}{version.pk}/submit/", {}).status_code == 403
    assert [v.state for v in PolicyVersion.objects.all()] == ["DRAFT"]


def test_a_machine_reads_with_its_scope_and_writes_nothing() -> None:
    version = make_version()
    reader, feeder = machine("cases:read", name="bi"), machine("portfolio:write", name="core")

    assert Client().get(VERSIONS, headers=reader).json()["results"][0]["number"] == 1
    assert Client().get(f"{VERSIONS}{version.pk}/findings/", headers=reader).status_code == 200
    assert Client().get(VERSIONS, headers=feeder).status_code == 403
    for action in ("retire", "submit", "approve", "activate", "roll-back", "send-back", "revise", "discard"):
        sent = Client().post(f"{VERSIONS}{version.pk}/{action}/", {}, content_type="application/json", headers=reader)
        assert sent.status_code == 403, action
    assert (
        Client().post(VERSIONS, {"body": policy_body()}, content_type="application/json", headers=reader).status_code
        == 403
    )


def test_findings_and_warnings_through_the_door(risk_manager: Any) -> None:
    made = post(risk_manager, VERSIONS, {"body": gap()}).json()
    at = f"{VERSIONS}{made['id']}/"

    found = signed_in(risk_manager).get(f"{at}findings/", headers={"accept-language": "en"}).json()
    refused = post(risk_manager, f"{at}submit/", {})
    taken = post(risk_manager, f"{at}submit/", {"accept_warnings": True})

    assert (found[0]["kind"], found[0]["severity"], found[0]["paths"]) == ("gap", "warning", ["rules[0]", "rules[1]"])
    assert found[0]["example"] == {"days_past_due": 61}
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "warnings_not_accepted")
    assert (taken.status_code, taken.json()["accepted_warnings"][0]["codes"]) == (200, ["B2", "B3"])


def test_difference_to_the_version_in_force_and_to_another(risk_manager: Any) -> None:
    make_version()
    other = make_version(number=2, state="DRAFT", rules=[])
    client = signed_in(risk_manager)

    found = client.get(f"{VERSIONS}{other.pk}/difference/").json()
    same = client.get(f"{VERSIONS}{other.pk}/difference/?against={other.pk}").json()

    assert [rule["mark"] for rule in found["rules"][:4]] == ["removed"] * 4
    assert (found["is_empty"], same["is_empty"]) == (False, True)
    assert client.get(f"{VERSIONS}{other.pk}/difference/?against=99999").status_code == 400


def test_a_stale_revision_is_a_conflict(risk_manager: Any) -> None:
    made = post(risk_manager, VERSIONS, {"body": policy_body()}).json()
    at = f"{VERSIONS}{made['id']}/revise/"
    read = {"body": policy_body(), "expected_updated_at": made["updated_at"]}

    assert post(risk_manager, at, read).status_code == 200
    stale = post(risk_manager, at, read)

    assert (stale.status_code, stale.json()["errors"][0]["code"]) == (409, "state_conflict")


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "currency"),
        ([1], "body"),
        (policy_body(rules=[make_rule(feature="age", value=3)]), "rules[0].when.feature"),
        (policy_body(rules=[make_rule(value="1e400")]), "rules[0].when.value"),
        ({f"k{i}": 1 for i in range(20_000)}, "k0"),
    ],
)
def test_a_body_that_is_no_policy_names_the_place(body: Any, field: str, risk_manager: Any) -> None:
    answer = post(risk_manager, VERSIONS, {"body": body})

    assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, field)
    assert not PolicyVersion.objects.exists()


@pytest.mark.parametrize(
    "text", ['{"body": NaN}', '{"body": ' + "[" * 60_000 + "]" * 60_000 + "}", '{"body": 1e400}', "{"]
)
def test_hostile_text_is_refused(text: str, risk_manager: Any) -> None:
    answer = signed_in(risk_manager).post(VERSIONS, text, content_type="application/json")

    assert answer.status_code == 400, answer.content[:200]


def test_the_list_leaves_the_rules_out(risk_manager: Any) -> None:
    version = make_version(segment="新客")
    client = signed_in(risk_manager)

    (row,) = client.get(f"{VERSIONS}?segment=新客&state=ACTIVE").json()["results"]

    assert "body" not in row
    assert json.dumps(client.get(f"{VERSIONS}{version.pk}/").json()["body"], sort_keys=True) == json.dumps(
        policy_body(), sort_keys=True
    )
    assert client.get(f"{VERSIONS}?state=DRAFT").json()["results"] == []


def test_a_replay_names_what_a_draft_would_change(risk_manager: Any, officer: Any, shanghai: Any) -> None:
    in_force = make_version()
    body = policy_body()
    proven = next(row for row in body["proposals"] if row["code"] == "WITHHELD_PROVEN")
    proven["result"]["decisions"] = proven["result"]["decisions"][:1]
    drafted = post(risk_manager, VERSIONS, {"body": body, "note": ""})
    case = make_case(account=make_overdue(territory=shanghai), policy_version=in_force)
    now = timezone.now()
    verification = verify(case=case, facts=WILFUL, at=now, verified_on=timezone.localdate(now))
    at = f"{VERSIONS}{drafted.json()['id']}/replay/"

    told = signed_in(risk_manager).get(at).json()

    assert (told["days"], told["against"], told["replayed"], told["changed_count"]) == (90, in_force.pk, 1, 1)
    assert told["flows"] == [{"before": ["LEGAL", "FREEZE"], "after": ["LEGAL"], "count": 1}]
    (changed,) = told["changed"]
    assert (changed["verification"], changed["case"]) == (verification.pk, case.pk)
    assert (changed["before"]["row"], changed["after"]["row"]) == ("WITHHELD_PROVEN", "WITHHELD_PROVEN")
    assert [each["kind"] for each in changed["after"]["decisions"]] == ["LEGAL"]
    assert signed_in(risk_manager).get(f"{at}?days=366").status_code == 400
    assert signed_in(officer).get(at).status_code == 403


def test_the_table_of_proposals_is_part_of_the_body(risk_manager: Any) -> None:
    body = policy_body(proposals=[rest()])
    drafted = post(risk_manager, VERSIONS, {"body": body, "note": ""})
    refused = post(risk_manager, VERSIONS, {"body": policy_body(proposals=[]), "note": ""})
    unsafe = policy_body(proposals=[taking("TAKES", asked("cause", "WILFUL")), rest()])
    risky = post(risk_manager, VERSIONS, {"body": unsafe, "note": ""})

    stored = signed_in(risk_manager).get(f"{VERSIONS}{drafted.json()['id']}/").json()
    findings = signed_in(risk_manager).get(f"{VERSIONS}{risky.json()['id']}/findings/").json()
    submitted = post(risk_manager, f"{VERSIONS}{risky.json()['id']}/submit/", {"accept_warnings": True})

    assert stored["body"]["proposals"] == body["proposals"]
    assert refused.status_code == 400
    assert {each["kind"] for each in findings if each["severity"] == "error"} == {"beyond_ceiling"}
    assert (submitted.status_code, PolicyVersion.objects.get(pk=risky.json()["id"]).state) == (400, "DRAFT")
