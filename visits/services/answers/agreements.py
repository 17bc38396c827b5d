"""What borrowers agree to about visits: recorded by the lender's own people with its evidence, and withdrawn at any time."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.core.queue import enqueue
from backoffice.core.transitions import may
from cases.enums import AddressKind, CaseEventKind, ContactVerdict
from cases.models import Address, Case
from cases.selectors.policies.holidays import calendar_in_use
from cases.services.casework.digests import text_digest
from cases.services.casework.events import write_event
from cases.services.people.locks import lock_people
from visits.enums import AgreementKind
from visits.models import VisitAgreement, VisitOrder
from visits.rules.conduct.agreements import NEEDS_CONSENT, expires_at, is_outside_hours
from visits.rules.conduct.answers import UNDER_WAY, wish_problem
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.routing import SERVICE_MINUTES
from visits.selectors.agreements import door_of_agreement
from visits.selectors.policy import conduct_policy
from visits.services.answers.effects import take_back
from visits.services.orders.conduct_guard import day_there

RECORD: Final = "visits.add_visitagreement"
WITHDRAW: Final = "visits.change_visitagreement"
LONGEST_REFERENCE: Final = 80
LONGEST_NOTE: Final = 300


@transaction.atomic
def record_agreement(
    *,
    case: Case,
    kind: str,
    evidence_ref: str = "",
    order: VisitOrder | None = None,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    address: Address | None = None,
    last_day: date | None = None,
    note: str = "",
    actor: Any,
    at: datetime,
) -> VisitAgreement:
    """
    Record what a borrower agreed to about visits; it counts for their whole person from `at` on, for 30 days at most.

    TIME: they asked for [opens_at, closes_at] on one day, of two hours or more, after the notice and within 14 days. A time
    that leaves the hours of visits takes the reference of its recording or letter, and a visit may then be planned there. If
    `order` is planned for another time, it is taken back to be planned anew, and its crew is called back.
    PLACE: they consent to visits at `address`, a workplace or a relative's home; always with its evidence. `last_day` (a
    local day) ends it earlier. `note` (at most 300 characters) is kept sealed.

    :raises NotAllowed: if there is no person, they may not record agreements (people of agencies and crews never may), or
        do not see the case or the order.
    :raises InvalidInput: if something is missing, too long, or cannot be agreed; the field is named.
    :raises StateConflict: if a merge changed who the person is while this waited; try again.
    """
    _must_be_person(actor=actor, permission=RECORD)
    if not Case.objects.visible_to(actor).filter(pk=case.pk).exists():
        raise NotAllowed
    if order is not None and not VisitOrder.objects.visible_to(actor).filter(pk=order.pk, case=case).exists():
        raise NotAllowed
    evidence_ref, note = evidence_ref.strip(), note.strip()
    _check_texts(kind=kind, evidence_ref=evidence_ref, note=note)
    people = lock_people(borrowers=[case.borrower_id])
    policy = conduct_policy(territory=case.borrower.territory)
    until = _expires_at(policy=policy, last_day=last_day, at=at)
    agreement = VisitAgreement(
        case=case,
        order=order,
        kind=kind,
        granted_at=at,
        expires_at=until,
        evidence_ref=evidence_ref,
        note=note or None,
        recorded_by=actor,
    )
    if kind == AgreementKind.TIME:
        _fill_time(agreement=agreement, policy=policy, opens_at=opens_at, closes_at=closes_at, at=at)
    else:
        _fill_place(agreement=agreement, address=address, people=people)
    agreement.save(force_insert=True)
    if order is not None and kind == AgreementKind.TIME:
        _plan_anew(agreement=agreement, order=order, at=at)
    event = {"action": f"agreed_{kind}", "agreement": str(agreement)}
    write_event(case_id=case.pk, kind=CaseEventKind.VISIT, actor=actor, at=at, body=event, note=note)
    body = {
        "kind": kind,
        "order": None if order is None else str(order),
        "from": None if agreement.opens_at is None else agreement.opens_at.isoformat(),
        "until": None if agreement.closes_at is None else agreement.closes_at.isoformat(),
        "outside_hours": agreement.is_outside_hours,
        "address": agreement.address_id,
        "expires_at": agreement.expires_at.isoformat(),
        "evidence_digest": text_digest(text=evidence_ref, kind="agreement.evidence"),
    }
    record(actor=actor, action="visitagreement.recorded", subject=agreement, at=at, body=body)
    return agreement


@transaction.atomic
def withdraw_agreement(*, agreement: VisitAgreement, actor: Any, at: datetime, note: str = "") -> VisitAgreement:
    """
    Record that the borrower withdrew an agreement: from `at` on it holds no visit, and neither do others that say the same.

    A borrower means what they agreed to, not one record of it: other consents of the person to the same place, and other
    times that overlap, are withdrawn with it. Visits that rest on it are called off within seconds, and refused at the
    door at once. `note` is kept sealed.

    :raises NotAllowed: if there is no person, they may not withdraw, or do not see it.
    :raises InvalidInput: if the note is longer than 300 characters.
    :raises StateConflict: if it is withdrawn already, or a merge changed who the person is meanwhile.
    """
    _must_be_person(actor=actor, permission=WITHDRAW)
    if not VisitAgreement.objects.visible_to(actor).filter(pk=agreement.pk).exists():
        raise NotAllowed
    note = note.strip()
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(_("Write a note of at most 300 characters."), field="note")
    people = lock_people(borrowers=[agreement.case.borrower_id])
    rows = VisitAgreement.objects.filter(case__borrower__in=people, withdrawn_at__isnull=True)
    standing = list(rows.select_related("address").order_by("pk"))
    named = next((each for each in standing if each.pk == agreement.pk), None)
    if named is None:
        raise StateConflict
    ended = [each for each in standing if _says_the_same(each, named)]
    VisitAgreement.objects.filter(pk__in=[each.pk for each in ended]).update(withdrawn_at=at, withdrawn_by=actor)
    for each in ended:
        event = {"action": f"withdrawn_{each.kind}", "agreement": str(each)}
        write_event(case_id=each.case_id, kind=CaseEventKind.VISIT, actor=actor, at=at, body=event, note=note)
        body = {"kind": each.kind, "named": str(named)}
        record(actor=actor, action="visitagreement.withdrawn", subject=each, at=at, body=body)
    enqueue("visits.tasks.stand_down", borrowers=people)
    agreement.refresh_from_db()
    return agreement


def _must_be_person(*, actor: Any, permission: str) -> None:
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=permission)


def _check_texts(*, kind: str, evidence_ref: str, note: str) -> None:
    if kind not in AgreementKind.values:
        raise InvalidInput(_("Choose one of the values."), field="kind")
    if len(evidence_ref) > LONGEST_REFERENCE:
        raise InvalidInput(_("The text is too long."), field="evidence_ref")
    if len(note) > LONGEST_NOTE:
        raise InvalidInput(_("Write a note of at most 300 characters."), field="note")


def _expires_at(*, policy: ConductPolicy, last_day: date | None, at: datetime) -> datetime:
    longest = day_there(policy=policy, at=expires_at(policy=policy, granted_at=at))
    if last_day is not None and last_day < day_there(policy=policy, at=at):
        raise InvalidInput(_("This day is past."), field="last_day")
    if last_day is not None and last_day > longest:
        message = format_lazy(_("It counts for {n} days at most; choose an earlier day."), n=policy.exception_max_days)
        raise InvalidInput(message, field="last_day")
    return expires_at(policy=policy, granted_at=at, last_day=last_day)


def _fill_time(
    *,
    agreement: VisitAgreement,
    policy: ConductPolicy,
    opens_at: datetime | None,
    closes_at: datetime | None,
    at: datetime,
) -> None:
    if opens_at is None or closes_at is None:
        raise InvalidInput(_("Give the time that the borrower asked for, from and until."), field="opens_at")
    if closes_at <= opens_at:
        raise InvalidInput(_("The time must begin before it ends, on one day."), field="closes_at")
    territory = agreement.case.borrower.territory
    problem = wish_problem(
        policy=policy,
        calendar=calendar_in_use(jurisdiction=territory.jurisdiction, territory=territory.pk),
        opens_at=opens_at,
        closes_at=closes_at,
        at=at,
        is_agreed=True,
    )
    if problem is not None:
        raise InvalidInput(problem, field="opens_at")
    if closes_at > agreement.expires_at:
        message = format_lazy(_("It counts for {n} days at most; choose an earlier day."), n=policy.exception_max_days)
        raise InvalidInput(message, field="opens_at")
    is_outside = is_outside_hours(policy=policy, starts_at=opens_at, ends_at=closes_at)
    if is_outside and not agreement.evidence_ref:
        message = format_lazy(
            _(
                "This leaves the hours of visits, {opens} to {closes}: name the recording or letter that proves the wish."
            ),
            opens=f"{policy.visit_from:%H:%M}",
            closes=f"{policy.visit_until:%H:%M}",
        )
        raise InvalidInput(message, field="evidence_ref")
    agreement.opens_at, agreement.closes_at, agreement.is_outside_hours = opens_at, closes_at, is_outside


def _fill_place(*, agreement: VisitAgreement, address: Address | None, people: Collection[int]) -> None:
    if address is None or address.borrower_id not in people or address.verdict == ContactVerdict.INVALID:
        raise InvalidInput(_("This is no valid address of the borrower."), field="address")
    if address.kind not in NEEDS_CONSENT:
        raise InvalidInput(
            _("Only a workplace and a relative's home take the borrower's consent; others are visited or are not."),
            field="address",
        )
    if not agreement.evidence_ref:
        raise InvalidInput(_("Name the recording or letter in which the borrower said so."), field="evidence_ref")
    agreement.address, agreement.place = address, AddressKind(address.kind)
    agreement.door_index = bytes(address.door_index)


def _plan_anew(*, agreement: VisitAgreement, order: VisitOrder, at: datetime) -> None:
    """Take the visit back if it is planned for another time than the one that was asked for; its crew is called back."""
    planned = VisitOrder.objects.filter(pk=order.pk, state__in=UNDER_WAY).values_list("planned_arrival_at", flat=True)
    starts_at = planned.first()
    if starts_at is None or agreement.opens_at is None or agreement.closes_at is None:
        return
    ends_at = starts_at + timedelta(minutes=SERVICE_MINUTES)
    if not (agreement.opens_at <= starts_at and ends_at <= agreement.closes_at):
        take_back(borrowers=[order.case.borrower_id], actor=None, at=at)


def _says_the_same(one: VisitAgreement, other: VisitAgreement) -> bool:
    if one.kind != other.kind:
        return False
    if one.kind == AgreementKind.PLACE:
        return one.place == other.place and door_of_agreement(agreement=one) == door_of_agreement(agreement=other)
    if one.opens_at is None or one.closes_at is None or other.opens_at is None or other.closes_at is None:
        return False
    return one.opens_at < other.closes_at and other.opens_at < one.closes_at
