"""Judging a plan slot by slot: the conduct guard with crew and hour, the place of the address, and the crew's hours."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from visits.enums import UnassignedReason
from visits.models import VisitOrder
from visits.rules.conduct.contact import CrewMember as CrewStanding
from visits.rules.conduct.contact import PastVisit
from visits.rules.conduct.door import Door
from visits.rules.conduct.guard import Refusal, VisitProposal
from visits.rules.dispatch.household import stop_minutes
from visits.rules.dispatch.refusal_words import NOT_PLANNABLE
from visits.rules.dispatch.timetable import Stay, clash
from visits.selectors.conduct import ConductFacts
from visits.selectors.crew_days import crew_stays, place_of
from visits.selectors.doors import door_of, household_ref
from visits.selectors.policy import conduct_policy
from visits.services.dispatch.routes import CrewPair
from visits.services.orders.conduct_guard import (
    crew_standings,
    day_there,
    flags_now,
    proposal,
    refusals_to_schedule,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NotScheduled:
    """An order that stays as it is: what the conduct guard has against it, or why no route took it."""

    order_id: int
    refusals: tuple[Refusal, ...] = ()
    unassigned: UnassignedReason | None = None

    @property
    def codes(self) -> list[str]:
        """The rules that refuse, or the reason that is none of a rule."""
        return [str(refusal.rule) for refusal in self.refusals] or [self.reason]

    @property
    def reason(self) -> str:
        """The code of what keeps it, empty if that is the conduct guard."""
        if self.refusals:
            return ""
        return str(self.unassigned) if self.unassigned else NOT_PLANNABLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """
    A visit as a plan has it: this pair, beginning at `starts_at`.

    Slots of one `household` are one visit to several people of a door: same pair, same beginning. `joined` is the number of
    orders that are planned in it already; without any it is a new one.
    """

    order: VisitOrder
    pair: CrewPair
    starts_at: datetime
    household: UUID = field(default_factory=uuid4)
    joined: int = 0

    @property
    def keeps_notice(self) -> bool:
        """Whether the borrower was told of a time that this one lies in, so that nothing new has to be announced."""
        order = self.order
        if order.notice_sent_at is None or order.window_start is None or order.window_end is None:
            return False
        return bool(order.window_start <= self.starts_at <= order.window_end)


class _Planned:
    """The visits of the same plan: each counts for its person, and for whoever else lives at its door."""

    def __init__(self) -> None:
        self._of_person: dict[int, list[PastVisit]] = {}
        # By the door's key alone: whether its city is the same as well is asked by the rules.
        self._at_door: dict[str, list[tuple[int, PastVisit]]] = {}

    def add(self, visit: PastVisit, *, person: int) -> None:
        self._of_person.setdefault(person, []).append(visit)
        self._at_door.setdefault(visit.door.key, []).append((person, visit))

    def added_to(self, facts: ConductFacts, *, person: int, door: Door) -> ConductFacts:
        """Return the facts of a person who is asked about at `door`, with the visits that count for them there."""
        own = self._of_person.get(person, ())
        others = [visit for other, visit in self._at_door.get(door.key, ()) if other != person]
        if not own and not others:
            return facts
        history = facts.history
        history = replace(history, visits=(*history.visits, *own), at_doors=(*history.at_doors, *others))
        return replace(facts, history=history)


def judge(
    *, slots: Iterable[Slot], day: date, at: datetime, facts: Mapping[int, ConductFacts]
) -> tuple[list[Slot], list[NotScheduled]]:
    """
    Return the slots that nothing refuses, and the refused ones. All begin on `day`; `facts` are by borrower.

    Slot by slot: a crew's day fills, a crew that is at one visit is not at another, and a visit of the same plan counts
    for the other borrowers of its person and of its door. Who is refused does not keep the others of a household. Three
    queries for any number of slots.
    """
    slots = list(slots)
    together = Counter(slot.household for slot in slots)
    members = {member.pk: member for slot in slots for member in (slot.pair.lead, slot.pair.second)}
    own = [slot.order.pk for slot in slots]
    standings = crew_standings(policy=conduct_policy(), members=members, day=day, without_orders=tuple(own))
    stays = crew_stays(members=members, day=day, without_orders=own)
    taken: dict[int, int] = {}
    planned = _Planned()
    kept, refused = [], []
    for slot in slots:
        pair, borrower = (slot.pair.lead.pk, slot.pair.second.pk), slot.order.case.borrower
        door = door_of(address=slot.order.address)
        known = planned.added_to(facts[borrower.pk], person=borrower.person_key, door=door)
        crew = tuple(_loaded(standings[pk], taken.get(pk, 0)) for pk in pair)
        people = together[slot.household] + slot.joined
        asked, refusals = _refusals(slot=slot, people=people, crew=crew, at=at, facts=known)
        stay = Stay(
            ref=slot.order.pk,
            starts_at=slot.starts_at,
            place=place_of(slot.order),
            people=people,
            household=household_ref(slot.household),
        )
        unassigned = None
        if stay.place is None:
            unassigned = UnassignedReason.BAD_POSITION
        elif any(clash(wanted=stay, others=stays.get(pk, ())) for pk in pair):
            unassigned = UnassignedReason.CREW_BUSY
        if refusals or unassigned:
            refused.append(NotScheduled(order_id=slot.order.pk, refusals=refusals, unassigned=unassigned))
            continue
        for pk in pair:
            taken[pk] = taken.get(pk, 0) + 1
            stays.setdefault(pk, []).append(stay)
        visit = PastVisit(
            starts_at=slot.starts_at,
            door=asked.door,
            placement_ref=asked.placement_ref,
            agency_ref=asked.agency.ref,
            household_ref=asked.household_ref,
        )
        planned.add(visit, person=borrower.person_key)
        kept.append(slot)
    return kept, refused


def whole_households(
    *, kept: Sequence[Slot], refused: Sequence[NotScheduled], slots: Sequence[Slot]
) -> tuple[list[Slot], list[NotScheduled]]:
    """
    Return what `judge` kept and refused of `slots` that are moved, without households of which a part would stay behind.

    Who stays only because of the others says so (`WITH_HOUSEHOLD`).
    """
    refused_orders = {each.order_id for each in refused}
    torn = {slot.household for slot in slots if slot.order.pk in refused_orders}
    staying = [
        NotScheduled(order_id=slot.order.pk, unassigned=UnassignedReason.WITH_HOUSEHOLD)
        for slot in kept
        if slot.household in torn
    ]
    return [slot for slot in kept if slot.household not in torn], [*refused, *staying]


def _refusals(
    *, slot: Slot, people: int, crew: tuple[CrewStanding, ...], at: datetime, facts: ConductFacts
) -> tuple[VisitProposal, tuple[Refusal, ...]]:
    """Return the visit as the rules see it, and what they have against it."""
    order = slot.order
    asked = proposal(
        order=order,
        starts_at=slot.starts_at,
        notice_at=order.notice_sent_at if slot.keeps_notice else at,
        mandate_on=day_there(policy=facts.policy, at=at),
        crew=crew,
        facts=facts,
        minutes=stop_minutes(people=people),
        household=household_ref(slot.household),
    )
    if order.notice_sent_at is not None:
        # What was paid since the notice calls a visit off, wherever it is moved to.
        facts = replace(facts, flags=flags_now(order=order, facts=facts, at=at))
    return asked, refusals_to_schedule(asked=asked, facts=facts)


def _loaded(standing: CrewStanding, more: int) -> CrewStanding:
    return replace(standing, orders_that_day=standing.orders_that_day + more)


def stored_refusals(each: NotScheduled) -> list[dict[str, Any]]:
    """Return the conduct guard's refusals as they are kept with a planning run: codes and instants."""
    return [
        {"rule": str(refusal.rule), "until": refusal.until.isoformat() if refusal.until else ""}
        for refusal in each.refusals
    ]
