"""What the core answers to instructions, and which of them were delivered."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Coalesce
from django.utils.timezone import localdate
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, Missing, StateConflict
from backoffice.core.transitions import move_all
from backoffice.outbox.models import DeliveryState, WebhookDelivery
from cases.enums import DecisionState, TermsField, TermsTrouble
from cases.models import Account, AccountTerm, Decision, TermsChange, TermsMeasure
from cases.rules.lifecycle import DECISION, STANDING_DECISION
from cases.services.casework.digests import text_digest
from cases.services.casework.reevaluation import mark_for_reevaluation
from cases.services.decisions.measures import put_in_force
from cases.services.decisions.opt_in import decline_line
from cases.services.decisions.terms_ledger import lock_terms
from cases.services.decisions.trouble import clear_trouble, note_trouble

MONEY_FIELDS = (TermsField.LIMIT, TermsField.RATE)


@transaction.atomic
def acknowledge_terms_change(
    *,
    effect_key: str,
    accepted: bool,
    actor: Any,
    at: datetime,
    value: str = "",
    refused_reason: str = "",
    declined: bool = False,
) -> TermsChange:
    """
    Record the core's answer to one line: that it made the change, with the value that it holds now, or why it refuses.

    If it accepts the newest version that it has answered, with the value that was instructed, the account here is updated, and
    decisions all of whose measures the core holds are in force. An answer to an older version is kept and changes nothing. A
    refusal (reason cut to 200 characters) and another value than the instructed one are trouble for the desk of terms; the core
    may still accept later. `declined` says that the borrower did not want the raised limit: it ends, and is no trouble. The same
    answer again changes nothing. The door has checked the caller's scope.

    :raises Missing: if there is no line of that key.
    :raises InvalidInput: if a refusal has no reason, an acceptance no value of the term, or it is both accepted and declined.
    :raises StateConflict: if the core refuses what it has accepted before, or the line waits for no borrower.
    """
    line: TermsChange | None = TermsChange.objects.filter(effect_key=effect_key).first()
    if line is None:
        raise Missing(_("There is no terms change of this key."))
    if declined:
        if accepted:
            raise InvalidInput(_("It is accepted or declined, not both."), field="declined")
        decline_line(effect_key=effect_key, actor=actor, at=at)
        return line
    account = Account.objects.select_for_update(no_key=True).get(pk=line.account_id)
    # Those that the answer may put in force, before their terms (services/decisions/locks.py).
    standing = Decision.objects.filter(account=account, state__in=STANDING_DECISION).order_by("pk")
    list(standing.select_for_update(no_key=True).values_list("pk", flat=True))
    lock_terms(terms=[(line.account_id, line.field)], at=at)
    change: TermsChange = TermsChange.objects.select_for_update(no_key=True).get(pk=line.pk)
    term = AccountTerm.objects.get(account_id=line.account_id, field=line.field)
    if not accepted:
        return _refuse(change, term, refused_reason.strip()[:200], actor=actor, at=at)
    answered = canonical(field=change.field, value=value)
    if change.acknowledged_at is not None:
        return change
    if answered != change.after:
        if change.answered_value != answered:
            change.answered_value = answered
            change.save(update_fields=["answered_value"])
            note_trouble(term=term, trouble=TermsTrouble.OTHER_VALUE, at=at, version=change.version)
            _record_answer(change, "terms.other_value", actor=actor, at=at)
        return change
    change.acknowledged_at, change.sent_at, change.refused_reason = at, change.sent_at or at, ""
    change.answered_value, change.effective_on = answered, localdate(at)
    change.save(update_fields=["acknowledged_at", "sent_at", "refused_reason", "answered_value", "effective_on"])
    if change.version > term.acknowledged_version:
        _hold(change, term, account, at=at)
    _record_answer(change, "terms.acknowledged", actor=actor, at=at)
    return change


def canonical(*, field: str, value: str) -> str:
    """
    Return the core's value as the ledger writes it: limits with two decimals, rates with five.

    :raises InvalidInput: if it is empty, or no number where the term is one.
    """
    text = value.strip()
    if not text:
        raise InvalidInput(_("Give the value that the core holds now."), field="value")
    if field not in MONEY_FIELDS:
        return text
    try:
        number = Decimal(text)
    except InvalidOperation as error:
        raise InvalidInput(_("Give the value as a number with a decimal point."), field="value") from error
    if not number.is_finite() or abs(number) >= 10**12:
        raise InvalidInput(_("Give the value as a number with a decimal point."), field="value")
    return f"{number:.2f}" if field == TermsField.LIMIT else f"{number:.5f}"


def _refuse(change: TermsChange, term: AccountTerm, reason: str, *, actor: Any, at: datetime) -> TermsChange:
    if not reason:
        raise InvalidInput(_("Give a reason."), field="refused_reason")
    if change.acknowledged_at is not None:
        raise StateConflict
    if change.refused_reason == "":
        change.refused_reason, change.sent_at = reason, change.sent_at or at
        change.save(update_fields=["refused_reason", "sent_at"])
        note_trouble(term=term, trouble=TermsTrouble.REFUSED, at=at, version=change.version)
        digest = text_digest(text=reason, kind="terms.refusal")
        _record_answer(change, "terms.refused", actor=actor, at=at, reason_digest=digest)
    return change


def _hold(change: TermsChange, term: AccountTerm, account: Account, *, at: datetime) -> None:
    """Note that the core holds this version now, and what follows for the account, its decisions and its borrower."""
    term.held_before, term.held = term.held, change.after
    term.acknowledged_version, term.acknowledged_at, term.updated_at = change.version, at, at
    term.save(update_fields=["held_before", "held", "acknowledged_version", "acknowledged_at", "updated_at"])
    if term.acknowledged_version == term.version:
        clear_trouble(term=term, at=at)
    _update_account(change, at=at)
    carried = TermsMeasure.objects.filter(account=account, field=change.field, version__lte=change.version)
    put_in_force(decisions=Decision.objects.filter(pk__in=carried.values("decision")), at=at)
    mark_for_reevaluation(borrowers=(account.borrower_id,), at=at)


def _update_account(change: TermsChange, *, at: datetime) -> None:
    """Write the accepted value to the account. Collection and penalty have no column there."""
    # An emptied digest makes intake read the core's next row, even one that is equal to the last.
    account = Account.objects.filter(pk=change.account_id)
    if change.field == TermsField.LIMIT:
        # The first cut records the limit before it; a restored limit may not exceed that for twelve months.
        cut = Decimal(change.after) < Decimal(change.before)
        kept = {"pre_default_limit": Coalesce("pre_default_limit", Value(Decimal(change.before)))} if cut else {}
        account.update(credit_limit=Decimal(change.after), source_digest=b"", updated_at=at, **kept)
    elif change.field == TermsField.RATE:
        account.update(annual_rate=Decimal(change.after), source_digest=b"", updated_at=at)
    elif change.field == TermsField.STATUS:
        account.update(status=change.after, source_digest=b"", updated_at=at)


def _record_answer(change: TermsChange, action: str, *, actor: Any, at: datetime, **body: str) -> None:
    body = {"effect_key": change.effect_key, **body}
    record(actor=actor, action=action, subject=change, at=at, body=body)


@transaction.atomic
def mark_terms_sent(*, at: datetime, most: int = 5000) -> int:
    """
    Mark the lines that an endpoint has taken, and the decisions all of whose lines it has; return how many decisions.

    Without a receiver a decision stays approved. Read from the deliveries, because the relay belongs to the foundation and
    has no access to decisions. The core may acknowledge a line before this sweep. At most `most` decisions a call.
    """
    taken = WebhookDelivery.objects.filter(event__key=OuterRef("effect_key"), state=DeliveryState.DELIVERED)
    TermsChange.objects.filter(Exists(taken), sent_at__isnull=True).update(sent_at=at)
    line = TermsChange.objects.filter(
        account=OuterRef("account"), field=OuterRef("field"), version__gte=OuterRef("version"), sent_at__isnull=False
    )
    measures = TermsMeasure.objects.filter(decision=OuterRef("pk"))
    sent = Decision.objects.filter(
        Exists(measures), ~Exists(measures.filter(~Exists(line), version__gt=0)), state=DecisionState.APPROVED
    )
    ids = list(sent.select_for_update(no_key=True, skip_locked=True).order_by("pk").values_list("pk", flat=True)[:most])
    if not ids:
        return 0
    moved = move_all(rows=Decision.objects.filter(pk__in=ids), lifecycle=DECISION, action="send", at=at)
    record(actor=None, action="decision.sent", subject=("cases.decision", "set"), at=at, body={"decisions": ids})
    return moved
