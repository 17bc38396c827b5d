"""The lock over people: it holds every borrower of a person, and lets rows that refer to a borrower be written."""

from threading import Event, Thread
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from backoffice.core.errors import StateConflict
from cases.models import Borrower
from cases.services.casework.reevaluation import mark_for_reevaluation
from cases.services.merges.decisions import suggest_merge
from cases.services.people.locks import lock_doors, lock_people
from cases.services.people.partition import join, lock_borrowers
from tests.factories.people import make_sharing, merged
from tests.factories.portfolio import AT, make_address, make_borrower, make_phone


def elsewhere(work: Any) -> list[Any]:
    """Run the work in a transaction of another connection that waits for locks at most half a second."""
    outcome: list[Any] = []

    def run() -> None:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SET LOCAL lock_timeout = '500ms'")
                outcome.append(work())
        except OperationalError:
            outcome.append("waited")
        finally:
            connection.close()

    thread = Thread(target=run)
    thread.start()
    thread.join()
    return outcome


@pytest.mark.django_db(transaction=True)
def test_the_lock_holds_all_borrowers_of_the_person(shanghai: Any, risk_manager: Any) -> None:
    one, two = make_sharing(territory=shanghai)
    merged(one, two, approver=risk_manager)
    stranger = make_borrower(territory=shanghai, id_number="")

    with transaction.atomic():
        assert lock_people(borrowers=[two.pk]) == sorted((one.pk, two.pk))
        outcomes = [elsewhere(lambda each=each: lock_people(borrowers=[each.pk])) for each in (one, two, stranger)]

    assert outcomes == [["waited"], ["waited"], [[stranger.pk]]]


@pytest.mark.django_db(transaction=True)
def test_rows_that_refer_to_a_locked_borrower_are_written_meanwhile(shanghai: Any) -> None:
    borrower = make_borrower(territory=shanghai)

    with transaction.atomic():
        lock_people(borrowers=[borrower.pk])
        outcomes = [
            elsewhere(lambda: make_phone(borrower=borrower).borrower_id),
            elsewhere(lambda: mark_for_reevaluation(borrowers=[borrower.pk], at=AT)),
        ]

    assert outcomes == [[borrower.pk], [1]]


@pytest.mark.django_db(transaction=True)
def test_the_lock_of_a_door_holds_all_addresses_of_the_dwelling(shanghai: Any) -> None:
    lines = ("幸福路8号3栋501室", "上海市黄浦区幸福路8号3幢501", "幸福路8号3栋502室", "李家村", "李家村")
    one, two, other, village, same_village = (
        make_address(borrower=make_borrower(territory=shanghai, id_number=""), line=line) for line in lines
    )

    with transaction.atomic():
        lock_doors(addresses=[one.pk, village.pk])
        asked = (one, two, other, same_village)
        outcomes = [elsewhere(lambda each=each: lock_doors(addresses=[each.pk])) for each in asked]

    assert outcomes == [["waited"], ["waited"], [None], [None]]


@pytest.mark.django_db(transaction=True)
def test_a_merge_that_came_between_is_a_conflict(shanghai: Any, risk_manager: Any) -> None:
    one, two = (make_borrower(territory=shanghai, id_number="") for _each in range(2))
    merge = suggest_merge(borrower=one, other_ref=two.external_ref, ground="LENDER_SAYS", actor=risk_manager, at=AT)
    begun, answers = Event(), []

    def lock() -> None:
        try:
            with transaction.atomic():
                begun.set()
                answers.append(lock_people(borrowers=[one.pk]))
        except StateConflict:
            answers.append("conflict")
        finally:
            connection.close()

    thread = Thread(target=lock)
    with transaction.atomic():
        locked = lock_borrowers(merge=merge, actor=risk_manager)
        thread.start()
        begun.wait(timeout=10)
        thread.join(timeout=1)
        assert answers == []
        join(merge=merge, locked=locked, at=AT)
    thread.join()

    assert answers == ["conflict"]
    assert Borrower.objects.get(pk=one.pk).person_id == Borrower.objects.get(pk=two.pk).person_id
