"""Policy versions before they are in force: draft, revise, submit, send back, discard, approve. See activation.py."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import User
from backoffice.access.roles import Role
from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, SelfApproval, StateConflict, Text
from backoffice.core.transitions import move
from cases.enums import PolicyState
from cases.models import Policy, PolicyTerm, PolicyVersion
from cases.rules.lifecycle import POLICY_VERSION
from cases.rules.policy.checks import check_policy
from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.rules.policy.findings import Finding, Severity
from cases.rules.policy.parser import parse_policy
from cases.selectors.policies.versions import versions_on
from cases.services.policies.activation import (
    activate_due,
    activate_version,
    active_version,
    may_write_policies,
    numbered_version,
    reason_given,
    retire_version,
    roll_back,
)

# Doors import every write of policies from here.
__all__ = [
    "PolicyRefused",
    "WarningsNotAccepted",
    "activate_due",
    "activate_version",
    "active_version",
    "approve_version",
    "discard_version",
    "draft_version",
    "install_default_policy",
    "numbered_version",
    "retire_version",
    "revise_version",
    "roll_back",
    "send_back_version",
    "submit_version",
    "versions_on",
]

POLICY_NAME: Final = "doorstep"
LONGEST_SEGMENT: Final = 40
LONGEST_NOTE: Final = 300
# Author and approver of the shipped policy: two users, because the database refuses self-approval. Neither can log in.
_AUTHOR: Final = ("policy.author", Role.RISK_MANAGER)
_APPROVER: Final = ("policy.approver", Role.APPROVER)
_SHIPPED: Final = "Doorstep default policy"


def draft_version(
    *,
    body: Mapping[str, Any],
    note: str,
    actor: Any,
    at: datetime,
    segment: str = "",
    based_on: PolicyVersion | None = None,
) -> PolicyVersion:
    """
    Create a draft with the next number of the segment's policy and return it.

    The empty segment is every account whose segment has no policy of its own. `based_on` is the version whose rules
    the draft started from; it may be of another segment.

    :raises NotAllowed: if the actor may not write policies of all territories.
    :raises InvalidInput: if the body is not a valid policy; `field` is the path to the fault.
    """
    may_write_policies(actor=actor, permission="cases.add_policyversion")
    parse_policy(body)
    note, segment = _noted(note), _segment(segment)
    with transaction.atomic():
        policy = _locked_policy(segment=segment, at=at)
        last = policy.versions.aggregate(last=Max("number"))["last"] or 0
        version = PolicyVersion.objects.create(
            policy=policy,
            number=last + 1,
            body=dict(body),
            note=note,
            based_on=based_on,
            proposed_by=actor,
            created_at=at,
            updated_at=at,
        )
        record(
            actor=actor,
            action="policy.drafted",
            subject=version,
            at=at,
            body={"number": version.number, "segment": segment, "based_on": based_on.number if based_on else None},
        )
        return version


def revise_version(
    *,
    version: PolicyVersion,
    body: Mapping[str, Any],
    note: str,
    actor: Any,
    at: datetime,
    expected_updated_at: datetime | None = None,
) -> PolicyVersion:
    """
    Replace the body of a draft and return it. The person who revises it last is its proposer.

    `expected_updated_at` is the draft's `updated_at` as the editor read it. With it a save is refused if somebody
    else has saved since.

    :raises NotAllowed: if the actor may not change policies of all territories.
    :raises StateConflict: if it is no longer a draft, or `updated_at` is another one.
    :raises InvalidInput: if the body is not a valid policy.
    """
    may_write_policies(actor=actor, permission="cases.change_policyversion")
    parse_policy(body)
    note = _noted(note)
    with transaction.atomic():
        drafts = PolicyVersion.objects.filter(pk=version.pk, state=PolicyState.DRAFT)
        if expected_updated_at is not None:
            drafts = drafts.filter(updated_at=expected_updated_at)
        if drafts.update(body=dict(body), note=note, proposed_by=actor, updated_at=at) != 1:
            raise StateConflict
        version.refresh_from_db()
        record(actor=actor, action="policy.revised", subject=version, at=at, body={"number": version.number})
        return version


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
        version.refresh_from_db(from_queryset=PolicyVersion.objects.select_for_update(of=("self",)))
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


def discard_version(*, version: PolicyVersion, actor: Any, at: datetime) -> PolicyVersion:
    """
    Discard a draft. It keeps its number and is never in force.

    :raises NotAllowed: if the actor may not change policies of all territories.
    :raises StateConflict: if it is not a draft.
    """
    may_write_policies(actor=actor, permission="cases.change_policyversion")
    with transaction.atomic():
        move(record=version, lifecycle=POLICY_VERSION, action="discard", actor=actor, at=at)
        record(actor=actor, action="policy.discarded", subject=version, at=at, body={"number": version.number})
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


def install_default_policy(*, effective_from: date, at: datetime) -> PolicyVersion | None:
    """
    Put the shipped policy into force if the default segment has no version; otherwise do nothing and return None.

    Its author and approver are two users that cannot log in, so that the trail shows that nobody of the lender has
    approved it yet.
    """
    with transaction.atomic():
        policy = _locked_policy(segment="", at=at)
        if policy.versions.exists():
            return None
        author, approver = _shipped_user(*_AUTHOR), _shipped_user(*_APPROVER)
        version = PolicyVersion.objects.create(
            policy=policy,
            number=1,
            body=DEFAULT_POLICY,
            note=_SHIPPED,
            state=PolicyState.ACTIVE,
            effective_from=effective_from,
            proposed_by=author,
            approved_by=approver,
            approved_at=at,
            created_at=at,
            updated_at=at,
        )
        PolicyTerm.objects.create(
            policy=policy, version=version, effective_from=effective_from, set_by=approver, created_at=at, updated_at=at
        )
        record(
            actor=None,
            action="policy.installed",
            subject=version,
            at=at,
            body={"number": 1, "author": author.username, "approver": approver.username},
        )
        return version


def _locked_policy(*, segment: str, at: datetime) -> Policy:
    # The insert makes sure that there is a row to lock; of two callers at once the second waits for the first.
    name = f"{POLICY_NAME} {segment}" if segment else POLICY_NAME
    Policy.objects.bulk_create([Policy(name=name, segment=segment, created_at=at)], ignore_conflicts=True)
    return Policy.objects.select_for_update().get(segment=segment)


def _segment(segment: str) -> str:
    segment = segment.strip()
    if len(segment) > LONGEST_SEGMENT or not segment.isprintable():
        raise InvalidInput(
            _("A segment is a word of at most {most} characters, as the accounts carry it.").format(
                most=LONGEST_SEGMENT
            ),
            field="segment",
        )
    return segment


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


def _noted(note: str) -> str:
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(_("A note has at most {most} characters.").format(most=LONGEST_NOTE), field="note")
    return note


def _shipped_user(username: str, role: Role) -> User:
    found: User | None = User.objects.filter(username=username).first()
    if found is not None:
        return found
    made: User = User.objects.create_user(username, role=role, display_name=_SHIPPED, is_active=False)
    return made
