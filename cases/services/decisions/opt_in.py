"""A raised limit counts once the borrower accepts it: their answer, and offers to which they gave none."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, StateConflict
from backoffice.core.transitions import may
from backoffice.outbox.services import add_events
from cases.enums import DecisionKind, MeasureEnd, MeasureMode
from cases.models import AccountTerm, Decision, OptInAnswer, TermsChange, TermsMeasure
from cases.services.casework.digests import text_digest
from cases.services.decisions.ending import lift_ended
from cases.services.decisions.locks import lock_decisions
from cases.services.decisions.measures import end_measures
from cases.services.decisions.terms_ledger import ORDER

PERMISSION: Final = "cases.record_contact"
# The borrower has as long as for an offered plan; no answer is a no.
OFFERED_FOR: Final = timedelta(days=31)
TOPIC: Final = "terms.opt_in"
LONGEST_REFERENCE: Final = 80


def open_offers() -> "QuerySet[TermsMeasure]":
    """Return the rises of limits that the core does not hold yet: the borrower can still accept or decline them."""
    held = AccountTerm.objects.filter(account=OuterRef("account"), field=OuterRef("field"))
    return TermsMeasure.objects.filter(
        decision__kind=DecisionKind.LIMIT_INCREASE, mode=MeasureMode.INCREASE, ended_at__isnull=True
    ).filter(version__gt=Subquery(held.values("acknowledged_version")[:1]))


@transaction.atomic
def answer_offer(*, decision: Decision, accepted: bool, evidence_ref: str, actor: Any, at: datetime) -> Decision:
    """
    Record what the borrower answered to a raised limit, heard by the lender's own people.

    Accepted: the core is told, in the order of the account's events, and raises the limit. Declined: the rise ends, the limit stays as it
    was, and nothing else follows for the borrower. `evidence_ref` (cut to 80 characters) names the recording or message.

    :raises NotAllowed: if the actor may not record what borrowers say.
    :raises InvalidInput: if no recording or message is named.
    :raises StateConflict: if the decision raises no limit, the core holds the limit already, it rests because money is late, or
        the borrower has answered.
    """
    may(actor=actor, permission=PERMISSION)
    reference = evidence_ref.strip()[:LONGEST_REFERENCE]
    if not reference:
        raise InvalidInput(_("Name the recording or the message."), field="evidence_ref")
    lock_decisions(decisions=[decision.pk], account=decision.account_id)
    offer = open_offers().filter(decision=decision).first()
    if offer is None:
        raise StateConflict(_("There is no raised limit of this decision that the borrower could still answer."))
    if accepted and offer.suspended_at is not None:
        raise StateConflict(_("The raised limit rests while money is late. It can be accepted once it is paid."))
    _write_answer([decision.pk], accepted=accepted, reference=reference, actor=actor, at=at)
    if accepted:
        _tell_core(decision, offer, at=at)
    else:
        _end([decision.pk], reason=MeasureEnd.DECLINED, at=at)
    decision.refresh_from_db(fields=["state", "updated_at"])
    return decision


@transaction.atomic
def decline_line(*, effect_key: str, actor: Any, at: datetime) -> bool:
    """
    Record the core's answer that the borrower declined the raised limit that a line instructs; return whether it was news.

    :raises StateConflict: if the line raises no limit that waits for the borrower.
    """
    line = TermsChange.objects.filter(effect_key=effect_key, opt_in_required=True, acknowledged_at__isnull=True).first()
    if line is None:
        raise StateConflict(_("This line raises no limit that waits for the borrower."))
    offers = open_offers().filter(account=line.account_id, field=line.field, version__lte=line.version)
    decisions = sorted(set(offers.values_list("decision_id", flat=True)))
    if not decisions:
        return False
    lock_decisions(decisions=decisions, account=line.account_id)
    # Asked again under the locks; one that an officer recorded meanwhile keeps that answer.
    decisions = sorted(set(offers.filter(decision__opt_in__isnull=True).values_list("decision_id", flat=True)))
    _write_answer(decisions, accepted=False, reference=effect_key, actor=actor, at=at)
    _end(decisions, reason=MeasureEnd.DECLINED, at=at)
    return bool(decisions)


@transaction.atomic
def lapse_offers(*, at: datetime, most: int = 2_000) -> int:
    """
    End the raised limits that were instructed 31 days ago and that the borrower has not accepted; return how many decisions.

    One that the borrower accepted is the core's to carry out; its silence is trouble (services/decisions/trouble.py). A constant
    number of statements.
    """
    instructed = TermsChange.objects.filter(
        account=OuterRef("account"), field=OuterRef("field"), version=OuterRef("version")
    )
    late = (
        open_offers()
        .annotate(offered_at=Subquery(instructed.values("created_at")[:1]))
        .filter(offered_at__lte=at - OFFERED_FOR)
        .exclude(decision__opt_in__accepted=True)
    )
    decisions = sorted(set(late.order_by("pk").values_list("decision_id", flat=True)[:most]))
    if decisions:
        _end(decisions, reason=MeasureEnd.LAPSED, at=at)
        body = {"decisions": decisions}
        record(actor=None, action="opt_in.lapsed", subject=("cases.decision", "set"), at=at, body=body)
    return len(decisions)


def _write_answer(decisions: list[int], *, accepted: bool, reference: str, actor: Any, at: datetime) -> None:
    if OptInAnswer.objects.filter(decision__in=decisions).exists():
        raise StateConflict(_("The borrower has answered this already."))
    OptInAnswer.objects.bulk_create(
        [
            OptInAnswer(decision_id=pk, accepted=accepted, evidence_ref=reference, recorded_by=actor, created_at=at)
            for pk in decisions
        ]
    )
    body = {"accepted": accepted, "reference_digest": text_digest(text=reference, kind="opt_in.evidence")}
    for pk in decisions:
        record(actor=actor, action="opt_in.answered", subject=("cases.decision", pk), at=at, body=body)


def _end(decisions: list[int], *, reason: MeasureEnd, at: datetime) -> None:
    """End rises that nobody accepted. The borrower gets no letter: they said so, or did nothing."""
    lock_decisions(decisions=decisions)
    offers = open_offers().filter(decision__in=decisions)
    lift_ended(decisions=end_measures(measures=offers, reason=reason, at=at), at=at, occasion=None)


def _tell_core(decision: Decision, offer: TermsMeasure, *, at: datetime) -> None:
    effect_key = f"{offer.account_id}-{offer.field}-{offer.version}"
    payload = {
        "effect_key": effect_key,
        "account": decision.account.external_ref,
        "decision": decision.pk,
        "accepted": True,
    }
    key = f"opt_in:{decision.pk}"
    add_events(topic=TOPIC, events=[(key, payload)], order_keys={key: f"{ORDER}{offer.account_id}"}, at=at)
