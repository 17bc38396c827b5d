"""Who is one person with whom: the borrowers that a merge concerns, locked, and their persons after it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import NotAllowed, StateConflict
from cases.models import Borrower, DifferentPeople, MergedBorrower, Person, PersonMerge
from cases.rules.people import groups_of, pairs_apart, persons_of
from cases.rules.person_lifecycle import STANDING_MERGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Locked:
    """
    The locked borrowers that a merge concerns: those that it names, and the others of their people.

    `person_by_borrower` has the person of each (None: a person by itself), `number_by_borrower` the blind index of each
    identity number.
    """

    named: frozenset[int]
    person_by_borrower: dict[int, int | None]
    number_by_borrower: dict[int, bytes]


def lock_borrowers(*, merge: PersonMerge, actor: Any) -> Locked:
    """
    Lock every borrower that the merge concerns, in the order of their numbers, so that two decisions follow each other.

    Needs a transaction.

    :raises StateConflict: if another decision changed who belongs to these people while this one waited.
    :raises NotAllowed: if one of the borrowers is outside the territories that the actor may see.
    """
    named = frozenset(MergedBorrower.objects.filter(merge=merge).values_list("borrower_id", flat=True))
    concerned = _concerned(named)
    locked = Borrower.objects.select_for_update(no_key=True).filter(pk__in=concerned).order_by("pk")
    rows = list(locked.values_list("pk", "person_id", "id_number_index"))
    # Read again: whoever held the locks may have joined these people with others, whose rows are not locked here.
    if _concerned(named) != concerned:
        raise StateConflict
    if Borrower.objects.visible_to(actor).filter(pk__in=concerned).count() != len(concerned):
        raise NotAllowed(
            _(
                "Some of these borrowers belong to territories that you do not work in; somebody who may see all decides."
            )
        )
    return Locked(
        named=named,
        person_by_borrower={pk: person for pk, person, _number in rows},
        number_by_borrower={pk: bytes(number) for pk, _person, number in rows},
    )


def join(*, merge: PersonMerge, locked: Locked, at: datetime) -> int:
    """
    Make all locked borrowers one person and return its number: the oldest person of them, or a new one.

    The person that each named borrower had before is kept with the merge.
    """
    known = sorted({person for person in locked.person_by_borrower.values() if person is not None})
    person = known[0] if known else Person.objects.create(created_at=at).pk
    for former in known:
        members = [pk for pk in locked.named if locked.person_by_borrower[pk] == former]
        MergedBorrower.objects.filter(merge=merge, borrower__in=members).update(former_person=former)
    Borrower.objects.filter(pk__in=locked.person_by_borrower).update(person=person)
    return person


def part(*, merge: PersonMerge, locked: Locked, at: datetime) -> list[frozenset[int]]:
    """
    Give the locked borrowers the persons that follow from the merges that still stand; return the groups.

    `merge` must not stand any more. Groups get their former persons back.
    """
    standing = MergedBorrower.objects.filter(
        borrower__in=locked.person_by_borrower, merge__state__in=STANDING_MERGE
    ).values_list("merge_id", "borrower_id")
    by_merge: dict[int, list[int]] = {}
    for merge_id, borrower_id in standing:
        by_merge.setdefault(merge_id, []).append(borrower_id)
    groups = groups_of(borrowers=locked.person_by_borrower, merges=by_merge.values())
    former = dict(MergedBorrower.objects.filter(merge=merge).values_list("borrower_id", "former_person_id"))
    current = next(person for person in locked.person_by_borrower.values() if person is not None)
    occupied = (
        Borrower.objects.filter(person_key__in={person for person in former.values() if person is not None})
        .exclude(pk__in=locked.person_by_borrower)
        .values_list("person_key", flat=True)
    )
    persons = persons_of(groups=groups, current=current, former=former, occupied=set(occupied))
    alone = [pk for group in groups if len(group) == 1 for pk in group]
    Borrower.objects.filter(pk__in=alone).update(person=None)
    for group, person in persons.items():
        Borrower.objects.filter(pk__in=group).update(person=person or Person.objects.create(created_at=at).pk)
    return groups


def refused_pairs(*, borrowers: Iterable[int]) -> list[tuple[int, int]]:
    """Return the pairs among `borrowers` that somebody found to be different people, sorted."""
    ids = list(borrowers)
    rows = DifferentPeople.objects.filter(first__in=ids, second__in=ids)
    return sorted(rows.values_list("first_id", "second_id"))


def keep_apart(*, merge: PersonMerge, locked: Locked, groups: Iterable[frozenset[int]], at: datetime) -> int:
    """Note that the named borrowers of different groups are different people; return how many pairs."""
    pairs = pairs_apart(borrowers=locked.named, groups=groups)
    DifferentPeople.objects.bulk_create(
        [DifferentPeople(first_id=first, second_id=second, merge=merge, created_at=at) for first, second in pairs],
        ignore_conflicts=True,
    )
    return len(pairs)


def current_groups(*, locked: Locked) -> list[frozenset[int]]:
    """Return the locked borrowers by the person that they have now."""
    by_person: dict[int, list[int]] = {}
    for borrower, person in locked.person_by_borrower.items():
        if person is not None:
            by_person.setdefault(person, []).append(borrower)
    return groups_of(borrowers=locked.person_by_borrower, merges=by_person.values())


def _concerned(named: Iterable[int]) -> set[int]:
    # Two statements: with a subquery in place of the list the OR would read the whole table.
    persons = Borrower.objects.filter(pk__in=named, person__isnull=False).values_list("person_id", flat=True)
    return set(Borrower.objects.filter(Q(pk__in=named) | Q(person_key__in=set(persons))).values_list("pk", flat=True))
