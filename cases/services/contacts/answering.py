"""Asking the rules under the locks, and keeping the answer."""

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.db import connection

from backoffice.audit.services import record
from cases.enums import PermitState
from cases.models import Borrower, BorrowerPhone, ContactPermit, RelatedPerson
from cases.rules.contact_budget.budget import contact_refusals, counts_until, good_until
from cases.rules.contact_budget.policy import ContactPolicy
from cases.rules.contact_budget.question import Asked, KnownOfPerson
from cases.rules.contact_budget.refusals import as_kept
from cases.selectors.contacts.known import Standing, known_of_person, standing_permits
from cases.selectors.contacts.policies import contact_policy, holidays_of
from cases.services.contacts.expiry import expire


def answer(
    *,
    borrower: Borrower,
    people: Collection[int],
    asked: Asked,
    request_id: str,
    phone: BorrowerPhone | None,
    related: RelatedPerson | None,
    actor: Any,
    at: datetime,
    **asker: Any,
) -> ContactPermit:
    """
    Ask the rules, keep the answer, and record it; in the caller's transaction, under the lock of the person.

    `people` are the borrowers of the person as `lock_people` returned them. `asked_by` is who the answer is kept for, the
    actor unless given.
    """
    policy = contact_policy(jurisdiction=borrower.territory.jurisdiction)
    known = known_under_lock(borrower=borrower, people=people, asked=asked, policy=policy, at=at)
    zone = borrower.territory.time_zone
    calendar = holidays_of(policy=policy)
    refusals = contact_refusals(policy=policy, calendar=calendar, time_zone=zone, asked=asked, known=known, at=at)
    good = None if refusals else good_until(policy=policy, time_zone=zone, asked=asked, known=known, at=at)
    permit = ContactPermit.objects.create(
        borrower=borrower,
        reference=f"CP-{uuid4().hex[:24]}",
        request_id=request_id,
        asked_by=asker.get("asked_by", actor),
        channel=asked.channel,
        purpose=asked.purpose,
        phone=phone,
        related=related,
        number_index=asked.number,
        state=PermitState.REFUSED if good is None else PermitState.RESERVED,
        refusals=[as_kept(each) for each in refusals],
        policy_version=policy.version,
        asked_at=at,
        valid_until=good,
        counts_until=None if good is None else counts_until(policy=policy, channel=asked.channel, good=good),
    )
    body = {
        "borrower": borrower.pk,
        "channel": asked.channel,
        "purpose": asked.purpose,
        "state": permit.state,
        "rules": sorted(str(each.rule) for each in refusals),
        "policy": policy.version,
    }
    record(actor=actor, action="contactpermit.asked", subject=permit, at=at, body=body)
    return permit


def known_under_lock(
    *, borrower: Borrower, people: Collection[int], asked: Asked, policy: ContactPolicy, at: datetime
) -> KnownOfPerson:
    """
    Return what counts for the person, in the caller's transaction, under the lock of the person.

    Permits whose time is over are marked first: a late report cannot use them any more.
    """
    if asked.number:
        hold_number(asked.number)
    standing = standing_permits(people=people, number=asked.number)
    standing = _without_lapsed(standing, at=at)
    return known_of_person(
        borrower=borrower,
        people=people,
        policy=policy,
        standing=standing,
        number=asked.number,
        for_related=asked.related is not None,
        at=at,
    )


def hold_number(number: bytes) -> None:
    """
    Let other questions about the number (blind index) wait: people who share a telephone take turns.

    Take it after the lock of the person.
    """
    hold(f"contact-number:{number.hex()}")


def hold(key: str) -> None:
    """Let other transactions that hold the same key wait until this one ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [key])


def _without_lapsed(standing: Standing, *, at: datetime) -> Standing:
    rows = {permit.pk: permit for permit in (*standing.of_person, *standing.of_number)}
    lapsed = sorted(pk for pk, permit in rows.items() if permit.counts_until is None or permit.counts_until <= at)
    if lapsed:
        locked = ContactPermit.objects.filter(pk__in=lapsed).select_for_update(no_key=True).order_by("pk")
        expire(list(locked.values_list("pk", flat=True)), at=at)
    return Standing(
        of_person=tuple(each for each in standing.of_person if each.pk not in lapsed),
        of_number=tuple(each for each in standing.of_number if each.pk not in lapsed),
    )
