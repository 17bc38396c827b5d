"""What the conduct guard asks about borrowers, gathered for many at once with a constant number of queries."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.db.models.functions import Coalesce

from backoffice.core.id_lists import any_of
from cases.enums import FlagKind, PromiseState
from cases.models import (
    BorrowerFlag,
    PolicyVersion,
    PromiseToPay,
    TriggerHit,
)
from cases.rules.calendar import Calendar
from cases.selectors.policies.holidays import calendars_in_use
from visits.enums import Protection
from visits.models import VisitReport
from visits.rules.conduct.agreements import NO_AGREEMENTS, Agreements
from visits.rules.conduct.contact import PROTECTION_OF_FLAG, AttemptTotals, ContactHistory, Flag
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.report.findings import FINDINGS
from visits.selectors.agreements import agreements_of
from visits.selectors.arrears import last_payments, protections_of_accounts
from visits.selectors.attempts import attempt_totals
from visits.selectors.doors import visits_at_doors, visits_of_people
from visits.selectors.letter_answers import waiting_answers
from visits.selectors.persons import People, people_of
from visits.selectors.policy import limits_in

VISIT_WINDOW_DAYS = 400
# A visit may be planned this far ahead: a birthday until then counts.
AGE_AHEAD_DAYS = 31
COOLING_FINDINGS = [finding.value for finding, rule in FINDINGS.items() if rule.cools_off]
# A circumstance as it is kept: what it protects from, since when, and the last day on which it counts.
FlagRow = tuple[Protection, datetime, date | None]
OFFICIAL_ZONE = ZoneInfo(ConductPolicy().official_time_zone)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductFacts:
    """
    What is known of one borrower at an instant.

    Visits, talks that were refused, promises, flags, attempts, app use and reasons are those of the person: of all borrowers
    that are one with this one; visits to other people count for the doors that they share. Payments and plans are the
    borrower's own; they are paid once the person owes nothing. `reasons` are the open, unmuted trigger hits whose rule needs a
    visit; `last_payment_at` is when a repayment that still stands was last booked here.
    `policy` are the limits where the borrower lives, by the clock there, and `calendar` the holidays as they are known.
    `agreements` are what the person agreed to about visits, and did not withdraw.
    """

    history: ContactHistory
    flags: tuple[Flag, ...]
    attempts: AttemptTotals
    calendar: Calendar
    policy: ConductPolicy
    reasons: frozenset[str] = frozenset()
    last_payment_at: datetime | None = None
    agreements: Agreements = NO_AGREEMENTS


def conduct_history(*, borrower_id: int, at: datetime, without_order: int | None = None) -> ConductFacts:
    """Return the facts of one borrower; `without_order` is the visit that is being asked about."""
    orders = () if without_order is None else (without_order,)
    return conduct_histories(borrower_ids=[borrower_id], at=at, without_orders=orders)[borrower_id]


def conduct_histories(
    *, borrower_ids: Collection[int], at: datetime, without_orders: Collection[int] = ()
) -> dict[int, ConductFacts]:
    """
    Return the facts of every borrower asked for, with a constant number of queries: sixteen however many there are, and one
    more where somebody is visited at their doors.

    `without_orders` are the visits being asked about; they do not count as visits made or planned.
    A flag holds until the end of its last day by the clock where the borrower asked for lives.
    """
    ids = set(borrower_ids)
    calendars = calendars_in_use()
    people = people_of(borrowers=ids)
    homes = {people.territory_of[each] for each in ids}
    calendar_of = {home: calendars.of(jurisdiction=home.jurisdiction, territory=home.territory) for home in homes}
    policies = {home: limits_in(jurisdiction=home.jurisdiction, time_zone=home.time_zone) for home in homes}
    since = at - timedelta(days=VISIT_WINDOW_DAYS)
    visits = visits_of_people(people=people, since=since, without_orders=without_orders)
    at_doors = visits_at_doors(person_of=people.person_of, since=since, without_orders=without_orders)
    refused = _refusals_to_talk(people=people)
    promises = _open_promises(people=people)
    flags = _flags(people=people)
    answers = waiting_answers(people=people)
    agreements = agreements_of(people=people, at=at)
    own_flags = protections_of_accounts(ids=ids, people=people)
    payments = last_payments(ids=ids)
    reasons = _reasons(people=people)
    attempts = attempt_totals(people=people, at=at)
    paid_on = {each: paid_on for each, (_booked, paid_on) in payments.items()}
    return {
        borrower_id: ConductFacts(
            history=ContactHistory(
                visits=tuple(visits[person]),
                at_doors=at_doors.get(person, ()),
                talk_refused_at=refused.get(person),
                promise_due_on=promises.get(person),
            ),
            flags=(
                *_as_flags(rows=flags[person], policy=policies[home]),
                *answers[person],
                *own_flags[borrower_id],
                *_age(people=people, person=person, policy=policies[home], at=at),
            ),
            attempts=replace(
                attempts[person],
                days_since_app_use=_quiet_days(
                    login_at=people.last_login[person], paid_on=paid_on.get(borrower_id), at=at
                ),
            ),
            calendar=calendar_of[home],
            policy=policies[home],
            reasons=frozenset(reasons.get(person, ())),
            last_payment_at=payments[borrower_id][0] if borrower_id in payments else None,
            agreements=agreements.get(person, NO_AGREEMENTS),
        )
        for borrower_id in ids
        for person in (people.person_of[borrower_id],)
        for home in (people.territory_of[borrower_id],)
    }


def _refusals_to_talk(*, people: People) -> dict[int, datetime]:
    rows = (
        VisitReport.objects.filter(
            order__case__borrower__in=any_of(people.person_of), findings__overlap=COOLING_FINDINGS
        )
        .values("order__case__borrower")
        .annotate(last=Max(Coalesce("contact_ended_at", "submitted_at")))
        .values_list("order__case__borrower", "last")
    )
    return {person: max(found) for person, found in people.by_person(rows).items()}


def _open_promises(*, people: People) -> dict[int, date]:
    rows = (
        PromiseToPay.objects.filter(borrower__in=any_of(people.person_of), state=PromiseState.OPEN)
        .values("borrower")
        .annotate(last=Max("due_on"))
        .values_list("borrower", "last")
    )
    return {person: max(found) for person, found in people.by_person(rows).items()}


def _flags(*, people: People) -> dict[int, list[FlagRow]]:
    """Return the circumstances of each person, whichever of their borrowers they are noted at."""
    rows = BorrowerFlag.objects.filter(borrower__in=any_of(people.person_of), cleared_at__isnull=True).order_by(
        "borrower", "pk"
    )
    return people.by_person(
        (borrower_id, (PROTECTION_OF_FLAG[FlagKind(kind)], set_at, expires_on))
        for borrower_id, kind, set_at, expires_on in rows.values_list("borrower", "kind", "set_at", "expires_on")
    )


def _as_flags(*, rows: Iterable[FlagRow], policy: ConductPolicy) -> list[Flag]:
    zone = ZoneInfo(policy.official_time_zone)
    return [
        Flag(
            kind=kind,
            since=set_at,
            until=None
            if expires_on is None
            else datetime.combine(expires_on + timedelta(days=1), time(0), tzinfo=zone),
        )
        for kind, set_at, expires_on in rows
    ]


def _age(*, people: People, person: int, policy: ConductPolicy, at: datetime) -> list[Flag]:
    """Return the protection of the aged: whose identity number says it holds now or within a month."""
    zone = ZoneInfo(policy.official_time_zone)
    today = at.astimezone(zone).date()
    from_day = people.aged_from(person=person, years=policy.aged_years, on=today)
    if from_day is None or from_day > today + timedelta(days=AGE_AHEAD_DAYS):
        return []
    return [Flag(kind=Protection.AGED, not_before=datetime.combine(from_day, time(0), tzinfo=zone))]


def _reasons(*, people: People) -> dict[int, set[str]]:
    """Return the open reasons of each person that need a visit: their one case is opened for any of their borrowers."""
    rows = TriggerHit.objects.filter(borrower__in=any_of(people.person_of), left_on__isnull=True, muted=False)
    hits = list(rows.values_list("borrower", "rule", "policy_version"))
    versions = PolicyVersion.objects.filter(pk__in={version for _borrower, _rule, version in hits})
    need_visit = {
        (version, rule.get("code"))
        for version, body in versions.values_list("pk", "body")
        for rule in body.get("rules", ())
        if rule.get("needs_visit")
    }
    reasons = people.by_person(
        (borrower_id, rule) for borrower_id, rule, version in hits if (version, rule) in need_visit
    )
    return {person: set(rules) for person, rules in reasons.items()}


def _quiet_days(*, login_at: datetime | None, paid_on: date | None, at: datetime) -> int | None:
    seen = [day for day in (local_time(login_at).date() if login_at else None, paid_on) if day is not None]
    return max(0, (local_time(at).date() - max(seen)).days) if seen else None


def local_time(at: datetime) -> datetime:
    """Return `at` in China's official zone."""
    return at.astimezone(OFFICIAL_ZONE)
