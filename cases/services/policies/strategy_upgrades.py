"""Strategy upgrades: the risk department proposes a territory or segment for review, and another person approves."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.core.scoping import must_act_in
from backoffice.core.transitions import may
from cases.models import StrategyUpgrade

MAX_DAYS = 180


@transaction.atomic
def raise_upgrade(
    *, territory: Any, segment: str, starts_on: date, ends_on: date, reason: str, actor: Any, at: datetime
) -> StrategyUpgrade:
    """
    Propose to put a territory, a segment, or a segment of a territory under review, for at most 180 days.

    It has no effect until another person approves it. Without a territory it concerns all of them.

    :raises NotAllowed: if the actor may not raise upgrades, or not in that territory.
    :raises InvalidInput: if neither is named, the days are in the wrong order or too many, or no reason is given.
    """
    may(actor=actor, permission="cases.raise_strategyupgrade")
    if territory is None and not segment.strip():
        raise InvalidInput(_("Name a territory or a segment."), field="territory")
    must_act_in(actor=actor, territory_id=None if territory is None else territory.pk)
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
    Approve an upgrade that somebody else raised; rules see it from the next evaluation on.

    :raises NotAllowed: if the actor is no person, may not approve, or does not act in its territory (without one: in
        all territories).
    :raises SelfApproval: if the actor raised it.
    :raises StateConflict: if it is approved already.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission="cases.approve_strategyupgrade")
    must_act_in(actor=actor, territory_id=upgrade.territory_id)
    if upgrade.raised_by_id == actor.pk:
        raise SelfApproval
    if StrategyUpgrade.objects.filter(pk=upgrade.pk, approved_by__isnull=True).update(approved_by=actor) != 1:
        raise StateConflict
    upgrade.approved_by = actor
    record(actor=actor, action="strategyupgrade.approved", subject=upgrade, at=at)
    return upgrade
