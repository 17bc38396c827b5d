"""Buttons: shown and open to the permitted roles only, out of reach for foreign records, and what each does."""

from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone

from backoffice.access.roles import CARDS, Role
from backoffice.audit.models import AccessEntry, AuditEntry
from backoffice.core.scoping import acts_everywhere
from cases.models import Case, Complaint, ContactAttempt, Decision, RuleMute, StrategyUpgrade, Verification
from tests.factories.casework import make_decision
from tests.factories.portfolio import make_overdue
from tests.factories.world import CANARY_ID, CANARY_LINE, CANARY_NAME, CANARY_PHONE, make_world

ADMINS = {m._meta.label_lower: a for m, a in admin.site._registry.items() if m._meta.app_label in ("cases", "visits")}
BUTTONS = [
    (label, unfold_action.path, unfold_action.method.allowed_permissions[0])
    for label, model_admin in sorted(ADMINS.items())
    for unfold_action in model_admin._get_base_actions_detail()
]
STAFF = [role for role in Role if role != Role.MACHINE]
SUBMIT = {"_form_submitted": "on"}
# What holds for every territory: people of single territories only read it.
GLOBAL = {
    "cases.holidaynotice",
    "cases.intakeprofileversion",
    "cases.policyversion",
    "cases.shadowrun",
    "visits.agencystatement",
}


@pytest.fixture
def author(person: Any) -> Any:
    return person("CASE_OFFICER", name="author")


@pytest.fixture
def second(person: Any) -> Any:
    return person("APPROVER", name="second")


@pytest.fixture
def world(shanghai: Any, author: Any, second: Any) -> Any:
    return make_world(territory=shanghai, author=author, approver=second)


@pytest.fixture
def foreign(chengdu: Any, author: Any, second: Any) -> Any:
    return make_world(territory=chengdu, author=author, approver=second)


def address(label: str, button: str, pk: Any) -> str:
    return reverse(f"admin:{label.replace('.', '_')}_{button}", args=[pk])


@pytest.mark.parametrize("role", STAFF)
def test_dialogs_open_for_the_permitted_role_only(role, client, person, world):
    user = {Role.AGENCY_COORDINATOR: world.coordinator, Role.CREW: world.crew}.get(role) or person(role, name="visitor")
    client.force_login(user)

    for label, button, permission in BUTTONS:
        record = world[label]
        visible = type(record)._default_manager.visible_to(user).filter(pk=record.pk).exists()
        is_limited = label in GLOBAL and not permission.startswith("cases.view_") and not acts_everywhere(user=user)
        # Agencies answer their own statements.
        is_limited = is_limited and role not in (Role.AGENCY_COORDINATOR, Role.CREW)
        may = permission in CARDS[role].permissions and not is_limited
        expected = 404 if not visible else 200 if may else 403
        assert client.get(address(label, button, record.pk)).status_code == expected, f"{label} {button}"


@pytest.mark.parametrize("role", STAFF)
def test_no_button_touches_a_record_out_of_sight(role, client, person, world, foreign):
    user = {Role.AGENCY_COORDINATOR: world.coordinator, Role.CREW: world.crew}.get(role) or person(role, name="visitor")
    client.force_login(user)
    before = AuditEntry.objects.count()

    for label, button, _permission in BUTTONS:
        record = foreign[label]
        if not type(record)._default_manager.visible_to(user).filter(pk=record.pk).exists():
            assert client.post(address(label, button, record.pk), SUBMIT).status_code == 404, f"{label} {button}"
    assert AuditEntry.objects.count() == before
    assert AccessEntry.objects.count() == 0


def test_every_button_needs_a_permission_that_some_role_holds():
    held = {permission for card in CARDS.values() for permission in card.permissions}

    assert [(label, button) for label, button, permission in BUTTONS if permission not in held] == []


def test_dialogs_write_nothing_on_get(client, officer, world):
    client.force_login(officer)

    client.get(address("cases.case", "take", world["cases.case"].pk))

    assert Case.objects.get().owner != officer


def test_page_shows_only_the_buttons_of_the_role(client, officer, auditor, world):
    page = reverse("admin:cases_case_change", args=[world["cases.case"].pk])
    take = address("cases.case", "take", world["cases.case"].pk)

    client.force_login(officer)
    assert take in client.get(page).content.decode()
    client.force_login(auditor)
    assert take not in client.get(page).content.decode()


