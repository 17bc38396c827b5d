"""What the public may learn from a letter's code: that it is genuine, for whom they may let in, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from visits.enums import VisitState
from visits.models import VisitOrder
from visits.models.order import LIVE_PLACEMENTS
from visits.rules.conduct.timing import local_time
from visits.selectors.policy import conduct_policy

GENUINE_IN = (VisitState.SCHEDULED, VisitState.ACCEPTED, VisitState.EN_ROUTE, VisitState.CHECKED_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class GenuineLetter:
    """Nothing of the borrower, the case or the address. Hours are those of the clock at the address."""

    lender: str
    agency: str
    badges: tuple[str, ...]
    visit_from: datetime
    visit_to: datetime
    telephone: str


def genuine_letter(*, code: str, at: datetime) -> GenuineLetter | None:
    """Return what a code proves at `at`; None if it is unknown, called off, over or its mandate has lapsed."""
    order = (
        VisitOrder.objects.filter(letter_code=code, state__in=GENUINE_IN, placement__state__in=LIVE_PLACEMENTS)
        .select_related("case__territory", "placement__agency", "lead", "second")
        .first()
    )
    if order is None or order.placement is None or order.letter_issued_at is None:
        return None
    policy = conduct_policy(territory=order.case.territory)
    day = local_time(policy=policy, at=at).date()
    issued_on = local_time(policy=policy, at=order.letter_issued_at).date()
    last_day = min(order.placement.term_ends_on, issued_on + timedelta(days=policy.mandate_max_days))
    if day > last_day or order.window_start is None or order.window_end is None:
        return None
    if day > local_time(policy=policy, at=order.window_end).date():
        return None
    return GenuineLetter(
        lender=settings.LENDER_NAME,
        agency=order.placement.agency.name,
        badges=tuple(member.external_ref for member in (order.lead, order.second) if member is not None),
        visit_from=local_time(policy=policy, at=order.window_start),
        visit_to=local_time(policy=policy, at=order.window_end),
        telephone=settings.COMPLAINTS_PHONE,
    )
