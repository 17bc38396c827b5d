"""What borrowers agreed to about visits: for the conduct guard by person, for pages by case, and for the report of a visit."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, QuerySet

from backoffice.core.id_lists import any_of
from cases.enums import AddressKind, ContactVerdict
from cases.models import Address, Borrower, Case
from visits.enums import AgreementKind
from visits.models import VisitAgreement, VisitOrder
from visits.rules.conduct.agreements import NEEDS_CONSENT, Agreements, PlaceConsent, is_outside_hours
from visits.rules.conduct.contact import AgreedTime
from visits.rules.conduct.door import Door
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.routing import SERVICE_MINUTES
from visits.selectors.doors import door_of, named_door
from visits.selectors.persons import People

# A visit that began before its agreement ended goes on: those that ended long ago are no longer looked at.
ENDED_SINCE = timedelta(days=1)


def agreements_of(*, people: People, at: datetime) -> dict[int, Agreements]:
    """Return what each person has agreed to and not withdrawn, with one query; people without are left out."""
    rows: Any = _standing(borrowers=people.person_of, at=at).values_list(
        "case__borrower",
        "kind",
        "opens_at",
        "closes_at",
        "place",
        "door_index",
        "address__adcode",
        "address__external_ref",
        "granted_at",
        "expires_at",
        "evidence_ref",
    )
    found = people.by_person(
        (
            borrower_id,
            AgreedTime(
                opens_at=opens_at,
                closes_at=closes_at,
                granted_at=granted_at,
                expires_at=expires_at,
                evidence_ref=evidence_ref,
            )
            if kind == AgreementKind.TIME
            else PlaceConsent(
                door=named_door(door_index=door_index, adcode=adcode, reference=reference),
                place=AddressKind(place),
                granted_at=granted_at,
                expires_at=expires_at,
                evidence_ref=evidence_ref,
            ),
        )
        for (
            borrower_id,
            kind,
            opens_at,
            closes_at,
            place,
            door_index,
            adcode,
            reference,
            granted_at,
            expires_at,
            evidence_ref,
        ) in rows
    )
    return {
        person: Agreements(
            times=tuple(each for each in agreed if isinstance(each, AgreedTime)),
            places=tuple(each for each in agreed if isinstance(each, PlaceConsent)),
        )
        for person, agreed in found.items()
    }


def agreements_in_force(*, user: Any, borrower: Borrower, at: datetime) -> QuerySet[VisitAgreement]:
    """Return the agreements of the person of a borrower that count at `at` and that `user` may see, the oldest first."""
    person = Borrower.objects.all().of_person_of(borrower)
    rows: QuerySet[VisitAgreement] = VisitAgreement.objects.visible_to(user)
    return (
        rows.filter(case__borrower__in=person, withdrawn_at__isnull=True, expires_at__gte=at)
        .select_related("case", "address")
        .order_by("pk")
    )


def addresses_for_consent(*, user: Any, case: Case) -> QuerySet[Address]:
    """Return the addresses of the case's person at which nobody is visited without their consent, as `user` may see them."""
    rows: QuerySet[Address] = Address.objects.visible_to(user).filter(kind__in=NEEDS_CONSENT)
    person = Borrower.objects.all().of_person_of(case.borrower)
    return rows.filter(borrower__in=person).exclude(verdict=ContactVerdict.INVALID).order_by("pk")


def consent_ended_at(*, order: VisitOrder, policy: ConductPolicy) -> datetime | None:
    """
    Return when the borrower withdrew what a planned visit rested on: the consent to its place, or to its time; else None.

    None also where another agreement still holds it. One query, none for a visit that needs neither.
    """
    starts_at = order.planned_arrival_at
    if starts_at is None:
        return None
    ends_at = starts_at + timedelta(minutes=SERVICE_MINUTES)
    needs_place = order.address.kind in NEEDS_CONSENT
    needs_time = is_outside_hours(policy=policy, starts_at=starts_at, ends_at=ends_at)
    if not needs_place and not needs_time:
        return None
    person = Borrower.objects.all().of_person_of(order.case.borrower)
    rows = list(
        VisitAgreement.objects.filter(case__borrower__in=person, granted_at__lte=starts_at, expires_at__gte=starts_at)
        .select_related("address")
        .order_by("pk")
    )
    times = [row for row in rows if row.is_outside_hours and row.opens_at <= starts_at and ends_at <= row.closes_at]
    here = door_of(address=order.address)
    places = [row for row in rows if row.place == order.address.kind and door_of_agreement(agreement=row) == here]
    needed = [found for found, is_needed in ((times, needs_time), (places, needs_place)) if is_needed]
    ends = [
        max(row.withdrawn_at for row in found)
        for found in needed
        if found and all(row.withdrawn_at is not None for row in found)
    ]
    return min(ends, default=None)


def door_of_agreement(*, agreement: VisitAgreement) -> Door | None:
    """Return the door of a consent to a place as it was when it was given, None for an agreed time."""
    address = agreement.address
    if address is None:
        return None
    return named_door(door_index=bytes(agreement.door_index), adcode=address.adcode, reference=address.external_ref)


def _standing(*, borrowers: Collection[int], at: datetime) -> QuerySet[VisitAgreement]:
    """Return what was not withdrawn and that the rules look at: consents to places, and times outside of the hours."""
    rows: QuerySet[VisitAgreement] = VisitAgreement.objects.filter(
        Q(kind=AgreementKind.PLACE) | Q(is_outside_hours=True),
        case__borrower__in=any_of(borrowers),
        withdrawn_at__isnull=True,
        expires_at__gte=at - ENDED_SINCE,
    )
    return rows.order_by("pk")
