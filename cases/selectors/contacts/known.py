"""What the rules of contact look at, read for one person. Everything counts for the person, a plan for the borrower."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from django.db.models import Q
from django.utils.timezone import localdate

from cases.enums import (
    Channel,
    ContactOutcome,
    ContactVerdict,
    Direction,
    FlagKind,
    MeasureMode,
    PermitState,
    PlanState,
    PromiseState,
    RelatedRole,
    WishKind,
)
from cases.models import (
    Borrower,
    BorrowerFlag,
    BorrowerPhone,
    ContactAttempt,
    ContactPermit,
    ContactStop,
    ContactWish,
    PromiseToPay,
    RelatedPerson,
    RepaymentPlan,
    TermsMeasure,
)
from cases.rules.contact_budget.local_days import zone_of
from cases.rules.contact_budget.policy import ContactPolicy
from cases.rules.contact_budget.question import Circumstance, KnownOfPerson, PastContact, Reservation, Wish
from cases.rules.contact_budget.reach import Tried, is_unreachable

# Contacts that are older say nothing about reaching somebody now, and no cap looks further back.
WINDOW_DAYS: Final = 90
# A local day anywhere lies within so many hours of an instant in it.
DAY_HOURS: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Permits that are not settled: those of the person, and those of the number whoever's it is."""

    of_person: tuple[ContactPermit, ...]
    of_number: tuple[ContactPermit, ...]


def standing_permits(*, people: Collection[int], number: bytes) -> Standing:
    """
    Return the permits of the person's borrowers (ids) and of the number that may still become contacts, in one query.

    Read them before the contacts: a permit that turns into a contact between the two looks is then seen twice, never
    missed.
    """
    wanted = Q(borrower__in=people) | (Q(number_index=number) if number else Q(pk__in=()))
    rows = list(ContactPermit.objects.filter(wanted, state=PermitState.RESERVED).order_by("pk"))
    return Standing(
        of_person=tuple(row for row in rows if row.borrower_id in people),
        of_number=tuple(row for row in rows if number and bytes(row.number_index) == number),
    )


def known_of_person(
    *,
    borrower: Borrower,
    people: Collection[int],
    policy: ContactPolicy,
    standing: Standing,
    number: bytes,
    for_related: bool,
    at: datetime,
) -> KnownOfPerson:
    """
    Return what is known at `at`; `people` are the ids of all borrowers of the person, `number` the number asked about.

    The number of queries does not depend on the data. Whether the borrower is unreachable is found out only where a
    related person shall be contacted (`for_related`).
    """
    days = max(WINDOW_DAYS, policy.after_refusal_days, policy.after_conversation_days or 0)
    rows = _contacts(people=people, since=at - timedelta(days=days))
    used = {row["permit_ref"] for row in rows if row["permit_ref"]}
    outbound = [row for row in rows if row["direction"] == Direction.OUTBOUND]
    elsewhere = _elsewhere(people=people, number=number, at=at)
    used |= {row["permit_ref"] for row in elsewhere if row["permit_ref"]}
    refused = [row["attempted_at"] for row in rows if row["outcome"] == ContactOutcome.TALK_REFUSED]
    represented, until = _representative(people=people, at=at)
    return KnownOfPerson(
        contacts=tuple(
            PastContact(
                at=row["attempted_at"],
                channel=Channel(row["channel"]),
                number=bytes(row["number_index"]),
                reached=row["right_party"],
            )
            for row in outbound
        ),
        contacts_by_number=tuple(
            row["attempted_at"] for row in (*outbound, *elsewhere) if number and bytes(row["number_index"]) == number
        ),
        reservations=_reservations(standing.of_person, used),
        reservations_by_number=_reservations(standing.of_number, used),
        circumstances=_circumstances(people=people),
        wishes=_wishes(people=people),
        talk_refused_at=max(refused, default=None),
        promise_due_on=_promised_until(people=people),
        plan_runs=RepaymentPlan.objects.filter(account__borrower=borrower, state=PlanState.ACTIVE).exists(),
        grace_runs=TermsMeasure.objects.filter(
            account__borrower=borrower, mode=MeasureMode.PAUSED, ended_at__isnull=True, suspended_at__isnull=True
        ).exists(),
        represented=represented,
        representative_until=until,
        unreachable=for_related and _unreachable(borrower, people=people, policy=policy, rows=rows, at=at),
        number_stopped=bool(number) and ContactStop.objects.filter(number_index=number).exists(),
    )


