"""People, crews, agencies and jobs that act on the same visits from several threads."""

import random
import threading
import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from django.db import OperationalError, connection, transaction
from django.db.models import Q
from django.utils import timezone
from psycopg.errors import LockNotAvailable

from backoffice.core.errors import DoorstepError
from cases.models import Address, Borrower, BorrowerFlag, Case, Complaint, ContactAttempt, RepaymentPlan
from cases.services.casework.cases import ask_for_visit
from cases.services.casework.circumstances import clear_flag, protect
from cases.services.casework.contacts import record_contact
from cases.services.contacts.expiry import expire_permits
from cases.services.contacts.permits import ask_permit
from cases.services.decisions.complaints import answer_complaint, receive_complaint
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.plans import agree_plan
from cases.services.merges.decisions import approve_merge, suggest_merge
from tests.chaos.conduct_held import why_not_to_knock
from tests.factories.casework import PARTLY, verify
from tests.factories.portfolio import make_overdue
from tests.factories.visits import AT, HOME, make_agency, make_case, make_member, position
from visits.models import CrewMember, Placement, VisitOrder
from visits.services.agencies.agencies import reinstate_agency, suspend_agency
from visits.services.agencies.joined_cases import end_joined
from visits.services.agencies.placement import place_case, recall_placement
from visits.services.dispatch.letters_due import make_letter
from visits.services.dispatch.moving import move_visit
from visits.services.dispatch.orders import (
    CrewPair,
    accept_visit,
    approve_visit,
    assign_crew,
    decline_visit,
    depart,
    schedule_visits,
    unschedule_visit,
)
from visits.services.dispatch.sweeping import sweep_endings, sweep_visits
from visits.services.doorstep.attendance import abort_visit, check_in, check_out
from visits.services.orders.automatic_endings import stand_down_visits
from visits.services.orders.conduct_guard import local_date

PROTECTIONS = ("CEASE", "DECEASED", "DISPUTED", "ILLNESS", "REPRESENTED", "HOSPITAL")
DOORS = 12
# Clocks of two machines differ by so much.
CLOCK_SECONDS = 2.0


@dataclass
class World:
    """
    Sixty borrowers in one territory, two of three at one of twelve doors, three agencies with three pairs each, and the clock that all share.

    `faults` are what broke the conduct rules or failed in another way than by a refusal; `done` counts the acts.
    """

    territory: Any
    officer: Any
    dispatcher: Any
    approver: Any
    reviewer: Any
    now: datetime = AT
    faults: list[str] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    pairs: list[CrewPair] = field(default_factory=list)

    def fill(self) -> None:
        """Make the borrowers with their cases, and the agencies with their crews."""
        for number in range(60):
            case = make_case(territory=self.territory, account=make_overdue(territory=self.territory))
            if number % 3:
                address = Address.objects.get(borrower=case.borrower_id)
                address.line = f"示范路{number % DOORS + 1}号1栋301室"
                address.save()
        for _number in range(3):
            agency = make_agency(territory=self.territory)
            members = [make_member(agency=agency, with_login=False) for _each in range(6)]
            self.pairs += [
                CrewPair(lead=lead, second=second, latitude=HOME[0], longitude=HOME[1])
                for lead, second in zip(members[::2], members[1::2], strict=True)
            ]

    def tick(self, dice: random.Random) -> datetime:
        """Let some time pass and return what the caller's machine takes for the time."""
        with self.lock:
            passes = dice.choice((0.0, 0.4, 7.0, 45.0, 200.0))
            if dice.random() < 0.003:
                passes = dice.choice((3.0, 11.0, 26.0, 80.0)) * 3600
            self.now += timedelta(seconds=passes + dice.random() / 1000)
            return self.now + timedelta(seconds=dice.uniform(-CLOCK_SECONDS, CLOCK_SECONDS))

    def wait_for_the_next_visit(self) -> None:
        """Let the time pass until a crew may knock; some hours if no visit is accepted."""
        due = VisitOrder.objects.filter(state__in=("ACCEPTED", "EN_ROUTE"), window_end__gt=self.now)
        opens_at = due.order_by("window_start").values_list("window_start", flat=True).first()
        with self.lock:
            if opens_at is None:
                # Nobody has anything to do before tomorrow's plans.
                self.now += timedelta(hours=5)
            elif opens_at > self.now:
                self.now = opens_at + timedelta(seconds=5)


