"""Which processes use the servers: the first one starts them, the last one stops them."""

import atexit
import fcntl
import os
import signal
import sys
import threading
from pathlib import Path
from types import FrameType, TracebackType
from typing import NoReturn, Self

from backoffice.embedded import postgres, valkey
from backoffice.embedded.home import locked, open_private, prepare
from backoffice.embedded.problem import ServerProblem, explained, say

IN_USE = "in-use.lock"


class Lease:
    """
    The use of the servers of one home by this process; a context manager that ends at `close` or at exit.

    It is a shared lock on a file, so the system ends it with the process, also after a kill. A forked child does not
    share its parent's lease and calls `ensure_running` itself.
    """

    def __init__(self, *, home: Path) -> None:
        self._home = home
        self._users = 0
        self._descriptor: int | None = None

    @property
    def is_held(self) -> bool:
        """Return whether this process holds the servers up; False where the environment names servers for both."""
        return self._descriptor is not None

    def fileno(self) -> int:
        """Return the lock's descriptor: passed to a program (`pass_fds`), it keeps the servers up for that program."""
        if self._descriptor is None:
            message = "The lease has ended. Call ensure_running first."
            raise ServerProblem(message)
        return self._descriptor

    def close(self) -> None:
        """End this use; the last use of the last process stops the servers."""
        with _guard:
            self._users = max(0, self._users - 1)
            if self._users == 0:
                self._leave()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _join(self, *, database: bool, broker: bool) -> None:
        # Starting and stopping happen under one lock, so nobody stops what another has just found running.
        with locked(home=self._home, name="start"):
            if self._descriptor is None:
                with explained(home=self._home):
                    self._descriptor = open_private(path=self._home / IN_USE)
                    fcntl.flock(self._descriptor, fcntl.LOCK_SH)
            self._users += 1
            try:
                with explained(home=self._home):
                    if database:
                        postgres.start(home=self._home)
                    if broker:
                        valkey.start(home=self._home)
            except BaseException:
                self._users -= 1
                if self._users == 0:
                    self._drop()
                raise

    def _leave(self) -> None:
        if self._descriptor is None:
            return
        with locked(home=self._home, name="start"):
            self._drop()

    def _drop(self) -> None:
        """Release the lock and stop the servers if nobody else holds it; the caller holds the start lock."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        stop_unless_used(home=self._home)

    def _forget(self) -> None:
        """Forget the lease in a forked child: closing a shared descriptor leaves the parent's lock as it is."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self._users = 0


_leases: dict[Path, Lease] = {}
_guard = threading.RLock()


def ensure_running(*, home: Path, database: bool, broker: bool) -> Lease:
    """
    Start the servers asked for unless they run, wait until they answer, and return this process's lease on them.

    Safe to call from many processes at once and many times in one. Without `close` the lease ends at exit, also after
    SIGTERM or SIGHUP. Call it before reading `database_url` where possible: a port taken by a stranger changes here.

    :raises ServerProblem: if a server cannot be started; the message tells the remedy.
    """
    home = prepare(home=home)
    with _guard:
        _exit_on_signals()
        lease = _leases.setdefault(home, Lease(home=home))
        if database or broker:
            lease._join(database=database, broker=broker)
        return lease


def stop_unless_used(*, home: Path) -> bool:
    """
    Stop the servers if no process holds a lease, and return whether nobody did; the caller holds the start lock.

    :raises ServerProblem: if the disk refuses.
    """
    with explained(home=home):
        descriptor = open_private(path=home / IN_USE)
        try:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return False
            valkey.stop(home=home)
            postgres.stop(home=home)
        finally:
            os.close(descriptor)
    return True


def _leave_all() -> None:
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)  # a second Ctrl-C would leave a server behind
    with _guard:
        for lease in _leases.values():
            try:
                lease._leave()
            except ServerProblem as problem:
                say(str(problem))


def _after_fork_in_child() -> None:
    global _guard  # a lock held by another thread at the fork would never be free again
    _guard = threading.RLock()
    for lease in _leases.values():
        lease._forget()
    _leases.clear()


def _exit_on_signals() -> None:
    """Make SIGTERM and SIGHUP end the interpreter in order, so that atexit runs; handlers of others stay."""
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is signal.SIG_DFL:
            signal.signal(number, _exit)


def _exit(number: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(128 + number)


atexit.register(_leave_all)
os.register_at_fork(after_in_child=_after_fork_in_child)