def test_page_of_a_closed_case_offers_no_work(client, officer, world):
    case = world["cases.case"]
    Case.objects.filter(pk=case.pk).update(stage="CLOSED", closed_on=timezone.localdate(), close_reason="CURED")
    client.force_login(officer)

    page = client.get(reverse("admin:cases_case_change", args=[case.pk])).content.decode()

    offered = [
        b for b in ("take", "hold", "resume", "close", "note", "propose") if address("cases.case", b, case.pk) in page
    ]
    assert offered == []


def test_success_leads_htmx_back_to_the_page(client, officer, world):
    client.force_login(officer)
    case = world["cases.case"]

    response = client.post(address("cases.case", "take", case.pk), SUBMIT, headers={"HX-Request": "true"})

    assert response.headers["HX-Redirect"] == reverse("admin:cases_case_change", args=[case.pk])
    assert Case.objects.get().owner == officer


def test_refusal_stands_in_the_dialog_and_changes_nothing(client, officer, world):
    client.force_login(officer)
    case = world["cases.case"]

    response = client.post(address("cases.case", "hold", case.pk), SUBMIT | {"until": "2020-01-01", "reason": "x"})

    assert response.status_code == 200
    assert "until" in response.context["form"].errors
    assert Case.objects.get().stage == case.stage


@pytest.fixture
def idle_case(shanghai: Any, world: Any) -> Any:
    from tests.factories.casework import make_case

    return make_case(
        account=make_overdue(territory=shanghai), policy_version=world["cases.policyversion"], stage="IN_WORK"
    )


def soon() -> str:
    return (timezone.localdate() + timedelta(days=5)).isoformat()


def test_case_buttons_do_their_work(client, officer, idle_case):
    client.force_login(officer)
    account = idle_case.borrower.accounts.get()
    idle_case.borrower.flags.create(kind="HARDSHIP", source="CALL", set_at=timezone.now())
    desk = {
        f"{part}_{section}": value
        for section in ("IDENTITY", "CAPACITY", "CAUSE", "RESIDENCE")
        for part, value in (("verdict", "NOT_ESTABLISHED"), ("confidence", "0.8"), ("evidence", "E1, E2"))
    } | {"verdict_IDENTITY": "CONFIRMED", "source_ref": "REC-77", "right_party_met": "on"}
    presses = [
        ("take", {}),
        ("assign", {"owner": officer.pk}),
        ("note", {"text": "called"}),
        ("record_contact", {"channel": "VOICE", "outcome": "NO_ANSWER"}),
        ("ask_for_visit", {"by": soon()}),
        ("desk_check", desk),
        ("propose", {"account": account.pk, "kind": "GRACE", "days": "14", "reason": "ill"}),
        ("propose", {"account": account.pk, "kind": "RATE_RELIEF", "points": "0.010", "days": "60", "reason": "ill"}),
        ("receive_complaint", {"kind": "COMPLAINT", "topic": "CONTACTS", "subject": "too late"}),
        ("clear_flag", {"kind": "HARDSHIP", "reason": "over"}),
        ("set_flag", {"kind": "DISASTER", "source": "CALL"}),
        ("hold", {"until": soon(), "reason": "flood"}),
        ("resume", {}),
        ("close", {"reason": "SETTLED"}),
    ]

    for button, values in presses:
        response = client.post(address("cases.case", button, idle_case.pk), SUBMIT | values)
        errors = response.context["form"].errors if response.context else ""
        assert (button, response.status_code, errors) == (button, 302, "")

    idle_case.refresh_from_db()
    assert (idle_case.stage, idle_case.owner, idle_case.close_reason) == ("CLOSED", officer, "SETTLED")
    verification = Verification.objects.get(source_ref="REC-77")
    assert verification.facts.get(section="IDENTITY").evidence == ["E1", "E2"]
    assert verification.right_party_met
    assert Decision.objects.filter(case=idle_case, kind="GRACE", proposed_by=officer).count() == 1
    relief = Decision.objects.get(case=idle_case, kind="RATE_RELIEF")
    assert relief.terms == {"before": "0.18000", "rate": "0.17000", "days": 60}
    assert ContactAttempt.objects.filter(borrower=idle_case.borrower).count() == 1
    assert Complaint.objects.filter(case=idle_case).count() == 1
    assert set(idle_case.borrower.flags.filter(cleared_at__isnull=True).values_list("kind", flat=True)) >= {"DISASTER"}


