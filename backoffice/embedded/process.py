"""Server processes: started free of the terminal, recognised by their command line, ended by signals."""

import os
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from backoffice.embedded.account import Account, give, open_way
from backoffice.embedded.home import own_as

LOG_BYTES = 10_000_000


def spawn(*, command: Sequence[str], log: Path, account: Account) -> int:
    """
    Start a program that outlives this process, and return its process id.

    It gets a session of its own (Ctrl-C does not reach it), no descriptor of ours, and is adopted by init, so that it
    never stays behind as our zombie. What it writes goes to `log`.
    """
    shell = 'log="$0"; "$@" </dev/null >>"$log" 2>&1 & echo $!'
    done = subprocess.run(  # noqa: S603 - programs of the wheels, no words of a user
        ["/bin/sh", "-c", shell, str(log), *command],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        check=True,
        cwd="/",
        env=environment(),
        start_new_session=True,
        umask=0o077,
        user=account.uid,
        group=account.gid,
        extra_groups=None if account.uid is None else [],
    )
    return int(done.stdout)


def run_quietly(*, command: Sequence[str], account: Account) -> tuple[int, str]:
    """Run a program to its end and return its exit code and what it wrote; kill it if we are interrupted."""
    with subprocess.Popen(  # noqa: S603 - the same
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd="/",
        env=environment(),
        start_new_session=True,
        umask=0o077,
        user=account.uid,
        group=account.gid,
        extra_groups=None if account.uid is None else [],
    ) as process:
        try:
            output, _ = process.communicate()
        except BaseException:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    return process.returncode, output


def environment() -> dict[str, str]:
    """Return a small environment: PGDATA, PGOPTIONS and the like of the user would reach the servers otherwise."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "TMPDIR") if name in os.environ}
    return kept | {"LC_ALL": "C", "TZ": "UTC", "HOME": "/"}


def log_file(*, home: Path, name: str, account: Account) -> Path:
    """Return the log file of that name, writable by the account; one beyond 10 MB is set aside as `.old`."""
    path = home / "log" / f"{name}.log"
    open_way(path=path, account=account)
    if path.exists() and path.stat().st_size > LOG_BYTES:
        path.replace(path.with_suffix(".log.old"))
    if not path.exists():
        path.touch(mode=0o600)
        own_as(path=path, like=home)
        give(path=path, account=account)
    return path


def tail(*, log: Path, start: int = 0, size: int = 4000) -> str:
    """Return the last `size` bytes that were written to `log` after byte `start`."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(start, log.stat().st_size - size))
        return file.read().decode(errors="replace")


def exists(*, pid: int) -> bool:
    """Return whether any process lives under that number; a dead one that nobody has buried yet does not."""
    psutil = _psutil()
    try:
        return bool(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def is_alive(*, pid: int, marks: Sequence[str]) -> bool:
    """
    Return whether that process lives and its command line has every mark as a word of its own.

    A number alone proves nothing: after a reboot it may belong to any program.
    """
    psutil = _psutil()
    try:
        process = psutil.Process(pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return _bears(process.cmdline(), marks)
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def find(*, marks: Sequence[str]) -> int | None:
    """Return the process whose command line has every mark as a word of its own, or None."""
    psutil = _psutil()
    for process in psutil.process_iter(["cmdline", "status"]):
        alive = process.info["status"] != psutil.STATUS_ZOMBIE
        if alive and _bears(process.info["cmdline"] or [], marks):
            return int(process.pid)
    return None


def working_in(*, directory: Path, name: str) -> list[int]:
    """Return the processes of that name whose working directory is `directory`, as far as this user may see."""
    psutil = _psutil()
    found = psutil.process_iter(["name", "cwd"])
    return [process.pid for process in found if process.info["name"] == name and process.info["cwd"] == str(directory)]


def end(*, pid: int, marks: Sequence[str], number: signal.Signals, seconds: float) -> bool:
    """
    Send the signal and wait until the process is gone; return False if it still lives after `seconds`.

    The signal is repeated each second: a server that has only just started may not listen to it yet.
    """
    start = time.monotonic()
    sent = 0
    while is_alive(pid=pid, marks=marks):
        waited = time.monotonic() - start
        if waited > seconds:
            return False
        if waited >= sent:
            with suppress(ProcessLookupError):
                os.kill(pid, number)
            sent += 1
        time.sleep(0.02)
    return True


def _psutil() -> Any:
    # Comes with the PostgreSQL wheel, whose absence must not keep this package from being imported.
    return import_module("psutil")


def _bears(words: Sequence[str], marks: Sequence[str]) -> bool:
    # The shell of `spawn` bears the same words for a moment; it is not the server.
    return bool(words) and not words[0].endswith("/sh") and set(marks) <= set(words)
