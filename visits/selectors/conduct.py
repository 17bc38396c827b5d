"""What the conduct guard asks about borrowers, gathered for many at once with a constant number of queries."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.db.models.functions import Coalesce

from backoffice.core.kept_queries import KeptQuery
from cases.enums import FlagKind, PromiseState
from cases.models import (
    BorrowerFlag,
    PolicyVersion,
    PromiseToPay,
    TriggerHit,
)
from cases.rules.calendar import Calendar
from cases.selectors.policies.holidays import Calendars, calendars_in_use
from visits.enums import Protection
from visits.models import VisitReport
from visits.rules.conduct.agreements import NO_AGREEMENTS, Agreements
from visits.rules.conduct.contact import PROTECTION_OF_FLAG, AttemptTotals, ContactHistory, Flag, PastVisit
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.report.findings import FINDINGS
from visits.selectors.agreements import agreements_of
from visits.selectors.arrears import last_payments, protections_of_accounts
from visits.selectors.attempts import attempt_totals
from visits.selectors.doors import visits_at_doors, visits_of_people
from visits.selectors.letter_answers import waiting_answers
from visits.selectors.persons import Home, People, people_of
from visits.selectors.policy import limits_in

VISIT_WINDOW_DAYS = 400
# A visit may be planned this far ahead: a birthday until then counts.
AGE_AHEAD_DAYS = 31
COOLING_FINDINGS = [finding.value for finding, rule in FINDINGS.items() if rule.cools_off]
# A circumstance as it is kept: what it protects from, since when, and the last day on which it counts.
FlagRow = tuple[Protection, datetime, date | None]
NO_CONTACT = ContactHistory()
NEVER_PAID: tuple[datetime | None, date | None] = (None, None)
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
    places = _places(homes={people.territory_of[each] for each in ids}, calendars=calendars, at=at)
    today = local_time(at).date()
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
    quiet_days = {
        borrower_id: _quiet_days(
            login_at=people.last_login[people.person_of[borrower_id]],
            paid_on=payments.get(borrower_id, NEVER_PAID)[1],
            today=today,
        )
        for borrower_id in ids
    }
    attempts = attempt_totals(people=people, quiet_days=quiet_days, at=at)
    # For whoever has none: most borrowers of a portfolio.
    no_reasons: frozenset[str] = frozenset()
    known: dict[int, ConductFacts] = {}
    for borrower_id in ids:
        person, place = people.person_of[borrower_id], places[people.territory_of[borrower_id].territory]
        kept = (
            *_as_flags(rows=flags.get(person, ()), zone=place.zone),
            *answers.get(person, ()),
            *own_flags.get(borrower_id, ()),
            *_age(people=people, person=person, place=place),
        )
        known[borrower_id] = ConductFacts(
            history=_history(
                visits=visits.get(person, ()),
                at_doors=at_doors.get(person, ()),
                talk_refused_at=refused.get(person),
                promise_due_on=promises.get(person),
            ),
            flags=kept,
            attempts=attempts[borrower_id],
            calendar=place.calendar,
            policy=place.policy,
            reasons=reasons.get(person, no_reasons),
            last_payment_at=payments.get(borrower_id, NEVER_PAID)[0],
            agreements=agreements.get(person, NO_AGREEMENTS),
        )
    return known


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What holds for everybody of one territory: limits, holidays, the clock, the day there, and until when birthdays count."""

    policy: ConductPolicy
    calendar: Calendar
    zone: ZoneInfo
    today: date
    age_until: date


def _places(*, homes: Iterable[Home], calendars: Calendars, at: datetime) -> dict[int, _Place]:
    """Return what holds in each territory (id). Territories with the same limits, or holidays, share one value of them."""
    places = {}
    policies: dict[tuple[str, str], ConductPolicy] = {}
    national: dict[str, Calendar] = {}
    for home in homes:
        where = (home.jurisdiction, home.time_zone)
        policy = policies.get(where)
        if policy is None:
            policy = policies[where] = limits_in(jurisdiction=home.jurisdiction, time_zone=home.time_zone)
        if home.territory in calendars.regional:
            calendar = calendars.of(jurisdiction=home.jurisdiction, territory=home.territory)
        else:
            calendar = national.setdefault(home.jurisdiction, calendars.of(jurisdiction=home.jurisdiction))
        zone = ZoneInfo(policy.official_time_zone)
        today = at.astimezone(zone).date()
        places[home.territory] = _Place(
            policy=policy,
            calendar=calendar,
            zone=zone,
            today=today,
            age_until=today + timedelta(days=AGE_AHEAD_DAYS),
        )
    return places