def test_forms_offer_no_account_or_colleague_of_elsewhere(client, officer, person, chengdu, idle_case, foreign):
    stranger = person("CASE_OFFICER", name="stranger", territories=(chengdu,))
    client.force_login(officer)

    assigned = client.post(address("cases.case", "assign", idle_case.pk), SUBMIT | {"owner": stranger.pk})
    proposed = client.post(
        address("cases.case", "propose", idle_case.pk),
        SUBMIT | {"account": foreign["cases.account"].pk, "kind": "GRACE", "reason": "ill"},
    )

    assert "owner" in assigned.context["form"].errors
    assert "account" in proposed.context["form"].errors
    idle_case.refresh_from_db()
    assert idle_case.owner is None
    assert not Decision.objects.filter(case=idle_case).exists()


def test_reveal_shows_once_uncached_and_logged(client, officer, world):
    client.force_login(officer)
    at = address("cases.case", "reveal", world["cases.case"].pk)

    refused = client.post(at, SUBMIT | {"purpose": "OTHER", "note": " "})
    shown = client.post(at, SUBMIT | {"purpose": "CONTACT", "note": "call back"})

    assert CANARY_NAME not in refused.content.decode()
    for clear in (CANARY_NAME, CANARY_ID, CANARY_PHONE, CANARY_LINE):
        assert clear in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    entry = AccessEntry.objects.get()
    assert (entry.actor_id, entry.purpose, entry.note) == (officer.pk, "CONTACT", "call back")
    assert CANARY_NAME not in client.get(at).content.decode()


def test_risk_manager_mutes_a_reason(client, risk_manager, world):
    client.force_login(risk_manager)

    response = client.post(
        address("cases.case", "mute", world["cases.case"].pk),
        SUBMIT | {"rule": "FALSE_INFORMATION", "until": soon(), "why": "abroad"},
    )

    assert response.status_code == 302
    assert [mute.why for mute in RuleMute.objects.filter(set_by=risk_manager)] == ["abroad"]


def test_approver_approves_and_rejects_from_the_page_of_a_case(client, approver, world):
    decision = world["cases.decision"]
    client.force_login(approver)
    page = client.get(reverse("admin:cases_case_change", args=[world["cases.case"].pk])).content.decode()

    assert address("cases.decision", "approve", decision.pk) in page
    assert client.post(address("cases.decision", "approve", decision.pk), SUBMIT).status_code == 302
    decision.refresh_from_db()
    assert decision.approved_by == approver


def test_proposer_finds_no_approval_button(client, person, world, shanghai):
    approver = person("APPROVER", name="both")
    decision = world["cases.decision"]
    Decision.objects.filter(pk=decision.pk).update(proposed_by=approver)
    client.force_login(approver)

    response = client.post(address("cases.decision", "approve", decision.pk), SUBMIT)

    assert response.status_code == 200
    assert response.context["form"].non_field_errors()
    decision.refresh_from_db()
    assert decision.state == "PROPOSED"


def test_many_rewards_are_approved_with_one_confirmation(client, approver, shanghai, world):
    rewards = [
        make_decision(account=make_overdue(territory=shanghai, days=0, arrears="0"), kind="RATE_REDUCTION")
        for _n in range(3)
    ]
    own = make_decision(
        account=make_overdue(territory=shanghai, days=0, arrears="0"), kind="RATE_REDUCTION", proposed_by=approver
    )
    chosen = {
        "action": "approve_selected",
        "_selected_action": [d.pk for d in (*rewards, own, world["cases.decision"])],
    }
    client.force_login(approver)
    where = reverse("admin:cases_decision_changelist")

    confirm = client.post(where, chosen)
    assert confirm.status_code == 200
    assert [row.pk for row in confirm.context["rows"]] == [d.pk for d in rewards]
    assert Decision.objects.filter(approved_by=approver).count() == 0
    response = client.post(where, chosen | {"confirmed": "yes", "note": "as discussed"})

    assert response.status_code == 302
    approved = Decision.objects.filter(approved_by=approver)
    assert sorted(d.pk for d in approved) == sorted(d.pk for d in rewards)
    assert {d.approval_note for d in approved} == {"as discussed"}


