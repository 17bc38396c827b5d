"""When a contact may begin: the hours of the jurisdiction, the times that the borrower named, national holidays."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from cases.enums import Channel, ContactRule, WishKind
from cases.rules.calendar import Calendar
from cases.rules.contact_budget.local_days import instant, midnight_after
from cases.rules.contact_budget.policy import ContactPolicy
from cases.rules.contact_budget.question import Wish
from cases.rules.contact_budget.refusals import ContactRefusal, refusal

SATURDAY = 5


def hours_of(*, policy: ContactPolicy, day: date) -> tuple[time, time]:
    """Return from when until when a contact may begin on `day`, by the borrower's clock."""
    if day.weekday() >= SATURDAY:
        return policy.weekend_from, policy.weekend_until
    return policy.contact_from, policy.contact_until


def has_hours(*, channel: Channel) -> bool:
    """Return whether hours and holidays hold for a channel: a letter disturbs nobody at the hour at which it is posted."""
    return channel != Channel.LETTER


def hours_refusals(
    *, policy: ContactPolicy, calendar: Calendar | None, zone: ZoneInfo, at: datetime, wishes: Iterable[Wish]
) -> Iterator[ContactRefusal]:
    """
    Yield the refusals for a contact that begins at `at`.

    To the second: quiet hours begin at `contact_until` and end at `contact_from`. A wish "also then" in force lifts
    them, it never lifts a holiday. Without a `calendar` nothing is known of holidays, and none is refused.
    """
    wishes = tuple(wishes)
    if not _is_open(policy=policy, zone=zone, at=at, wishes=wishes):
        until = _first(policy=policy, zone=zone, at=at, wishes=wishes, holds=_is_open)
        yield refusal(rule=ContactRule.QUIET_HOURS, policy=policy, until=until)
    if not _is_wanted(policy=policy, zone=zone, at=at, wishes=wishes):
        until = _first(policy=policy, zone=zone, at=at, wishes=wishes, holds=_is_wanted)
        yield refusal(rule=ContactRule.AGREED_TIME, policy=policy, until=until)
    day = at.astimezone(zone).date()
    if policy.holidays_off and calendar is not None and calendar.is_national_holiday(day=day):
        free = next(n for n in count(1) if not calendar.is_national_holiday(day=day + timedelta(days=n)))
        until = instant(day=day + timedelta(days=free), at=time(0), zone=zone)
        yield refusal(rule=ContactRule.HOLIDAY, policy=policy, until=until)


def closes_at(
    *, policy: ContactPolicy, zone: ZoneInfo, at: datetime, channel: Channel, wishes: Iterable[Wish]
) -> datetime:
    """Return the instant (UTC) at which a contact that may begin at `at` may no longer begin, at the latest midnight."""
    wishes = tuple(wishes)
    local = at.astimezone(zone)
    midnight = midnight_after(day=local.date(), zone=zone)
    if not has_hours(channel=channel):
        return midnight
    spans = [hours_of(policy=policy, day=local.date()), *_spans(policy, zone, at, wishes, WishKind.ALSO_THEN)]
    ends = [closes for opens, closes in spans if opens <= local.time() < closes]
    wanted = [
        closes
        for opens, closes in _spans(policy, zone, at, wishes, WishKind.ONLY_THEN)
        if opens <= local.time() < closes
    ]
    latest = [instant(day=local.date(), at=max(part), zone=zone) for part in (ends, wanted) if part]
    return min([midnight, *latest])


def _spans(
    policy: ContactPolicy, zone: ZoneInfo, at: datetime, wishes: tuple[Wish, ...], kind: WishKind
) -> list[tuple[time, time]]:
    """Return the times of the wishes of a kind that are in force at `at`."""
    return [
        (wish.opens, wish.closes)
        for wish in wishes
        if wish.kind == kind
        and wish.evidence_ref.strip()
        and wish.granted_at <= at < midnight_after(day=_last_day(policy, zone, wish), zone=zone)
    ]


def _last_day(policy: ContactPolicy, zone: ZoneInfo, wish: Wish) -> date:
    if wish.kind == WishKind.ONLY_THEN:
        # It protects the borrower, so that no limit of the house ends it.
        return wish.last_day
    longest = wish.granted_at.astimezone(zone).date() + timedelta(days=policy.wish_max_days)
    return min(wish.last_day, longest)


def _is_open(*, policy: ContactPolicy, zone: ZoneInfo, at: datetime, wishes: tuple[Wish, ...]) -> bool:
    local = at.astimezone(zone)
    spans = [hours_of(policy=policy, day=local.date()), *_spans(policy, zone, at, wishes, WishKind.ALSO_THEN)]
    return any(opens <= local.time() < closes for opens, closes in spans)


def _is_wanted(*, policy: ContactPolicy, zone: ZoneInfo, at: datetime, wishes: tuple[Wish, ...]) -> bool:
    spans = _spans(policy, zone, at, wishes, WishKind.ONLY_THEN)
    now = at.astimezone(zone).time()
    return not spans or any(opens <= now < closes for opens, closes in spans)


def _first(*, policy: ContactPolicy, zone: ZoneInfo, at: datetime, wishes: tuple[Wish, ...], holds: object) -> datetime:
    """Return the first instant after `at` at which the rule holds again: some opening of the next days, or a wish's end."""
    day = at.astimezone(zone).date()
    days = [day + timedelta(days=n) for n in range(3)]
    candidates = [
        *(instant(day=each, at=hours_of(policy=policy, day=each)[0], zone=zone) for each in days),
        *(instant(day=each, at=wish.opens, zone=zone) for each in days for wish in wishes),
        *(midnight_after(day=_last_day(policy, zone, wish), zone=zone) for wish in wishes),
        *(wish.granted_at.astimezone(UTC) for wish in wishes),
    ]
    return min(
        each
        for each in candidates
        if each > at and holds(policy=policy, zone=zone, at=each, wishes=wishes)  # type: ignore[operator]
    )
