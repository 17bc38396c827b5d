"""Cases of deceased people come back from outside firms."""

from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction

from cases.enums import FlagKind
from cases.models import Borrower, BorrowerFlag
from visits.enums import EndReason, Protection
from visits.models import Placement
from visits.models.order import LIVE_PLACEMENTS
from visits.services.agencies.placement_ends import end_by_system


@transaction.atomic
def recall_deceased(*, at: datetime, business_date: date, borrowers: Collection[int] | None = None) -> int:
    """
    Take the cases of deceased people back from their agencies; return how many. `borrowers` (ids): of these only.

    The estate is written to by the lender. The agency returns or deletes the data as after any recall.
    """
    flags = BorrowerFlag.objects.filter(kind=FlagKind.DECEASED, cleared_at__isnull=True)
    if borrowers is not None:
        flags = flags.filter(borrower__in=borrowers)
    people = Borrower.objects.filter(pk__in=flags.values("borrower")).values("person_key")
    rows = Placement.objects.filter(state__in=LIVE_PLACEMENTS, case__borrower__person_key__in=people)
    return end_by_system(
        rows=rows,
        action="recall",
        reason=EndReason.NOT_DUE,
        at=at,
        business_date=business_date,
        rules=[Protection.DECEASED.value],
    )
