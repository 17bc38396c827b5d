"""The home directory of the servers: its files, locks, remembered ports and development secrets."""

import base64
import fcntl
import json
import os
import secrets as random
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from backoffice.embedded.problem import ServerProblem, explained, say

# Below Linux's range for outgoing connections (32768-60999), so that a port stays ours while its server rests.
PORTS = range(20000, 30000)


def default_home() -> Path:
    """Return the directory that DOORSTEP_HOME names, else `.doorstep` beside manage.py."""
    named = os.environ.get("DOORSTEP_HOME")
    return Path(named).expanduser() if named else Path(__file__).resolve().parents[2] / ".doorstep"


def prepare(*, home: Path) -> Path:
    """
    Return `home` as an absolute path, made if absent: closed to others, traversable where root must share it.

    :raises ServerProblem: if the directory cannot be made or used.
    """
    home = home.resolve()
    with explained(home=home):
        if not home.is_dir():
            # The servers of root run as another user, who must get through to its own directories.
            home.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, parents=True, exist_ok=True)
        directory(path=home / "log", home=home)
    return home


def directory(*, path: Path, home: Path) -> None:
    """Make a directory in `home` if absent, owned as the home is."""
    if not path.is_dir():
        path.mkdir(mode=0o711 if os.geteuid() == 0 else 0o700, exist_ok=True)
        own_as(path=path, like=home)


def own_as(*, path: Path, like: Path) -> None:
    """Give what root made in a user's home to that user, who could not use it otherwise."""
    if os.geteuid() == 0:
        owner = like.stat()
        os.chown(path, owner.st_uid, owner.st_gid, follow_symlinks=False)


def open_private(*, path: Path) -> int:
    """Return a descriptor, not inherited by programs, of a file that only its owner may read; made if absent."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    own_as(path=path, like=path.parent)
    return descriptor


@contextmanager
def locked(*, home: Path, name: str) -> Iterator[None]:
    """
    Hold the exclusive lock of that name while the body runs; wait for it as long as it takes.

    :raises ServerProblem: if the disk refuses.
    """
    with explained(home=home):
        descriptor = open_private(path=home / f"{name}.lock")
    try:
        with explained(home=home):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def remembered(*, home: Path, name: str, settle: Callable[[dict[str, str]], dict[str, str]]) -> dict[str, str]:
    """
    Return what `settle` makes of the note of that name (empty at first), and keep it in a file of mode 0600.

    Processes that ask at once get the same answer. The file is replaced whole, so a crash leaves the old or the new.

    :raises ServerProblem: if the file cannot be read or written.
    """
    path = home / f"{name}.json"
    with locked(home=home, name="notes"), explained(home=home):
        before: dict[str, str] = {}
        if path.exists():
            try:
                before = json.loads(path.read_text(encoding="utf-8"))
            except ValueError as error:
                message = f"{path} is damaged. Restore it from a copy; without it the data under {home} stay shut."
                raise ServerProblem(message) from error
        after = settle(dict(before))
        if after != before:
            draft = home / f"{name}.json.new"
            draft.unlink(missing_ok=True)
            descriptor = open_private(path=draft)
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                json.dump(after, file, indent=1)
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        return after


def secrets(*, home: Path) -> dict[str, str]:
    """
    Return the secrets of a development installation; the first call makes them, later calls return the same.

    For production they come from the environment; never from here.

    :raises ServerProblem: if the home cannot be written.
    """

    def settle(note: dict[str, str]) -> dict[str, str]:
        field_key = base64.urlsafe_b64encode(random.token_bytes(32)).decode()
        index_key = base64.urlsafe_b64encode(random.token_bytes(32)).decode()
        made = {
            "DJANGO_SECRET_KEY": random.token_urlsafe(50),
            "DOORSTEP_FIELD_KEYS": f"1:{field_key}",
            "DOORSTEP_INDEX_KEY": index_key,
        }
        return made | note

    return remembered(home=prepare(home=home), name="secrets", settle=settle)


def settle_port(*, note: dict[str, str], running: Callable[[], bool], what: str) -> dict[str, str]:
    """Return the note with a free port, or the remembered one unless another program has taken it, which is reported."""
    if "port" not in note:
        return note | {"port": str(free_port())}
    port = int(note["port"])
    for _ in range(3):
        # Asked more than once: our server may be starting or stopping at this moment.
        if not port_taken(port=port) or running():
            return note
        time.sleep(0.1)
    other = free_port()
    say(f"port {port} of {what} is taken by another program; taking {other} from now on.")
    return note | {"port": str(other)}


def port_taken(*, port: int, host: str = "127.0.0.1") -> bool:
    """Return whether a program listens on that TCP port of that address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return True
    return False


def free_port() -> int:
    """
    Return a loopback port that nothing listens on, drawn at random.

    :raises ServerProblem: if a hundred draws find none.
    """
    for _ in range(100):
        port = random.choice(PORTS)
        if not port_taken(port=port):
            return port
    message = "No free port between 20000 and 29999. Stop some servers, or set DATABASE_URL and BROKER_URL."
    raise ServerProblem(message)
