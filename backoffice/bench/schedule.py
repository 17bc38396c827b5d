"""
Bench of planning a day: a planning run of SCALE orders over 40 pairs, with 30 seconds of search.

What counts is everything but the search (`other_seconds`): what the rules ask, the routing problem, the second look under
the locks, and writing. The letters are made afterwards, one by one, and timed apart.
"""

import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any, Final

from django.db import connection

from backoffice.access.models import Territory, User
from backoffice.access.roles import Role
from backoffice.bench.registry import ProgressLog, Result
from cases.models import Account, Address, Borrower, Case, ContactAttempt, Policy, PolicyVersion, TriggerHit
from visits.enums import VisitPurpose
from visits.models import Agency, AgencyTerritory, CrewCertificate, CrewMember, Placement, PlanningRun, VisitOrder
from visits.planning_enums import PlanningState
from visits.services.dispatch.letters_due import make_letter
from visits.services.dispatch.planning_requests import request_planning
from visits.services.dispatch.planning_worker import work_planning
from visits.services.dispatch.routes import CrewPair

PAIRS: Final = 40
SEARCH_SECONDS: Final = 30
# Letters that are timed; the figure is the time of one, times all of them.
LETTERS_TIMED: Final = 20
AT: Final = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)
TODAY: Final = date(2026, 3, 2)
VISIT_DAY: Final = date(2026, 3, 4)


def run(*, scale: int, log_progress: ProgressLog) -> Result:
    """Measure one run from the worker's first look to the end of the plan; the pace is in orders."""
    log_progress(f"making {scale:,} approved orders and {PAIRS} pairs")
    territory, dispatcher, orders, crews = _day(scale=scale)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    planned = request_planning(
        day=VISIT_DAY,
        territory=territory,
        crews=crews,
        orders=orders,
        seconds=SEARCH_SECONDS,
        actor=dispatcher,
        at=AT,
    )
    log_progress(f"planning, with {SEARCH_SECONDS} s of search")
    began = time.monotonic()
    work_planning(run_id=planned.pk, at=AT)
    seconds = time.monotonic() - began
    ended = PlanningRun.objects.get(pk=planned.pk)
    if ended.state != PlanningState.FINISHED or not ended.planned_count:
        raise RuntimeError(f"The run ended {ended.state} with {ended.planned_count} visits: {ended.problem}")
    searched = _searched(ended)
    log_progress(f"{ended.planned_count} planned, {ended.refused_count} not, {ended.distance_m / 1000:.0f} km")
    began = time.monotonic()
    made = sum(make_letter(at=AT) for _letter in range(min(LETTERS_TIMED, ended.planned_count)))
    each = (time.monotonic() - began) / made
    return Result(
        seconds=seconds,
        items=scale,
        extra={
            "other_seconds": round(seconds - searched, 3),
            "planned": ended.planned_count,
            "letter_ms": round(1000 * each, 1),
        },
    )


def _searched(ended: PlanningRun) -> float:
    """Return the seconds between the beginning of the search and of the writing."""
    if ended.search_began_at is None or ended.search_ended_at is None:
        raise RuntimeError("The run has no search.")
    return (ended.search_ended_at - ended.search_began_at).total_seconds()


def _day(*, scale: int) -> tuple[Territory, User, list[VisitOrder], list[CrewPair]]:
    stamps: dict[str, Any] = {"created_at": AT, "updated_at": AT}
    dice = Random(7)
    territory = Territory.objects.create(code="310000", name="上海", name_en="Shanghai")
    approver, dispatcher = (
        User.objects.create_user(name, None, role=role) for name, role in (("a", Role.APPROVER), ("d", Role.DISPATCHER))
    )
    for user in (approver, dispatcher):
        user.territories.set([territory])
    agency = Agency.objects.create(
        code="AG1",
        name="Bench",
        registration="91310000MA1FL00000",
        state="ACTIVE",
        complaints_phone="021-00000000",
        admitted_on=date(2025, 9, 1),
        contract_number="WW-1",
        contract_starts_on=date(2025, 9, 1),
        contract_ends_on=date(2027, 8, 31),
        papers_until=date(2027, 8, 31),
        no_subcontract_promise_on=date(2025, 8, 30),
        entered_by=dispatcher,
        **stamps,
    )
    AgencyTerritory.objects.create(agency=agency, territory=territory, capacity=scale)
    members = CrewMember.objects.bulk_create(
        CrewMember(
            agency=agency,
            external_ref=f"C{number:03d}",
            name="李大明",
            screened_on=date(2025, 9, 1),
            screening="CLEAR",
            confidentiality_signed_on=date(2025, 9, 1),
            exam_passed_on=date(2025, 9, 1),
            entered_by=dispatcher,
            state="CONFIRMED",
            confirmed_by=approver,
            confirmed_at=AT,
            **stamps,
        )
        for number in range(2 * PAIRS)
    )
    CrewCertificate.objects.bulk_create(
        CrewCertificate(member=member, kind="EXAM", number=member.external_ref, valid_until=date(2027, 1, 1))
        for member in members
    )
    crews = [
        CrewPair(lead=lead, second=second, latitude=31.23, longitude=121.47)
        for lead, second in zip(members[::2], members[1::2], strict=True)
    ]
    orders = _orders(scale=scale, dice=dice, territory=territory, agency=agency, approver=approver, stamps=stamps)
    return territory, dispatcher, orders, crews


