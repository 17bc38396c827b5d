"""Call-backs: borrowers are asked whether a visit took place, within what contacts they may have; the fee waits for it."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, SelfApproval, StateConflict
from backoffice.core.sealed.sealing import keyed_digest
from backoffice.core.transitions import may, move, move_all
from cases.enums import CaseEventKind, ContactOutcome, PermitState
from cases.models import ContactPermit
from cases.services.casework.contacts import write_contact
from cases.services.casework.events import write_event
from cases.services.casework.wording import kept_reason
from cases.services.contacts.sources import source_of_actor
from cases.services.people.locks import lock_people
from visits.models import CallBack, VisitOrder, VisitReport
from visits.rules.report.call_back import ANSWER, CALL_BACK, SETTLE, fee_after, is_drawn
from visits.selectors.policy import conduct_policy
from visits.services.orders.conduct_guard import local_date
from visits.trust_enums import CallBackAnswer, CallBackCause, CallBackState, FeeState

# A permit of one of these was granted.
GRANTED: Final = (PermitState.RESERVED, PermitState.USED)


def open_call_back(*, order: VisitOrder, report: VisitReport, cause: CallBackCause, at: datetime) -> CallBack:
    """
    Open the call-back of an order, in the caller's transaction, under the order's lock; return the one that is there.

    It is due the limits' number of days later. A borrower who was asked already is not asked again.
    """
    there: CallBack | None = CallBack.objects.filter(order=order).exclude(state=CallBackState.WITHDRAWN).first()
    if there is not None:
        return there
    policy = conduct_policy(territory=order.case.territory)
    opened = CallBack.objects.create(
        order=order,
        report=report,
        cause=cause,
        due_on=local_date(at) + timedelta(days=policy.call_back_days),
        opened_at=at,
        updated_at=at,
    )
    body = {"order": str(order), "cause": str(cause), "due_on": opened.due_on}
    record(actor=None, action="callback.opened", subject=opened, at=at, body=body)
    return opened


def draw_call_back(*, order: VisitOrder, report: VisitReport, at: datetime) -> CallBack | None:
    """Open a call-back if the order is among the share that is drawn; None if not. See rules/report/call_back.py."""
    percent = conduct_policy(territory=order.case.territory).call_back_share_percent
    if not is_drawn(digest=keyed_digest(text=str(order), kind="callback.draw"), percent=percent):
        return None
    return open_call_back(order=order, report=report, cause=CallBackCause.DRAWN, at=at)


def withdraw_call_back(*, order: VisitOrder, actor: Any, at: datetime) -> int:
    """Withdraw the open call-back of an order whose report no longer counts, in the caller's transaction; return how many."""
    open_one = CallBack.objects.filter(order=order, state=CallBackState.OPEN)
    ids = list(open_one.select_for_update(no_key=True).values_list("pk", flat=True))
    withdrawn = move_all(rows=CallBack.objects.filter(pk__in=ids), lifecycle=CALL_BACK, action="withdraw", at=at)
    for pk in ids:
        record(
            actor=actor,
            action="callback.withdrawn",
            subject=("visits.callback", str(pk)),
            at=at,
            body={"order": str(order)},
        )
    return withdrawn


