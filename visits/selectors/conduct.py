"""What the conduct guard asks about borrowers, gathered for many at once with a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import DecimalField, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from cases.enums import Channel, ContactOutcome, ContactVerdict, Direction, FlagKind, PlanState, PromiseState
from cases.models import (
    Account,
    BorrowerFlag,
    BorrowerPhone,
    ContactAttempt,
    PolicyVersion,
    PromiseToPay,
    Repayment,
    RepaymentPlan,
    TriggerHit,
)
from cases.rules.calendar import Calendar
from cases.selectors.policies.holidays import calendar_in_use
from visits.enums import Protection
from visits.models import VisitReport
from visits.rules.conduct.contact import PROTECTION_OF_FLAG, AttemptTotals, ContactHistory, Flag
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.report.findings import FINDINGS
from visits.selectors.doors import visits_at_doors, visits_of_people
from visits.selectors.persons import People, people_of

# Attempts older than this say nothing about reaching somebody now.
ATTEMPT_WINDOW_DAYS = 90
VISIT_WINDOW_DAYS = 400
REMOTE = (Channel.APP, Channel.SMS, Channel.VOICE)
COOLING_FINDINGS = [finding.value for finding, rule in FINDINGS.items() if rule.cools_off]
REACHED = (ContactOutcome.RIGHT_PARTY, ContactOutcome.READ)
NO_MONEY = Decimal(0)
OFFICIAL_ZONE = ZoneInfo(ConductPolicy().official_time_zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductFacts:
    """
    What is known of one borrower at an instant.

    Visits, talks that were refused, promises, flags, attempts and app use are those of the person: of all borrowers that
    are one with this one; visits to other people count for the doors that they share. Arrears, payments, plans and reasons
    are the borrower's own. `reasons` are the open, unmuted trigger hits whose rule needs a visit; `last_payment_at` is when
    a repayment that still stands was last booked here.
    `calendar` holds the holidays as they are known then, the same for every borrower.
    """

    history: ContactHistory
    flags: tuple[Flag, ...]
    attempts: AttemptTotals
    calendar: Calendar
    reasons: frozenset[str] = frozenset()
    last_payment_at: datetime | None = None


def conduct_history(*, borrower_id: int, at: datetime, without_order: int | None = None) -> ConductFacts:
    """Return the facts of one borrower; `without_order` is the visit that is being asked about."""
    orders = () if without_order is None else (without_order,)
    return conduct_histories(borrower_ids=[borrower_id], at=at, without_orders=orders)[borrower_id]


def conduct_histories(
    *, borrower_ids: Collection[int], at: datetime, without_orders: Collection[int] = ()
) -> dict[int, ConductFacts]:
    """
    Return the facts of every borrower asked for, with fourteen queries however many there are, and one more where somebody
    is visited at their doors.

    `without_orders` are the visits being asked about; they do not count as visits made or planned.
    A flag holds until the end of its last day in the policy's official zone.
    """
    ids = set(borrower_ids)
    calendar = calendar_in_use()
    people = people_of(borrowers=ids)
    since = at - timedelta(days=VISIT_WINDOW_DAYS)
    visits = visits_of_people(people=people, since=since, without_orders=without_orders)
    at_doors = visits_at_doors(person_of=people.person_of, since=since, without_orders=without_orders)
    refused = _refusals_to_talk(people=people)
    promises = _open_promises(people=people)
    flags = _flags(people=people)
    own_flags = _own_flags(ids=ids)
    payments = _last_payments(ids=ids)
    reasons = _reasons(ids=ids)
    attempts = _attempts(people=people, at=at)
    paid_on = {each: paid_on for each, (_booked, paid_on) in payments.items()}
    return {
        borrower_id: ConductFacts(
            history=ContactHistory(
                visits=tuple(visits[person]),
                at_doors=at_doors.get(person, ()),
                talk_refused_at=refused.get(person),
                promise_due_on=promises.get(person),
            ),
            flags=(*flags[person], *own_flags[borrower_id]),
            attempts=replace(
                attempts[person],
                days_since_app_use=_quiet_days(
                    login_at=people.last_login[person], paid_on=paid_on.get(borrower_id), at=at
                ),
            ),
            calendar=calendar,
            reasons=frozenset(reasons[borrower_id]),
            last_payment_at=payments[borrower_id][0] if borrower_id in payments else None,
        )
        for borrower_id in ids
        for person in (people.person_of[borrower_id],)
    }


def _refusals_to_talk(*, people: People) -> dict[int, datetime]:
    rows = (
        VisitReport.objects.filter(order__case__borrower__in=people.person_of, findings__overlap=COOLING_FINDINGS)
        .values("order__case__borrower")
        .annotate(last=Max(Coalesce("contact_ended_at", "submitted_at")))
        .values_list("order__case__borrower", "last")
    )
    return {person: max(found) for person, found in people.by_person(rows).items()}


def _open_promises(*, people: People) -> dict[int, date]:
    rows = (
        PromiseToPay.objects.filter(borrower__in=people.person_of, state=PromiseState.OPEN)
        .values("borrower")
        .annotate(last=Max("due_on"))
        .values_list("borrower", "last")
    )
    return {person: max(found) for person, found in people.by_person(rows).items()}


def _flags(*, people: People) -> dict[int, list[Flag]]:
    """Return the circumstances of each person, whichever of their borrowers they are noted at."""
    rows = BorrowerFlag.objects.filter(borrower__in=people.person_of, cleared_at__isnull=True).order_by(
        "borrower", "pk"
    )
    return people.by_person(
        (
            borrower_id,
            Flag(
                kind=PROTECTION_OF_FLAG[FlagKind(kind)],
                since=set_at,
                until=None if expires_on is None else _end_of(expires_on),
            ),
        )
        for borrower_id, kind, set_at, expires_on in rows.values_list("borrower", "kind", "set_at", "expires_on")
    )


def _own_flags(*, ids: set[int]) -> dict[int, list[Flag]]:
    """Return the protections that follow from a borrower's own accounts: a plan that runs, nothing left to pay."""
    flags: dict[int, list[Flag]] = defaultdict(list)
    planned = RepaymentPlan.objects.filter(account__borrower__in=ids, state=PlanState.ACTIVE)
    for borrower_id in planned.values_list("account__borrower", flat=True).distinct():
        flags[borrower_id].append(Flag(kind=Protection.PLAN_ACTIVE))
    for borrower_id in ids - _owing(ids=ids):
        flags[borrower_id].append(Flag(kind=Protection.PAID))
    return flags


