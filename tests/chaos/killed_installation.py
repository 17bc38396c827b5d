"""The programs of an installation over the test's database: workers, a web server, a beat; processes are killed at random."""

import os
import random
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

from backoffice.wiring.serving import web_command
from tests.chaos.runs_by_workers import Workers, environment_of_programs

WORKERS = 2
SECONDS = 420
# What the beat of an installation sends, more often.
TASKS = (
    "cases.tasks.expire_decisions",
    "cases.tasks.settle_promises",
    "cases.tasks.check_terms",
    "backoffice.outbox.tasks.relay",
)
MOST_WAITING = 30


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


class Installation:
    """Workers that load `tests.chaos.quick_relay`, a web server, and dice that say which process is killed when."""

    def __init__(self, *, started: Workers, web: "subprocess.Popen[bytes]", seed: int) -> None:
        self.workers, self.web, self.dice = started, web, random.Random(seed)
        self.next_beat = 0.0
        self.kills = {"worker": 0, "web": 0}
        for _n in range(WORKERS):
            self.start_worker()
        self.next_kill = time.monotonic() + 8

    def start_worker(self) -> None:
        self.workers.start("tests.chaos.quick_relay")

    def until(self, condition: Callable[[], Any], *, what: str, fails: bool = False) -> None:
        """Work until the condition holds, and kill processes meanwhile if it `fails`."""
        deadline = time.monotonic() + SECONDS
        while not condition():
            assert time.monotonic() < deadline, f"never {what}: {self.workers.log.read_text(errors='replace')[-3000:]}"
            self._beat()
            if fails:
                self._maybe_fail()
            time.sleep(0.1)

    def _beat(self) -> None:
        if time.monotonic() < self.next_beat:
            return
        self.next_beat = time.monotonic() + 1
        with self.workers.queue.connection() as broker:
            waiting = broker.default_channel.queue_declare("celery").message_count
            if waiting > MOST_WAITING:
                # Messages may be lost at any moment: the work itself is rows.
                broker.default_channel.queue_purge("celery")
        if waiting < len(TASKS) or waiting > MOST_WAITING:
            for task in TASKS:
                self.workers.queue.send_task(task, ignore_result=True)

    def _maybe_fail(self) -> None:
        if time.monotonic() < self.next_kill:
            return
        self.next_kill = time.monotonic() + self.dice.uniform(7, 14)
        # gunicorn starts another for a process that it lost.
        served_by = psutil.Process(self.web.pid).children()
        if self.dice.random() < 0.25 and served_by:
            self.kills["web"] += 1
            self.dice.choice(served_by).kill()
            return
        self.kills["worker"] += 1
        # The other has just been started and may not work yet.
        self.workers.kill(self.workers.running[0])
        self.start_worker()


@contextmanager
def web_server(*, port: int, log: Path) -> "Iterator[subprocess.Popen[bytes]]":
    """Serve the installation's pages and REST doors on `port`, by the command of an installation."""
    with log.open("wb") as file:
        server = subprocess.Popen(
            web_command(host="127.0.0.1", port=port),
            cwd=settings.BASE_DIR,
            env=environment_of_programs(),
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield server
    finally:
        os.killpg(server.pid, signal.SIGKILL)
        server.wait()
