"""What the conduct guard asks about borrowers, gathered for many at once with a constant number of queries."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import DecimalField, Max, OuterRef, Q, Subquery, Sum
from django.db.models.functions import Coalesce

from cases.enums import Channel, ContactOutcome, ContactVerdict, Direction, FlagKind, PlanState, PromiseState
from cases.models import (
    Account,
    Borrower,
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
from visits.models import VisitOrder, VisitReport
from visits.rules.conduct.contact import PROTECTION_OF_FLAG, AttemptTotals, ContactHistory, Flag, PastVisit
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.lifecycle import COUNTED
from visits.rules.report.findings import FINDINGS

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

    `reasons` are the open, unmuted trigger hits whose rule needs a visit; `last_payment_at` is when a
    repayment that still stands was last booked here. `calendar` holds the holidays as they are known then, the same for
    every borrower.
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
    Return the facts of every borrower asked for, with thirteen queries however many there are.

    `without_orders` are the visits being asked about; they do not count as visits made or planned.
    A flag holds until the end of its last day in the policy's official zone.
    """
    ids = set(borrower_ids)
    calendar = calendar_in_use()
    visits = _visits(ids=ids, at=at, without_orders=without_orders)
    refused = _refusals_to_talk(ids=ids)
    promises = _open_promises(ids=ids)
    flags = _flags(ids=ids, at=at)
    payments = _last_payments(ids=ids)
    reasons = _reasons(ids=ids)
    attempts = _attempts(ids=ids, at=at, paid_on={each: paid_on for each, (_booked, paid_on) in payments.items()})
    return {
        borrower_id: ConductFacts(
            history=ContactHistory(
                visits=tuple(visits[borrower_id]),
                talk_refused_at=refused.get(borrower_id),
                promise_due_on=promises.get(borrower_id),
            ),
            flags=tuple(flags[borrower_id]),
            attempts=attempts[borrower_id],
            calendar=calendar,
            reasons=frozenset(reasons[borrower_id]),
            last_payment_at=payments[borrower_id][0] if borrower_id in payments else None,
        )
        for borrower_id in ids
    }


def _visits(*, ids: set[int], at: datetime, without_orders: Collection[int]) -> dict[int, list[PastVisit]]:
    rows = (
        VisitOrder.objects.filter(
            case__borrower__in=ids,
            state__in=COUNTED,
            planned_arrival_at__gte=at - timedelta(days=VISIT_WINDOW_DAYS),
        )
        .exclude(pk__in=without_orders)
        .order_by("planned_arrival_at", "pk")
        .values_list("case__borrower", "planned_arrival_at", "address__external_ref", "placement")
    )
    visits: dict[int, list[PastVisit]] = defaultdict(list)
    for borrower_id, starts_at, address_ref, placement_id in rows:
        visits[borrower_id].append(
            PastVisit(starts_at=starts_at, address_ref=address_ref, placement_ref=str(placement_id or ""))
        )
    return visits


def _refusals_to_talk(*, ids: set[int]) -> dict[int, datetime]:
    return dict(
        VisitReport.objects.filter(order__case__borrower__in=ids, findings__overlap=COOLING_FINDINGS)
        .values("order__case__borrower")
        .annotate(last=Max(Coalesce("contact_ended_at", "submitted_at")))
        .values_list("order__case__borrower", "last")
    )


def _open_promises(*, ids: set[int]) -> dict[int, date]:
    return dict(
        PromiseToPay.objects.filter(borrower__in=ids, state=PromiseState.OPEN)
        .values("borrower")
        .annotate(last=Max("due_on"))
        .values_list("borrower", "last")
    )


def _flags(*, ids: set[int], at: datetime) -> dict[int, list[Flag]]:
    flags: dict[int, list[Flag]] = defaultdict(list)
    rows = BorrowerFlag.objects.filter(borrower__in=ids, cleared_at__isnull=True).order_by("borrower", "pk")
    for borrower_id, kind, set_at, expires_on in rows.values_list("borrower", "kind", "set_at", "expires_on"):
        until = None if expires_on is None else _end_of(expires_on)
        flags[borrower_id].append(Flag(kind=PROTECTION_OF_FLAG[FlagKind(kind)], since=set_at, until=until))
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


def _attempts(*, ids: set[int], at: datetime, paid_on: Mapping[int, date]) -> dict[int, AttemptTotals]:
    since = at - timedelta(days=ATTEMPT_WINDOW_DAYS)
    rows: dict[int, list[tuple[datetime, str, str, bool]]] = defaultdict(list)
    tried = (
        ContactAttempt.objects.filter(borrower__in=ids, attempted_at__gte=since, attempted_at__lte=at)
        .filter(Q(direction=Direction.OUTBOUND) | Q(right_party=True))
        .order_by("borrower", "attempted_at", "pk")
    )
    for borrower_id, *row in tried.values_list("borrower", "attempted_at", "channel", "outcome", "right_party"):
        rows[borrower_id].append((row[0], row[1], row[2], row[3]))
    verdicts: dict[int, set[str]] = defaultdict(set)
    for borrower_id, verdict in BorrowerPhone.objects.filter(borrower__in=ids).values_list("borrower", "verdict"):
        verdicts[borrower_id].add(verdict)
    logins = dict(Borrower.objects.filter(pk__in=ids).values_list("pk", "last_app_login_at"))
    return {
        borrower_id: _totals(
            rows=rows[borrower_id],
            all_invalid=verdicts[borrower_id] == {ContactVerdict.INVALID},
            quiet_days=_quiet_days(login_at=logins.get(borrower_id), paid_on=paid_on.get(borrower_id), at=at),
        )
        for borrower_id in ids
    }


def _totals(
    *, rows: Iterable[tuple[datetime, str, str, bool]], all_invalid: bool, quiet_days: int | None
) -> AttemptTotals:
    remote = [(local_time(at), channel, outcome) for at, channel, outcome, _rp in rows if channel in REMOTE]
    days = sorted({at.date() for at, _channel, _outcome in remote})
    failures: set[date] = set()
    for at, channel, outcome in remote:
        if outcome in REACHED:
            # Only failures in a row count.
            failures.clear()
        elif channel == Channel.VOICE:
            failures.add(at.date())
    return AttemptTotals(
        attempts=len(remote),
        days_spanned=(days[-1] - days[0]).days + 1 if days else 0,
        channels=len({channel for _at, channel, _outcome in remote}),
        dayparts=len({_daypart(at) for at, _channel, _outcome in remote}),
        right_party_contacts=sum(1 for *_row, right_party in rows if right_party),
        voice_failure_days=len(failures),
        all_numbers_invalid=all_invalid,
        days_since_app_use=quiet_days,
    )


def _quiet_days(*, login_at: datetime | None, paid_on: date | None, at: datetime) -> int | None:
    seen = [day for day in (local_time(login_at).date() if login_at else None, paid_on) if day is not None]
    return max(0, (local_time(at).date() - max(seen)).days) if seen else None


def _daypart(at: datetime) -> int:
    """Morning, afternoon, evening."""
    return 0 if at.hour < 12 else 1 if at.hour < 18 else 2


def local_time(at: datetime) -> datetime:
    """Return `at` in the official zone, which is the local time at every address."""
    return at.astimezone(OFFICIAL_ZONE)


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(0), tzinfo=OFFICIAL_ZONE)
