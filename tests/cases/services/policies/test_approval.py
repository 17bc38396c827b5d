"""Submission and approval: static checks, accepted warnings, and two people."""

from typing import Any

import pytest
from django.db import DatabaseError, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import SelfApproval, StateConflict
from cases.models import PolicyVersion
from cases.services.policies import versions
from tests.factories.policy import make_rule, policy_body
from tests.factories.portfolio import AT

pytestmark = pytest.mark.django_db


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


def test_a_submitted_body_does_not_change(risk_manager: Any) -> None:
    version = versions.draft_version(body=policy_body(), note="", actor=risk_manager, at=AT)
    versions.submit_version(version=version, actor=risk_manager, at=AT)

    with pytest.raises(StateConflict):
        versions.revise_version(version=version, body=policy_body(rules=[]), note="", actor=risk_manager, at=AT)
    with pytest.raises(DatabaseError), transaction.atomic():
        PolicyVersion.objects.update(body={})


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
