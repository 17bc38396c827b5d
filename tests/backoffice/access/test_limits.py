"""Attempts are counted in the database: across processes, by window, without an address in clear."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.cache import caches
from django.test import Client

from backoffice.access.limits import Limit, count_attempt, forget_attempts, is_over_limit, seconds_to_wait
from backoffice.access.models import AttemptCounter
from visits.public.letter_limits import CALLER as LETTER

LIMIT = Limit(door="test", most=2, seconds=60)


@pytest.fixture(autouse=True)
def _still_clock(at: Any) -> Iterator[None]:
    """Hold the clock, so that no window ends within a test."""
    with time_machine.travel(at, tick=False):
        yield


def test_attempts_count_up_to_the_limit_in_each_window(db: Any, at: Any) -> None:
    within = [count_attempt(limit=LIMIT, caller="203.0.113.7", at=at) for _one in range(3)]

    assert within == [True, True, False]
    assert is_over_limit(limit=LIMIT, caller="203.0.113.7", at=at)
    assert count_attempt(limit=LIMIT, caller="203.0.113.8", at=at)
    assert count_attempt(limit=LIMIT, caller="203.0.113.7", at=at + timedelta(seconds=60))
    assert seconds_to_wait(limit=LIMIT, at=at) == 43


def test_counters_hold_no_address_and_are_deleted_after_their_window(db: Any, at: Any) -> None:
    count_attempt(limit=LIMIT, caller="203.0.113.7", at=at)

    assert b"203.0.113.7" not in bytes(AttemptCounter.objects.get().caller)
    assert forget_attempts(before=at.replace(second=0, microsecond=0)) == 0
    assert forget_attempts(before=at) == 1


def test_letter_page_counts_across_the_caches_of_two_processes(db: Any) -> None:
    answers = []
    for number in range(LETTER.most + 1):
        # Another process has an empty cache of its own.
        caches["default"].clear()
        answer = Client().get("/v/nothing", headers={"x-forwarded-for": f"198.51.100.{number}"})
        answers.append(answer.status_code)

    assert answers == [404] * LETTER.most + [429]


def test_clients_behind_a_trusted_proxy_are_counted_apart(db: Any, settings: Any) -> None:
    settings.PROXIES = "1"
    for _one in range(LETTER.most + 1):
        last = Client().get("/v/nothing", headers={"x-forwarded-for": "203.0.113.1"})

    other = Client().get("/v/nothing", headers={"x-forwarded-for": "203.0.113.2"})

    assert (last.status_code, other.status_code) == (429, 404)


def test_letter_page_names_its_icon(db: Any) -> None:
    assert 'rel="icon"' in Client().get("/v/nothing").content.decode()
