"""What staff compare to see whether borrowers are one person: masked data, territories, accounts and arrears, side by side."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Q, QuerySet

from cases.enums import PersonMergeState
from cases.models import Account, Borrower, Case, Person, PersonMerge, SharedNumber


@dataclass(frozen=True, slots=True, kw_only=True)
class BorrowerBeside:
    """
    One borrower of a comparison with what the reader may see of its accounts.

    `arrears` are the sums by currency, `days_past_due` the longest; `is_named` is False for a borrower that is not named
    by the suggestion but is one person with one that is.
    """

    borrower: Borrower
    account_refs: tuple[str, ...]
    worked_in: tuple[str, ...]
    arrears: tuple[tuple[str, Decimal], ...]
    days_past_due: int
    is_named: bool = True


def beside(*, borrowers: Iterable[Borrower], user: Any, named: Iterable[int] | None = None) -> list[BorrowerBeside]:
    """Return the borrowers with the accounts that `user` may see, in their order; one query. `named` are all by default."""
    rows = list(borrowers)
    accounts = Account.objects.visible_to(user).filter(borrower__in=[row.pk for row in rows])
    by_borrower: dict[int, list[Account]] = {}
    for account in accounts.select_related("territory").order_by("external_ref"):
        by_borrower.setdefault(account.borrower_id, []).append(account)
    is_named = None if named is None else set(named)
    return [_beside(row, by_borrower.get(row.pk, []), is_named is None or row.pk in is_named) for row in rows]


def _beside(borrower: Borrower, accounts: list[Account], is_named: bool) -> BorrowerBeside:
    arrears: dict[str, Decimal] = {}
    for account in accounts:
        arrears[account.currency] = arrears.get(account.currency, Decimal(0)) + account.arrears_amount
    return BorrowerBeside(
        borrower=borrower,
        account_refs=tuple(account.external_ref for account in accounts),
        worked_in=tuple(sorted({str(account.territory) for account in accounts})),
        arrears=tuple(sorted(arrears.items())),
        days_past_due=max((account.days_past_due for account in accounts), default=0),
        is_named=is_named,
    )


def borrowers_of_merge(*, merge: PersonMerge, user: Any) -> list[BorrowerBeside]:
    """
    Return the borrowers that a suggestion names, and those that are one person with one of them already.

    Only what `user` may see; three queries.
    """
    visible = Borrower.objects.visible_to(user)
    named = dict(visible.filter(merges=merge).values_list("pk", "person_id"))
    persons = {person for person in named.values() if person is not None}
    rows = visible.filter(Q(pk__in=named) | Q(person__in=persons)).select_related("territory").order_by("pk")
    return beside(borrowers=rows, user=user, named=named)


def others_of_person(*, borrower: Borrower, user: Any) -> QuerySet[Borrower]:
    """Return the other borrowers of the person of a borrower that `user` may see, in the order of their references."""
    return Borrower.objects.visible_to(user).of_person_of(borrower).exclude(pk=borrower.pk).order_by("external_ref")


def others_of_case(*, case: Case, user: Any) -> list[Borrower]:
    """Return the other borrowers of the person of a case that `user` may see; no query where the borrower has no person."""
    return [] if case.person_id is None else list(others_of_person(borrower=case.borrower, user=user))


def hidden_from(*, case: Case, shown: Collection[Borrower]) -> int:
    """Return how many other borrowers of the person of a case are not among those `shown`."""
    if case.person_id is None:
        return 0
    return Borrower.objects.filter(person_key=case.person_id).exclude(pk=case.borrower_id).count() - len(shown)


def merges_about(*, borrower: Borrower, user: Any) -> QuerySet[PersonMerge]:
    """Return the suggestions about a borrower that `user` may see and that wait for a decision or stand, newest first."""
    shown = [PersonMergeState.SUGGESTED, PersonMergeState.PART_SUGGESTED, PersonMergeState.APPROVED]
    return PersonMerge.objects.visible_to(user).filter(borrowers=borrower, state__in=shown).order_by("-pk")


def merges_of_person(*, person: Person, user: Any) -> QuerySet[PersonMerge]:
    """Return the merges that make a person, as far as `user` may see them, newest first."""
    standing = [PersonMergeState.PART_SUGGESTED, PersonMergeState.APPROVED]
    rows = PersonMerge.objects.visible_to(user).filter(state__in=standing, borrowers__person=person)
    return rows.distinct().order_by("-pk")


def shared_numbers(*, user: Any) -> QuerySet[SharedNumber]:
    """Return the numbers of more than 20 borrowers that `user` may see, the most used first."""
    return SharedNumber.objects.visible_to(user).order_by("-borrower_count", "pk")
