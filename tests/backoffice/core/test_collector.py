"""The cycle collector by hand: at rest inside, as it was outside, and memory flat."""

import gc
import weakref

import pytest

from backoffice.core.collector import collect_young, collector_by_hand


class Node:
    """Something that holds itself, so that only the collector ends it."""

    def __init__(self) -> None:
        self.itself = self


def test_it_rests_inside_and_is_as_before_outside() -> None:
    with collector_by_hand():
        assert not gc.isenabled()

    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_it_is_as_before_also_after_an_error() -> None:
    with pytest.raises(ValueError, match="row"), collector_by_hand():
        raise ValueError("row")

    assert gc.isenabled()


def test_one_that_was_off_stays_off() -> None:
    gc.disable()
    try:
        with collector_by_hand():
            pass

        assert not gc.isenabled()
    finally:
        gc.enable()


def test_collect_young_ends_the_cycles_made_inside() -> None:
    with collector_by_hand():
        gone = weakref.ref(Node())
        assert gone() is not None

        collect_young()

        assert gone() is None
