"""Worklists: who has which, and that runs and exports wait for those who can act."""

from typing import Any

import pytest

from backoffice.access.roles import CARDS
from cases.models import EvaluationRun, PersonMerge
from cases.services.decisions.lifecycle import approve_decision
from cases.services.merges.decisions import approve_merge, suggest_merge
from reports.selectors.waiting import DESKS, waiting
from reports.services.exports import request_export
from reports.services.legal_bundles import request_bundle
from tests.factories.casework import make_decision
from tests.factories.legal import make_recovery
from tests.factories.people import make_sharing, suggested
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_borrower, make_overdue


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


def test_decision_waits_for_the_second_of_two_approvers(person: Any, shanghai: Any) -> None:
    first, second = (person("APPROVER", name=name) for name in ("first", "second"))
    decision = make_decision(account=make_overdue(territory=shanghai), kind="FREEZE", approvals_needed=2)

    def waits() -> list[int]:
        return [waiting(user=user, business_date=TODAY)["decisions_to_approve"] for user in (first, second)]

    assert waits() == [1, 1]
    approve_decision(decision=decision, actor=first, at=AT, note="Evidence read")
    assert waits() == [0, 1]
    approve_decision(decision=decision, actor=second, at=AT, note="Evidence read")
    assert waits() == [0, 0]


def test_export_waits_for_another_approver_of_its_territories(person: Any, shanghai: Any, chengdu: Any) -> None:
    asked = person("CASE_OFFICER")
    request_export(report="OPEN_CASES", parameters={}, purpose="meeting", actor=asked, at=AT)

    here, there = person("APPROVER", name="here"), person("APPROVER", name="there", territories=(chengdu,))

    assert [waiting(user=user, business_date=TODAY)["exports_to_approve"] for user in (here, there)] == [1, 0]


def test_bundle_waits_for_another_approver_of_its_territory(person: Any, shanghai: Any, chengdu: Any) -> None:
    here, there = person("APPROVER", name="here"), person("APPROVER", name="there", territories=(chengdu,))
    decision = make_recovery(account=make_overdue(territory=shanghai), approver=here)
    asked = {"decision": decision, "language": "en", "purpose": "claim", "actor": person("CASE_OFFICER")}
    request_bundle(**asked, at=AT)

    assert [waiting(user=user, business_date=TODAY)["bundles_to_approve"] for user in (here, there)] == [1, 0]


def test_merge_waits_for_those_who_neither_suggested_nor_approved_it(
    shanghai: Any, approver: Any, risk_manager: Any
) -> None:
    def waits() -> list[int]:
        return [waiting(user=user, business_date=TODAY)["merges_to_decide"] for user in (approver, risk_manager)]

    by_rule = suggested(*make_sharing(territory=shanghai))
    one, two = (make_borrower(territory=shanghai, id_number="") for _one in range(2))
    suggest_merge(borrower=one, other_ref=two.external_ref, ground="LENDER_SAYS", actor=risk_manager, at=AT)
    assert waits() == [2, 1]

    approve_merge(merge=by_rule, actor=approver, at=AT)
    assert waits() == [1, 0]
    PersonMerge.objects.filter(pk=by_rule.pk).update(state="PART_SUGGESTED")
    assert waits() == [1, 1]