def _history(
    *,
    visits: Sequence[PastVisit],
    at_doors: tuple[PastVisit, ...],
    talk_refused_at: datetime | None,
    promise_due_on: date | None,
) -> ContactHistory:
    if not visits and not at_doors and talk_refused_at is None and promise_due_on is None:
        return NO_CONTACT
    return ContactHistory(
        visits=tuple(visits), at_doors=at_doors, talk_refused_at=talk_refused_at, promise_due_on=promise_due_on
    )


_TALKS_REFUSED = KeptQuery(
    lambda borrowers: (
        VisitReport.objects.filter(order__case__borrower__in=borrowers, findings__overlap=COOLING_FINDINGS)
        .values("order__case__borrower")
        .annotate(last=Max(Coalesce("contact_ended_at", "submitted_at")))
        .values_list("order__case__borrower", "last")
    ),
    borrowers="ids",
)
_PROMISES = KeptQuery(
    lambda borrowers: (
        PromiseToPay.objects.filter(borrower__in=borrowers, state=PromiseState.OPEN)
        .values("borrower")
        .annotate(last=Max("due_on"))
        .values_list("borrower", "last")
    ),
    borrowers="ids",
)
_CIRCUMSTANCES = KeptQuery(
    lambda borrowers: (
        BorrowerFlag.objects.filter(borrower__in=borrowers, cleared_at__isnull=True)
        .order_by("borrower", "pk")
        .values_list("borrower", "kind", "set_at", "expires_on")
    ),
    borrowers="ids",
)
_HITS = KeptQuery(
    lambda borrowers: TriggerHit.objects.filter(borrower__in=borrowers, left_on__isnull=True, muted=False).values_list(
        "borrower", "rule", "policy_version"
    ),
    borrowers="ids",
)


def _refusals_to_talk(*, people: People) -> dict[int, datetime]:
    rows = _TALKS_REFUSED(borrowers=people.ids)
    return {person: max(found) for person, found in people.by_person(rows).items()}


def _open_promises(*, people: People) -> dict[int, date]:
    rows = _PROMISES(borrowers=people.ids)
    return {person: max(found) for person, found in people.by_person(rows).items()}


def _flags(*, people: People) -> dict[int, list[FlagRow]]:
    """Return the circumstances of each person, whichever of their borrowers they are noted at."""
    return people.by_person(
        (borrower_id, (PROTECTION_OF_FLAG[FlagKind(kind)], set_at, expires_on))
        for borrower_id, kind, set_at, expires_on in _CIRCUMSTANCES(borrowers=people.ids)
    )


def _as_flags(*, rows: Iterable[FlagRow], zone: ZoneInfo) -> list[Flag]:
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


def _age(*, people: People, person: int, place: _Place) -> tuple[Flag, ...]:
    """Return the protection of the aged: whose identity number says it holds now or within a month."""
    from_day = people.aged_from(person=person, years=place.policy.aged_years, on=place.today, until=place.age_until)
    if from_day is None:
        return ()
    return (Flag(kind=Protection.AGED, not_before=datetime.combine(from_day, time(0), tzinfo=place.zone)),)


def _reasons(*, people: People) -> dict[int, frozenset[str]]:
    """Return the open reasons of each person that need a visit: their one case is opened for any of their borrowers."""
    hits = _HITS(borrowers=people.ids)
    versions = PolicyVersion.objects.filter(pk__in={version for _borrower, _rule, version in hits})
    need_visit = {
        (version, rule.get("code"))
        for version, body in versions.values_list("pk", "body")
        for rule in body.get("rules", ())
        if rule.get("needs_visit")
    }
    reasons: dict[int, frozenset[str]] = {}
    # Nearly everybody has one reason, and there are few.
    single = {rule: frozenset((rule,)) for _version, rule in need_visit}
    for borrower_id, rule, version in hits:
        if (version, rule) in need_visit:
            person = people.person_of[borrower_id]
            known = reasons.get(person)
            reasons[person] = single[rule] if known is None else known | single[rule]
    return reasons


def _quiet_days(*, login_at: datetime | None, paid_on: date | None, today: date) -> int | None:
    seen = paid_on
    if login_at is not None:
        login_on = local_time(login_at).date()
        seen = login_on if paid_on is None else max(login_on, paid_on)
    return None if seen is None else max(0, (today - seen).days)


def local_time(at: datetime) -> datetime:
    """Return `at` in China's official zone."""
    return at.astimezone(OFFICIAL_ZONE)
