"""What each role may do, and which rights no role holds together."""

import pytest
from django.apps import apps
from django.utils.translation import override

from backoffice.access.clients import known_scopes
from backoffice.access.roles import CARDS, Role
from backoffice.access.scopes import SCOPE_PERMISSIONS
from backoffice.core.reach import Reach

# Who does the first may not do the second: proposing and approving, carrying out and judging.
FOUR_EYES = [
    ("cases.submit_policyversion", "cases.approve_policyversion"),
    ("cases.run_evaluation", "cases.release_run"),
    ("cases.add_holidaynotice", "cases.confirm_holidaynotice"),
    ("cases.raise_strategyupgrade", "cases.approve_strategyupgrade"),
    ("cases.propose_decision", "cases.approve_decision"),
    ("visits.request_visitorder", "visits.approve_visitorder"),
    ("visits.report_visitorder", "visits.review_visitorder"),
    ("reports.request_exportjob", "reports.approve_exportjob"),
    ("reports.request_legalbundle", "reports.approve_legalbundle"),
]


def holders(permission: str) -> set[str]:
    """Return the roles that hold a permission."""
    return {str(role) for role, card in CARDS.items() if permission in card.permissions}


def test_every_role_has_a_card_with_this_reach():
    assert {role: card.reach for role, card in CARDS.items()} == {
        Role.RISK_MANAGER: Reach.ALL,
        Role.APPROVER: Reach.TERRITORY,
        Role.CASE_OFFICER: Reach.TERRITORY,
        Role.DISPATCHER: Reach.TERRITORY,
        Role.AGENCY_COORDINATOR: Reach.AGENCY,
        Role.CREW: Reach.CREW,
        Role.REVIEWER: Reach.TERRITORY,
        Role.AUDITOR: Reach.ALL,
        Role.ADMINISTRATOR: Reach.CONFIGURATION,
        Role.MACHINE: Reach.ALL,
    }
    assert set(CARDS) == set(Role)


@pytest.mark.parametrize(("first", "second"), FOUR_EYES)
def test_no_role_does_a_thing_and_approves_it(first, second):
    assert holders(first)
    assert holders(second)
    assert holders(first) & holders(second) == set()


@pytest.mark.parametrize("role", [Role.AGENCY_COORDINATOR, Role.CREW])
def test_outside_firms_hold_no_permission_of_the_portfolio_and_the_trail(role):
    assert {permission.partition(".")[0] for permission in CARDS[role].permissions} == {"visits"}


def test_the_auditor_changes_no_record():
    changes = {p for p in CARDS[Role.AUDITOR].permissions if not p.partition(".")[2].startswith("view_")}

    assert changes == {"audit.verify_chain", "reports.request_exportjob"}


def test_only_the_administrator_keeps_people_and_clients():
    kept = {p for card in CARDS.values() for p in card.permissions if p.startswith(("access.", "oauth2_provider."))}
    changes = {p for p in kept if not p.partition(".")[2].startswith("view_")}

    stand_ins = {"access.add_standin", "access.change_standin"}
    assert {role for permission in changes - stand_ins for role in holders(permission)} == {Role.ADMINISTRATOR}
    # An approver enters who decides while they are away.
    assert {role for permission in stand_ins for role in holders(permission)} == {Role.ADMINISTRATOR, Role.APPROVER}


def test_the_administrator_sees_no_borrower_and_works_no_case():
    seen = CARDS[Role.ADMINISTRATOR].permissions
    people_and_cases = ("borrower", "borrowerphone", "address", "account", "case", "decision", "verification")

    assert {f"cases.view_{name}" for name in people_and_cases} & seen == set()
    assert {"cases.work_case", "cases.propose_decision", "cases.approve_decision"} & seen == set()


def test_only_case_officers_see_a_borrower_in_clear():
    assert holders("cases.reveal_borrower") == {Role.CASE_OFFICER}


@pytest.mark.parametrize("role", Role.values)
def test_each_permission_to_see_or_change_a_record_names_one_that_exists(role):
    unknown = []
    for permission in CARDS[role].permissions - {"reports.view_effectiveness"}:
        app, _dot, name = permission.partition(".")
        verb, _line, model = name.partition("_")
        if verb in ("view", "add", "change", "delete") and model not in apps.all_models[app]:
            unknown.append(permission)

    assert unknown == []


def test_a_machine_client_may_do_nothing_but_what_its_scopes_say(person):
    plain, feeding = person("MACHINE", name="plain"), person("MACHINE", name="feeding", scopes=["portfolio:write"])

    assert CARDS[Role.MACHINE].permissions == frozenset()
    assert set(SCOPE_PERMISSIONS) <= set(known_scopes())
    assert (plain.has_perm("cases.run_intake"), feeding.has_perm("cases.run_intake")) == (False, True)
    assert feeding.has_perm("visits.report_visitorder") is False


@pytest.mark.parametrize(
    ("language", "words"), [("zh-hans", ("风险经理", "外访员")), ("en", ("Risk manager", "Crew member"))]
)
def test_roles_are_named_in_both_languages(language, words):
    with override(language):
        assert (str(Role.RISK_MANAGER.label), str(Role.CREW.label)) == words
