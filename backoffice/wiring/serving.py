"""The whole program in one terminal: web server, worker and beat. When one ends, all end."""

import argparse
import os
import signal
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

from backoffice.core.tied import tied
from backoffice.embedded import Lease, ServerProblem, default_home, ensure_running
from backoffice.embedded.home import port_taken, prepare
from backoffice.embedded.process import tail

PROJECT = Path(__file__).resolve().parents[2]
# A worker finishes its task first (a chunk takes 30 s at most). A task that is cut short is repeated from its row.
GRACE_SECONDS = 35


@dataclass(frozen=True, kw_only=True)
class Child:
    """A process of the group, with the file that it logs to."""

    name: str
    log: Path
    process: subprocess.Popen[bytes]


def serve(*, host: str, port: int, workers: bool) -> int:
    """
    Serve the admin and the API until Ctrl-C, SIGTERM or a part's death; stop every part and return the exit code.

    0 after a signal, 1 if a part died, 3 if the port is taken or a server of our own cannot be started.
    """
    if port_taken(port=port, host=host):
        return _refuse(f"Port {port} of {host} is taken by another program. Use another: PORT={port + 1} make run")
    try:
        home = prepare(home=default_home())
        with _servers(home=home) as lease:
            commands = {"web": web_command(host=host, port=port)}
            if workers:
                commands |= {"worker": worker_command(), "beat": beat_command()}
            return _run_group(commands=commands, home=home, lease=lease, banner=f"http://{host}:{port}/admin/")
    except ServerProblem as problem:
        return _refuse(str(problem))


def work() -> int:
    """Run a worker alone until Ctrl-C or SIGTERM; return the exit code as `serve` does."""
    try:
        home = prepare(home=default_home())
        with _servers(home=home) as lease:
            return _run_group(commands={"worker": worker_command()}, home=home, lease=lease, banner="the queue")
    except ServerProblem as problem:
        return _refuse(str(problem))


def web_command(*, host: str, port: int) -> list[str]:
    """Return the command of the web server; two processes of eight threads serve an office on two cores."""
    command = [sys.executable, "-m", "gunicorn", "backoffice.wsgi:application", "--bind", f"{host}:{port}"]
    command += ["--worker-class", "gthread", "--workers", "2", "--threads", "8", "--timeout", "60"]
    # No control socket: all gunicorns of a user share its path, so a second one would fail.
    return [*command, "--graceful-timeout", "20", "--no-control-socket"]


def worker_command() -> list[str]:
    """Return the command of the worker; gossip and mingle are off because they stall it after a lost connection."""
    command = [sys.executable, "-m", "celery", "-A", "backoffice", "worker", "--loglevel", "INFO"]
    return [*command, "--without-gossip", "--without-mingle"]


def beat_command() -> list[str]:
    """Return the command of the scheduler, whose schedules are rows that the administrator edits."""
    command = [sys.executable, "-m", "celery", "-A", "backoffice", "beat", "--loglevel", "INFO", "--pidfile="]
    return [*command, "--scheduler", "backoffice.wiring.scheduler:WatchedScheduler"]


def _servers(*, home: Path) -> Lease:
    database, broker = not os.environ.get("DATABASE_URL"), not os.environ.get("BROKER_URL")
    return ensure_running(home=home, database=database, broker=broker)


def _run_group(*, commands: dict[str, list[str]], home: Path, lease: Lease, banner: str) -> int:
    wanted: list[int] = []

    def note(number: int, _frame: FrameType | None) -> None:
        wanted.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    children: list[Child] = []
    try:
        for name, command in commands.items():
            children.append(_start(name=name, command=command, log=home / "log" / f"{name}.log", lease=lease))
        _tell(f"serving {banner} - Ctrl-C stops it; logs in {home / 'log'}")
        while not wanted:
            for child in children:
                if child.process.poll() is not None:
                    _tell(f"{child.name} died with code {child.process.returncode}; its log is {child.log}:")
                    _tell(tail(log=child.log, size=2000))
                    return 1
            time.sleep(0.2)
    finally:
        _stop(children=children)
        for number, handler in before.items():
            signal.signal(number, handler)
    return 0


def _start(*, name: str, command: list[str], log: Path, lease: Lease) -> Child:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "backoffice.settings", "PYTHONUNBUFFERED": "1"}
    # The child inherits the lease's lock: the servers keep running for it if this process is killed.
    # It inherits a copy, because the fork closes the lease's own descriptor.
    held = [os.dup(lease.fileno())] if lease.is_held else []
    with log.open("wb") as file, ExitStack() as copies:
        for descriptor in held:
            copies.callback(os.close, descriptor)
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and words
            tied(command=command),  # the child ends if this process is killed, and frees the port
            cwd=PROJECT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # Ctrl-C reaches this process alone, which stops the parts in order
            pass_fds=held,
        )
    return Child(name=name, log=log, process=process)


def _stop(*, children: list[Child]) -> None:
    """Send SIGTERM to every part; after the grace, kill what is left, with its own children."""
    for child in children:
        if child.process.poll() is None:
            child.process.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + GRACE_SECONDS
    for child in children:
        try:
            child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            _tell(f"{child.name} did not end within {GRACE_SECONDS} s and is killed.")
        with suppress(ProcessLookupError):
            os.killpg(child.process.pid, signal.SIGKILL)  # children that outlived their parent too
        child.process.wait()


def _refuse(message: str) -> int:
    _tell(message)
    return 3


def _tell(message: str) -> None:
    sys.stderr.write(f"{message}\n")


def main() -> int:
    """Run `python -m backoffice.wiring.serving [worker]`; HOST and PORT come from the environment."""
    parser = argparse.ArgumentParser(prog="python -m backoffice.wiring.serving", description=__doc__)
    parser.add_argument("part", nargs="?", choices=["all", "web", "worker"], default="all")
    part = parser.parse_args().part
    if part == "worker":
        return work()
    host, port = os.environ.get("HOST", "127.0.0.1"), int(os.environ.get("PORT", "8000"))
    return serve(host=host, port=port, workers=part == "all")


if __name__ == "__main__":
    sys.exit(main())
