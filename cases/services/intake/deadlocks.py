"""Batches meet other writers of the same accounts and borrowers: one that PostgreSQL ends to break a deadlock is merged again."""

import logging
from collections.abc import Callable
from typing import Final, TypeVar

from django.db import OperationalError

logger = logging.getLogger(__name__)
T = TypeVar("T")

# Each attempt waits for the other writer's locks anew; more than this many deadlocks in a row are no coincidence.
ATTEMPTS: Final = 5
_DEADLOCK: Final = "40P01"


def after_deadlocks(*, merge: Callable[[], T]) -> T:
    """
    Return what `merge` gives, calling it again if it was ended to break a deadlock; five times at most.

    `merge` is one transaction or one savepoint, so that a call that is ended leaves nothing and holds no lock. A batch locks
    accounts before it marks their borrowers for evaluation, others lock in their own order: whoever is ended starts over.

    :raises OperationalError: the last deadlock, and at once any other error of the database.
    """
    for attempt in range(1, ATTEMPTS + 1):
        try:
            return merge()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != _DEADLOCK or attempt == ATTEMPTS:
                raise
            logger.warning("batch merged again after a deadlock", extra={"attempt": attempt})
    raise AssertionError("The last attempt returns or raises.")
