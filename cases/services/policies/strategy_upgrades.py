"""Strategy upgrades: the risk department puts a territory or segment under review, and another person agrees."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.core.transitions import may
from cases.models import StrategyUpgrade

MAX_DAYS = 180


@transaction.atomic
def raise_upgrade(
    *, territory: Any, segment: str, starts_on: date, ends_on: date, reason: str, actor: Any, at: datetime
) -> StrategyUpgrade:
    """
    Propose to put a territory, a segment, or a segment of a territory under review, at most 180 days.

    Nothing follows until another person approves it.

    :raises InvalidInput: if neither is named, the days are the wrong way round or too many, or no reason is given.
    """
    may(actor=actor, permission="cases.raise_strategyupgrade")
    if territory is None and not segment.strip():
        raise InvalidInput(_("Name a territory or a segment."), field="territory")
    if not 0 <= (ends_on - starts_on).days <= MAX_DAYS:
        raise InvalidInput(_("A review ends after it begins, within 180 days."), field="ends_on")
    if not reason.strip():
        raise InvalidInput(_("Give a reason."), field="reason")
    upgrade = StrategyUpgrade.objects.create(
        territory=territory,
        segment=segment.strip(),
        starts_on=starts_on,
        ends_on=ends_on,
        reason=reason.strip()[:300],
        raised_by=actor,
        created_at=at,
    )
    body = {"starts_on": starts_on, "ends_on": ends_on, "territory": upgrade.territory_id, "segment": upgrade.segment}
    record(actor=actor, action="strategyupgrade.raised", subject=upgrade, at=at, body=body)
    return upgrade


@transaction.atomic
def approve_upgrade(*, upgrade: StrategyUpgrade, actor: Any, at: datetime) -> StrategyUpgrade:
    """
    Approve what somebody else raised; it counts from the next evaluation on.

    :raises NotAllowed: if the actor is no person or may not approve.
    :raises SelfApproval: if the actor raised it.
    :raises StateConflict: if it is approved already.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission="cases.approve_strategyupgrade")
    if upgrade.raised_by_id == actor.pk:
        raise SelfApproval
    if StrategyUpgrade.objects.filter(pk=upgrade.pk, approved_by__isnull=True).update(approved_by=actor) != 1:
        raise StateConflict
    upgrade.approved_by = actor
    record(actor=actor, action="strategyupgrade.approved", subject=upgrade, at=at)
    return upgrade
