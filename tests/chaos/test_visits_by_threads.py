"""
Four threads plan, visit, complain, protect, recall and join people at random: no cap is exceeded, no protected door opened.

CHAOS_SECONDS is how long each seed runs, CHAOS_SEEDS which ones. An hour: CHAOS_SECONDS=3600 make chaos.
"""

import os
import random
import threading
import time
from typing import Any

import pytest

from backoffice.audit.verifier import verify_chain
from cases.services.casework import circumstances, reevaluation
from tests.chaos.conduct_held import broken_rules
from tests.chaos.visits_by_threads import Person, World

SECONDS = float(os.environ.get("CHAOS_SECONDS", "60"))
SEEDS = [int(seed) for seed in os.environ.get("CHAOS_SEEDS", str(random.randrange(10**6))).split(",")]
THREADS = 4


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("seed", SEEDS)
def test_no_visit_breaks_a_rule_whatever_four_threads_do(
    seed: int, shanghai: Any, person: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (circumstances, reevaluation):
        # The threads themselves do what the messages would ask for.
        monkeypatch.setattr(module, "enqueue", lambda *_args, **_more: None)
    world = World(
        territory=shanghai,
        officer=person("CASE_OFFICER"),
        dispatcher=person("DISPATCHER"),
        approver=person("APPROVER"),
        reviewer=person("REVIEWER"),
    )
    world.fill()
    ends = time.monotonic() + SECONDS
    people = [Person(world=world, seed=seed * THREADS + number) for number in range(THREADS)]
    threads = [
        threading.Thread(target=each.work, kwargs={"until": lambda: time.monotonic() > ends or len(world.faults) > 5})
        for each in people
    ]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        time.sleep(2)
        world.faults += broken_rules()
    for thread in threads:
        thread.join()

    print(seed, world.now, dict(sorted(world.done.items())))  # noqa: T201 - what a run did
    assert not world.faults, "\n".join(world.faults)
    assert verify_chain().ok
    assert world.done["plan done"] > 0
    # A short run on a busy machine may end before the first crew is at a door.
    assert SECONDS < 300 or world.done["knock done"] > 0
