"""Borrowers that share an identity number, and the suggestions about them."""

from itertools import count
from typing import Any

from cases.models import Borrower, PersonMerge
from cases.services.merges.decisions import approve_merge
from cases.services.people.suggestions import suggest_people
from tests.factories.portfolio import AT, make_borrower


def make_sharing(
    *, territory: Any, count: int = 2, number: str = "999999198501017770", **fields: Any
) -> list[Borrower]:
    """Make borrowers with one identity number."""
    return [make_borrower(territory=territory, id_number=number, **fields) for _one in range(count)]


def suggested(*borrowers: Borrower, at: Any = AT) -> PersonMerge:
    """Let the rule suggest over all borrowers, and return the open suggestion of exactly these."""
    suggest_people(at=at)
    ids = {borrower.pk for borrower in borrowers}
    return next(
        merge
        for merge in PersonMerge.objects.filter(state="SUGGESTED")
        if set(merge.members.values_list("borrower_id", flat=True)) == ids
    )


def merged(*borrowers: Borrower, approver: Any, at: Any = AT) -> PersonMerge:
    """Let the rule suggest these borrowers and the approver merge them."""
    return approve_merge(merge=suggested(*borrowers, at=at), actor=approver, at=at)


def partition() -> list[list[str]]:
    """Return the references of all borrowers by person, people by themselves left out."""
    by_person: dict[int, list[str]] = {}
    for person, reference in (
        Borrower.objects.filter(person__isnull=False).order_by("external_ref").values_list("person", "external_ref")
    ):
        by_person.setdefault(person, []).append(reference)
    return sorted(by_person.values())


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_numbers = count(1)


def _new_number() -> str:
    """Return an identity number with its check digit that no borrower has yet."""
    digits = f"99999919850102{next(_numbers):03d}"
    rest = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=True)) % 11
    return digits + "10X98765432"[rest]


def merged_by_number(*borrowers: Borrower, approver: Any) -> PersonMerge:
    """Give borrowers one identity number that nobody else has, and merge them into one person."""
    number = _new_number()
    for borrower in borrowers:
        borrower.id_number = number
        borrower.save()
    return merged(*borrowers, approver=approver)
