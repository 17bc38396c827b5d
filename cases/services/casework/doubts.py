"""The desk's work on doubtful values: correct them, find them right as they stand, or find them false."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

# Not the public gettext: makemessages would look for a literal text here. The problems are marked where they are defined.
from django.utils.translation.trans_real import gettext

from backoffice.audit.services import record
from backoffice.core.canonical.identity_numbers import canonical_identity_number
from backoffice.core.canonical.telephones import DEFAULT_REGION, canonical_telephone, read_telephones
from backoffice.core.canonical.texts import visible
from backoffice.core.errors import InvalidInput, Missing, StateConflict
from backoffice.core.sealed.sealing import blind_index, keyed_digest
from backoffice.core.transitions import may
from cases.enums import AddressKind, ContactVerdict, DoubtState
from cases.models import Address, Borrower, BorrowerPhone, DoubtfulCell, SuspicionSignal
from cases.rules.doubts import CORRECTABLE, SOURCE_OF_DESK, sign_when_false
from cases.rules.identity_documents import document_of, identity_problem
from cases.rules.parts_of_borrowers import part_reference
from cases.services.casework.reevaluation import mark_for_reevaluation

SETTLE = "cases.settle_doubtfulcell"
LONGEST_NAME = 80
LONGEST_LINE = 200


def correct_doubt(*, doubt: DoubtfulCell, value: str, actor: Any, at: datetime) -> DoubtfulCell:
    """
    Write the right value to the borrower in place of a doubtful one; the sign that the file gave ends.

    A cell that comes again with the same fault stays settled, and does not replace the value written here.

    :raises NotAllowed: if the actor may not settle doubts.
    :raises Missing: if the borrower is outside the territories that the actor may see.
    :raises InvalidInput: if the value is empty, too long or not of the form of its field, or the field is none of the
        borrower's record.
    :raises StateConflict: if the doubt is settled already.
    """
    value = visible(value)
    if doubt.field not in CORRECTABLE:
        raise InvalidInput(
            _("This field is not kept with the borrower: correct it in the lender's system."), field="value"
        )
    if not value:
        raise InvalidInput(_("Write the right value."), field="value")
    return _settle(doubt, DoubtState.CORRECTED, actor, at, lambda borrower: _write(borrower, doubt, value, True, at))


def accept_doubt(*, doubt: DoubtfulCell, actor: Any, at: datetime) -> DoubtfulCell:
    """
    Find a doubtful value right as it stands: it is written to the borrower where the record can hold it.

    Raises the same as `correct_doubt`, without the form of the value.
    """
    return _settle(
        doubt, DoubtState.ACCEPTED, actor, at, lambda borrower: _write(borrower, doubt, doubt.value, False, at)
    )


def find_false(*, doubt: DoubtfulCell, actor: Any, at: datetime) -> DoubtfulCell:
    """
    Find a doubtful value false: it is not written anywhere, and a suspicion signal says so (confidence 0.8).

    Raises the same as `correct_doubt`, without the form of the value.
    """

    def give_sign(borrower: Borrower) -> None:
        sign = sign_when_false(field=doubt.field)
        SuspicionSignal.objects.update_or_create(
            external_ref=_sign_reference(doubt),
            # What was answered before is a new question now.
            defaults={
                "confidence": sign.confidence,
                "kind": sign.kind,
                "source": SOURCE_OF_DESK,
                "cleared_on": None,
                "answer": "",
                "answered_in": "",
                "answered_by": None,
                "answer_reason": "",
                "counts_until": None,
            },
            create_defaults={
                "borrower": borrower,
                "confidence": sign.confidence,
                "kind": sign.kind,
                "source": SOURCE_OF_DESK,
                "noticed_on": localdate(at),
                "created_at": at,
            },
        )

    return _settle(doubt, DoubtState.FALSE, actor, at, give_sign)


def _sign_reference(doubt: DoubtfulCell) -> str:
    """Return the reference of the signal that belongs to a doubt; the intake uses the same."""
    return f"D-{doubt.external_ref}"


@transaction.atomic
def _settle(
    doubt: DoubtfulCell, state: DoubtState, actor: Any, at: datetime, write: Callable[[Borrower], None]
) -> DoubtfulCell:
    may(actor=actor, permission=SETTLE)
    # The borrower's row is the lock: an intake that brings the same cell waits.
    borrower = Borrower.objects.visible_to(actor).select_for_update(no_key=True).filter(pk=doubt.borrower_id).first()
    if borrower is None:
        raise Missing(_("There is no such borrower."))
    settled = DoubtfulCell.objects.filter(pk=doubt.pk, state=DoubtState.OPEN).update(
        state=state, settled_at=at, settled_by=actor
    )
    if settled != 1:
        raise StateConflict
    if state != DoubtState.FALSE:
        SuspicionSignal.objects.filter(external_ref=_sign_reference(doubt), cleared_on__isnull=True).update(
            cleared_on=localdate(at)
        )
    write(borrower)
    mark_for_reevaluation(borrowers=(borrower.pk,), at=at)
    record(actor=actor, action="doubt.settled", subject=doubt, at=at, body={"field": doubt.field, "state": str(state)})
    doubt.refresh_from_db(fields=["state", "settled_at", "settled_by"])
    return doubt


def _write(borrower: Borrower, doubt: DoubtfulCell, value: str, is_checked: bool, at: datetime) -> None:
    """Write a value to the borrower's record; with `is_checked` only if it has the form of its field."""
    if doubt.field == "borrower.id_number":
        number = canonical_identity_number(number=value)
        document = borrower.id_document or document_of(number=number)
        if is_checked and (problem := identity_problem(number=number, document=document, on=localdate(at))):
            raise InvalidInput(gettext(problem), field="value")
        borrower.id_number = number
        borrower.updated_at = at
        borrower.save(update_fields=["id_number", "id_number_index", "updated_at"])
    elif doubt.field == "borrower.name":
        if len(value) > LONGEST_NAME:
            raise InvalidInput(
                _("The text is longer than {bound} characters.").format(bound=LONGEST_NAME), field="value"
            )
        borrower.name = value
        borrower.updated_at = at
        borrower.save(update_fields=["name", "name_index", "updated_at"])
    elif doubt.field == "phones.number":
        _write_telephone(borrower, value, is_checked, at)
    elif doubt.field == "addresses.line":
        _write_address(borrower, value, at)


