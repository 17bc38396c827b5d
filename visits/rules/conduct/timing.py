"""The conduct rules that time alone decides: hours, holidays, caps, cool-offs, protections."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import count
from zoneinfo import ZoneInfo

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.rules.calendar import Calendar
from cases.rules.holidays import Certainty
from visits.enums import Protection
from visits.rules.conduct.clauses import PROTECTION_RULES, ConductRule, Refusal, Words
from visits.rules.conduct.contact import AgreedTime, ContactHistory, Flag, PastVisit
from visits.rules.conduct.door import Door
from visits.rules.conduct.policy import ConductPolicy


def local_time(*, policy: ConductPolicy, at: datetime) -> datetime:
    """Return `at` by the clock at the borrower's address: in China the official zone, in Xinjiang too."""
    return _local(policy.official_time_zone, at)


@lru_cache(maxsize=10_000)
def _local(zone: str, at: datetime) -> datetime:
    # Several rules ask about one visit, and the visits of a plan begin at the same few instants.
    return at.astimezone(ZoneInfo(zone))


def closes_at(*, policy: ConductPolicy, at: datetime) -> datetime:
    """Return when the visit window closes on the local day of `at`."""
    there = local_time(policy=policy, at=at)
    return datetime.combine(there.date(), policy.visit_until, tzinfo=there.tzinfo)


def opens_at(*, policy: ConductPolicy, day: date) -> datetime:
    """Return when the visit window opens on a local day."""
    return datetime.combine(day, policy.visit_from, tzinfo=ZoneInfo(policy.official_time_zone))


def whole_minute(*, at: datetime) -> datetime:
    """Return the first whole minute that is not before `at`: letters and notices announce hours and minutes only."""
    floor = at.replace(second=0, microsecond=0)
    return floor if floor == at else floor + timedelta(minutes=1)


def hour_refusals(
    *,
    policy: ConductPolicy,
    calendar: Calendar,
    starts_at: datetime,
    ends_at: datetime,
    agreed_time: AgreedTime | None = None,
) -> Iterator[Refusal]:
    """
    Yield the refusals for a visit in [starts_at, ends_at] by the clock at the borrower's address.

    To the second: no instant of the visit, its end included, may be at or after `quiet_from` or before
    `quiet_until`; the visit window may end exactly at `visit_until`. A valid agreed time lifts both,
    an invalid one is refused itself. Holidays are never lifted.
    """
    agreed = False
    if agreed_time is not None:
        problem = agreed_time_problem(policy=policy, agreed=agreed_time, starts_at=starts_at, ends_at=ends_at)
        agreed = problem is None
        if problem is not None:
            yield problem
    start = local_time(policy=policy, at=starts_at)
    end = local_time(policy=policy, at=ends_at)
    same_day = start.date() == end.date()
    if not agreed:
        awake = same_day and start.time() >= policy.quiet_until and end.time() < policy.quiet_from
        if not awake:
            message = _("The visit touches the quiet hours; move it into the day.")
            yield _hour_refusal(policy.quiet_until, rule=ConductRule.QUIET_HOURS, message=message, start=start)
        inside = same_day and start.time() >= policy.visit_from and end.time() <= policy.visit_until
        if not inside:
            message = _("The visit does not fit into the visit window; choose a slot that ends inside it.")
            yield _hour_refusal(policy.visit_from, rule=ConductRule.VISIT_WINDOW, message=message, start=start)
    yield from _holiday_refusals(policy=policy, calendar=calendar, start=start)


def cap_free_from(*, at: datetime, others: Sequence[datetime], cap: int, days: int) -> datetime | None:
    """
    Return the first instant not before `at` at which one more visit keeps the cap; `at` itself if it does.

    The cap holds in every window [t, t + days), past and future, so visits may be booked in any order;
    visits exactly `days` apart share no window. None if the cap is zero.
    """
    if cap < 1:
        return None
    span = timedelta(days=days)
    candidates = [at, *sorted(other + span for other in others if other + span > at)]
    return next(when for when in candidates if _keeps_cap(at=when, others=others, cap=cap, span=span))


