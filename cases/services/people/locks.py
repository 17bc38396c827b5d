"""The locks over people and doors: whoever changes what protects a person, and whoever sends a visit to them, take turns."""

from collections.abc import Collection

from django.db.models import QuerySet

from backoffice.core.errors import StateConflict
from cases.models import Address, Borrower


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
    doors = Address.objects.filter(pk__in=addresses).exclude(door_index=b"").values("door_index")
    rows = Address.objects.filter(door_index__in=doors).select_for_update(no_key=True).order_by("pk")
    list(rows.values_list("pk"))


def _of_people(borrowers: Collection[int]) -> QuerySet[Borrower]:
    people = Borrower.objects.filter(pk__in=borrowers).values("person_key")
    return Borrower.objects.filter(person_key__in=people)
