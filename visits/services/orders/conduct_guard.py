"""The conduct guard before every visit: reads the records that its rules need and returns their refusals."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.db.models import Max, Q

from backoffice.core.errors import DoorstepError, NotAllowed, StateConflict
from cases.enums import AddressKind
from visits.enums import AgencyState, CrewState, Protection, Screening
from visits.models import CrewMember, VisitOrder
from visits.rules.conduct import guard, timing
from visits.rules.conduct.agreements import CONSENT_RULES, place_consent, time_for
from visits.rules.conduct.clauses import PROTECTION_RULES
from visits.rules.conduct.contact import AgencyStanding, Flag, Mandate
from visits.rules.conduct.contact import CrewMember as CrewStanding
from visits.rules.conduct.guard import Arrival, ConductPolicy, ConductRule, Refusal, VisitProposal
from visits.rules.dispatch.household import knock_minutes
from visits.rules.lifecycle import COUNTED
from visits.rules.routing import SERVICE_MINUTES
from visits.selectors.conduct import ConductFacts, local_time
from visits.selectors.doors import door_of, household_ref
from visits.selectors.households import is_household_open
from visits.selectors.policy import conduct_policy
from visits.selectors.worklists import day_bounds

# Refusals that mean "no longer due": the visit ends as F41, which counts against nobody.
NOT_DUE = frozenset(PROTECTION_RULES.values()) | {ConductRule.LAST_RESORT}


class ConductRefused(DoorstepError):
    """The conduct guard refuses the visit. `refusals` holds every rule that does, with its remedy."""

    code = "conduct_refused"

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        self.refusals = refusals
        super().__init__(" ".join(str(refusal.message) for refusal in refusals))


def must_see(*, order: VisitOrder, actor: Any) -> None:
    """
    Pass if the actor sees the order; None is the system. An agency no longer sees it once its placement is recalled.

    :raises NotAllowed: if not.
    """
    if actor is not None and not VisitOrder.objects.visible_to(actor).filter(pk=order.pk).exists():
        raise NotAllowed


def crew_standings(
    *, policy: ConductPolicy, members: Mapping[int, CrewMember], day: date, without_orders: tuple[int, ...] = ()
) -> dict[int, CrewStanding]:
    """
    Return each member as the rules see them on `day`, by id, with two queries for any number.

    The members are read again: whoever holds the lock of their rows sees what was committed before it.
    """
    start, end = day_bounds(day=day)
    known = (
        CrewMember.objects.filter(pk__in=members)
        .select_related("agency")
        .defer("name", "state_note")
        .annotate(certified_until=Max("certificates__valid_until"))
        .in_bulk()
    )
    busy = VisitOrder.objects.filter(
        Q(lead__in=members) | Q(second__in=members),
        state__in=COUNTED,
        planned_arrival_at__gte=start,
        planned_arrival_at__lt=end,
    ).exclude(pk__in=without_orders)
    load: dict[int, int] = {}
    for pair in busy.values_list("lead", "second"):
        for member_id in pair:
            load[member_id] = load.get(member_id, 0) + 1
    return {
        pk: CrewStanding(
            ref=member.external_ref,
            agency_ref=member.agency.code,
            confirmed=member.state == CrewState.CONFIRMED,
            screened=member.screened_on is not None and member.screening == Screening.CLEAR,
            certified=(member.certified_until or date.min) >= day,
            confidentiality_signed=member.confidentiality_signed_on is not None,
            exam_passed_on=member.exam_passed_on,
            orders_that_day=load.get(pk, 0),
        )
        for pk, member in ((pk, known[pk]) for pk in members)
    }


def proposal(
    *,
    order: VisitOrder,
    starts_at: datetime,
    notice_at: datetime | None,
    mandate_on: date,
    crew: tuple[CrewStanding, ...],
    facts: ConductFacts,
    minutes: int = SERVICE_MINUTES,
    household: str = "",
) -> VisitProposal:
    """
    Return the visit as the rules see it. The order needs a placement and an approval.

    It takes `minutes`: of a whole stop where it belongs to the visit of a `household` (its reference).
    """
    placement = order.placement
    if placement is None or order.approved_at is None:
        raise StateConflict
    agency = placement.agency
    policy, agreements = facts.policy, facts.agreements
    ends_at = starts_at + timedelta(minutes=minutes)
    door, place = door_of(address=order.address), AddressKind(order.address.kind)
    return VisitProposal(
        starts_at=starts_at,
        ends_at=ends_at,
        door=door,
        placement_ref=str(placement.pk),
        place=place,
        approved_at=order.approved_at,
        notice_at=notice_at,
        crew=crew,
        agency=_standing(agency.code, agency.state, agency.admitted_on, agency.contract_ends_on, agency.papers_until),
        mandate=Mandate(
            agency_ref=agency.code,
            issued_on=mandate_on,
            expires_on=min(placement.term_ends_on, mandate_on + timedelta(days=facts.policy.mandate_max_days)),
        ),
        has_reason=bool(facts.reasons),
        borrower_asked=bool(order.borrower_request_ref),
        attempts=facts.attempts,
        place_consent_ref=place_consent(policy=policy, agreements=agreements, door=door, place=place, at=starts_at),
        permission_ref=order.permission_ref,
        household_ref=household,
        agreed_time=time_for(policy=policy, agreements=agreements, starts_at=starts_at, ends_at=ends_at),
    )


def _moved(asked: VisitProposal, *, starts_at: datetime, facts: ConductFacts) -> VisitProposal:
    """Return the visit moved to `starts_at` at its length, with what the borrower agreed to for then."""
    ends_at = starts_at + (asked.ends_at - asked.starts_at)
    policy, agreements = facts.policy, facts.agreements
    return replace(
        asked,
        starts_at=starts_at,
        ends_at=ends_at,
        agreed_time=time_for(policy=policy, agreements=agreements, starts_at=starts_at, ends_at=ends_at),
        place_consent_ref=place_consent(
            policy=policy, agreements=agreements, door=asked.door, place=asked.place, at=starts_at
        ),
    )


@lru_cache(maxsize=1_000)
def _standing(
    ref: str, state: str, admitted_on: date | None, contract_ends_on: date, papers_until: date | None
) -> AgencyStanding:
    """Return an agency as the rules see it; kept by these values, because one agency holds thousands of orders."""
    return AgencyStanding(
        ref=ref,
        state=AgencyState(state),
        listed=admitted_on is not None and state in (AgencyState.ACTIVE, AgencyState.RESTRICTED),
        contract_ends_on=contract_ends_on,
        papers_until=papers_until,
    )


def refusals_to_schedule(*, asked: VisitProposal, facts: ConductFacts) -> tuple[Refusal, ...]:
    """Return every reason why the visit may not be planned, by the limits where the borrower lives."""
    return guard.may_schedule_visit(
        policy=facts.policy, calendar=facts.calendar, proposal=asked, history=facts.history, flags=facts.flags
    )


def refusals_on_the_way(*, order: VisitOrder, facts: ConductFacts, at: datetime) -> tuple[Refusal, ...]:
    """
    Return every reason why a planned visit is no longer due or its mandate no longer holds, at `at`.

    A repayment booked after the notice went out calls the visit off, whatever its amount. A crew that is late is asked
    about the day on which it sets out.
    """
    # Crew and hour were looked at when the visit was planned, and are again at the door.
    asked = planned(order=order, facts=facts, crew=())
    # By the planned time, not by `at`: a crew that is late, or at the door, is not called back for that.
    consents = consents_gone(order=order, facts=facts)
    if asked.starts_at < at:
        asked = _moved(asked, starts_at=at, facts=facts)
    return consents + tuple(
        refusal
        for refusal in guard.may_schedule_visit(
            policy=facts.policy,
            calendar=facts.calendar,
            proposal=asked,
            history=facts.history,
            flags=flags_now(order=order, facts=facts, at=at),
        )
        if refusal.rule in NOT_DUE | {ConductRule.AGENCY_LISTED}
    )


def consents_gone(*, order: VisitOrder, facts: ConductFacts) -> tuple[Refusal, ...]:
    """
    Return why a visit may not go out as it was planned because a consent is missing that it rests on, by its planned time.

    A visit is planned only with the consent to its place and to its time: what is missing now was withdrawn.
    """
    asked = planned(order=order, facts=facts, crew=())
    hours = timing.hour_refusals(
        policy=facts.policy,
        calendar=facts.calendar,
        starts_at=asked.starts_at,
        ends_at=asked.ends_at,
        agreed_time=asked.agreed_time,
    )
    found = (*hours, *guard.place_refusals(proposal=asked))
    return tuple(refusal for refusal in found if refusal.rule in CONSENT_RULES)


def refusals_to_knock(*, order: VisitOrder, facts: ConductFacts, arrival: Arrival, at: datetime) -> tuple[Refusal, ...]:
    """Return every reason why the crew may not knock at `at`; all planning rules are asked again."""
    minutes = knock_minutes(is_further=is_household_open(order=order))
    return guard.may_start(
        policy=facts.policy,
        calendar=facts.calendar,
        proposal=_moved(
            planned(order=order, facts=facts, crew=crew_of(order=order), minutes=minutes), starts_at=at, facts=facts
        ),
        history=facts.history,
        flags=flags_now(order=order, facts=facts, at=at),
        at=at,
        arrival=arrival,
    )


def planned(
    *, order: VisitOrder, facts: ConductFacts, crew: tuple[CrewStanding, ...], minutes: int = SERVICE_MINUTES
) -> VisitProposal:
    """Return a scheduled order as the rules see it. :raises StateConflict: if it has no plan."""
    if order.planned_arrival_at is None or order.notice_sent_at is None:
        raise StateConflict
    return proposal(
        order=order,
        starts_at=order.planned_arrival_at,
        notice_at=order.notice_sent_at,
        mandate_on=day_there(policy=facts.policy, at=order.letter_issued_at or order.notice_sent_at),
        crew=crew,
        facts=facts,
        minutes=minutes,
        household=household_ref(order.household_id),
    )


def crew_of(*, order: VisitOrder) -> tuple[CrewStanding, ...]:
    """Return the order's pair as the rules see them on the day of the visit."""
    members = {member.pk: member for member in (order.lead, order.second) if member is not None}
    policy = conduct_policy(territory=order.case.territory)
    day = day_there(policy=policy, at=order.planned_arrival_at or order.created_at)
    standings = crew_standings(policy=policy, members=members, day=day, without_orders=(order.pk,))
    return tuple(standings.values())


def flags_now(*, order: VisitOrder, facts: ConductFacts, at: datetime) -> tuple[Flag, ...]:
    """Return the borrower's protections, with a payment since the notice counted as one."""
    paid_at, notice_at = facts.last_payment_at, order.notice_sent_at
    if paid_at is not None and notice_at is not None and paid_at > notice_at:
        return (*facts.flags, Flag(kind=Protection.PAID, since=paid_at))
    return facts.flags


def day_there(*, policy: ConductPolicy, at: datetime) -> date:
    """Return the day of `at` by the clock at the addresses that the limits are for."""
    return timing.local_time(policy=policy, at=at).date()


def local_date(at: datetime) -> date:
    """Return the day of `at` in China's official zone, by which the lender's business days are counted."""
    return local_time(at).date()


def load(pk: int) -> VisitOrder:
    """Return one order with all that guard and letter look at, in one query."""
    order: VisitOrder = VisitOrder.objects.select_related(
        "case__borrower", "case__territory", "address", "lead__agency", "second__agency", "placement__agency"
    ).get(pk=pk)
    return order
