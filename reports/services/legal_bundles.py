"""Bundles for legal recovery: asked for with a purpose, approved by another person, made, handed out, and deleted."""

import hashlib
from datetime import datetime, timedelta
from typing import Any, BinaryIO, Final

from django.db import IntegrityError, transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.audit.enums import AccessPurpose
from backoffice.audit.services import log_access, record
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.core.queue import enqueue
from backoffice.core.sealed.kept_files import FileAltered, FileLost, KeptFile, keep
from backoffice.core.transitions import may, move
from cases.enums import DecisionKind
from cases.models import Decision
from cases.rules.legal_steps import recovery_stands
from reports.enums import BundleLanguage, ExportState
from reports.models import LegalBundle
from reports.rules.lifecycle import BUNDLE
from reports.selectors.legal_papers import legal_papers
from reports.services.bundle_archive import archive

REQUEST: Final = "reports.request_legalbundle"
KEPT_DAYS: Final = 30
SWEPT_AT_ONCE: Final = 100
LONGEST_PURPOSE: Final = 200
# What of a borrower stands in the case file in clear.
FIELDS: Final = ("name", "id_number", "phones", "addresses")


@transaction.atomic
def request_bundle(*, decision: Decision, language: str, purpose: str, actor: Any, at: datetime) -> LegalBundle:
    """
    Ask for the documents of a decision for legal recovery; nothing is read until another person approves.

    `language` is a value of BundleLanguage; `purpose` (cut to 200 characters) is kept sealed.

    :raises NotAllowed: if the actor is no person or may not ask for bundles.
    :raises InvalidInput: if the actor does not see such a decision, the language is unknown, or no purpose is given.
    :raises StateConflict: if the decision does not stand, or a bundle of it waits already.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=REQUEST)
    if not Decision.objects.visible_to(actor).filter(pk=decision.pk, kind=DecisionKind.LEGAL).exists():
        raise InvalidInput(gettext_lazy("You see no decision for legal recovery of this number."), field="decision")
    if language not in BundleLanguage.values:
        raise InvalidInput(gettext_lazy("Choose one of the languages."), field="language")
    if not purpose.strip():
        raise InvalidInput(gettext_lazy("Say what the documents are for."), field="purpose")
    _must_stand(decision, at=at)
    try:
        with transaction.atomic():
            bundle = LegalBundle.objects.create(
                decision=decision,
                language=language,
                purpose=purpose.strip()[:LONGEST_PURPOSE],
                requested_by=actor,
                created_at=at,
                updated_at=at,
            )
    except IntegrityError as error:
        raise StateConflict(
            gettext_lazy("A bundle of this decision waits for its approval or is being made.")
        ) from error
    body = {"decision": decision.pk, "language": language}
    record(actor=actor, action="legal_bundle.requested", subject=bundle, at=at, body=body)
    return bundle


@transaction.atomic
def approve_bundle(*, bundle: LegalBundle, actor: Any, at: datetime) -> LegalBundle:
    """
    Approve a bundle that another person asked for; a worker then makes the file.

    :raises NotAllowed: if the actor is no person, may not approve, or does not see the decision.
    :raises SelfApproval: if the actor asked for it.
    :raises StateConflict: if it no longer waits for approval, or the decision does not stand any more.
    """
    _other_person(bundle=bundle, actor=actor)
    _must_stand(bundle.decision, at=at)
    move(record=bundle, lifecycle=BUNDLE, action="approve", actor=actor, at=at, approved_by=actor, approved_at=at)
    record(actor=actor, action="legal_bundle.approved", subject=bundle, at=at)
    enqueue("reports.tasks.produce_bundle", bundle_id=bundle.pk)
    return bundle


@transaction.atomic
def refuse_bundle(*, bundle: LegalBundle, reason: str, actor: Any, at: datetime) -> LegalBundle:
    """
    Refuse a bundle that another person asked for, or withdraw an approval while there is no file.

    :raises NotAllowed: if the actor is no person, may not approve, or does not see the decision.
    :raises SelfApproval: if the actor asked for it.
    :raises InvalidInput: if no reason is given.
    :raises StateConflict: if it is refused already, or the file exists.
    """
    _other_person(bundle=bundle, actor=actor)
    if not reason.strip():
        raise InvalidInput(gettext_lazy("Give a reason."), field="reason")
    _refuse(bundle, reason.strip()[:LONGEST_PURPOSE], actor=actor, at=at)
    return bundle


@transaction.atomic
def produce_bundle(*, bundle_id: int, at: datetime) -> LegalBundle | None:
    """
    Make the file of an approved bundle and return the bundle; None if it is not approved or another worker has it.

    If the decision does not stand any more, or who asked may no longer have it, the bundle is refused instead. The file is
    kept sealed for KEPT_DAYS days.
    """
    waiting = LegalBundle.objects.select_for_update(no_key=True, of=("self",), skip_locked=True).select_related(
        "requested_by", "approved_by", "decision__account", "decision__borrower", "decision__policy_version__policy"
    )
    bundle: LegalBundle | None = waiting.filter(pk=bundle_id, state=ExportState.APPROVED).first()
    if bundle is None:
        return None
    refusal = _refusal(bundle, at=at)
    if refusal:
        _refuse(bundle, refusal, actor=None, at=at)
        return bundle
    papers, left_out = legal_papers(decision=bundle.decision, language=bundle.language)
    content = archive(papers=papers, left_out=left_out, about=_about(bundle, at=at))
    digest = hashlib.sha256(content).hexdigest()
    # The number of the bundle is part of the name: each file belongs to one bundle, which deletes it when it expires.
    bundle.file.name = keep(name=f"bundles/{bundle.pk}/{digest}.zip", content=content)
    try:
        move(
            record=bundle,
            lifecycle=BUNDLE,
            action="produce",
            actor=None,
            at=at,
            file=bundle.file.name,
            file_sha256=digest,
            file_count=len(papers) + 1,
            expires_at=at + timedelta(days=KEPT_DAYS),
        )
        body = {"files": len(papers) + 1, "left_out": len(left_out), "sha256": digest}
        record(actor=None, action="legal_bundle.produced", subject=bundle, at=at, body=body)
    except Exception:
        # No row refers to the file, so no sweep would ever delete it.
        bundle.file.storage.delete(str(bundle.file.name))
        raise
    return bundle


def enqueue_waiting_bundles() -> int:
    """Enqueue the oldest approved bundles without a file again, at most SWEPT_AT_ONCE; return how many."""
    rows = LegalBundle.objects.filter(state=ExportState.APPROVED).order_by("pk")
    waiting = list(rows.values_list("pk", flat=True)[:SWEPT_AT_ONCE])
    for pk in waiting:
        enqueue("reports.tasks.produce_bundle", bundle_id=pk)
    return len(waiting)


def hand_out_bundle(*, bundle: LegalBundle, actor: Any, at: datetime) -> BinaryIO:
    """
    Return the file's plain bytes and log the access to the borrower's data. Only who asked may have it.

    The file is compared with its SHA-256 before anything is handed out; a difference is recorded in the audit trail.

    :raises NotAllowed: if the actor did not ask for it, has lost the permission, or does not see the decision any more.
    :raises StateConflict: if there is no file, it has expired, or the decision does not stand any more.
    :raises FileLost: if the storage does not have the file.
    :raises FileAltered: if the stored file is not the one that was made.
    """
    if actor is None or bundle.requested_by_id != actor.pk:
        raise NotAllowed
    may(actor=actor, permission=REQUEST)
    if not LegalBundle.objects.visible_to(actor).filter(pk=bundle.pk).exists():
        raise NotAllowed
    if not LegalBundle.objects.filter(pk=bundle.pk, state=ExportState.READY, expires_at__gt=at).exists():
        raise StateConflict
    _must_stand(bundle.decision, at=at)
    try:
        opened = KeptFile(name=str(bundle.file.name), sha256=bundle.file_sha256).open()
    except (FileLost, FileAltered) as error:
        with transaction.atomic():
            record(actor=actor, action="legal_bundle.file_broken", subject=bundle, at=at, body={"problem": error.code})
        raise
    with transaction.atomic():
        log_access(
            actor=actor,
            subject=bundle.decision.borrower,
            fields=FIELDS,
            purpose=AccessPurpose.EXPORT,
            note=bundle.purpose or "",
            at=at,
        )
        record(actor=actor, action="legal_bundle.downloaded", subject=bundle, at=at)
    return opened


@transaction.atomic
def expire_bundles(*, at: datetime) -> int:
    """
    Delete the files of expired bundles, at most SWEPT_AT_ONCE, and return how many.

    The file is deleted before the row changes: after a failure in between, the next sweep finds the row again.
    """
    over = LegalBundle.objects.filter(state=ExportState.READY, expires_at__lte=at).order_by("pk")
    bundles = list(over.select_for_update(no_key=True, of=("self",), skip_locked=True)[:SWEPT_AT_ONCE])
    for bundle in bundles:
        if bundle.file:
            bundle.file.storage.delete(str(bundle.file.name))
        move(record=bundle, lifecycle=BUNDLE, action="expire", actor=None, at=at, file="")
    if bundles:
        body = {"bundles": [bundle.pk for bundle in bundles]}
        record(
            actor=None, action="legal_bundles.expired", subject=("reports.legalbundle", bundles[0].pk), at=at, body=body
        )
    return len(bundles)


def _other_person(*, bundle: LegalBundle, actor: Any) -> None:
    """:raises NotAllowed: if the actor is no person or does not see it. :raises SelfApproval: if they asked for it."""
    if actor is None:
        raise NotAllowed
    if bundle.requested_by_id == actor.pk:
        raise SelfApproval
    if not LegalBundle.objects.visible_to(actor).filter(pk=bundle.pk).exists():
        raise NotAllowed


def _stands(decision: Decision, *, at: datetime) -> bool:
    # Read again: the caller's instance may be older than the end of the decision.
    now = Decision.objects.values_list("state", "expires_on").get(pk=decision.pk)
    return recovery_stands(state=now[0], expires_on=now[1], on=localdate(at))


def _must_stand(decision: Decision, *, at: datetime) -> None:
    if not _stands(decision, at=at):
        raise StateConflict(gettext_lazy("The decision does not stand, so there are no documents of it for a court."))


def _refusal(bundle: LegalBundle, *, at: datetime) -> str:
    """Return why an approved bundle is not made after all; empty if it is."""
    user = bundle.requested_by
    may_have = user.is_active and user.has_perm(REQUEST)
    if not (may_have and LegalBundle.objects.visible_to(user).filter(pk=bundle.pk).exists()):
        return str(_("The person who asked may no longer have this."))
    return "" if _stands(bundle.decision, at=at) else str(_("The decision does not stand any more."))


def _refuse(bundle: LegalBundle, reason: str, *, actor: Any, at: datetime) -> None:
    move(record=bundle, lifecycle=BUNDLE, action="refuse", actor=actor, at=at)
    # A sealed column is written by saving the row, not by the guarded UPDATE.
    bundle.refused_reason = reason
    bundle.save(update_fields=["refused_reason"])
    record(actor=actor, action="legal_bundle.refused", subject=bundle, at=at)


def _about(bundle: LegalBundle, *, at: datetime) -> dict[str, Any]:
    """Return what the manifest says of the bundle itself; moments as ISO 8601 in UTC."""
    return {
        "bundle": str(bundle),
        "decision": str(bundle.decision),
        "account": bundle.decision.account.external_ref,
        "policy_version": str(bundle.decision.policy_version),
        "language": bundle.language,
        "asked_by": str(bundle.requested_by),
        "asked_at": bundle.created_at.isoformat(),
        "approved_by": str(bundle.approved_by),
        "approved_at": bundle.approved_at.isoformat() if bundle.approved_at else "",
        "made_at": at.isoformat(),
    }
