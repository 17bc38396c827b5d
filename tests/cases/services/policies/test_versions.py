"""A version comes into force by two people, and no write of a policy is open to a person of one territory."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from backoffice.access.roles import CARDS, Role
from backoffice.audit.models import AuditEntry
from backoffice.core.errors import NotAllowed
from cases.models import PolicyTerm, PolicyVersion
from cases.services.policies import versions
from tests.factories.policy import make_version, policy_body
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
