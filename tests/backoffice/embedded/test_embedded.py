"""The servers of our own: real processes in a home of each test's own; users are real programs that live and die."""

import base64
import errno
import json
import os
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import psutil
import psycopg
import pytest

from backoffice import embedded
from backoffice.embedded import ServerProblem, problem
from manage import needs_servers

PROJECT = Path(__file__).resolve().parents[3]
JOIN = """
import sys, time
from pathlib import Path
from backoffice.embedded import ServerProblem, broker_url, database_url, ensure_running, migration_database_url
home = Path(sys.argv[1])
try:
    lease = ensure_running(home=home, database=True, broker=True)
except ServerProblem as problem:
    sys.exit(str(problem))
print(database_url(home=home), broker_url(home=home), migration_database_url(home=home), flush=True)
"""
STAY = JOIN + "time.sleep(120)\n"


def user(home: Path, code: str = STAY) -> subprocess.Popen[str]:
    """Start a program that uses the servers of `home`."""
    command = [sys.executable, "-c", code, str(home)]
    return subprocess.Popen(command, cwd=PROJECT, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


@contextmanager
def using(home: Path, code: str = STAY) -> Iterator[subprocess.Popen[str]]:
    """Run a program that uses the servers while the body runs; it is ended in order and waited for."""
    with user(home, code) as process:
        try:
            yield process
        finally:
            process.terminate()
            process.communicate(timeout=60)


def ready(process: subprocess.Popen[str]) -> str:
    """Wait until that program uses the servers; return the addresses that it printed: running role, broker, owner."""
    assert process.stdout is not None
    line = process.stdout.readline().strip()
    assert line, process.stderr and process.stderr.read()
    return line


def servers(home: Path) -> dict[str, int]:
    """Return the living server processes of that home by name."""
    found = {}
    for process in psutil.process_iter(["name", "cmdline", "status"]):
        words = " ".join(process.info["cmdline"] or [])
        if str(home) in words and process.info["status"] != psutil.STATUS_ZOMBIE:
            found[process.info["name"]] = process.pid
    return {name: pid for name, pid in found.items() if name in {"postgres", "valkey-server", "initdb", "sh"}}


@contextmanager
def empty_home() -> Iterator[Path]:
    """Make a home outside pytest's own directory, which other users may not pass through."""
    path = Path(tempfile.mkdtemp(prefix="doorstep-test-"))
    path.chmod(0o711 if os.geteuid() == 0 else 0o700)
    try:
        yield path
    finally:
        for pid in servers(path).values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        shutil.rmtree(path, ignore_errors=True)


@pytest.fixture(scope="module")
def made_home() -> Iterator[Path]:
    """A home whose servers ran once; making one takes a second, copying it a tenth."""
    with empty_home() as path:
        with using(path) as process:
            ready(process)
        yield path


@pytest.fixture
def home(made_home: Path) -> Iterator[Path]:
    """A copy of a home that ran once, with ports of its own."""
    with empty_home() as path:
        subprocess.run(["cp", "-a", f"{made_home}/.", str(path)], check=True)
        for name in ("postgres", "valkey"):
            note = json.loads((path / f"{name}.json").read_text())
            del note["port"]
            (path / f"{name}.json").write_text(json.dumps(note))
        yield path


def test_ensure_running_serves_two_who_come_at_once_until_the_last_one_goes() -> None:
    with empty_home() as home:
        with using(home) as first, using(home) as second:
            addresses = [ready(first), ready(second)]
            first.terminate()
            first.wait(timeout=30)
            left = servers(home)

        assert addresses[0] == addresses[1]
        assert set(left) == {"postgres", "valkey-server"}
        assert servers(home) == {}


def test_ensure_running_gives_a_database_with_an_owner_and_a_running_role_that_may_change_no_table(home: Path) -> None:
    with using(home) as process:
        address, _broker, owner_address = ready(process).split()
        with psycopg.connect(owner_address) as connection:
            row = connection.execute(
                "SELECT current_user, current_setting('is_superuser'), current_setting('fsync'),"
                " current_setting('TimeZone'), datlocale, pg_encoding_to_char(encoding),"
                " current_setting('max_wal_size'), pg_get_userbyid(datdba)"
                " FROM pg_database WHERE datname = current_database()"
            ).fetchone()
            listens = connection.execute("SELECT current_setting('listen_addresses')").fetchone()
        with psycopg.connect(address) as connection:
            role = connection.execute(
                "SELECT rolname, rolsuper, rolcreatedb, rolcreaterole, pg_has_role('doorstep', 'MEMBER')"
                " FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute("CREATE TABLE mine (word text)")

    assert row == ("doorstep", "off", "on", "UTC", "C.UTF-8", "UTF8", "2GB", "doorstep")
    assert role == ("doorstep_app", False, False, False, False)
    assert listens == ("127.0.0.1",)


def test_ensure_running_gives_an_older_home_its_running_role(home: Path) -> None:
    note = json.loads((home / "postgres.json").read_text())
    with using(home) as process:
        ready(process)
        with psycopg.connect(
            host="127.0.0.1",
            port=int(json.loads((home / "postgres.json").read_text())["port"]),
            user="postgres",
            password=note["superuser_password"],
            dbname="postgres",
            autocommit=True,
        ) as connection:
            connection.execute("DROP ROLE doorstep_app")
    settled = json.loads((home / "postgres.json").read_text())
    del settled["running_password"]
    (home / "postgres.json").write_text(json.dumps(settled))

    with using(home) as process, psycopg.connect(ready(process).split()[0]) as connection:
        row = connection.execute("SELECT current_user").fetchone()

    assert row == ("doorstep_app",)


def test_ensure_running_stops_after_a_killed_user_when_the_next_one_goes(home: Path) -> None:
    with using(home) as killed:
        ready(killed)
        killed.kill()
        killed.wait(timeout=30)
    before = servers(home)

    with using(home) as process:
        ready(process)
        during = servers(home)

    assert set(before) == {"postgres", "valkey-server"}
    assert during == before
    assert servers(home) == {}


def test_ensure_running_recovers_a_killed_database_with_what_was_committed(home: Path) -> None:
    with using(home) as first:
        address = ready(first).split()[2]
        with psycopg.connect(address) as connection:
            connection.execute("CREATE TABLE kept (word text)")
            connection.execute("INSERT INTO kept VALUES ('门')")
        os.kill(servers(home)["postgres"], signal.SIGKILL)

        with using(home) as second:
            ready(second)
            with psycopg.connect(address) as connection:
                rows = connection.execute("SELECT word FROM kept").fetchall()

    assert rows == [("门",)]
    assert servers(home) == {}


def test_ensure_running_leaves_a_port_to_the_stranger_who_took_it(home: Path) -> None:
    port = embedded.database_url(home=home).rsplit(":", 1)[1].split("/")[0]
    stranger = f"import socket, time; s = socket.create_server(('127.0.0.1', {port})); print('up', flush=True)\n"

    with using(home, stranger + "time.sleep(60)") as other:
        ready(other)
        with using(home) as process:
            address = ready(process).split()[0]
            with psycopg.connect(address) as connection:
                answer = connection.execute("SELECT 1").fetchone()
            process.terminate()
            _, told = process.communicate(timeout=30)

    assert f":{port}/" not in address
    assert answer == (1,)
    assert f"port {port} of PostgreSQL is taken" in told


def test_ensure_running_sees_through_a_number_that_belongs_to_another_program(home: Path) -> None:
    owner = (home / "postgres").stat()
    sleeper = subprocess.Popen(["sleep", "60"], **({"user": owner.st_uid} if os.geteuid() == 0 else {}))
    lock = home / "postgres" / "postmaster.pid"
    lock.write_text(f"{sleeper.pid}\n{home / 'postgres'}\n1700000000\n5432\n\n127.0.0.1\n  1234567  1\nready   \n")
    os.chown(lock, owner.st_uid, owner.st_gid)

    with using(home) as process:
        ready(process)
        found = servers(home)["postgres"]
    asleep = sleeper.poll() is None
    sleeper.kill()
    sleeper.wait()

    assert found != sleeper.pid
    assert asleep


def test_ensure_running_sweeps_a_half_made_database_away() -> None:
    with empty_home() as home:
        (home / "postgres.new").mkdir()
        (home / "postgres.new" / "PG_VERSION").write_text("18\n")

        with using(home) as process:
            ready(process)

        assert not (home / "postgres.new").exists()


@pytest.mark.parametrize(
    ("version", "words"),
    [("17", "was written by PostgreSQL 17, and this program brings 18. Dump it"), (None, "holds no PostgreSQL")],
)
def test_ensure_running_refuses_a_directory_that_it_cannot_read(home: Path, version: str | None, words: str) -> None:
    path = home / "postgres" / "PG_VERSION"
    path.unlink()
    if version:
        path.write_text(f"{version}\n")

    with user(home) as process:
        _, told = process.communicate(timeout=30)

    assert process.returncode == 1
    assert words in told
    assert servers(home) == {}


def test_ensure_running_tells_of_passwords_that_do_not_fit(home: Path) -> None:
    (home / "postgres.json").unlink()

    with user(home) as process:
        _, told = process.communicate(timeout=30)

    assert "do not fit the database" in told
    assert servers(home) == {}


@pytest.mark.parametrize("delay", [0.15, 0.3, 0.5, 0.9])
def test_ensure_running_interrupted_at_any_moment_leaves_nothing_behind(delay: float) -> None:
    with empty_home() as home:
        with user(home) as process:
            time.sleep(delay)
            process.send_signal(signal.SIGINT)
            process.communicate(timeout=60)
        left = servers(home)
        with using(home) as process:
            ready(process)

        assert left == {}


def test_a_forked_child_does_not_end_its_parents_lease(home: Path) -> None:
    code = JOIN.replace(
        "print(",
        "import os\nchild = os.fork()\nif child == 0: sys.exit(0)\nos.waitpid(child, 0)\nprint(",
    )

    with using(home, code + "time.sleep(60)") as process:
        ready(process)
        during = servers(home)

    assert set(during) == {"postgres", "valkey-server"}
    assert servers(home) == {}


def test_a_program_that_inherits_the_lease_keeps_the_servers_up(home: Path) -> None:
    code = JOIN + (
        "import subprocess\n"
        "quiet = {'stdout': subprocess.DEVNULL, 'stderr': subprocess.DEVNULL}\n"
        "subprocess.Popen(['sleep', '60'], pass_fds=[lease.fileno()], **quiet)\n"
        "time.sleep(60)"
    )

    with using(home, code) as process:
        ready(process)
        time.sleep(0.2)
        heir = psutil.Process(process.pid).children()[0]
        process.kill()
        process.wait(timeout=30)
    with using(home) as process:
        ready(process)
    kept = servers(home)
    heir.kill()
    with using(home) as process:
        ready(process)

    assert set(kept) == {"postgres", "valkey-server"}
    assert servers(home) == {}


def test_secrets_are_made_once_and_kept_from_others(tmp_path: Path) -> None:
    first = embedded.secrets(home=tmp_path / "home")

    second = embedded.secrets(home=tmp_path / "home")

    assert second == first
    assert set(first) == {"DJANGO_SECRET_KEY", "DOORSTEP_FIELD_KEYS", "DOORSTEP_INDEX_KEY"}
    assert first["DOORSTEP_FIELD_KEYS"].startswith("1:")
    assert len(base64.urlsafe_b64decode(first["DOORSTEP_FIELD_KEYS"][2:])) == 32
    assert len(base64.urlsafe_b64decode(first["DOORSTEP_INDEX_KEY"])) == 32
    assert stat.S_IMODE((tmp_path / "home" / "secrets.json").stat().st_mode) == 0o600


def test_secrets_refuse_a_damaged_file_and_leave_it(tmp_path: Path) -> None:
    (tmp_path / "secrets.json").write_text("{")

    with pytest.raises(ServerProblem, match="is damaged"):
        embedded.secrets(home=tmp_path)

    assert (tmp_path / "secrets.json").read_text() == "{"


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.ENOSPC, "is full. Free some space"),
        (errno.EROFS, "read-only disk. Set DOORSTEP_HOME"),
        (errno.EACCES, "sudo chown -R"),
        (errno.ENOLCK, "knows no file locks"),
        (errno.ENOTDIR, "Set DOORSTEP_HOME"),
    ],
)
def test_explained_names_the_remedy(tmp_path: Path, number: int, words: str) -> None:
    with pytest.raises(ServerProblem, match=words), problem.explained(home=tmp_path):
        raise OSError(number, "no")


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], False),
        (["help"], False),
        (["migrate", "--help"], False),
        (["--version"], False),
        (["messages", "--check"], False),
        (["migrate"], True),
        (["evaluate", "--json"], True),
        (["check", "--deploy"], True),
    ],
)
def test_needs_servers_knows_the_commands_that_read_files_only(arguments: list[str], expected: bool) -> None:
    assert needs_servers(arguments=arguments) is expected


@pytest.mark.enable_socket
def test_serve_refuses_a_taken_port_before_it_starts_anything(tmp_path: Path) -> None:
    import socket  # pytest-socket puts the real one back for this test only

    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [sys.executable, "-m", "backoffice.wiring.serving"],
            cwd=PROJECT,
            env=os.environ | {"PORT": str(port), "DOORSTEP_HOME": str(tmp_path / "home")},
            capture_output=True,
            text=True,
            check=False,
        )

    assert done.returncode == 3
    assert f"PORT={port + 1} make run" in done.stderr
    assert not (tmp_path / "home").exists()
