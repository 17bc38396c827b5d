"""Worklists: who has which, and that runs and exports wait for those who can act."""

from typing import Any

import pytest

from backoffice.access.roles import CARDS
from cases.models import EvaluationRun
from reports.selectors.waiting import DESKS, waiting
from reports.services.exports import request_export
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY


@pytest.mark.parametrize("role", CARDS)
def test_worklists_are_those_of_the_role(person: Any, role: str) -> None:
    user = person(role)

    assert set(waiting(user=user, business_date=TODAY)) == {
        desk.name for desk in DESKS if user.has_perm(desk.permission)
    }


@pytest.mark.parametrize(
    ("state", "number"), [("RUNNING", 0), ("FINISHED", 0), ("PAUSED", 1), ("HELD", 1), ("FAILED", 1), ("CANCELLED", 0)]
)
def test_run_waits_while_it_is_paused_held_or_failed(auditor: Any, state: str, number: int) -> None:
    EvaluationRun.objects.create(
        job="TRIGGERS", business_date=TODAY, policy_version=make_version(), state=state, started_at=AT, updated_at=AT
    )

    assert waiting(user=auditor, business_date=TODAY)["runs_in_trouble"] == number


def test_export_waits_for_another_approver_of_its_territories(person: Any, shanghai: Any, chengdu: Any) -> None:
    asked = person("CASE_OFFICER")
    request_export(report="OPEN_CASES", parameters={}, purpose="meeting", actor=asked, at=AT)

    here, there = person("APPROVER", name="here"), person("APPROVER", name="there", territories=(chengdu,))

    assert [waiting(user=user, business_date=TODAY)["exports_to_approve"] for user in (here, there)] == [1, 0]
