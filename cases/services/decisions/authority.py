"""For whom an approver decides: in territories that are theirs only while they stand in for somebody who is away."""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.access.stand_ins import acting_for, stood_in_for
from backoffice.core.errors import SelfApproval
from cases.models import Decision


def authority_of(*, decision: Decision, actor: Any, at: datetime) -> int | None:
    """
    Return the number of the person for whom the actor approves as a stand-in; None where the territory is their own.

    :raises SelfApproval: if the only people whom the actor stands in for there proposed the decision or approved it first.
    """
    people = acting_for(user=actor, territory_id=decision.account.territory_id, on=localdate(at))
    others = [person for person in people if person not in (decision.proposed_by_id, decision.approved_by_id)]
    if people and not others:
        raise SelfApproval(
            _("You stand in for who proposed this or gave the first approval; another person approves it.")
        )
    return others[0] if others else None


def note_authority(*, decisions: QuerySet[Decision], actor: Any, at: datetime) -> None:
    """
    Write for whom the actor approved many decisions as a stand-in, in the caller's transaction.

    One query where the actor stands in for nobody or works everywhere, one statement more for each person.
    """
    if actor.all_territories:
        return
    own = actor.territories.values("pk")
    for entry in stood_in_for(user=actor, on=localdate(at)):
        lent = decisions.filter(~Q(proposed_by=entry.person) | Q(proposed_by=None), approved_for=None)
        lent = lent.exclude(account__territory__in=own)
        if not entry.person.all_territories:
            lent = lent.filter(account__territory__in=entry.person.territories.values("pk"))
        lent.update(approved_for=entry.person)
