"""`python -m backoffice.embedded status|start|stop`: show the embedded servers, keep them running, stop them."""

import argparse
import sys
import time
from pathlib import Path

from backoffice.embedded import postgres, valkey
from backoffice.embedded.home import default_home, locked, prepare
from backoffice.embedded.lease import ensure_running, stop_unless_used
from backoffice.embedded.problem import ServerProblem, explained, say


def main() -> int:
    """Run the command and return its exit code: 0, 1 if status finds a server down or stop finds users, 3 a problem."""
    parser = argparse.ArgumentParser(prog="python -m backoffice.embedded", description=__doc__)
    parser.add_argument("command", choices=["status", "start", "stop"])
    command = parser.parse_args().command
    home = default_home()
    try:
        with explained(home=home):
            return {"status": _status, "start": _start, "stop": _stop}[command](home)
    except ServerProblem as problem:
        say(str(problem))
        return 3
    except KeyboardInterrupt:
        return 130


def _status(home: Path) -> int:
    if not home.is_dir():
        sys.stdout.write(f"{home}: not made yet\n")
        return 1
    home = prepare(home=home)
    found = {"PostgreSQL": postgres.running(home=home), "Valkey": valkey.running(home=home)}
    for name, pid in found.items():
        sys.stdout.write(f"{name}: {'down' if pid is None else f'up, process {pid}'}\n")
    return 0 if all(found.values()) else 1


def _start(home: Path) -> int:
    with ensure_running(home=home, database=True, broker=True):
        say(f"the servers of {home} run; Ctrl-C ends this use of them.")
        while True:
            time.sleep(3600)


def _stop(home: Path) -> int:
    home = prepare(home=home)
    with locked(home=home, name="start"):
        if stop_unless_used(home=home):
            return 0
    say("the servers are in use by another process; they stop when the last one ends.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
