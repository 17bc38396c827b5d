"""Papers of agencies that end soon and have no successor: what to ask the agency for."""

from datetime import date, timedelta
from typing import Any, Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from visits.enums import AgencyState, CredentialKind, EntryState
from visits.models import AgencyCredential

SOON_DAYS: Final = 30


def expiring_papers(*, user: Any, business_date: date) -> QuerySet[AgencyCredential]:
    """
    Return the papers that count and end within 30 days from `business_date` on, or have ended, with no later one.

    A later one has the same kind, or is the other proof of information security, and awaits no confirmation. Papers of
    agencies that left are not among them.
    """
    security = [CredentialKind.ISO_27001, CredentialKind.MLPS_3]
    until = business_date + timedelta(days=SOON_DAYS)
    later = AgencyCredential.objects.confirmed().filter(agency=OuterRef("agency"), valid_until__gt=until)
    counted: QuerySet[AgencyCredential] = AgencyCredential.objects.visible_to(user).filter(
        ~Q(agency__state=AgencyState.EXITED), state=EntryState.CONFIRMED, valid_until__lte=until
    )
    return counted.filter(
        ~Exists(later.filter(kind=OuterRef("kind"))),
        ~Q(kind__in=security) | ~Exists(later.filter(kind__in=security)),
    )
