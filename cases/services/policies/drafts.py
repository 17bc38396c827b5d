"""Drafts of a policy: write, revise and discard them. Their approval is in approval.py."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.transitions import move
from cases.enums import PolicyState
from cases.models import Policy, PolicyVersion
from cases.rules.lifecycle import POLICY_VERSION
from cases.rules.policy.parser import parse_policy
from cases.services.policies.activation import (
    may_write_policies,
)

POLICY_NAME: Final = "doorstep"


LONGEST_SEGMENT: Final = 40


LONGEST_NOTE: Final = 300


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
        policy = locked_policy(segment=segment, at=at)
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


def locked_policy(*, segment: str, at: datetime) -> Policy:
    """Return the policy of a segment, created if there is none, locked until the transaction ends."""
    # The insert makes sure that there is a row to lock; of two callers at once the second waits for the first.
    name = f"{POLICY_NAME} {segment}" if segment else POLICY_NAME
    Policy.objects.bulk_create([Policy(name=name, segment=segment, created_at=at)], ignore_conflicts=True)
    return Policy.objects.select_for_update(no_key=True).get(segment=segment)


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


def _noted(note: str) -> str:
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(_("A note has at most {most} characters.").format(most=LONGEST_NOTE), field="note")
    return note
