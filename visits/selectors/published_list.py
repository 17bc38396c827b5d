"""The agencies that the lender publishes: those on the list today, with what a borrower may want to know."""

from dataclasses import dataclass
from datetime import date

from visits.enums import AgencyState
from visits.models import Agency


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedAgency:
    """Name, complaints telephone, contract term with its last day, and territories by their name; nothing else."""

    name: str
    complaints_phone: str
    contract_starts_on: date | None
    contract_ends_on: date
    territories: tuple[str, ...]


def published_agencies(*, business_date: date) -> tuple[PublishedAgency, ...]:
    """
    Return the agencies that may visit on a day, by name, with three queries.

    An agency that gets no new cases still visits, so it stays on the list; a suspended one leaves it at once, and so does
    one whose contract or a required paper has ended.
    """
    listed = (
        Agency.objects.filter(
            state__in=[AgencyState.ACTIVE, AgencyState.RESTRICTED],
            admitted_on__isnull=False,
            contract_ends_on__gte=business_date,
            papers_until__gte=business_date,
        )
        .prefetch_related("capacities__territory")
        .order_by("name", "pk")
    )
    return tuple(
        PublishedAgency(
            name=agency.name,
            complaints_phone=agency.complaints_phone,
            contract_starts_on=agency.contract_starts_on,
            contract_ends_on=agency.contract_ends_on,
            territories=tuple(sorted(str(room.territory) for room in agency.capacities.all() if room.capacity > 0)),
        )
        for agency in listed
    )
