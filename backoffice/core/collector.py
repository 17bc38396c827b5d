"""Python's cycle collector during work that makes many short-lived objects and no cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def collector_by_hand() -> Iterator[None]:
    """
    Let the cycle collector run only where the block calls `collect_young`, over the objects made since the last call.

    By itself the collector stops every thread and walks all objects again and again, for rows that reference counting
    frees anyway. Measured: a quarter of the time of preparing a file of 100,000 rows.
    """
    ran = gc.isenabled()
    gc.disable()
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()
        if ran:
            gc.enable()


def collect_young() -> None:
    """Collect the cycles among the objects made since the last call, which keeps memory flat in a long block."""
    gc.collect(1)
