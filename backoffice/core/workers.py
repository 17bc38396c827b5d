"""A worker of our own for the length of one command, on a machine where none is running."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings

from backoffice.core.tied import tied

# A worker finishes its task first; what is cut short is taken up again from its row.
GRACE_SECONDS = 30


def is_a_worker_listening() -> bool:
    """Return whether a worker answers within a second. False too where the broker cannot be reached."""
    from celery import current_app  # noqa: PLC0415 - keeps Celery out of processes that never ask

    try:
        return bool(current_app.control.inspect(timeout=1.0).ping())
    except Exception:
        return False


@contextmanager
def lent_worker(*, concurrency: int = 2) -> Iterator[bool]:
    """
    Run a Celery worker beside the caller where the broker is our own and nobody listens; yield whether one was started.

    It is stopped at the end: politely, and after the grace with force, with every process of its session.
    """
    if not settings.EMBEDDED_BROKER or is_a_worker_listening():
        yield False
        return
    log = settings.HOME / "log" / "lent-worker.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        worker = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            # A command that is killed leaves no worker behind.
            tied(
                command=[
                    sys.executable,
                    "-m",
                    "celery",
                    "-A",
                    "backoffice",
                    "worker",
                    "--loglevel",
                    "WARNING",
                    "--concurrency",
                    str(concurrency),
                    "--without-gossip",
                    "--without-mingle",
                    "--hostname",
                    f"lent-{os.getpid()}@%h",
                ]
            ),
            cwd=settings.BASE_DIR,
            env=os.environ | {"DJANGO_SETTINGS_MODULE": "backoffice.settings"},
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C comes to the command alone, which then stops the worker in order
        )
    try:
        yield True
    finally:
        worker.terminate()
        with suppress(subprocess.TimeoutExpired):
            worker.wait(timeout=GRACE_SECONDS)
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, 9)
        worker.wait()
