"""The borrower's permission for a visit, where a jurisdiction asks for it first."""

from datetime import datetime
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.transitions import may
from visits.enums import VisitState
from visits.models import VisitOrder
from visits.services.orders.conduct_guard import must_see

LONGEST_REFERENCE: Final = 80
UNPLANNED_STATES: Final = (VisitState.DRAFT, VisitState.APPROVED)


@transaction.atomic
def record_permission(*, order: VisitOrder, reference: str, actor: Any, at: datetime) -> VisitOrder:
    """
    Record where it is kept that the borrower permitted this visit (a recording, a message): 1 to 80 characters.

    It holds for this visit alone. A borrower who refuses has declined visits, which is noted as a circumstance.

    :raises NotAllowed: if the actor may not dispatch visits or does not see the order.
    :raises InvalidInput: if the reference is missing or too long.
    :raises StateConflict: if the visit is planned or has ended.
    """
    may(actor=actor, permission="visits.dispatch_visitorder")
    must_see(order=order, actor=actor)
    reference = reference.strip()
    if not 0 < len(reference) <= LONGEST_REFERENCE:
        message = _("Name the recording or message, with at most {n} characters.").format(n=LONGEST_REFERENCE)
        raise InvalidInput(message, field="reference")
    rows = VisitOrder.objects.filter(pk=order.pk, state__in=UNPLANNED_STATES)
    if rows.update(permission_ref=reference, updated_at=at) != 1:
        raise StateConflict
    order.permission_ref = reference
    record(actor=actor, action="visit.permitted", subject=order, at=at, body={"order": str(order)})
    return order