def cap_refusals(
    *,
    policy: ConductPolicy,
    starts_at: datetime,
    history: ContactHistory,
    door: Door | None,
    placement_ref: str,
    agency_ref: str,
    household_ref: str = "",
) -> Iterator[Refusal]:
    """
    Yield the visit caps and the cool-off after a visit that a visit at `starts_at` would break.

    The caps of a door count visits to anybody who lives there. Without `door` they are not asked. The visits of one household
    visit count once; those of other people that belong to the same one as this visit (`household_ref`) do not count.
    """
    is_first = not history.visits and not history.at_doors
    if is_first and min(policy.address_cap, policy.debtor_cap, policy.placement_cap, policy.door_cap) > 0:
        # A first visit keeps every cap. Most cases have none yet, and a whole portfolio is asked about at once.
        return
    every = [visit.starts_at for visit in history.visits]
    own_here, at_door = _at(door, history.visits), _at(door, history.at_doors)
    # Whoever else is visited on the same occasion costs the door nothing more.
    others_here = [visit for visit in at_door if not household_ref or visit.household_ref != household_ref]
    here = _occasions([*own_here, *others_here])
    caps = (
        (
            ConductRule.ADDRESS_CAP,
            here,
            policy.address_cap,
            policy.address_cap_days,
            _("This address was visited as often as allowed; wait."),
        ),
        (
            ConductRule.HOUSEHOLD_CAP,
            # Where nobody else was visited there, the cap of the borrower says the same.
            here if others_here else [],
            policy.door_cap,
            policy.door_cap_days,
            _("People at this door were visited as often as allowed; wait."),
        ),
        (
            ConductRule.DEBTOR_CAP,
            every,
            policy.debtor_cap,
            policy.debtor_cap_days,
            _("This borrower was visited as often as allowed; wait."),
        ),
        (
            ConductRule.AFTER_VISIT,
            every,
            1,
            policy.after_visit_days,
            _("Another visit is too close; let the cool-off pass."),
        ),
    )
    for rule, others, cap, days, message in caps:
        free_from = cap_free_from(at=starts_at, others=others, cap=cap, days=days)
        if free_from != starts_at:
            yield Refusal(rule=rule, message=message, until=free_from)
    yield from _agency_refusals(
        policy=policy, starts_at=starts_at, at_door=[*own_here, *at_door], agency_ref=agency_ref
    )
    in_placement = sum(1 for visit in history.visits if placement_ref and visit.placement_ref == placement_ref)
    if in_placement >= policy.placement_cap:
        message = _("The placement's visits are used up; work the case remotely.")
        yield Refusal(rule=ConductRule.PLACEMENT_CAP, message=message)


def cool_off_refusals(*, policy: ConductPolicy, starts_at: datetime, history: ContactHistory) -> Iterator[Refusal]:
    """Yield the cool-offs after a refusal to talk and after a promise to pay."""
    if history.talk_refused_at is not None:
        until = history.talk_refused_at + timedelta(days=policy.after_refusal_days)
        if starts_at < until:
            message = _("The borrower declined to talk; leave them alone until the cool-off ends.")
            yield Refusal(rule=ConductRule.AFTER_REFUSAL, message=message, until=until)
    if history.promise_due_on is not None:
        # The day after the last day of grace, at local midnight.
        free_on = history.promise_due_on + timedelta(days=policy.after_promise_days + 1)
        until = datetime.combine(free_on, time(0), tzinfo=ZoneInfo(policy.official_time_zone))
        if starts_at < until:
            message = _("A promise to pay is running; wait for its date and grace.")
            yield Refusal(rule=ConductRule.AFTER_PROMISE, message=message, until=until)


def protection_refusals(*, policy: ConductPolicy, starts_at: datetime, flags: Iterable[Flag]) -> Iterator[Refusal]:
    """Yield one refusal for each protection that still holds at `starts_at`."""
    for flag in flags:
        until = _protected_until(policy=policy, flag=flag)
        if flag.not_before is not None and starts_at < flag.not_before:
            continue
        if until is None or starts_at < until:
            message = format_lazy(
                _("{protection}: no visit; follow the procedure for it."), protection=Protection(flag.kind).label
            )
            yield Refusal(rule=PROTECTION_RULES[flag.kind], message=message, until=until)


def agreed_time_problem(
    *, policy: ConductPolicy, agreed: AgreedTime, starts_at: datetime, ends_at: datetime
) -> Refusal | None:
    """Return why an agreed time does not hold a visit in [starts_at, ends_at], None if it does; each end counts as inside."""
    longest = agreed.granted_at + timedelta(days=policy.exception_max_days)
    message: Words | None = None
    if not agreed.evidence_ref.strip():
        message = _("The agreed time has no recording; attach the borrower's request.")
    elif agreed.granted_at > starts_at or starts_at > min(agreed.expires_at, longest):
        message = _("The agreed time is not in force; ask the borrower again.")
    elif not (agreed.opens_at <= starts_at and ends_at <= agreed.closes_at):
        message = _("The visit leaves the time the borrower agreed to; move it inside.")
    return Refusal(rule=ConductRule.AGREED_TIME, message=message) if message is not None else None


