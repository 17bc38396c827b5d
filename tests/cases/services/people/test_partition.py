"""The lock over a merge's borrowers: who is locked, and that a decision which came between is noticed."""

from threading import Event, Thread
from typing import Any

import pytest
from django.db import connections, transaction

from backoffice.core.errors import StateConflict
from cases.services.merges.decisions import suggest_merge
from cases.services.people.partition import current_groups, join, lock_borrowers
from tests.factories.people import make_sharing, merged, partition
from tests.factories.portfolio import AT, make_borrower


def test_lock_holds_the_named_borrowers_and_the_others_of_their_people(shanghai: Any, risk_manager: Any) -> None:
    one, two = make_sharing(territory=shanghai)
    merged(one, two, approver=risk_manager)
    three = make_borrower(territory=shanghai, id_number="")
    merge = suggest_merge(borrower=two, other_ref=three.external_ref, ground="LENDER_SAYS", actor=risk_manager, at=AT)

    locked = lock_borrowers(merge=merge, actor=risk_manager)

    one.refresh_from_db()
    assert locked.named == {two.pk, three.pk}
    assert locked.person_by_borrower == {one.pk: one.person_id, two.pk: one.person_id, three.pk: None}
    assert locked.number_by_borrower == {
        one.pk: bytes(one.id_number_index),
        two.pk: bytes(two.id_number_index),
        three.pk: b"",
    }
    assert current_groups(locked=locked) == [frozenset({one.pk, two.pk}), frozenset({three.pk})]


@pytest.mark.django_db(transaction=True)
def test_decision_that_came_between_is_a_conflict(shanghai: Any, risk_manager: Any) -> None:
    one, two, three = (make_borrower(territory=shanghai, id_number="") for _one in range(3))
    first, second = (
        suggest_merge(borrower=a, other_ref=b.external_ref, ground="LENDER_SAYS", actor=risk_manager, at=AT)
        for a, b in ((one, two), (two, three))
    )
    waits, answers = Event(), []

    def decide() -> None:
        try:
            with transaction.atomic():
                waits.set()
                answers.append(lock_borrowers(merge=second, actor=risk_manager))
        except StateConflict:
            answers.append("conflict")
        finally:
            connections.close_all()

    thread = Thread(target=decide)
    with transaction.atomic():
        locked = lock_borrowers(merge=first, actor=risk_manager)
        thread.start()
        waits.wait()
        # The other transaction reads who is concerned before it waits for the rows.
        thread.join(timeout=1)
        assert answers == []
        join(merge=first, locked=locked, at=AT)
    thread.join()

    assert answers == ["conflict"]
    assert partition() == [sorted((one.external_ref, two.external_ref))]
