"""The open case of a borrower: that of their person, at whichever of the person's borrowers it is kept."""

from collections.abc import Collection

from cases.models import Borrower, Case


def open_case_of(*, borrower: Borrower) -> Case | None:
    """Return the open case of the borrower's person, None if there is none."""
    return Case.objects.open().of_people_of([borrower.pk]).first()


def open_cases_of(*, borrowers: Collection[int]) -> dict[int, int]:
    """Return the number of the open case of each borrower (ids) whose person has one, with two queries."""
    cases = dict(Case.objects.open().of_people_of(borrowers).values_list("borrower__person_key", "pk"))
    keys = Borrower.objects.filter(pk__in=borrowers).values_list("pk", "person_key")
    return {borrower: cases[key] for borrower, key in keys if key in cases}
