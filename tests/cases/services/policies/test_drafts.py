"""Drafts of a policy: written, revised, sent back, discarded, and for a segment."""

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import Policy, PolicyVersion
from cases.services.policies import versions
from cases.services.policies import versions as policies
from tests.factories.policy import policy_body
from tests.factories.portfolio import AT, TODAY

pytestmark = pytest.mark.django_db


DAY = timedelta(days=1)


@pytest.fixture
def approved(risk_manager: Any, general_approver: Any) -> Any:
    """Return a maker of approved versions."""

    def make(segment: str = "") -> PolicyVersion:
        version = policies.draft_version(body=policy_body(), note="made", segment=segment, actor=risk_manager, at=AT)
        policies.submit_version(version=version, actor=risk_manager, at=AT)
        return policies.approve_version(version=version, actor=general_approver, at=AT)

    return make


def activate(version: PolicyVersion, general_approver: Any, *, day: date = TODAY, today: date = TODAY) -> PolicyVersion:
    return policies.activate_version(
        version=version, effective_from=day, business_date=today, actor=general_approver, at=AT
    )


def test_send_back_makes_a_draft_again(risk_manager: Any, general_approver: Any) -> None:
    version = policies.draft_version(body=policy_body(), note="", actor=risk_manager, at=AT)
    policies.submit_version(version=version, actor=risk_manager, at=AT)

    with pytest.raises(NotAllowed):
        policies.send_back_version(version=version, reason="gap at 61", actor=risk_manager, at=AT)
    policies.send_back_version(version=version, reason="gap at 61", actor=general_approver, at=AT)

    version.refresh_from_db()
    assert (version.state, version.review_note) == ("DRAFT", "gap at 61")
    policies.revise_version(version=version, body=policy_body(rules=[]), note="", actor=risk_manager, at=AT)
    policies.submit_version(version=version, actor=risk_manager, at=AT)
    with pytest.raises(StateConflict):
        policies.discard_version(version=version, actor=risk_manager, at=AT)
    policies.approve_version(version=version, actor=general_approver, at=AT)
    with pytest.raises(StateConflict):
        policies.send_back_version(version=version, reason="late", actor=general_approver, at=AT)
    with pytest.raises(IntegrityError), transaction.atomic():
        PolicyVersion.objects.update(state="DRAFT")


def test_revise_refuses_what_somebody_else_saved_meanwhile(risk_manager: Any) -> None:
    version = policies.draft_version(body=policy_body(), note="first", actor=risk_manager, at=AT)
    read_at = version.updated_at
    policies.revise_version(
        version=version, body=policy_body(), note="theirs", actor=risk_manager, at=AT + DAY, expected_updated_at=read_at
    )

    with pytest.raises(StateConflict):
        policies.revise_version(
            version=version,
            body=policy_body(),
            note="mine",
            actor=risk_manager,
            at=AT + DAY,
            expected_updated_at=read_at,
        )

    version.refresh_from_db()
    assert version.note == "theirs"


def test_draft_version_remembers_what_it_came_from(approved: Any, risk_manager: Any) -> None:
    first = approved()

    version = policies.draft_version(
        body=policy_body(), note="", segment=" 新客 ", based_on=first, actor=risk_manager, at=AT
    )

    assert (version.policy.segment, version.number, version.based_on) == ("新客", 1, first)


@pytest.mark.parametrize("segment", ["x" * 41, "a\x00b", "a\nb"])
def test_draft_version_refuses_a_segment_that_no_account_can_carry(segment: str, risk_manager: Any) -> None:
    with pytest.raises(InvalidInput) as caught:
        policies.draft_version(body=policy_body(), note="", segment=segment, actor=risk_manager, at=AT)

    assert (caught.value.field, Policy.objects.exists()) == ("segment", False)


def test_a_discarded_draft_is_never_in_force(risk_manager: Any, general_approver: Any) -> None:
    version = policies.draft_version(body=policy_body(), note="", actor=risk_manager, at=AT)

    policies.discard_version(version=version, actor=risk_manager, at=AT)

    assert version.state == "RETIRED"
    with pytest.raises(StateConflict):
        activate(version, general_approver)
    with pytest.raises(InvalidInput):
        policies.roll_back(version=version, reason="x", effective_from=TODAY, actor=general_approver, at=AT)


def test_draft_version_refuses_a_role_that_does_not_write_policies(officer: Any) -> None:
    with pytest.raises(NotAllowed):
        versions.draft_version(body=policy_body(), note="", actor=officer, at=AT)

    assert not PolicyVersion.objects.exists()


def test_draft_version_refuses_a_body_that_is_no_policy(risk_manager: Any) -> None:
    with pytest.raises(InvalidInput):
        versions.draft_version(body=policy_body(rules="x"), note="", actor=risk_manager, at=AT)