def _contacts(*, people: Collection[int], since: datetime) -> list[dict[str, Any]]:
    """Return outbound contacts, and inbound ones in which the borrower was reached, in the order of time."""
    rows = (
        ContactAttempt.objects.filter(borrower__in=people, attempted_at__gte=since)
        .filter(Q(direction=Direction.OUTBOUND) | Q(right_party=True))
        .order_by("attempted_at", "pk")
    )
    return list(
        rows.values("attempted_at", "channel", "direction", "outcome", "right_party", "number_index", "permit_ref")
    )


def _elsewhere(*, people: Collection[int], number: bytes, at: datetime) -> list[dict[str, Any]]:
    """Return the tries of the number at other people, on days that may be the one of `at`. A couple shares a telephone."""
    if not number:
        return []
    owners = set(BorrowerPhone.objects.filter(number_index=number).values_list("borrower", flat=True)) | set(
        RelatedPerson.objects.filter(number_index=number).values_list("borrower", flat=True)
    )
    span = timedelta(hours=DAY_HOURS)
    rows = ContactAttempt.objects.filter(
        borrower__in=owners - set(people),
        attempted_at__range=(at - span, at + span),
        direction=Direction.OUTBOUND,
        number_index=number,
    )
    return list(rows.order_by("attempted_at", "pk").values("attempted_at", "number_index", "permit_ref"))


def _reservations(permits: Sequence[ContactPermit], used: set[str]) -> tuple[Reservation, ...]:
    return tuple(
        Reservation(
            asked_at=permit.asked_at,
            ends_at=permit.counts_until,
            channel=Channel(permit.channel),
            number=bytes(permit.number_index),
        )
        for permit in permits
        if permit.reference not in used and permit.counts_until is not None
    )


def _circumstances(*, people: Collection[int]) -> tuple[Circumstance, ...]:
    rows = BorrowerFlag.objects.filter(borrower__in=people, cleared_at__isnull=True).order_by("pk")
    return tuple(
        Circumstance(kind=FlagKind(kind), last_day=last_day)
        for kind, last_day in rows.values_list("kind", "expires_on")
    )


def _wishes(*, people: Collection[int]) -> tuple[Wish, ...]:
    rows = ContactWish.objects.filter(borrower__in=people, ended_at__isnull=True).order_by("pk")
    return tuple(
        Wish(
            kind=WishKind(row.kind),
            opens=row.opens,
            closes=row.closes,
            granted_at=row.granted_at,
            last_day=row.last_day,
            evidence_ref=row.evidence_ref,
        )
        for row in rows
    )


def _promised_until(*, people: Collection[int]) -> Any:
    rows = PromiseToPay.objects.filter(borrower__in=people, state=PromiseState.OPEN)
    return max(rows.values_list("due_on", flat=True), default=None)


def _representative(*, people: Collection[int], at: datetime) -> tuple[bool, Any]:
    """Return whether a representative is on file whose relation has not ended long ago, and the last day of the last one."""
    yesterday = localdate(at) - timedelta(days=2)
    rows = RelatedPerson.objects.filter(borrower__in=people, role=RelatedRole.REPRESENTATIVE).filter(
        Q(ends_on__isnull=True) | Q(ends_on__gte=yesterday)
    )
    ends = list(rows.values_list("ends_on", flat=True))
    return bool(ends), None if None in ends else max(ends, default=None)


def _unreachable(
    borrower: Borrower, *, people: Collection[int], policy: ContactPolicy, rows: list[dict[str, Any]], at: datetime
) -> bool:
    zone = zone_of(policy=policy, time_zone=borrower.territory.time_zone)
    verdicts = set(BorrowerPhone.objects.filter(borrower__in=people).values_list("verdict", flat=True))
    logins = Borrower.objects.filter(pk__in=people).values_list("last_app_login_at", flat=True)
    login = max((each for each in logins if each is not None), default=None)
    return is_unreachable(
        policy=policy,
        tried=[
            Tried(
                day=row["attempted_at"].astimezone(zone).date(),
                channel=Channel(row["channel"]),
                reached=row["right_party"],
            )
            for row in rows
        ],
        all_numbers_invalid=verdicts == {ContactVerdict.INVALID},
        days_since_app_use=None if login is None else (at - login).days,
    )
