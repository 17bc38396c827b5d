"""A Celery worker for the duration of one command, on a machine where none is running."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings

from backoffice.core.tied import tied

# How long a worker may finish its task; a task that is cut short is taken up again from its row.
GRACE_SECONDS = 30


def is_a_worker_listening() -> bool:
    """Return whether a worker answers within a second; False as well if the broker cannot be reached."""
    from celery import current_app  # noqa: PLC0415 - keeps Celery out of processes that never ask for workers

    try:
        return bool(current_app.control.inspect(timeout=1.0).ping())
    except Exception:
        return False


@contextmanager
def lent_worker(*, concurrency: int = 2) -> Iterator[bool]:
    """
    Run a Celery worker with `concurrency` processes during the block, and yield whether one was started.

    None is started if the broker is not the embedded one or a worker listens already. At the end the worker is asked to
    stop, and after GRACE_SECONDS killed with every process of its session.
    """
    if not settings.EMBEDDED_BROKER or is_a_worker_listening():
        yield False
        return
    log = settings.HOME / "log" / "lent-worker.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as file:
        worker = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            # The worker ends too when the command is killed.
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
            start_new_session=True,  # Ctrl-C reaches the command alone, which then stops the worker
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
