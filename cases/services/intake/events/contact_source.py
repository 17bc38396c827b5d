"""Contacts of a file are reported by its profile: the source is written with each new contact."""

from datetime import datetime

from django.db import connection

from cases.enums import ContactSourceKind
from cases.services.contacts.sources import source_of


def report_contacts_as(*, profile: str, at: datetime) -> None:
    """Let the contacts that this transaction merges be those of the profile's source."""
    source = source_of(kind=ContactSourceKind.FEED, name=profile, at=at)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('doorstep.contact_source', %s, true)", [str(source.pk)])
