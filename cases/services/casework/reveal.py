"""Showing a borrower's personal data in clear: for a purpose, within the person's territory, and logged."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import log_access
from backoffice.core.errors import InvalidInput, Missing, NotAllowed
from backoffice.core.transitions import may
from cases.enums import DoubtState
from cases.models import Application, Borrower, DoubtfulCell

FIELDS = ("name", "id_number", "phones", "addresses", "application", "doubtful_cells")


@transaction.atomic
def reveal_borrower(
    *, borrower: Borrower, purpose: str, actor: Any, at: datetime, note: str = "", fields: Sequence[str] = FIELDS
) -> dict[str, Any]:
    """
    Return the values of `fields` in clear, by name: texts for name and id_number, lists of texts for phones, addresses and
    the doubtful values that wait, and of the application its values by name (none without one).

    The access is logged before anything is read, in the same transaction. `purpose` is a value of `AccessPurpose`, `note`
    what the person typed.

    :raises NotAllowed: if the actor is no person or may not see personal data.
    :raises Missing: if the borrower is outside the territories that the actor may see.
    :raises InvalidInput: if the purpose is not on the list, OTHER has no note, or a field is unknown.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission="cases.reveal_borrower")
    if not fields or not set(fields) <= set(FIELDS):
        raise InvalidInput(_("Choose what you need to see."), field="fields")
    shown = Borrower.objects.visible_to(actor).filter(pk=borrower.pk).first()
    if shown is None:
        raise Missing(_("There is no such borrower."))
    log_access(actor=actor, subject=shown, fields=sorted(fields), purpose=purpose, note=note, at=at)
    return {field: _clear(shown, field) for field in FIELDS if field in fields}


@transaction.atomic
def reveal_doubt(*, doubt: DoubtfulCell, purpose: str, actor: Any, at: datetime, note: str = "") -> str:
    """
    Return a doubtful value in clear, as the lender wrote it; logged like every access to its borrower's data.

    Raises the same as `reveal_borrower`.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission="cases.reveal_borrower")
    shown = DoubtfulCell.objects.visible_to(actor).filter(pk=doubt.pk).select_related("borrower").first()
    if shown is None:
        raise Missing(_("There is no such borrower."))
    log_access(actor=actor, subject=shown.borrower, fields=["doubtful_cells"], purpose=purpose, note=note, at=at)
    return str(shown.value)


def _clear(borrower: Borrower, field: str) -> Any:
    if field == "phones":
        return [
            f"{phone.number} ext. {phone.extension}" if phone.extension else phone.number
            for phone in borrower.phones.order_by("pk")
        ]
    if field == "doubtful_cells":
        return [doubt.value for doubt in borrower.doubtful_cells.filter(state=DoubtState.OPEN).order_by("pk")]
    if field == "application":
        names = ("employer", "monthly_income", "monthly_expenses", "stated_on")
        return {name: getattr(each, name) for each in Application.objects.filter(borrower=borrower) for name in names}
    if field == "addresses":
        return [address.line for address in borrower.addresses.order_by("pk")]
    return getattr(borrower, field)
