"""Starting, killing and counting programs that have their own home directory with servers and files."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import psutil
from django.conf import settings

SECONDS = 240


def environment(home: Path) -> dict[str, str]:
    """Return an environment without the servers of the tests: the program starts its own in `home`."""
    ours = ("DATABASE_URL", "BROKER_URL", "DOORSTEP_TEST_DB", "DJANGO_SETTINGS_MODULE")
    return {name: value for name, value in os.environ.items() if name not in ours} | {"DOORSTEP_HOME": str(home)}


def start(home: Path, *words: str) -> subprocess.Popen[str]:
    """Start `manage.py` in its own process group; its output goes to a pipe, its errors to `home.log`."""
    with home.with_suffix(".log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "manage.py", *words],
            cwd=settings.BASE_DIR,
            env=environment(home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            start_new_session=True,
        )


def finish(program: subprocess.Popen[str], *, seconds: float = SECONDS) -> str:
    """Wait for a program, check that it exits with 0, and return its output."""
    said, _nothing = program.communicate(timeout=seconds)
    assert program.returncode == 0, said
    return said


def run(home: Path, *words: str) -> str:
    return finish(start(home, *words))


def kill(program: subprocess.Popen[str]) -> None:
    """Kill the whole process group at once."""
    os.killpg(program.pid, signal.SIGKILL)
    program.communicate()


def processes_of(home: Path) -> list[psutil.Process]:
    """Return the running processes that use `home`: programs, workers and servers."""
    found = []
    for process in psutil.process_iter():
        try:
            named = process.environ().get("DOORSTEP_HOME") == str(home) or str(home) in " ".join(process.cmdline())
            if named and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process)
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
    return found


def workers_of(home: Path) -> list[psutil.Process]:
    return [process for process in processes_of(home) if "celery" in process.cmdline()]


def until(condition: Callable[[], Any], *, seconds: float = SECONDS) -> Any:
    """Call `condition` until its result is true, and return the result."""
    deadline = time.monotonic() + seconds
    while not (answer := condition()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return answer


def ask(home: Path, *, expression: str) -> str:
    """Run code over the models in a separate program, and return its output."""
    return run(home, "shell", "--no-imports", "--verbosity", "0", "--command", expression).strip()
