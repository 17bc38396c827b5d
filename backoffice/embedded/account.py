"""The system account that the servers run as: PostgreSQL refuses root, and Valkey does not need it."""

import os
import pwd
import shutil
import stat
import subprocess
from dataclasses import dataclass
from pathlib import Path

from backoffice.embedded.problem import ServerProblem, say

SYSTEM_USER = "doorstep-servers"


@dataclass(frozen=True, kw_only=True)
class Account:
    """Who a server runs as; `uid` is None for the user who asks."""

    uid: int | None = None
    gid: int | None = None


def server_account(*, home: Path) -> Account:
    """
    Return the account for the servers of that home.

    An ordinary user runs them himself. For root it is the owner of the data, else of the home, else a system user
    made for it, without a shell.

    :raises ServerProblem: if a system user is needed and cannot be made.
    """
    if os.geteuid() != 0:
        return Account()
    for path in (home / "postgres", home / "valkey", home):
        if path.exists() and (uid := path.stat().st_uid) != 0 and _has_name(uid):
            return Account(uid=uid, gid=pwd.getpwuid(uid).pw_gid)
    entry = _system_user()
    return Account(uid=entry.pw_uid, gid=entry.pw_gid)


def give(*, path: Path, account: Account) -> None:
    """Hand a file or directory to the account; nothing to do where the user runs the servers himself."""
    if account.uid is not None and account.gid is not None:
        os.chown(path, account.uid, account.gid, follow_symlinks=False)


def open_way(*, path: Path, account: Account) -> None:
    """
    Let the account reach `path`: the right to pass through, not to list, is added to the directories above.

    A checkout below /root is closed to the system user otherwise. What is opened is said, with the way back.
    """
    if account.uid is None:
        return
    for parent in reversed(path.resolve().parents):
        status = parent.stat()
        if status.st_uid != account.uid and not status.st_mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(status.st_mode) | stat.S_IXOTH)
            say(f"let other users pass through {parent} so that the servers reach {path} (undo: chmod o-x {parent}).")


def open_programs(*, directory: Path, account: Account) -> None:
    """Let the account run the programs below `directory`, which a strict umask at installation may have closed."""
    if account.uid is None:
        return
    open_way(path=directory, account=account)
    if directory.stat().st_mode & stat.S_IROTH and directory.stat().st_mode & stat.S_IXOTH:
        return
    for path in (directory, *directory.rglob("*")):
        mode = path.stat().st_mode
        passing = stat.S_IXOTH if mode & stat.S_IXUSR else 0
        path.chmod(stat.S_IMODE(mode) | stat.S_IROTH | passing)


def _has_name(uid: int) -> bool:
    try:
        pwd.getpwuid(uid)
    except KeyError:
        return False  # a container's bare number; initdb insists on a name
    return True


def _system_user() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        pass
    remedy = "Run as an ordinary user, or set DATABASE_URL and BROKER_URL to servers of your own."
    program = shutil.which("useradd", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    if program is None:
        message = f"PostgreSQL does not run as root, and there is no useradd to make a user for it. {remedy}"
        raise ServerProblem(message)
    shell = next((path for path in ("/usr/sbin/nologin", "/sbin/nologin") if Path(path).exists()), "/bin/false")
    command = [program, "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]
    made = subprocess.run(  # noqa: S603 - fixed words
        [*command, "--shell", shell, SYSTEM_USER],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return pwd.getpwnam(SYSTEM_USER)  # also when another process made it a moment earlier
    except KeyError as error:
        message = f"PostgreSQL does not run as root, and useradd failed: {made.stderr.strip()} {remedy}"
        raise ServerProblem(message) from error