class Person:
    """One thread: somebody who does one thing after another, each chosen by `dice`."""

    def __init__(self, *, world: World, seed: int) -> None:
        self.world, self.dice = world, random.Random(seed)

    def work(self, *, until: Callable[[], bool]) -> None:
        """Act until `until`. A refusal is an answer; everything else that is raised is a fault."""
        acts = (*DESK * 3, *CREW * 5, *OFFICE, *JOBS)
        try:
            while not until():
                act, at = self.dice.choice(acts), self.world.tick(self.dice)
                try:
                    outcome = "done" if act(self, at) else "nothing to do"
                except DoorstepError as refusal:
                    outcome = refusal.code
                except OperationalError as error:
                    # A door says "busy, try again" where a lock was not free in time; a deadlock is a fault.
                    outcome = "busy" if isinstance(error.__cause__, LockNotAvailable) else "failed"
                    if outcome == "failed":
                        self.world.faults.append(f"{act.__name__}: {error}")
                except Exception:
                    outcome = "failed"
                    self.world.faults.append(f"{act.__name__}: {traceback.format_exc(limit=-4)}")
                with self.world.lock:
                    self.world.done[f"{act.__name__} {outcome}"] += 1
        finally:
            connection.close()

    def one(self, rows: Any) -> Any:
        """Return one of the rows, whichever; None if there is none."""
        ids = list(rows.order_by("pk").values_list("pk", flat=True))
        return rows.model.objects.get(pk=self.dice.choice(ids)) if ids else None

    def pair(self, order: VisitOrder) -> CrewPair | None:
        """Return a pair of the agency that the order is placed with; sometimes one of another."""
        agency = order.placement.agency_id if order.placement else None
        own = [pair for pair in self.world.pairs if pair.lead.agency_id == agency or self.dice.random() < 0.02]
        return self.dice.choice(own) if own else None


def place(person: Person, at: datetime) -> bool:
    case = person.one(Case.objects.exclude(stage="CLOSED").exclude(placements__state__in=("ACTIVE", "RETAINED")))
    if case is None:
        return False
    pair = person.dice.choice(person.world.pairs)
    place_case(case=case, agency=pair.lead.agency, actor=None, at=at, business_date=local_date(at))
    return True


def approve(person: Person, at: datetime) -> bool:
    order = person.one(VisitOrder.objects.filter(state="DRAFT"))
    if order is None:
        return False
    approve_visit(order=order, actor=person.world.approver, at=at)
    return True


def plan(person: Person, at: datetime) -> bool:
    orders = list(VisitOrder.objects.filter(state="APPROVED").order_by("pk")[:12])
    if not orders:
        return False
    pairs = person.dice.sample(person.world.pairs, 4)
    day = local_date(at) + timedelta(days=person.dice.choice((1, 2, 2, 3)))
    schedule_visits(orders=orders, crews=pairs, day=day, actor=person.world.dispatcher, at=at, seconds=0.05, seed=1)
    return True


def _some_time(person: Person, at: datetime) -> datetime:
    days, minutes = person.dice.choice((1, 2, 2, 3)), person.dice.choice((0, 0, 30, 33, 60))
    morning = timezone.localtime(at).replace(hour=9, minute=0, second=0, microsecond=0)
    return morning + timedelta(days=days, hours=person.dice.randrange(10), minutes=minutes)


def assign(person: Person, at: datetime) -> bool:
    order = person.one(VisitOrder.objects.filter(state="APPROVED"))
    pair = person.pair(order) if order else None
    if pair is None:
        return False
    starts_at = _some_time(person, at)
    assign_crew(
        order=order, lead=pair.lead, second=pair.second, starts_at=starts_at, actor=person.world.dispatcher, at=at
    )
    return True


def move(person: Person, at: datetime) -> bool:
    order = person.one(VisitOrder.objects.filter(state__in=("SCHEDULED", "ACCEPTED")))
    pair = person.pair(order) if order else None
    if pair is None:
        return False
    move_visit(order=order, pair=pair, starts_at=_some_time(person, at), actor=person.world.dispatcher, at=at)
    return True


