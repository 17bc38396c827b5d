"""Whether a report can still go back to its crew."""

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from visits.models import VisitOrder
from visits.models.order import LIVE_PLACEMENTS


def must_be_held(*, order: VisitOrder) -> None:
    """
    Pass if the agency still holds the case, so that somebody can redo the report.

    :raises InvalidInput: if it does not.
    """
    if order.placement is None or order.placement.state not in LIVE_PLACEMENTS:
        raise InvalidInput(_("The agency no longer holds the case; accept or discard the report."), field="verdict")
