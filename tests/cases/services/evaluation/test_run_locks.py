"""Locks between beginning runs and re-evaluations: who waits, who is refused, and that a transaction is required."""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from django.db import connections, transaction

from cases.services.evaluation.run_locks import (
    BLOCK_BORROWERS,
    lock_run_start,
    require_transaction,
    try_lock_borrower_block,
    try_share_run_start,
)

pytestmark = pytest.mark.django_db(transaction=True)


def in_another_transaction(ask: Callable[[], Any]) -> Any:
    """Return what `ask` gives on another connection, in its own transaction."""
    answers: list[Any] = []

    def run() -> None:
        try:
            with transaction.atomic():
                answers.append(ask())
        finally:
            connections.close_all()

    thread = Thread(target=run)
    thread.start()
    thread.join()
    return answers[0]


def test_beginning_run_excludes_reevaluations_until_its_transaction_ends() -> None:
    with transaction.atomic():
        lock_run_start()
        during = in_another_transaction(try_share_run_start)

    assert (during, in_another_transaction(try_share_run_start)) == (False, True)


def test_reevaluations_share_their_lock() -> None:
    with transaction.atomic():
        assert try_share_run_start()
        assert in_another_transaction(try_share_run_start) is True


def test_borrower_block_is_locked_by_one_transaction_and_other_blocks_are_free() -> None:
    with transaction.atomic():
        assert try_lock_borrower_block(block=5)
        same, other = (
            in_another_transaction(lambda block=block: try_lock_borrower_block(block=block)) for block in (5, 6)
        )

    assert (same, other) == (False, True)
    assert in_another_transaction(lambda: try_lock_borrower_block(block=5)) is True


def test_block_beyond_31_bits_has_a_lock() -> None:
    assert in_another_transaction(lambda: try_lock_borrower_block(block=2**62 // BLOCK_BORROWERS)) is True


@pytest.mark.parametrize(
    "lock", [lock_run_start, try_share_run_start, lambda: try_lock_borrower_block(block=1), require_transaction]
)
def test_lock_outside_of_a_transaction_is_refused(lock: Callable[[], Any]) -> None:
    with pytest.raises(RuntimeError):
        lock()
