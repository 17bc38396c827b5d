"""Versions of the policy: who may do what, and that two people are needed."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from backoffice.access.models import User
from backoffice.access.roles import CARDS, Role
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from cases.models import PolicyTerm, PolicyVersion
from cases.services.policies import versions
from tests.factories.policy import make_rule, make_version, policy_body
from tests.factories.portfolio import AT, TODAY

pytestmark = pytest.mark.django_db


def approved(risk_manager: Any, general_approver: Any) -> PolicyVersion:
    version = versions.draft_version(body=policy_body(), note="first", actor=risk_manager, at=AT)
    versions.submit_version(version=version, actor=risk_manager, at=AT)
    return versions.approve_version(version=version, actor=general_approver, at=AT)


def test_a_version_comes_into_force_and_retires_the_former(risk_manager: Any, general_approver: Any) -> None:
    first, second = approved(risk_manager, general_approver), approved(risk_manager, general_approver)
    versions.activate_version(version=first, effective_from=TODAY, actor=general_approver, at=AT)

    versions.activate_version(version=second, effective_from=TODAY, actor=general_approver, at=AT)

    assert list(PolicyVersion.objects.order_by("number").values_list("number", "state")) == [
        (1, "RETIRED"),
        (2, "ACTIVE"),
    ]
    assert versions.active_version() == second
    assert AuditEntry.objects.order_by("sequence").last().action == "policy.activated"  # type: ignore[union-attr]


def test_approve_version_refuses_its_proposer(risk_manager: Any, person: Any) -> None:
    both = person("APPROVER", name="both", all_territories=True)
    version = versions.draft_version(body=policy_body(), note="", actor=risk_manager, at=AT)
    versions.submit_version(version=version, actor=risk_manager, at=AT)
    PolicyVersion.objects.update(proposed_by=both)

    with pytest.raises(SelfApproval):
        versions.approve_version(version=version, actor=both, at=AT)

    assert PolicyVersion.objects.get().state == "SUBMITTED"


def test_approve_version_refuses_the_system(risk_manager: Any) -> None:
    version = versions.draft_version(body=policy_body(), note="", actor=risk_manager, at=AT)
    versions.submit_version(version=version, actor=risk_manager, at=AT)

    with pytest.raises(SelfApproval):
        versions.approve_version(version=version, actor=None, at=AT)


def test_draft_version_refuses_a_role_that_does_not_write_policies(officer: Any) -> None:
    with pytest.raises(NotAllowed):
        versions.draft_version(body=policy_body(), note="", actor=officer, at=AT)

    assert not PolicyVersion.objects.exists()


def test_draft_version_refuses_a_body_that_is_no_policy(risk_manager: Any) -> None:
    with pytest.raises(InvalidInput):
        versions.draft_version(body=policy_body(rules="x"), note="", actor=risk_manager, at=AT)


def test_a_submitted_body_does_not_change(risk_manager: Any) -> None:
    version = versions.draft_version(body=policy_body(), note="", actor=risk_manager, at=AT)
    versions.submit_version(version=version, actor=risk_manager, at=AT)

    with pytest.raises(StateConflict):
        versions.revise_version(version=version, body=policy_body(rules=[]), note="", actor=risk_manager, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyVersion.objects.update(body={})


def test_install_default_policy_happens_once_and_nobody_can_log_in_as_its_people() -> None:
    first = versions.install_default_policy(effective_from=TODAY, at=AT)

    assert versions.install_default_policy(effective_from=TODAY, at=AT) is None
    assert versions.active_version() == first
    people = User.objects.filter(username__startswith="policy.")
    assert [(u.is_active, u.has_usable_password()) for u in people] == [(False, False)] * 2


def with_gap() -> dict[str, Any]:
    """Return a policy whose bands leave a day between them."""
    rules = [
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
    return policy_body(rules=rules)


def test_submit_version_refuses_what_is_proved_wrong(risk_manager: Any) -> None:
    never = make_rule(feature="attempt_day_parts", value=4)
    version = versions.draft_version(body=policy_body(rules=[never]), note="", actor=risk_manager, at=AT)

    with pytest.raises(versions.PolicyRefused) as caught:
        versions.submit_version(version=version, actor=risk_manager, at=AT, accept_warnings=True)

    assert (caught.value.field, [str(f.kind) for f in caught.value.findings]) == ("rules[0]", ["never_fires"])
    assert PolicyVersion.objects.get().state == "DRAFT"


def test_submit_version_asks_for_warnings_to_be_accepted_and_keeps_them(
    risk_manager: Any, general_approver: Any
) -> None:
    version = versions.draft_version(body=with_gap(), note="", actor=risk_manager, at=AT)

    with pytest.raises(versions.WarningsNotAccepted):
        versions.submit_version(version=version, actor=risk_manager, at=AT)
    assert PolicyVersion.objects.get().state == "DRAFT"
    versions.submit_version(version=version, actor=risk_manager, at=AT, accept_warnings=True)

    kept = [{"kind": "gap", "paths": ["rules[0]", "rules[1]"], "codes": ["B2", "B3"]}]
    version.refresh_from_db()
    assert (version.state, version.accepted_warnings) == ("SUBMITTED", kept)
    entry = AuditEntry.objects.order_by("sequence").last()
    assert entry is not None
    assert entry.body["accepted_warnings"] == kept
    versions.send_back_version(version=version, reason="close it", actor=general_approver, at=AT)
    assert version.accepted_warnings == []


def test_submit_version_reads_the_draft_as_it_stands(risk_manager: Any) -> None:
    version = versions.draft_version(body=policy_body(), note="", actor=risk_manager, at=AT)
    stale = PolicyVersion.objects.get()
    versions.revise_version(version=version, body=with_gap(), note="", actor=risk_manager, at=AT)

    with pytest.raises(versions.WarningsNotAccepted):
        versions.submit_version(version=stale, actor=risk_manager, at=AT)


def every_write(version: PolicyVersion, actor: Any) -> list[Callable[[], object]]:
    """Return each write of a policy as a call by `actor`, with arguments that are valid otherwise."""
    given: dict[str, Any] = {"version": version, "actor": actor, "at": AT}
    return [
        lambda: versions.draft_version(body=policy_body(), note="", actor=actor, at=AT),
        lambda: versions.revise_version(body=policy_body(), note="", **given),
        lambda: versions.submit_version(**given),
        lambda: versions.send_back_version(reason="x", **given),
        lambda: versions.discard_version(**given),
        lambda: versions.approve_version(**given),
        lambda: versions.activate_version(effective_from=TODAY, **given),
        lambda: versions.roll_back(reason="x", effective_from=TODAY, **given),
        lambda: versions.retire_version(reason="x", **given),
    ]


@pytest.mark.parametrize("number", range(9))
def test_no_write_of_a_policy_is_open_to_a_person_of_one_territory(
    number: int, risk_manager: Any, approver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The role holds every permission, so that only the missing territories refuse.
    card = CARDS[Role.APPROVER]
    monkeypatch.setitem(
        CARDS, Role.APPROVER, replace(card, permissions=card.permissions | CARDS[Role.RISK_MANAGER].permissions)
    )
    states = ["DRAFT", "DRAFT", "DRAFT", "SUBMITTED", "DRAFT", "SUBMITTED", "APPROVED", "RETIRED", "APPROVED"]
    version = make_version(state=states[number])
    PolicyVersion.objects.update(proposed_by=risk_manager)
    if states[number] == "RETIRED":
        PolicyTerm.objects.create(
            policy=version.policy, version=version, effective_from=TODAY, created_at=AT, updated_at=AT
        )

    with pytest.raises(NotAllowed):
        every_write(version, approver)[number]()
    assert PolicyVersion.objects.get().state == states[number]
    approver.all_territories = True
    every_write(version, approver)[number]()

    assert AuditEntry.objects.count() == 1
