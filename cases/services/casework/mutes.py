"""Muting one rule for one borrower for a while: its hits are recorded as muted and open no case."""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, Missing
from backoffice.core.transitions import may
from cases.models import Borrower, RuleMute
from cases.services.casework.digests import text_digest
from cases.services.casework.reevaluation import mark_for_reevaluation

MAX_DAYS = 180


@transaction.atomic
def mute_rule(*, borrower: Borrower, rule: str, until: date, why: str, actor: Any, at: datetime) -> RuleMute:
    """
    Mute one rule for one borrower up to and including the day `until`, at most 180 days from now.

    `why` (cut to 300 characters) is kept sealed.

    :raises NotAllowed: if the actor may not mute reasons.
    :raises Missing: if the borrower is outside the territories that the actor may see.
    :raises InvalidInput: if the day is past or too far, or `rule` or `why` is empty.
    """
    may(actor=actor, permission="cases.mute_rule")
    if not Borrower.objects.visible_to(actor).filter(pk=borrower.pk).exists():
        raise Missing(_("There is no such borrower."))
    if not rule:
        raise InvalidInput(_("Choose the reason to mute."), field="rule")
    today = localdate(at)
    if not today <= until <= today + timedelta(days=MAX_DAYS):
        raise InvalidInput(_("A mute ends within 180 days from now."), field="until")
    if not why.strip():
        raise InvalidInput(_("Give a reason."), field="why")
    mute = RuleMute.objects.create(
        borrower=borrower, rule=rule, until=until, why=why.strip()[:300], set_by=actor, created_at=at
    )
    mark_for_reevaluation(borrowers=(borrower.pk,), at=at)
    record(
        actor=actor,
        action="rule.muted",
        subject=mute,
        at=at,
        body={
            "rule": rule,
            "until": until,
            "borrower": borrower.pk,
            "why_digest": text_digest(text=mute.why, kind="mute.why"),
        },
    )
    return mute