def _owing(*, ids: set[int]) -> set[int]:
    """Return who still has arrears once the repayments that the account does not show yet are taken off."""
    unseen = (
        Repayment.objects.left()
        .filter(account=OuterRef("pk"), paid_on__gte=OuterRef("as_of"), created_at__gt=OuterRef("updated_at"))
        .values("account")
        .annotate(total=Sum("left_amount"))
        .values("total")
    )
    paid = Coalesce(Subquery(unseen), NO_MONEY, output_field=DecimalField(max_digits=14, decimal_places=2))
    rows = Account.objects.filter(borrower__in=ids, arrears_amount__gt=0).annotate(unseen=paid)
    return {
        borrower
        for borrower, arrears, seen in rows.values_list("borrower", "arrears_amount", "unseen")
        if arrears > seen
    }


def _reasons(*, ids: set[int]) -> dict[int, set[str]]:
    rows = TriggerHit.objects.filter(borrower__in=ids, left_on__isnull=True, muted=False)
    hits = list(rows.values_list("borrower", "rule", "policy_version"))
    versions = PolicyVersion.objects.filter(pk__in={version for _borrower, _rule, version in hits})
    need_visit = {
        (version, rule.get("code"))
        for version, body in versions.values_list("pk", "body")
        for rule in body.get("rules", ())
        if rule.get("needs_visit")
    }
    reasons: dict[int, set[str]] = defaultdict(set)
    for borrower_id, rule, version in hits:
        if (version, rule) in need_visit:
            reasons[borrower_id].add(rule)
    return reasons


def _last_payments(*, ids: set[int]) -> dict[int, tuple[datetime, date]]:
    rows = (
        Repayment.objects.left()
        .filter(account__borrower__in=ids)
        .values("account__borrower")
        .annotate(booked_at=Max("created_at"), paid_on=Max("paid_on"))
    )
    return {row["account__borrower"]: (row["booked_at"], row["paid_on"]) for row in rows}


def _attempts(*, people: People, at: datetime) -> dict[int, AttemptTotals]:
    since = at - timedelta(days=ATTEMPT_WINDOW_DAYS)
    tried = (
        ContactAttempt.objects.filter(borrower__in=people.person_of, attempted_at__gte=since, attempted_at__lte=at)
        .filter(Q(direction=Direction.OUTBOUND) | Q(right_party=True))
        .order_by("attempted_at", "pk")
        .values_list("borrower", "attempted_at", "channel", "outcome", "right_party")
    )
    rows = people.by_person((borrower_id, tuple(row)) for borrower_id, *row in tried)
    phones = BorrowerPhone.objects.filter(borrower__in=people.person_of).values_list("borrower", "verdict")
    verdicts = people.by_person(phones)
    return {
        person: _totals(at=at, rows=rows[person], all_invalid=set(verdicts[person]) == {ContactVerdict.INVALID})
        for person in people.last_login
    }


def _totals(*, at: datetime, rows: Sequence[tuple[datetime, str, str, bool]], all_invalid: bool) -> AttemptTotals:
    remote = [(local_time(when), channel, outcome) for when, channel, outcome, _rp in rows if channel in REMOTE]
    days = sorted({when.date() for when, _channel, _outcome in remote})
    failures: set[date] = set()
    for when, channel, outcome in remote:
        if outcome in REACHED:
            # Only failures in a row count.
            failures.clear()
        elif channel == Channel.VOICE:
            failures.add(when.date())
    return AttemptTotals(
        attempts=len(remote),
        days_spanned=(days[-1] - days[0]).days + 1 if days else 0,
        channels=len({channel for _at, channel, _outcome in remote}),
        dayparts=len({_daypart(when) for when, _channel, _outcome in remote}),
        right_party_contacts=sum(1 for *_row, right_party in rows if right_party),
        days_since_reached=min(
            (_days_before(at, when) for when, *_row, right_party in rows if right_party), default=None
        ),
        voice_failure_days=len(failures),
        all_numbers_invalid=all_invalid,
    )


def _quiet_days(*, login_at: datetime | None, paid_on: date | None, at: datetime) -> int | None:
    seen = [day for day in (local_time(login_at).date() if login_at else None, paid_on) if day is not None]
    return max(0, (local_time(at).date() - max(seen)).days) if seen else None


def _days_before(at: datetime, earlier: datetime) -> int:
    return (local_time(at).date() - local_time(earlier).date()).days


def _daypart(at: datetime) -> int:
    """Morning, afternoon, evening."""
    return 0 if at.hour < 12 else 1 if at.hour < 18 else 2


def local_time(at: datetime) -> datetime:
    """Return `at` in the official zone, which is the local time at every address."""
    return at.astimezone(OFFICIAL_ZONE)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(0), tzinfo=OFFICIAL_ZONE)