def _orders(
    *, scale: int, dice: Random, territory: Territory, agency: Agency, approver: User, stamps: dict[str, Any]
) -> list[VisitOrder]:
    policy = Policy.objects.create(name="bench", created_at=AT)
    body = {"rules": [{"code": "UNREACHABLE", "needs_visit": True}]}
    version = PolicyVersion.objects.create(policy=policy, number=1, body=body, state="ACTIVE", **stamps)
    borrowers = Borrower.objects.bulk_create(
        Borrower(territory=territory, external_ref=f"B{number:06d}", name="张小三", **stamps) for number in range(scale)
    )
    accounts = Account.objects.bulk_create(
        Account(
            borrower=borrower,
            territory=territory,
            external_ref=f"A{borrower.external_ref}",
            credit_limit=Decimal(60000),
            annual_rate=Decimal("0.18"),
            outstanding_principal=Decimal(40000),
            arrears_amount=Decimal(32000),
            days_past_due=95,
            as_of=TODAY,
            opened_on=date(2024, 3, 1),
            **stamps,
        )
        for borrower in borrowers
    )
    TriggerHit.objects.bulk_create(
        TriggerHit(
            account=account,
            borrower=account.borrower,
            rule="UNREACHABLE",
            policy_version=version,
            entered_on=TODAY,
            created_at=AT,
        )
        for account in accounts
    )
    addresses = Address.objects.bulk_create(
        Address(
            borrower=borrower,
            external_ref=f"L{borrower.external_ref}",
            line=f"上海市黄浦区示范路1号{borrower.external_ref}室",
            point=f"{31.23 + dice.uniform(-0.12, 0.12):.6f},{121.47 + dice.uniform(-0.14, 0.14):.6f}",
            adcode="310101",
            **stamps,
        )
        for borrower in borrowers
    )
    tried = [(9, 2, "VOICE"), (8, 6, "VOICE"), (7, 11, "VOICE"), (5, 3, "SMS"), (3, 4, "APP"), (2, 7, "SMS")]
    ContactAttempt.objects.bulk_create(
        ContactAttempt(
            borrower=borrower,
            external_ref=f"{borrower.external_ref}-T{number}",
            channel=channel,
            outcome="NO_ANSWER",
            attempted_at=AT.replace(hour=hour) - timedelta(days=days),
            created_at=AT,
        )
        for borrower in borrowers
        for number, (days, hour, channel) in enumerate(tried)
    )
    cases = Case.objects.bulk_create(
        Case(
            borrower=borrower,
            territory=territory,
            opened_on=TODAY,
            sla_due_on=TODAY + timedelta(days=10),
            policy_version=version,
            needs_visit_by=TODAY + timedelta(days=14),
            **stamps,
        )
        for borrower in borrowers
    )
    placements = Placement.objects.bulk_create(
        Placement(case=case, agency=agency, placed_on=TODAY, term_ends_on=TODAY + timedelta(days=90), **stamps)
        for case in cases
    )
    return VisitOrder.objects.bulk_create(
        VisitOrder(
            case=case,
            placement=placement,
            address=address,
            state="APPROVED",
            purposes=[str(VisitPurpose.VERIFY_IDENTITY)],
            valid_until=TODAY + timedelta(days=14),
            approved_by=approver,
            approved_at=AT,
            **stamps,
        )
        for case, placement, address in zip(cases, placements, addresses, strict=True)
    )