def _at(door: Door | None, visits: Iterable[PastVisit]) -> list[PastVisit]:
    return [each for each in visits if door is not None and door.is_same(each.door)]


def _occasions(visits: Sequence[PastVisit]) -> list[datetime]:
    """Return when somebody came to the door: once for a household visit, however many people it went to."""
    households = {(visit.household_ref, visit.starts_at) for visit in visits if visit.household_ref}
    return [*(visit.starts_at for visit in visits if not visit.household_ref), *(at for _ref, at in households)]


def _agency_refusals(
    *, policy: ConductPolicy, starts_at: datetime, at_door: Sequence[PastVisit], agency_ref: str
) -> Iterator[Refusal]:
    span = timedelta(days=policy.door_agency_days)
    others = [each.starts_at for each in at_door if agency_ref and each.agency_ref not in {"", agency_ref}]
    if any(abs(other - starts_at) < span for other in others):
        free = [other + span for other in sorted(others) if other + span > starts_at]
        free_from = next(when for when in free if all(abs(other - when) >= span for other in others))
        message = _("Another agency visits people at this door; place the case with it, or wait.")
        yield Refusal(rule=ConductRule.DOOR_AGENCY, message=message, until=free_from)


def _keeps_cap(*, at: datetime, others: Sequence[datetime], cap: int, span: timedelta) -> bool:
    openings = [at, *(other for other in others if at - span < other <= at)]
    return all(1 + sum(1 for other in others if opens <= other < opens + span) <= cap for opens in openings)


def _protected_until(*, policy: ConductPolicy, flag: Flag) -> datetime | None:
    if flag.until is None or flag.since is None:
        return flag.until
    shortest = {
        Protection.COMPLAINT_OPEN: policy.complaint_days,
        Protection.BEREAVED: policy.bereaved_days,
        Protection.CHILDBIRTH: policy.childbirth_days,
        Protection.DISASTER: policy.disaster_days,
        Protection.ILLNESS: policy.illness_days,
        Protection.SELF_HARM: policy.self_harm_days,
    }.get(flag.kind, 0)
    until = max(flag.until, flag.since + timedelta(days=shortest))
    if flag.kind == Protection.HOSPITAL:
        # `until` is the discharge; recovery at home follows it.
        return until + timedelta(days=policy.after_hospital_days)
    return until


def _hour_refusal(opening: time, *, rule: ConductRule, message: Words, start: datetime) -> Refusal:
    opens_today = datetime.combine(start.date(), opening, tzinfo=start.tzinfo)
    until = opens_today if start < opens_today else opens_today + timedelta(days=1)
    return Refusal(rule=rule, message=message, until=until)


def _holiday_refusals(*, policy: ConductPolicy, calendar: Calendar, start: datetime) -> Iterator[Refusal]:
    day, edge_days = start.date(), policy.spring_festival_edge_days
    if calendar.is_plain(day=day, holidays_off=policy.holidays_off, edge_days=edge_days):
        return
    midnight = datetime.combine(day, time(0), tzinfo=start.tzinfo)
    if policy.holidays_off and calendar.certainty(year=day.year) is Certainty.UNKNOWN:
        message = format_lazy(
            _("The holidays of {year} are not entered for this place; have them entered."), year=day.year
        )
        yield Refusal(rule=ConductRule.HOLIDAY, message=message)
        return
    if policy.holidays_off and calendar.is_national_holiday(day=day):
        free = next(n for n in count(1) if not calendar.is_national_holiday(day=day + timedelta(days=n)))
        message = _("National holiday; choose a day after it.")
        yield Refusal(rule=ConductRule.HOLIDAY, message=message, until=midnight + timedelta(days=free))
    if calendar.is_spring_festival_edge(day=day, edge_days=edge_days):
        free = next(
            n
            for n in count(1)
            if not calendar.is_spring_festival_edge(day=day + timedelta(days=n), edge_days=edge_days)
        )
        message = _("First or last days of Spring Festival; choose a day after it.")
        yield Refusal(rule=ConductRule.SPRING_FESTIVAL, message=message, until=midnight + timedelta(days=free))