def take_back(person: Person, at: datetime) -> bool:
    order = person.one(VisitOrder.objects.filter(state__in=("SCHEDULED", "ACCEPTED")))
    if order is None or person.dice.random() < 0.7:
        return False
    if person.dice.random() < 0.5:
        decline_visit(order=order, reason="没有人手", actor=None, at=at)
    else:
        unschedule_visit(order=order, reason="改期", actor=person.world.dispatcher, at=at)
    return True


def accept(person: Person, at: datetime) -> bool:
    order = person.one(VisitOrder.objects.filter(state="SCHEDULED", letter_code__isnull=False))
    if order is None:
        return False
    accept_visit(order=order, actor=None, at=at)
    return True


def set_out(person: Person, at: datetime) -> bool:
    soon = Q(window_start__lte=at + timedelta(hours=1), window_end__gt=at)
    order = person.one(VisitOrder.objects.filter(soon, state="ACCEPTED"))
    if order is None:
        if person.dice.random() < 0.25:
            person.world.wait_for_the_next_visit()
        return False
    depart(order=order, actor=None, at=at)
    return True


def knock(person: Person, at: datetime) -> bool:
    order = person.one(VisitOrder.objects.filter(state="EN_ROUTE", window_start__lte=at, window_end__gt=at))
    if order is None:
        return False
    members = list(CrewMember.objects.filter(pk__in=(order.lead_id, order.second_id)).order_by("pk"))
    for member in person.dice.sample(members, len(members)):
        with transaction.atomic():
            where = Address.objects.get(pk=order.address_id).coordinates or HOME
            arrived = check_in(
                order=order,
                member=member,
                position=position(at=at, place=where),
                badge_evidence_ref="M1",
                actor=None,
                at=at,
            )
            if arrived.opened:
                # Inside of the check-in's own transaction: what is committed now came before it.
                person.world.faults += why_not_to_knock(order=order, at=at)
    return True


def leave(person: Person, at: datetime) -> bool:
    order = person.one(VisitOrder.objects.filter(state="CHECKED_IN"))
    if order is None:
        return False
    lead = CrewMember.objects.get(pk=order.lead_id)
    check_out(order=order, member=lead, position=position(at=at), actor=None, at=at)
    abort_visit(order=order, finding="F40", reason="狗", actor=None, at=at)
    return True


def turn_back(person: Person, at: datetime) -> bool:
    order = person.one(VisitOrder.objects.filter(state__in=("EN_ROUTE", "CHECKED_IN")))
    if order is None or person.dice.random() < 0.9:
        return False
    abort_visit(order=order, finding="F41", reason="不再需要", actor=None, at=at)
    return True


def note(person: Person, at: datetime) -> bool:
    borrower = person.one(Borrower.objects.all())
    if person.dice.random() < 0.6:
        return False
    kinds = PROTECTIONS if person.dice.random() < 0.3 else ("DISPUTED", "ILLNESS", "CEASE")
    protect(borrower=borrower, kind=person.dice.choice(kinds), source="LETTER", actor=None, at=at)
    return True


def lift_note(person: Person, at: datetime) -> bool:
    flag = person.one(BorrowerFlag.objects.filter(cleared_at__isnull=True).exclude(kind="DECEASED"))
    if flag is None:
        return False
    clear_flag(borrower=flag.borrower, kind=flag.kind, reason="查明", actor=person.world.officer, at=at)
    return True


def complain(person: Person, at: datetime) -> bool:
    if person.dice.random() < 0.8:
        return False
    borrower = person.one(Borrower.objects.all())
    receive_complaint(borrower=borrower, kind="COMPLAINT", subject="夜里来电", actor=person.world.officer, at=at)
    return True


def answer(person: Person, at: datetime) -> bool:
    complaint = person.one(Complaint.objects.filter(answered_at__isnull=True))
    if complaint is None:
        return False
    answer_complaint(complaint=complaint, upheld=False, answer="已查", actor=person.world.approver, at=at)
    return True


def agree(person: Person, at: datetime) -> bool:
    if person.dice.random() < 0.8:
        return False
    case = person.one(Case.objects.exclude(stage="CLOSED").filter(borrower__accounts__plans__isnull=True))
    if case is None:
        return False
    verify(case=case, facts=PARTLY, actor=person.world.officer, at=at, verified_on=local_date(at))
    decision = case.decisions.filter(plan__isnull=False, state="PROPOSED").first()
    decision = decision or case.decisions.filter(state="PROPOSED", kind="PLAN").first()
    if decision is None:
        return False
    approve_decision(decision=decision, actor=person.world.approver, at=at)
    plan = RepaymentPlan.objects.filter(decision=decision).first()
    if plan is None:
        return False
    agree_plan(plan=plan, agreement_ref="REC-1", actor=person.world.officer, at=at)
    return True


