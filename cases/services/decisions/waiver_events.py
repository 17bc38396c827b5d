"""What the core is told of waivers, what it answers, and which of the events it has received."""

from collections.abc import Collection
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from django.db import transaction
from django.db.models import CharField, Exists, F, OuterRef, Value
from django.db.models.functions import Cast, Concat
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.currencies import rounded
from backoffice.core.errors import InvalidInput, Missing, StateConflict
from backoffice.core.id_lists import any_of
from backoffice.core.transitions import may, move_all
from backoffice.outbox.models import DeliveryState, WebhookDelivery
from backoffice.outbox.services import add_events
from cases.enums import DecisionState, WaiverState
from cases.models import Decision, Waiver
from cases.rules.lifecycle import DECISION
from cases.services.casework.digests import text_digest
from cases.services.decisions.locks import lock_decision
from cases.services.decisions.terms_ledger import ORDER
from cases.services.decisions.trail import return_cases_to_work

GRANTED: Final = "waiver.granted"
WITHDRAWN: Final = "waiver.withdrawn"
_PREFIX: Final = "waiver"


def effect_key(waiver: Waiver) -> str:
    """Return the key of the newest instruction of a waiver."""
    return f"{_PREFIX}-{waiver.pk}-{waiver.version}"


def announce_waivers(*, waivers: Collection[int], topic: str, at: datetime) -> None:
    """
    Tell the core what it holds of waivers (ids) from now on, under a new version, in the caller's transaction.

    Events of an account arrive in order with the instructions of its terms. Three statements for any number, none for none.

    :raises RuntimeError: if there is no transaction.
    """
    if not waivers:
        return
    rows = Waiver.objects.filter(pk__in=any_of(waivers))
    rows.update(
        version=F("version") + 1,
        instructed_at=at,
        acknowledged_at=None,
        answered_value="",
        refused_reason="",
        updated_at=at,
    )
    told = list(rows.select_related("account").order_by("pk"))
    events = [(effect_key(waiver), _payload(waiver)) for waiver in told]
    orders = {effect_key(waiver): f"{ORDER}{waiver.account_id}" for waiver in told}
    add_events(topic=topic, events=events, at=at, order_keys=orders)


def _payload(waiver: Waiver) -> dict[str, Any]:
    return {
        "effect_key": effect_key(waiver),
        "account": waiver.account.external_ref,
        "decision": waiver.decision_id,
        "version": waiver.version,
        "part": waiver.part,
        "amount": held_value(waiver),
        "currency": waiver.account.currency,
        "earned_on": waiver.earned_on.isoformat() if waiver.earned_on else None,
    }


def held_value(waiver: Waiver) -> str:
    """Return the amount that the core is to hold as waived: all of it while the waiver is used, else nothing."""
    amount = waiver.amount if waiver.state == WaiverState.USED else Decimal(0)
    return str(rounded(amount, waiver.account.currency))


@transaction.atomic
def acknowledge_waiver(
    *, effect_key: str, accepted: bool, actor: Any, at: datetime, value: str = "", refused_reason: str = ""
) -> Waiver:
    """
    Record the core's answer to an instruction about a waiver: the amount that it holds as waived now, or why it refuses.

    With the newest instruction accepted as instructed, a granted waiver's decision is in force. An answer to an older one, and
    the same answer again, change nothing. Another amount, and a refusal (cut to 200 characters), stand at the waiver until the
    core is instructed again. The door has checked the caller's scope.

    :raises Missing: if there is no instruction of that key.
    :raises InvalidInput: if a refusal has no reason, or an acceptance no amount.
    :raises StateConflict: if the core refuses what it has accepted before.
    """
    named, version = _named(effect_key)
    lock_decision(decision=named.decision)
    waiver: Waiver = (
        Waiver.objects.select_for_update(no_key=True, of=("self",))
        .select_related("account", "decision")
        .get(pk=named.pk)
    )
    answered = "" if not accepted else _amount(value, waiver.account.currency)
    if not accepted and not refused_reason.strip():
        raise InvalidInput(_("Give a reason."), field="refused_reason")
    if version != waiver.version or (accepted and waiver.acknowledged_at is not None):
        return waiver
    if not accepted:
        return _refuse(waiver, refused_reason.strip()[:200], actor=actor, at=at)
    if answered != held_value(waiver):
        if waiver.answered_value != answered:
            _write(waiver, "waiver.other_value", actor=actor, at=at, answered_value=answered)
        return waiver
    _write(
        waiver,
        "waiver.acknowledged",
        actor=actor,
        at=at,
        answered_value=answered,
        acknowledged_at=at,
        refused_reason="",
    )
    if waiver.state == WaiverState.USED:
        rows = Decision.objects.filter(pk=waiver.decision_id)
        move_all(rows=rows, lifecycle=DECISION, action="acknowledge", at=at, effective_on=localdate(at))
        return_cases_to_work(rows, at=at)
    return waiver