def _write_telephone(borrower: Borrower, value: str, is_checked: bool, at: datetime) -> None:
    found = read_telephones(text=value, region=DEFAULT_REGION)
    if is_checked and (len(found.telephones) != 1 or found.unsound):
        raise InvalidInput(_("This is not a telephone number."), field="value")
    number = canonical_telephone(text=value, region=DEFAULT_REGION)
    BorrowerPhone.objects.get_or_create(
        external_ref=part_reference(borrower_ref=borrower.external_ref, digest=blind_index(text=number, kind="phone")),
        defaults={
            "borrower": borrower,
            "number": number,
            "extension": found.telephones[0].extension if found.telephones else "",
            # A number that is in no numbering plan is dialled by nobody; it does not count as one that was tried.
            "verdict": ContactVerdict.UNKNOWN if found.telephones else ContactVerdict.DOUBTFUL,
            "created_at": at,
        },
    )


def _write_address(borrower: Borrower, value: str, at: datetime) -> None:
    if len(value) > LONGEST_LINE:
        raise InvalidInput(_("The text is longer than {bound} characters.").format(bound=LONGEST_LINE), field="value")
    kind = AddressKind.RESIDENCE
    Address.objects.get_or_create(
        external_ref=part_reference(
            borrower_ref=borrower.external_ref, digest=keyed_digest(text=f"{kind}:{value}", kind="address")
        ),
        defaults={
            "borrower": borrower,
            "kind": kind,
            "line": value,
            "source": SOURCE_OF_DESK,
            "created_at": at,
            "updated_at": at,
        },
    )
