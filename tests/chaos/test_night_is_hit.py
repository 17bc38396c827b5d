"""Nights whose workers are killed and frozen leave what a calm night leaves. Without the fence they do not."""

import os
import random
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from backoffice.audit.verifier import verify_chain
from cases.services.evaluation import borrower_ranges, wakeups
from tests.chaos.nights import (
    CHUNK,
    DAYS,
    LEASE_SECONDS,
    Crew,
    begin,
    calm,
    copied,
    crew,
    left_behind,
    make_portfolio,
    turn_to,
)
from tests.factories.policy import make_version

SEEDS = [
    int(seed)
    for seed in os.environ.get("CHAOS_SEEDS", f"{random.randrange(10**6)},{random.randrange(10**6)}").split(",")
]
JOBS = ("TRIGGERS", "STANDING")


@pytest.fixture
def portfolio(transactional_db: Any, shanghai: Any, monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Make the portfolio, and return what three calm nights over a copy of it leave behind."""
    monkeypatch.setattr(borrower_ranges, "SMALLEST_CHUNK", CHUNK)
    # Rung by the test itself, on a broker of its own.
    monkeypatch.setattr(wakeups, "enqueue", lambda *_args, **_more: None)
    make_version()
    make_portfolio(territory=shanghai)
    with copied("calm"):
        for day in DAYS:
            turn_to(day=day)
            for job in JOBS:
                calm(begin(job=job, day=day))
        expected = left_behind()
    assert {kind for kind, rows in expected.items() if not rows} <= {"terms"}, {k: len(v) for k, v in expected.items()}
    return expected


class Misfortune:
    """Kills and freezes workers at random moments; one of them is always left alone."""

    def __init__(self, *, hired: Crew, seed: int) -> None:
        self.hired, self.dice = hired, random.Random(seed)
        self.frozen: set[int] = set()
        self.told: list[str] = []

    def strikes(self) -> None:
        awake = [worker for worker in self.hired.workers if worker.pid not in self.frozen]
        if len(awake) < 2 or self.dice.random() > 0.35:
            return
        worker = self.dice.choice(awake)
        if self.dice.random() < 0.4:
            self.told.append("kill")
            self.hired.kill(worker)
            self.hired.hire()
        else:
            self.told.append("freeze")
            os.killpg(worker.pid, signal.SIGSTOP)
            self.frozen.add(worker.pid)
            # By a clock of its own: it may hold locks that the test itself waits for.
            threading.Timer(LEASE_SECONDS + self.dice.uniform(0.5, 3), self.wakes, [worker.pid]).start()

    def wakes(self, pid: int) -> None:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGCONT)
        self.frozen.discard(pid)


def differing(found: dict[str, list[str]], expected: dict[str, list[str]]) -> dict[str, list[str]]:
    """Return a few rows of each kind that only one of the two has."""
    return {
        kind: sorted(set(found[kind]) ^ set(expected[kind]))[:4] or ["only their number differs"]
        for kind in expected
        if found[kind] != expected[kind]
    }


@pytest.mark.real_worker
def test_nights_that_are_hit_leave_what_calm_ones_leave(portfolio: dict[str, list[str]], tmp_path: Path) -> None:
    for seed in SEEDS:
        with copied(f"hit_{seed}"), crew(tmp_path / "workers.log") as hired:
            misfortune = Misfortune(hired=hired, seed=seed)
            for _ in range(3):
                hired.hire()
            for day in DAYS:
                turn_to(day=day)
                for job in JOBS:
                    hired.work(begin(job=job, day=day), meanwhile=misfortune.strikes)
            # Who was frozen to the end wakes up into nights that are over.
            hired.until(lambda misfortune=misfortune: not misfortune.frozen)
            time.sleep(3)
            print(  # noqa: T201 - so that a night can be had again
                f"seed {seed}: {misfortune.told.count('kill')} killed, {misfortune.told.count('freeze')} frozen"
            )
            assert misfortune.told, "nobody was hit: the nights were too short"
            assert differing(left_behind(), portfolio) == {}, f"CHAOS_SEEDS={seed}"
            assert verify_chain().ok


@pytest.mark.real_worker
@pytest.mark.parametrize("wakes_after", [0, 2])
@pytest.mark.parametrize("fence", ["with", "without"])
def test_a_worker_that_wakes_up_late_writes_nothing(
    portfolio: dict[str, list[str]], tmp_path: Path, fence: str, wakes_after: int
) -> None:
    flag = tmp_path / "stopped"
    modules = ("tests.chaos.unfenced",) if fence == "without" else ()
    with copied(f"{fence}_{wakes_after}"), crew(tmp_path / "workers.log") as hired:
        hired.hire("tests.chaos.stopping", *modules, CHAOS_FLAG=str(flag))
        run = begin(job="TRIGGERS", day=DAYS[0])
        hired.until(flag.exists, meanwhile=lambda: hired.ring(run))
        hired.hire(*modules)
        for number, day in enumerate(DAYS):
            turn_to(day=day)
            for job in JOBS:
                hired.work(run if (number, job) == (0, "TRIGGERS") else begin(job=job, day=day))
            if number == wakes_after:
                os.kill(int(flag.read_text()), signal.SIGCONT)
                hired.until(flag.with_suffix(".woken").exists)
                time.sleep(3)
        found = left_behind()

    differences = differing(found, portfolio)
    if fence == "with":
        assert differences == {}
    elif wakes_after == 0:
        # Its chunk has ended twice, and the second end says that nothing was opened.
        assert {"chunks", "trail"} <= differences.keys(), differences
        assert len(found["trail"]) == len(portfolio["trail"]) + 1
    else:
        # A hit cannot end before it began: the database refuses that, and the night that is over stands open again.
        assert "chunks" in differences, differences
