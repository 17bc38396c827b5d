"""
Rejected rows in clear: for a stated purpose, released by another person, and every download logged.

The rows hold names and identity numbers as the lender wrote them. Only the person who took the file in had them before;
everybody else needs a release. Row number, field and reason are open to all who see the file.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.enums import AccessPurpose
from backoffice.audit.services import log_access, record
from backoffice.core.errors import InvalidInput, Missing, NotAllowed, SelfApproval, StateConflict
from backoffice.core.transitions import may
from cases.models import IntakeFile, RejectRelease
from cases.selectors.intake.reject_releases import usable_release
from cases.selectors.intake.rejects import rejects_csv

REVEAL: Final = "cases.reveal_intakereject"
RELEASE: Final = "cases.release_intakereject"
# So long a released download may be taken.
VALID_FOR: Final = timedelta(hours=24)


@transaction.atomic
def ask_for_rejects(*, file: IntakeFile, purpose: str, actor: Any, at: datetime) -> RejectRelease:
    """
    Ask for the rejected rows of a file in clear; another person has to release them.

    :raises NotAllowed: if the actor is no person or may not have personal data of an intake.
    :raises Missing: if the actor does not see the file.
    :raises InvalidInput: if no purpose is given, or the actor took the file in and needs no release.
    :raises StateConflict: if the file has no rejected rows, or the actor has asked already.
    """
    seen = _seen_file(file, actor, REVEAL)
    if not purpose.strip():
        raise InvalidInput(_("Say for what purpose you need to see this."), field="purpose")
    if seen.taken_by_id == actor.pk:
        raise InvalidInput(_("You took this file in: take the rows without a release."))
    if not seen.rejected_count:
        raise StateConflict(_("No row of this file was rejected."))
    if RejectRelease.objects.filter(file=seen, asked_by=actor, released_by__isnull=True).exists():
        raise StateConflict(_("You have asked already. Another person has to release the rows."))
    release = RejectRelease.objects.create(file=seen, purpose=purpose.strip()[:200], asked_by=actor, asked_at=at)
    record(actor=actor, action="intake.rejects_asked", subject=seen, at=at, body={"release": release.pk})
    return release


@transaction.atomic
def release_rejects(*, release: RejectRelease, actor: Any, at: datetime) -> None:
    """
    Release what another person asked for; that person may take the rows for 24 hours.

    :raises NotAllowed: if the actor is no person or may not release.
    :raises Missing: if the actor does not see the file.
    :raises SelfApproval: if the actor asked for it.
    :raises StateConflict: if it is released already.
    """
    file = _seen_file(release.file, actor, RELEASE)
    if release.asked_by_id == actor.pk:
        raise SelfApproval
    waiting = RejectRelease.objects.filter(pk=release.pk, released_by__isnull=True)
    if waiting.update(released_by=actor, released_at=at, expires_at=at + VALID_FOR) != 1:
        raise StateConflict
    record(actor=actor, action="intake.rejects_released", subject=file, at=at, body={"release": release.pk})


@transaction.atomic
def hand_out_rejects(*, file: IntakeFile, actor: Any, at: datetime, purpose: str = "") -> Iterator[str]:
    """
    Return the rejected rows in clear as lines of CSV, after logging who takes them and why.

    The person who took the file in states a `purpose` here. For anybody else the purpose of the release counts.

    :raises NotAllowed: if the actor is no person, may not have personal data of an intake, or has no valid release.
    :raises Missing: if the actor does not see the file.
    :raises InvalidInput: if the actor took the file in and gives no purpose.
    """
    seen = _seen_file(file, actor, REVEAL)
    body: dict[str, Any] = {"rows": seen.rejected_count}
    if seen.taken_by_id != actor.pk:
        release = usable_release(file=seen, actor=actor, at=at)
        if release is None:
            raise NotAllowed(_("Another person has to release these rows first."))
        purpose = release.purpose
        body["release"] = release.pk
    if not purpose.strip():
        raise InvalidInput(_("Say for what purpose you need to see this."), field="purpose")
    log_access(actor=actor, subject=seen, fields=["rejects"], purpose=AccessPurpose.INTAKE, note=purpose, at=at)
    record(actor=actor, action="intake.rejects_handed_out", subject=seen, at=at, body=body)
    return rejects_csv(file=seen)


def _seen_file(file: IntakeFile, actor: Any, permission: str) -> IntakeFile:
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=permission)
    seen: IntakeFile | None = IntakeFile.objects.visible_to(actor).filter(pk=file.pk).first()
    if seen is None:
        raise Missing(_("There is no such intake file."))
    return seen
