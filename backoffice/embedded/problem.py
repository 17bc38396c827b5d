"""What can go wrong with the servers of our own, in words that tell the remedy."""

import errno
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class ServerProblem(RuntimeError):
    """A server cannot be started or used; the message says what is wrong and what to do about it."""


def say(message: str) -> None:
    """Write one line for the operator to stderr; stdout belongs to the command's own answer."""
    sys.stderr.write(f"doorstep: {message}\n")


@contextmanager
def explained(*, home: Path) -> Iterator[None]:
    """
    Turn an error of the file system under `home` into a `ServerProblem` with its remedy.

    :raises ServerProblem: for every OSError of the body.
    """
    try:
        yield
    except OSError as error:
        raise ServerProblem(explain(error=error, home=home)) from error


def explain(*, error: OSError, home: Path) -> str:
    """Return the sentence for an error of the file system, with the remedy."""
    where = error.filename or home
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return f"The disk that holds {home} is full. Free some space, or set DOORSTEP_HOME to another disk."
    if error.errno == errno.EROFS:
        return f"{where} lies on a read-only disk. Set DOORSTEP_HOME to a directory that can be written."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return (
            f"This user may not use {where}; another user, perhaps root, used {home} first. Give it over with"
            f" `sudo chown -R $(id -un) {home}` while nothing runs, or set DOORSTEP_HOME to another directory."
        )
    if error.errno in {errno.ENOLCK, errno.EOPNOTSUPP}:
        return f"The disk that holds {home} knows no file locks. Set DOORSTEP_HOME to a local disk."
    return f"{where}: {error.strerror or error}. Set DOORSTEP_HOME to a local directory that can be written."


def explain_log(*, what: str, log: Path, tail: str, home: Path) -> str:
    """Return the sentence for a server that failed, from the last lines that it wrote."""
    if "No space left on device" in tail or "Disk quota exceeded" in tail:
        return explain(error=OSError(errno.ENOSPC, "full"), home=home)
    if "Read-only file system" in tail:
        return explain(error=OSError(errno.EROFS, "read-only"), home=home)
    if "could not look up effective user ID" in tail:
        return (
            f"{what} did not start: this user id has no name in /etc/passwd. Run as a user that has one,"
            " or set DATABASE_URL and BROKER_URL to servers of your own."
        )
    lines = [line.strip() for line in tail.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "rror" in line or "PANIC" in line]
    cause = (telling or lines or ["it left no message"])[-1].rstrip(".")
    return (
        f"{what} did not start: {cause}. Its log is {log}; alternatively set DATABASE_URL and BROKER_URL to"
        " servers of your own."
    )
