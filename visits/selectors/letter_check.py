"""What the public may learn from a letter's code: that it is genuine, for whom they may let in, and when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings

from backoffice.core.sealed.kept_files import KeptFile
from visits.enums import VisitPurpose, VisitState
from visits.models import CrewMember, LetterAnswer, VisitOrder
from visits.models.order import LIVE_PLACEMENTS
from visits.rules.conduct.timing import local_time
from visits.selectors.policy import conduct_policy

GENUINE_IN = (VisitState.SCHEDULED, VisitState.ACCEPTED, VisitState.EN_ROUTE, VisitState.CHECKED_IN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """One of the crew as the public may know them: by the number of their badge and, if it was kept, their photograph."""

    badge: str
    photo: KeptFile | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GenuineLetter:
    """Nothing of the borrower, the case or the address. Hours are those of the clock at the address."""

    lender: str
    agency: str
    visitors: tuple[Visitor, ...]
    purposes: tuple[VisitPurpose, ...]
    visit_from: datetime
    visit_to: datetime
    telephone: str


def genuine_letter(*, code: str, at: datetime) -> GenuineLetter | None:
    """
    Return what a code proves at `at`: from the notice on, until the day of the visit is over.

    None if it is unknown, called off, over, before the notice, or its mandate has lapsed. One query in every case.
    """
    order = (
        VisitOrder.objects.filter(letter_code=code, state__in=GENUINE_IN, placement__state__in=LIVE_PLACEMENTS)
        .select_related("case__territory", "placement__agency", "lead", "second")
        .first()
    )
    if order is None or order.placement is None or order.letter_issued_at is None:
        return None
    if order.notice_sent_at is None or at < order.notice_sent_at:
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
        visitors=tuple(_visitor(member) for member in (order.lead, order.second) if member),
        purposes=tuple(VisitPurpose(purpose) for purpose in order.purposes),
        visit_from=local_time(policy=policy, at=order.window_start),
        visit_to=local_time(policy=policy, at=order.window_end),
        telephone=settings.COMPLAINTS_PHONE,
    )


def _visitor(member: CrewMember) -> Visitor:
    photo = KeptFile(name=member.photo_name, sha256=member.photo_sha256) if member.photo_name else None
    return Visitor(badge=member.external_ref, photo=photo)


def order_of_code(*, code: str) -> VisitOrder | None:
    """
    Return the visit order that a code belongs to, or belonged to when somebody answered by it; None for other codes.

    A visit that was taken back has no letter, and a new one once it is planned anew: who holds the former letter still
    reaches the order through what was answered by it.
    """
    order = VisitOrder.objects.filter(letter_code=code).select_related("case").first()
    if order is None:
        answer = LetterAnswer.objects.filter(letter_code=code).select_related("order__case").order_by("-pk").first()
        order = answer.order if answer is not None else None
    return order
