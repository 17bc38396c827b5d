"""Versions of the policy: drafted, submitted, approved by another person, and put into force from a day."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import User
from backoffice.access.roles import Role
from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, Missing, SelfApproval, StateConflict
from backoffice.core.transitions import may, move, move_all
from cases.enums import PolicyState
from cases.models import Policy, PolicyVersion
from cases.rules.default_policy import DEFAULT_POLICY
from cases.rules.lifecycle import POLICY_VERSION
from cases.rules.policy import parse_policy

POLICY_NAME: Final = "doorstep"
# Four eyes need two: the shipped policy was written by one and approved by another. Nobody can log in as them.
_AUTHOR: Final = ("policy.author", Role.RISK_MANAGER)
_APPROVER: Final = ("policy.approver", Role.APPROVER)
_SHIPPED: Final = "Doorstep default policy"


def draft_version(*, body: Mapping[str, Any], note: str, actor: Any, at: datetime) -> PolicyVersion:
    """
    Write a new draft with the next number and return it.

    :raises NotAllowed: if the actor may not write policies.
    :raises InvalidInput: if the body is not a valid policy; `field` is the path to the fault.
    """
    may(actor=actor, permission="cases.add_policyversion")
    parse_policy(body)
    with transaction.atomic():
        policy = _locked_policy(at=at)
        last = policy.versions.aggregate(last=Max("number"))["last"] or 0
        version = PolicyVersion.objects.create(
            policy=policy, number=last + 1, body=dict(body), note=note, proposed_by=actor, created_at=at, updated_at=at
        )
        record(actor=actor, action="policy.drafted", subject=version, at=at, body={"number": version.number})
        return version


def revise_version(
    *, version: PolicyVersion, body: Mapping[str, Any], note: str, actor: Any, at: datetime
) -> PolicyVersion:
    """
    Replace the body of a draft and return it. Who revises it last is its proposer.

    :raises StateConflict: if it is no longer a draft.
    :raises InvalidInput: if the body is not a valid policy.
    """
    may(actor=actor, permission="cases.change_policyversion")
    parse_policy(body)
    with transaction.atomic():
        drafts = PolicyVersion.objects.filter(pk=version.pk, state=PolicyState.DRAFT)
        if drafts.update(body=dict(body), note=note, proposed_by=actor, updated_at=at) != 1:
            raise StateConflict
        version.refresh_from_db()
        record(actor=actor, action="policy.revised", subject=version, at=at, body={"number": version.number})
        return version


def submit_version(*, version: PolicyVersion, actor: Any, at: datetime) -> PolicyVersion:
    """
    Hand a draft over for approval; from now on its body does not change.

    :raises StateConflict: if it is not a draft.
    """
    with transaction.atomic():
        version.refresh_from_db()
        parse_policy(version.body)
        move(record=version, lifecycle=POLICY_VERSION, action="submit", actor=actor, at=at)
        record(actor=actor, action="policy.submitted", subject=version, at=at, body={"number": version.number})
        return version


def approve_version(*, version: PolicyVersion, actor: Any, at: datetime) -> PolicyVersion:
    """
    Approve a submitted version.

    :raises SelfApproval: if the actor proposed it.
    :raises StateConflict: if it is not submitted.
    """
    with transaction.atomic():
        version.refresh_from_db()
        if actor is None or actor.pk == version.proposed_by_id:
            raise SelfApproval
        move(
            record=version, lifecycle=POLICY_VERSION, action="approve", actor=actor, at=at,
            approved_by_id=actor.pk, approved_at=at,
        )  # fmt: skip
        record(actor=actor, action="policy.approved", subject=version, at=at, body={"number": version.number})
        return version


def activate_version(*, version: PolicyVersion, effective_from: date, actor: Any, at: datetime) -> PolicyVersion:
    """
    Put an approved version into force from a business day on and retire the former one.

    A run that has begun keeps the version it began with.

    :raises StateConflict: if it is not approved.
    """
    with transaction.atomic():
        policy = Policy.objects.select_for_update().get(pk=version.policy_id)
        former = list(policy.versions.filter(state=PolicyState.ACTIVE).values_list("number", flat=True))
        move_all(
            rows=policy.versions.filter(state=PolicyState.ACTIVE), lifecycle=POLICY_VERSION, action="retire", at=at
        )
        move(
            record=version,
            lifecycle=POLICY_VERSION,
            action="activate",
            actor=actor,
            at=at,
            effective_from=effective_from,
        )
        record(
            actor=actor, action="policy.activated", subject=version, at=at,
            body={"number": version.number, "former": former, "effective_from": effective_from.isoformat()},
        )  # fmt: skip
        return version


def active_version() -> PolicyVersion:
    """
    Return the version in force.

    :raises Missing: if there is none; the message names the way out.
    """
    version = PolicyVersion.objects.filter(policy__name=POLICY_NAME, state=PolicyState.ACTIVE).first()
    if version is None:
        raise Missing(
            _(
                "No policy is in force. Approve and activate a version under Policies, or run: manage.py install_default_policy"
            )
        )
    return version


def numbered_version(*, number: int) -> PolicyVersion:
    """
    Return the version of that number.

    :raises InvalidInput: if there is none.
    """
    version = PolicyVersion.objects.filter(policy__name=POLICY_NAME, number=number).first()
    if version is None:
        raise InvalidInput(_("There is no policy version {number}.").format(number=number), field="policy_version")
    return version


def install_default_policy(*, effective_from: date, at: datetime) -> PolicyVersion | None:
    """
    Put the shipped policy into force where there is no version at all; otherwise do nothing and return None.

    Its author and approver are two users that nobody can log in as, so that the trail shows what nobody of the
    lender has approved yet.
    """
    with transaction.atomic():
        policy = _locked_policy(at=at)
        if policy.versions.exists():
            return None
        author, approver = _shipped_user(*_AUTHOR), _shipped_user(*_APPROVER)
        version = PolicyVersion.objects.create(
            policy=policy, number=1, body=DEFAULT_POLICY, note=_SHIPPED, state=PolicyState.ACTIVE,
            effective_from=effective_from, proposed_by=author, approved_by=approver, approved_at=at,
            created_at=at, updated_at=at,
        )  # fmt: skip
        record(
            actor=None, action="policy.installed", subject=version, at=at,
            body={"number": 1, "author": author.username, "approver": approver.username},
        )  # fmt: skip
        return version


def _locked_policy(*, at: datetime) -> Policy:
    # Inserting first makes two callers at once meet at one row.
    Policy.objects.bulk_create([Policy(name=POLICY_NAME, created_at=at)], ignore_conflicts=True)
    return Policy.objects.select_for_update().get(name=POLICY_NAME)


def _shipped_user(username: str, role: Role) -> User:
    found: User | None = User.objects.filter(username=username).first()
    if found is not None:
        return found
    made: User = User.objects.create_user(username, role=role, display_name=_SHIPPED, is_active=False)
    return made