def _named(key: str) -> tuple[Waiver, int]:
    """Return the waiver and the version of an instruction's key. :raises Missing: if there is no such instruction."""
    prefix, _dash, rest = key.partition("-")
    number, _dash, version = rest.partition("-")
    known = prefix == _PREFIX and all(
        part.isdecimal() and part.isascii() and len(part) < 10 for part in (number, version)
    )
    waiver = Waiver.objects.select_related("decision").filter(pk=int(number)).first() if known else None
    if waiver is None or not 0 < int(version) <= waiver.version:
        raise Missing(_("There is no instruction of this key."))
    return waiver, int(version)


def _amount(value: str, currency: str) -> str:
    try:
        number = Decimal(value.strip())
    except InvalidOperation as error:
        raise InvalidInput(_("Give the value as a number with a decimal point."), field="value") from error
    if not number.is_finite() or abs(number) >= 10**12:
        raise InvalidInput(_("Give the value as a number with a decimal point."), field="value")
    return str(rounded(number, currency))


def _refuse(waiver: Waiver, reason: str, *, actor: Any, at: datetime) -> Waiver:
    if waiver.acknowledged_at is not None:
        raise StateConflict
    if waiver.refused_reason != reason:
        _write(waiver, "waiver.refused", actor=actor, at=at, refused_reason=reason)
    return waiver


def _write(waiver: Waiver, action: str, *, actor: Any, at: datetime, **changes: Any) -> None:
    for name, value in changes.items():
        setattr(waiver, name, value)
    waiver.updated_at = at
    waiver.save(update_fields=[*changes, "updated_at"])
    body = {"version": waiver.version, "reason_digest": text_digest(text=waiver.refused_reason, kind="waiver.refusal")}
    record(actor=actor, action=action, subject=waiver, at=at, body=body)


@transaction.atomic
def instruct_waiver_again(*, waiver: Waiver, actor: Any, at: datetime) -> Waiver:
    """
    Instruct the core again of a waiver that it has refused, answered otherwise or not answered, under a new version.

    :raises NotAllowed: if the actor may not approve decisions.
    :raises StateConflict: if it was never instructed, or the core agrees.
    """
    may(actor=actor, permission="cases.approve_decision")
    lock_decision(decision=waiver.decision)
    now: Waiver = Waiver.objects.select_for_update(no_key=True).get(pk=waiver.pk)
    if now.version == 0 or now.acknowledged_at is not None:
        raise StateConflict
    announce_waivers(waivers=[now.pk], topic=GRANTED if now.state == WaiverState.USED else WITHDRAWN, at=at)
    record(actor=actor, action="waiver.instructed_again", subject=now, at=at, body={"version": now.version + 1})
    return now


@transaction.atomic
def mark_waivers_sent(*, at: datetime, most: int = 5_000) -> int:
    """Mark the decisions of earned waivers sent whose instruction an endpoint has taken; return how many, `most` a call."""
    key = Concat(
        Value(f"{_PREFIX}-"), Cast(OuterRef("pk"), CharField()), Value("-"), Cast(OuterRef("version"), CharField())
    )
    taken = WebhookDelivery.objects.filter(event__key=key, state=DeliveryState.DELIVERED)
    waivers = Waiver.objects.filter(Exists(taken), state=WaiverState.USED)
    sent = Decision.objects.filter(waiver__in=waivers, state=DecisionState.APPROVED)
    ids = list(
        sent.select_for_update(no_key=True, skip_locked=True, of=("self",))
        .order_by("pk")
        .values_list("pk", flat=True)[:most]
    )
    if not ids:
        return 0
    moved = move_all(rows=Decision.objects.filter(pk__in=ids), lifecycle=DECISION, action="send", at=at)
    record(actor=None, action="decision.sent", subject=("cases.decision", "set"), at=at, body={"decisions": ids})
    return moved
