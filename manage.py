#!/usr/bin/env python
"""Django's command line. It first starts the embedded servers where the environment names none."""

import os
import sys

from backoffice.embedded import ServerProblem, default_home, ensure_running

# These read or write files only. Every other command gets the servers, which costs a second where it needs none.
WITHOUT_SERVERS = frozenset(
    {
        "help",
        "version",
        "doors",
        "features",
        "messages",
        "makemessages",
        "compilemessages",
        "collectstatic",
        "spectacular",
        "diffsettings",
        "startapp",
    }
)


def main() -> int:
    """Run the command and return its exit code; 3 if an embedded server cannot be started."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    from django.core.management import execute_from_command_line  # noqa: PLC0415 - the settings are named first

    try:
        if needs_servers(arguments=sys.argv[1:]):
            ensure_running(
                home=default_home(),
                database=not os.environ.get("DATABASE_URL"),
                broker=not os.environ.get("BROKER_URL"),
            )
        execute_from_command_line(sys.argv)
    except ServerProblem as problem:
        sys.stderr.write(f"{problem}\n")
        return 3
    except KeyboardInterrupt:
        return 130
    return 0


def needs_servers(*, arguments: list[str]) -> bool:
    """Return whether a command line (without the program's name) may touch the database or the broker."""
    if {"--help", "-h", "--version"} & set(arguments):
        return False
    command = next((word for word in arguments if not word.startswith("-")), "help")
    return command not in WITHOUT_SERVERS


if __name__ == "__main__":
    sys.exit(main())