@transaction.atomic
def answer_call_back(*, call_back: CallBack, answer: str, permit_ref: str = "", actor: Any, at: datetime) -> CallBack:
    """
    Record what the borrower said about a visit: one of a closed list, and no other word.

    Whoever asks a borrower has a permit for it (`permit_ref`), as for every contact, so that nobody is called more often
    than the limits allow: "May I call now?" on the case grants one, or a dialer's request. The contact is recorded with it,
    unless the dialer has done so. NOT_REACHED needs none, and is recorded from the due day on.

    :raises NotAllowed: if the actor is no person, may not answer call-backs or does not see the case.
    :raises SelfApproval: if they handed the report in.
    :raises InvalidInput: if the answer is none of the list, the permit is not one that was granted for this person since the
        call-back was opened, or the day has not come.
    :raises StateConflict: if it is answered or withdrawn.
    """
    may(actor=actor, permission=ANSWER)
    if actor is None or not CallBack.objects.visible_to(actor).filter(pk=call_back.pk).exists():
        raise NotAllowed
    if answer not in CallBackAnswer.values:
        raise InvalidInput(_("Choose what the borrower said."), field="answer")
    call_back = CallBack.objects.select_related("order__case__borrower__territory", "report").get(pk=call_back.pk)
    if call_back.report.submitted_by_id == actor.pk:
        raise SelfApproval
    borrower = call_back.order.case.borrower
    people = lock_people(borrowers=[borrower.pk])
    if answer == CallBackAnswer.NOT_REACHED:
        if local_date(at) < call_back.due_on:
            raise InvalidInput(_("Try until the due day, within what the borrower may be called."), field="answer")
        permit_ref = ""
    else:
        permit = _granted(call_back=call_back, people=people, permit_ref=permit_ref.strip())
        if permit.state == PermitState.RESERVED:
            write_contact(
                borrower=permit.borrower,
                channel=permit.channel,
                outcome=ContactOutcome.RIGHT_PARTY,
                phone=permit.phone,
                permit_ref=permit.reference,
                source=source_of_actor(actor=actor, at=at),
                actor=actor,
                at=at,
            )
        permit_ref = permit.reference
    move(
        record=call_back,
        lifecycle=CALL_BACK,
        action="answer",
        actor=actor,
        at=at,
        answer=answer,
        permit_ref=permit_ref,
        answered_by=actor,
        answered_at=at,
        fee=fee_after(CallBackAnswer(answer)),
    )
    body = {"action": "call_back", "order": str(call_back.order), "answer": str(answer)}
    write_event(case_id=call_back.order.case_id, kind=CaseEventKind.VISIT, actor=actor, at=at, body=body)
    record(actor=actor, action="callback.answered", subject=call_back, at=at, body=body | {"fee": str(call_back.fee)})
    return call_back


@transaction.atomic
def settle_fee(*, call_back: CallBack, is_paid: bool, reason: str, actor: Any, at: datetime) -> CallBack:
    """
    Settle the fee of a visit of which the borrower says that nobody came: another person than who recorded that decides.

    :raises NotAllowed: if the actor is no person, may not settle fees or does not see the case.
    :raises SelfApproval: if they recorded the answer, or handed the report in.
    :raises InvalidInput: if no reason is given, or it is longer than 300 characters.
    :raises StateConflict: if the fee does not wait for it.
    """
    may(actor=actor, permission=SETTLE)
    if actor is None or not CallBack.objects.visible_to(actor).filter(pk=call_back.pk).exists():
        raise NotAllowed
    call_back = CallBack.objects.select_related("order", "report").get(pk=call_back.pk)
    if actor.pk in (call_back.answered_by_id, call_back.report.submitted_by_id):
        raise SelfApproval
    reason = kept_reason(reason=reason)
    waits = Q(state=CallBackState.ANSWERED, fee=FeeState.WAITS)
    settled = FeeState.EARNED if is_paid else FeeState.WITHHELD
    rows = CallBack.objects.filter(waits, pk=call_back.pk)
    if not rows.update(fee=settled, fee_reason=reason, settled_by=actor, updated_at=at):
        raise StateConflict
    call_back.refresh_from_db()
    record(
        actor=actor,
        action="callback.fee_settled",
        subject=call_back,
        at=at,
        body={"order": str(call_back.order), "fee": str(settled)},
    )
    return call_back


def _granted(*, call_back: CallBack, people: Any, permit_ref: str) -> ContactPermit:
    permit: ContactPermit | None = (
        ContactPermit.objects.select_related("borrower", "phone")
        .filter(
            reference=permit_ref,
            borrower__in=people,
            related__isnull=True,
            state__in=GRANTED,
            asked_at__gte=call_back.opened_at,
        )
        .first()
    )
    if permit is None:
        raise InvalidInput(
            _("Ask first whether the borrower may be called (on the case), and give the permit's reference."),
            field="permit_ref",
        )
    return permit
