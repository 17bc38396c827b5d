"""Who is one person with whom, as far as a reader may see it."""

from decimal import Decimal
from typing import Any

from cases.models import Account, Borrower, Person, PersonMerge, SharedNumber
from cases.selectors.casework.people import (
    BorrowerBeside,
    beside,
    borrowers_of_merge,
    merges_about,
    merges_of_person,
    others_of_person,
    shared_numbers,
)
from cases.services.merges.decisions import suggest_merge
from cases.services.people.suggestions import suggest_people
from tests.factories.people import make_sharing, merged
from tests.factories.portfolio import AT, make_account, make_borrower


def test_borrowers_stand_beside_each_other_with_the_accounts_that_the_reader_sees(
    shanghai: Any, chengdu: Any, officer: Any, auditor: Any, django_assert_num_queries: Any
) -> None:
    one, two = make_sharing(territory=shanghai)
    make_account(borrower=one, external_ref="K1", arrears_amount=Decimal("10.50"), days_past_due=31)
    make_account(borrower=one, external_ref="K2", arrears_amount=Decimal("2.00"), days_past_due=95)
    make_account(borrower=one, external_ref="K3", arrears_amount=Decimal("7.00"), currency="TWD", territory=chengdu)

    with django_assert_num_queries(1):
        rows = beside(borrowers=[one, two], user=auditor, named=[one.pk])

    assert rows == [
        BorrowerBeside(
            borrower=one,
            account_refs=("K1", "K2", "K3"),
            worked_in=tuple(sorted((str(shanghai), str(chengdu)))),
            arrears=(("CNY", Decimal("12.50")), ("TWD", Decimal("7.00"))),
            days_past_due=95,
            is_named=True,
        ),
        BorrowerBeside(borrower=two, account_refs=(), worked_in=(), arrears=(), days_past_due=0, is_named=False),
    ]
    assert beside(borrowers=[one], user=officer)[0].account_refs == ("K1", "K2")


def test_merge_shows_named_borrowers_and_those_of_their_people(
    shanghai: Any, risk_manager: Any, django_assert_num_queries: Any
) -> None:
    one, two = make_sharing(territory=shanghai)
    merged(one, two, approver=risk_manager)
    three = make_borrower(territory=shanghai, id_number="")
    merge = suggest_merge(borrower=two, other_ref=three.external_ref, ground="LENDER_SAYS", actor=risk_manager, at=AT)

    with django_assert_num_queries(3):
        rows = borrowers_of_merge(merge=merge, user=risk_manager)

    assert [(row.borrower, row.is_named) for row in rows] == [(one, False), (two, True), (three, True)]


def test_others_of_a_person_and_the_merges_that_made_it(
    shanghai: Any, officer: Any, auditor: Any, risk_manager: Any
) -> None:
    one, two = make_sharing(territory=shanghai)
    merge = merged(one, two, approver=risk_manager)
    alone = make_borrower(territory=shanghai, id_number="")
    one.refresh_from_db()

    assert list(others_of_person(borrower=one, user=auditor)) == [two]
    assert list(others_of_person(borrower=one, user=officer)) == [two]
    assert list(others_of_person(borrower=alone, user=auditor)) == []
    assert list(merges_about(borrower=one, user=officer)) == [merge]
    assert list(merges_about(borrower=alone, user=officer)) == []
    assert list(merges_of_person(person=Person.objects.get(), user=officer)) == [merge]


def test_person_across_territories_is_seen_by_who_sees_all(
    shanghai: Any, chengdu: Any, officer: Any, auditor: Any, risk_manager: Any, administrator: Any
) -> None:
    here, there = make_borrower(territory=shanghai), make_borrower(territory=chengdu)
    merge = merged(here, there, approver=risk_manager)
    here.refresh_from_db()

    assert list(others_of_person(borrower=here, user=officer)) == []
    assert list(merges_about(borrower=here, user=officer)) == []
    for model in (Person, PersonMerge):
        seen = [model.objects.visible_to(user).count() for user in (officer, auditor, administrator, None)]
        assert seen == [0, 1, 0, 0], model
    assert list(merges_about(borrower=here, user=auditor)) == [merge]
    # A person that all borrowers have left is nobody.
    Borrower.objects.update(person=None)
    assert not Person.objects.visible_to(auditor).exists()


def test_one_join_gives_the_accounts_of_the_person_of_each_borrower(shanghai: Any, risk_manager: Any) -> None:
    one, two = make_sharing(territory=shanghai)
    merged(one, two, approver=risk_manager)
    alone = make_borrower(territory=shanghai, id_number="")
    accounts = {borrower: make_account(borrower=borrower) for borrower in (one, two, alone)}

    def of_person(borrower: Borrower) -> list[Account]:
        keys = Borrower.objects.filter(pk=borrower.pk).values("person_key")
        return list(Account.objects.filter(borrower__person_key__in=keys).order_by("pk"))

    assert of_person(one) == of_person(two) == [accounts[one], accounts[two]]
    assert of_person(alone) == [accounts[alone]]


def test_shared_numbers_are_for_people_of_all_territories(shanghai: Any, officer: Any, auditor: Any) -> None:
    make_sharing(territory=shanghai, count=21)
    suggest_people(at=AT)

    assert list(shared_numbers(user=auditor)) == [SharedNumber.objects.get()]
    assert list(shared_numbers(user=officer)) == []
