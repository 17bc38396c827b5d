"""Submission of a draft, and the decision of another person: approve it or send it back."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, SelfApproval, StateConflict, Text
from backoffice.core.transitions import move
from cases.enums import PolicyState
from cases.models import PolicyVersion
from cases.rules.lifecycle import POLICY_VERSION
from cases.rules.policy.checks import check_policy
from cases.rules.policy.findings import Finding, Severity
from cases.rules.policy.parser import parse_policy
from cases.services.policies.activation import (
    may_write_policies,
    reason_given,
)


class PolicyRefused(InvalidInput):
    """The static checks refuse the policy; `findings` lists why, most severe first."""

    code = "policy_refused"

    def __init__(self, message: Text, *, findings: Sequence[Finding]) -> None:
        self.findings = tuple(findings)
        super().__init__(message, field=self.findings[0].paths[0])


class WarningsNotAccepted(PolicyRefused):
    """The static checks warn, and the caller did not accept the warnings."""

    code = "warnings_not_accepted"


def submit_version(*, version: PolicyVersion, actor: Any, at: datetime, accept_warnings: bool = False) -> PolicyVersion:
    """
    Submit a draft for approval. A submitted body does not change.

    Errors of the static checks are refused. Warnings are refused too, unless `accept_warnings`: then the version
    keeps them and the approver sees them.

    :raises StateConflict: if it is not a draft.
    :raises PolicyRefused: if a check found an error, or (WarningsNotAccepted) a warning that was not accepted.
    """
    may_write_policies(actor=actor, permission="cases.submit_policyversion")
    with transaction.atomic():
        # Locked, so that what is checked here is what is submitted.
        version.refresh_from_db(from_queryset=PolicyVersion.objects.select_for_update(no_key=True, of=("self",)))
        if version.state != PolicyState.DRAFT:
            raise StateConflict
        warnings = _warnings(version, accept_warnings=accept_warnings)
        move(
            record=version,
            lifecycle=POLICY_VERSION,
            action="submit",
            actor=actor,
            at=at,
            review_note="",
            accepted_warnings=warnings,
        )
        record(
            actor=actor,
            action="policy.submitted",
            subject=version,
            at=at,
            body={"number": version.number, "accepted_warnings": warnings},
        )
        return version


def send_back_version(*, version: PolicyVersion, reason: str, actor: Any, at: datetime) -> PolicyVersion:
    """
    Turn a submitted version back into a draft, with the approver's reason for its proposer.

    :raises StateConflict: if it is not submitted; an approved version never changes again.
    :raises InvalidInput: without a reason.
    """
    may_write_policies(actor=actor, permission="cases.approve_policyversion")
    reason = reason_given(reason)
    with transaction.atomic():
        move(
            record=version,
            lifecycle=POLICY_VERSION,
            action="send_back",
            actor=actor,
            at=at,
            review_note=reason,
            accepted_warnings=[],
        )
        record(actor=actor, action="policy.sent_back", subject=version, at=at, body={"number": version.number})
        return version


def approve_version(*, version: PolicyVersion, actor: Any, at: datetime) -> PolicyVersion:
    """
    Approve a submitted version.

    :raises NotAllowed: if the actor may not approve policies of all territories.
    :raises SelfApproval: if the actor proposed it.
    :raises StateConflict: if it is not submitted.
    """
    may_write_policies(actor=actor, permission="cases.approve_policyversion")
    with transaction.atomic():
        version.refresh_from_db()
        if actor is None or actor.pk == version.proposed_by_id:
            raise SelfApproval
        move(
            record=version,
            lifecycle=POLICY_VERSION,
            action="approve",
            actor=actor,
            at=at,
            approved_by_id=actor.pk,
            approved_at=at,
        )
        record(actor=actor, action="policy.approved", subject=version, at=at, body={"number": version.number})
        return version


def _warnings(version: PolicyVersion, *, accept_warnings: bool) -> list[dict[str, Any]]:
    findings = check_policy(parse_policy(version.body), segment=version.policy.segment)
    errors = [finding for finding in findings if finding.severity == Severity.ERROR]
    if errors:
        raise PolicyRefused(
            _("{path}: {message}").format(path=errors[0].paths[0], message=errors[0].message), findings=errors
        )
    warnings = [finding for finding in findings if finding.severity == Severity.WARNING]
    if warnings and not accept_warnings:
        raise WarningsNotAccepted(
            _("The checks warn of {count} things; accept them by name or change the rules. First: {message}").format(
                count=len(warnings), message=warnings[0].message
            ),
            findings=warnings,
        )
    return [finding.summary() for finding in warnings]
