"""Versions of a profile: made by one person, approved by another, one in use."""

import re
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval
from backoffice.core.scoping import must_act_everywhere
from backoffice.core.transitions import may, move, move_all
from cases.enums import ProfileRefusal, ProfileState
from cases.models import IntakeProfile, IntakeProfileVersion, ProfileSample
from cases.rules.profile.file_sets import is_file_set, parse_file_set
from cases.rules.profile.header_words import is_protected
from cases.rules.profile.parse import KIND_OF_SETS, parse_profile
from cases.rules.profile.records import Profile
from cases.rules.profile_lifecycle import PROFILE_VERSION
from cases.selectors.intake.profiles import MAX_PROFILE_BYTES, profile_named

_NAME: Final = re.compile(r"[A-Za-z0-9_-]{1,60}")


@transaction.atomic
def make_version(
    *,
    name: str,
    body: str,
    actor: Any,
    at: datetime,
    sample: ProfileSample | None = None,
    tried: Mapping[str, Any] | None = None,
) -> IntakeProfileVersion:
    """
    Make the next version of the profile called `name` (and the profile, if there is none) and return it.

    It awaits approval by another person. `sample` is the file that it was made with, `tried` what became of its rows
    (rules/profile/sample_reading.py, `Tried.counts`).

    :raises NotAllowed: if the actor may not make profiles for all territories.
    :raises InvalidInput: if the name is not one, the text is no sound profile, reads a column of a protected trait, or
        describes other rows than the profile's versions so far.
    """
    may(actor=actor, permission="cases.add_intakeprofile")
    must_act_everywhere(actor=actor)
    if not _NAME.fullmatch(name):
        raise InvalidInput(_("A name has 1 to 60 letters, digits, hyphens or underscores."), field="name")
    if len(body.encode()) > MAX_PROFILE_BYTES:
        raise InvalidInput(_("The profile is longer than {n} bytes.").format(n=MAX_PROFILE_BYTES), field="body")
    kind, profiles = _parsed(body, name)
    for parsed in profiles:
        _refuse_protected_columns(parsed)
    IntakeProfile.objects.bulk_create([IntakeProfile(name=name, kind=kind, created_at=at)], ignore_conflicts=True)
    # Locked until the end of the transaction: of two makers at once the second gets the next number.
    profile = IntakeProfile.objects.select_for_update(no_key=True).get(name=name)
    if profile.kind != kind:
        raise InvalidInput(
            _("The rows of this profile are {kind}. For other rows make a profile of another name.").format(
                kind=profile.get_kind_display()
            ),
            field="kind",
        )
    last = profile.versions.aggregate(last=Max("number"))["last"] or 0
    version = IntakeProfileVersion.objects.create(
        profile=profile,
        number=last + 1,
        body=body,
        tried=dict(tried or {}),
        made_by=actor,
        created_at=at,
        updated_at=at,
    )
    if sample is not None:
        ProfileSample.objects.filter(pk=sample.pk).update(version=version)
    record(
        actor=actor,
        action="profile.made",
        subject=version,
        at=at,
        body={"profile": profile.name, "number": version.number, "fingerprint": sha256(body.encode()).hexdigest()},
    )
    return version


def _parsed(body: str, name: str) -> tuple[str, list[Profile]]:
    """Return the kind of a text and the profiles that it contains: one, or those written in a set of files."""
    if not is_file_set(text=body, name=name):
        profile = parse_profile(text=body, name=name)
        return profile.kind, [profile]
    parts = parse_file_set(text=body, name=name, profile_named=profile_named).parts
    return KIND_OF_SETS, [part.profile for part in parts if not part.is_named]


def _refuse_protected_columns(profile: Profile) -> None:
    for column, key in profile.columns.items():
        if is_protected(column):
            raise InvalidInput(
                _(
                    "{key} reads the column {column}, which is never taken in: it must not become an input of any decision."
                ).format(key=key, column=repr(column)),
                field=key,
            )


@transaction.atomic
def approve_version(*, version: IntakeProfileVersion, actor: Any, at: datetime) -> IntakeProfileVersion:
    """
    Approve a version that another person made: it is in use from now on, and the one before is retired.

    The samples that it was made with are deleted.

    :raises NotAllowed: if the actor is no person, or may not approve profiles for all territories.
    :raises SelfApproval: if the actor made it.
    :raises StateConflict: if it does not await approval.
    """
    _may_decide(actor)
    # Locked, so that of two approvals at once the second retires what the first put into use.
    IntakeProfile.objects.select_for_update(no_key=True).get(pk=version.profile_id)
    version.refresh_from_db()
    if actor.pk == version.made_by_id:
        raise SelfApproval
    in_use = IntakeProfileVersion.objects.filter(profile=version.profile_id)
    move_all(rows=in_use.exclude(pk=version.pk), lifecycle=PROFILE_VERSION, action="retire", at=at)
    move(
        record=version,
        lifecycle=PROFILE_VERSION,
        action="approve",
        actor=actor,
        at=at,
        approved_by_id=actor.pk,
        approved_at=at,
    )
    ProfileSample.objects.filter(version=version).delete()
    _recorded("profile.approved", version, actor, at)
    return version


@transaction.atomic
def refuse_version(*, version: IntakeProfileVersion, reason: str, actor: Any, at: datetime) -> IntakeProfileVersion:
    """
    Refuse a version that awaits approval; `reason` is a ProfileRefusal, which its maker reads.

    :raises NotAllowed: if the actor is no person, or may not approve profiles for all territories.
    :raises InvalidInput: if the reason is not on the list.
    :raises StateConflict: if it does not await approval.
    """
    _may_decide(actor)
    if reason not in ProfileRefusal.values:
        raise InvalidInput(_("Choose a reason of the list."), field="reason")
    move(record=version, lifecycle=PROFILE_VERSION, action="refuse", actor=actor, at=at, refusal=reason)
    _recorded("profile.refused", version, actor, at, reason=reason)
    return version


@transaction.atomic
def discard_version(*, version: IntakeProfileVersion, actor: Any, at: datetime) -> IntakeProfileVersion:
    """
    Discard a version that awaits approval; it keeps its number and is never in use.

    :raises NotAllowed: if the actor may not change profiles for all territories.
    :raises StateConflict: if it does not await approval.
    """
    must_act_everywhere(actor=actor)
    move(record=version, lifecycle=PROFILE_VERSION, action="discard", actor=actor, at=at)
    _recorded("profile.discarded", version, actor, at)
    return version


@transaction.atomic
def retire_version(*, version: IntakeProfileVersion, actor: Any, at: datetime) -> IntakeProfileVersion:
    """
    Take the version in use out of use: the profile then reads no file, or as the shipped one of its name does.

    :raises NotAllowed: if the actor is no person, or may not approve profiles for all territories.
    :raises StateConflict: if it is not in use.
    """
    _may_decide(actor)
    move(record=version, lifecycle=PROFILE_VERSION, action="retire", actor=actor, at=at)
    _recorded("profile.retired", version, actor, at)
    return version


def in_use(*, profile: IntakeProfile) -> IntakeProfileVersion | None:
    """Return the version of a profile that reads files now, if there is one."""
    return profile.versions.filter(state=ProfileState.ACTIVE).first()


def _may_decide(actor: Any) -> None:
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission="cases.approve_intakeprofile")
    must_act_everywhere(actor=actor)


def _recorded(action: str, version: IntakeProfileVersion, actor: Any, at: datetime, **more: Any) -> None:
    body = {"profile": version.profile.name, "number": version.number, **more}
    record(actor=actor, action=action, subject=version, at=at, body=body)
