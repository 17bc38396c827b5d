"""
The locks over people and doors.

Whoever changes what protects a person, and whoever sends a visit to them, take turns (`lock_people`), and so do those who plan
visits at one door (`lock_doors`). Whoever judges many borrowers at once, and whoever merges or parts some, take turns as well
(`share_merge_lock`, `take_merge_lock`).
"""

from collections.abc import Collection
from typing import Final

from django.db import connection
from django.db.models import QuerySet

from backoffice.core.errors import StateConflict
from backoffice.core.id_lists import any_of
from cases.models import Address, Borrower

# An advisory lock of PostgreSQL has two numbers: the subject, and the part of it.
_MERGES: Final = 7_303


def share_merge_lock() -> None:
    """
    Keep who is one person with whom as it is until the end of the caller's transaction.

    Any number of transactions share it. Take it before rows are locked or read.

    :raises OperationalError: if a merge does not end within the lock timeout.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s, 0)", [_MERGES])


def take_merge_lock() -> None:
    """
    Wait until nobody shares the lock, and hold it until the end of the caller's transaction, for a change of who is one person.

    Take it first. It waits for the chunks of a nightly run that are being worked, at most 20 seconds; those that begin later
    see the change.

    :raises OperationalError: if the lock is not free within 20 seconds.
    """
    with connection.cursor() as cursor:
        # One chunk takes a second or two; the lock timeout of web pages would be too short.
        cursor.execute("SELECT set_config('lock_timeout', '20s', true)")
        cursor.execute("SELECT pg_advisory_xact_lock(%s, 0)", [_MERGES])


def lock_people(*, borrowers: Collection[int]) -> list[int]:
    """
    Lock all borrowers of the people that `borrowers` (ids) belong to, and return their ids in order.

    Take it before any other lock and before reading what protects the person: what is read afterwards stays true until
    the end of the transaction. The key is left alone, so rows that refer to a borrower are written meanwhile.

    :raises StateConflict: if a merge changed who belongs to these people while this transaction waited; try again.
    """
    locked = list(_of_people(borrowers).select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    if set(_of_people(borrowers).values_list("pk", flat=True)) != set(locked):
        raise StateConflict
    return locked


def lock_doors(*, addresses: Collection[int]) -> None:
    """
    Lock all addresses that share a door with one of `addresses` (ids), after the people and before any other lock.

    Whoever plans a visit there takes turns with whoever plans one for somebody else at the same door.
    """
    doors = Address.objects.filter(pk__in=any_of(addresses)).exclude(door_index=b"").values("door_index")
    rows = Address.objects.filter(door_index__in=doors).select_for_update(no_key=True).order_by("pk")
    list(rows.values_list("pk"))


def _of_people(borrowers: Collection[int]) -> QuerySet[Borrower]:
    people = Borrower.objects.filter(pk__in=any_of(borrowers)).values("person_key")
    return Borrower.objects.filter(person_key__in=people)
