"""The times that borrowers asked for, whether on the page of their letter or in a talk that somebody recorded."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from visits.enums import AgreementKind, LetterAnswerKind
from visits.models import LetterAnswer, VisitAgreement


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """The time that somebody asked for, or a video call instead of a visit; `said_at` is when it was received."""

    wished_from: datetime | None
    wished_until: datetime | None
    by_video: bool
    said_at: datetime


def wishes_of(*, orders: Collection[int], user: Any) -> dict[int, Wish]:
    """
    Return the last time, or video, that was asked for about each of the orders (ids), with two queries.

    Of the answers to their letters and of what was recorded about their cases, as far as `user` may see it and as far as
    it was not withdrawn.
    """
    answers = LetterAnswer.objects.visible_to(user).filter(order__in=orders, kind=LetterAnswerKind.OTHER_TIME)
    agreed = VisitAgreement.objects.visible_to(user).filter(
        case__visit_orders__in=orders, kind=AgreementKind.TIME, withdrawn_at__isnull=True
    )
    found = [
        (order, Wish(wished_from=opens, wished_until=closes, by_video=by_video, said_at=said_at))
        for order, opens, closes, by_video, said_at in answers.order_by("pk").values_list(
            "order", "wished_from", "wished_until", "by_video", "received_at"
        )
    ] + [
        (order, Wish(wished_from=opens, wished_until=closes, by_video=False, said_at=said_at))
        for order, opens, closes, said_at in agreed.order_by("pk").values_list(
            "case__visit_orders", "opens_at", "closes_at", "granted_at"
        )
    ]
    return dict(sorted(found, key=lambda each: each[1].said_at))