def call(person: Person, at: datetime) -> bool:
    borrower = person.one(Borrower.objects.all())
    request_id = f"C{person.dice.getrandbits(60)}"
    permit = ask_permit(
        borrower=borrower, channel="APP", purpose="COLLECTION", request_id=request_id, actor=None, at=at
    )
    if permit.state == "RESERVED" and person.dice.random() < 0.6:
        outcome = person.dice.choice(("NO_ANSWER",) * 9 + ("RIGHT_PARTY",))
        record_contact(
            borrower=borrower,
            channel="APP",
            outcome=outcome,
            external_ref=request_id,
            permit_ref=str(permit),
            actor=None,
            at=at,
        )
    return True


def ask_again(person: Person, at: datetime) -> bool:
    idle = Case.objects.exclude(stage="CLOSED").filter(needs_visit_by__isnull=True)
    case = person.one(idle.exclude(visit_orders__ended_at__isnull=True))
    if case is None:
        return False
    ask_for_visit(case=case, by=local_date(at) + timedelta(days=10), actor=person.world.officer, at=at)
    return True


def chase(person: Person, at: datetime) -> bool:
    """The lender's own channels tried somebody for nine days, in vain: what comes before a visit."""
    borrower = person.one(Borrower.objects.all())
    channels = ("VOICE", "VOICE", "VOICE", "SMS", "APP", "SMS")
    ContactAttempt.objects.bulk_create(
        ContactAttempt(
            borrower=borrower,
            external_ref=f"T{person.dice.getrandbits(60)}",
            channel=channel,
            outcome="NO_ANSWER",
            attempted_at=at.replace(hour=2 + number * 2) - timedelta(days=9 - number),
            created_at=at,
        )
        for number, channel in enumerate(channels)
    )
    return True


def join_two(person: Person, at: datetime) -> bool:
    if person.dice.random() < 0.97:
        return False
    one, other = person.one(Borrower.objects.all()), person.one(Borrower.objects.all())
    merge = suggest_merge(
        borrower=one, other_ref=other.external_ref, ground="同一人", actor=person.world.officer, at=at
    )
    approve_merge(merge=merge, actor=person.world.approver, at=at)
    return True


def recall(person: Person, at: datetime) -> bool:
    placement = person.one(Placement.objects.filter(state__in=("ACTIVE", "RETAINED")))
    if placement is None or person.dice.random() < 0.9:
        return False
    recall_placement(placement=placement, reason="客户投诉", actor=None, at=at, business_date=local_date(at))
    return True


def suspend(person: Person, at: datetime) -> bool:
    if person.dice.random() < 0.98:
        return False
    agency = person.dice.choice(person.world.pairs).lead.agency
    suspend_agency(agency=agency, reason="调查", actor=person.world.approver, at=at, business_date=local_date(at))
    return True


def reinstate(person: Person, at: datetime) -> bool:
    agency = person.dice.choice(person.world.pairs).lead.agency
    reinstate_agency(agency=agency, reason="查清", actor=person.world.approver, at=at, business_date=local_date(at))
    return True


def letters(person: Person, at: datetime) -> bool:
    return make_letter(at=at)


def draft(person: Person, at: datetime) -> bool:
    return sweep_visits(at=at, business_date=local_date(at)).drafted > 0


def end(person: Person, at: datetime) -> bool:
    return sweep_endings(at=at, business_date=local_date(at)) > 0


def stand_down(person: Person, at: datetime) -> bool:
    end_joined(at=at, business_date=local_date(at))
    return stand_down_visits(at=at) + expire_permits(at=at) > 0


DESK = (place, approve, plan, assign, assign, move, take_back, letters)
CREW = (accept, set_out, set_out, knock, knock, leave, turn_back)
OFFICE = (
    note,
    lift_note,
    complain,
    answer,
    answer,
    agree,
    call,
    call,
    chase,
    chase,
    ask_again,
    join_two,
    recall,
    suspend,
    reinstate,
)
JOBS = (draft, end, stand_down)