@pytest.mark.parametrize("role", ["AUDITOR", "CASE_OFFICER"])
def test_bulk_approval_is_for_approvers(role, client, person, shanghai, world):
    reward = make_decision(account=make_overdue(territory=shanghai, days=0, arrears="0"), kind="RATE_REDUCTION")
    client.force_login(person(role, name="visitor"))

    client.post(
        reverse("admin:cases_decision_changelist"),
        {"action": "approve_selected", "_selected_action": [reward.pk], "confirmed": "yes"},
    )

    reward.refresh_from_db()
    assert reward.state == "PROPOSED"


def test_upgrade_is_raised_by_one_and_approved_by_another(client, risk_manager, approver, shanghai):
    values = {"territory": shanghai.pk, "starts_on": "2026-03-01", "ends_on": "2026-04-01", "reason": "roll rate up"}
    client.force_login(risk_manager)
    assert client.post(reverse("admin:cases_strategyupgrade_raise_upgrade"), values).status_code == 302
    upgrade = StrategyUpgrade.objects.get()
    client.force_login(approver)

    assert client.get(reverse("admin:cases_strategyupgrade_raise_upgrade")).status_code == 403
    assert client.post(address("cases.strategyupgrade", "approve", upgrade.pk), SUBMIT).status_code == 302

    upgrade.refresh_from_db()
    assert (upgrade.raised_by, upgrade.approved_by) == (risk_manager, approver)


def test_policy_goes_from_draft_to_force_by_two_people(client, risk_manager, approver, general_approver, world):
    client.force_login(risk_manager)
    version = world["cases.policyversion"]
    sent = {"body": version.body, "note": "try", "segment": ""}
    drafted = client.post(address("cases.policyversion", "draft", version.pk), sent, content_type="application/json")
    assert drafted.status_code == 201
    draft = type(version).objects.get(note="try")
    revised = sent | {"updated_at": drafted.json()["updated_at"]}
    saved = client.post(address("cases.policyversion", "revise", draft.pk), revised, content_type="application/json")
    assert saved.status_code == 200
    assert client.post(address("cases.policyversion", "submit", draft.pk), SUBMIT).status_code == 302
    assert client.post(address("cases.policyversion", "approve", draft.pk), SUBMIT).status_code == 403
    client.force_login(approver)
    assert client.post(address("cases.policyversion", "approve", draft.pk), SUBMIT).status_code == 403
    client.force_login(general_approver)
    assert client.post(address("cases.policyversion", "approve", draft.pk), SUBMIT).status_code == 302
    assert (
        client.post(
            address("cases.policyversion", "activate", draft.pk),
            SUBMIT | {"effective_from": timezone.localdate().isoformat()},
        ).status_code
        == 302
    )

    draft.refresh_from_db()
    assert (draft.state, draft.proposed_by, draft.approved_by) == ("ACTIVE", risk_manager, general_approver)


def test_complaint_is_answered_by_somebody_who_took_no_part(client, officer, author, world):
    complaint = world["cases.complaint"]
    client.force_login(author)
    own = client.post(address("cases.complaint", "uphold", complaint.pk), SUBMIT | {"answer": "sorry"})
    assert own.context["form"].non_field_errors()
    client.force_login(officer)

    assert (
        client.post(address("cases.complaint", "uphold", complaint.pk), SUBMIT | {"answer": "sorry"}).status_code == 302
    )

    complaint.refresh_from_db()
    assert (complaint.state, complaint.answered_by) == ("UPHELD", officer)


def test_run_is_started_by_the_risk_manager_only(client, risk_manager, officer, world):
    from cases.models import EvaluationRun

    where = reverse("admin:cases_evaluationrun_start")
    values = {"job": "TRIGGERS", "business_date": "2026-03-02"}
    client.force_login(officer)
    assert client.post(where, values).status_code == 403
    client.force_login(risk_manager)
    before = EvaluationRun.objects.count()

    assert client.get(where).status_code == 200
    assert EvaluationRun.objects.count() == before
    response = client.post(where, values)

    assert response.status_code == 302 or response.context["form"].errors
    assert EvaluationRun.objects.count() == before + (response.status_code == 302)
