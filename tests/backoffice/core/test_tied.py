"""A program that was started through `tied` ends when its starter is killed."""

import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from backoffice.core.tied import tied

# Starts a sleeping program, prints its process id and sleeps too.
_STARTER = """
import subprocess, sys, time
child = subprocess.Popen({command})
print(child.pid, flush=True)
time.sleep(60)
"""


def wait_for_end(pid: int, *, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.skipif(sys.platform != "linux", reason="PR_SET_PDEATHSIG is of Linux")
def test_program_ends_when_its_starter_is_killed() -> None:
    sleeping = [sys.executable, "-c", "import time; time.sleep(60)"]
    starter = subprocess.Popen(
        [sys.executable, "-c", _STARTER.format(command=repr(tied(command=sleeping)))], stdout=subprocess.PIPE, text=True
    )
    assert starter.stdout is not None
    child = int(starter.stdout.readline())
    # Until the wrapper has become the program.
    deadline = time.monotonic() + 10
    while "backoffice.core.tied" in psutil.Process(child).cmdline() and time.monotonic() < deadline:
        time.sleep(0.05)

    os.kill(starter.pid, signal.SIGKILL)
    starter.communicate()

    assert wait_for_end(child)


def test_command_is_wrapped_and_its_arguments_kept() -> None:
    assert tied(command=["/bin/echo", "a b", ""])[1:] == ["-m", "backoffice.core.tied", "/bin/echo", "a b", ""]
