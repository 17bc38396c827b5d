"""
Run Django's deployment checks with deploy/doorstep.env.example, its empty values filled in.

With --show, print that environment instead, a NAME=value on each line.
"""

import base64
import os
import secrets
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]


def random_key() -> str:
    """Return 32 random bytes in the URL-safe base64 form that DOORSTEP_FIELD_KEYS and DOORSTEP_INDEX_KEY take."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode()


def example_environment() -> dict[str, str]:
    """Return the names that the example sets, with values that a lender could have."""
    lines = (PROJECT / "deploy" / "doorstep.env.example").read_text(encoding="utf-8").splitlines()
    given = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    return given | {
        "DJANGO_SECRET_KEY": secrets.token_urlsafe(50),
        "DOORSTEP_FIELD_KEYS": f"1:{random_key()}",
        "DOORSTEP_INDEX_KEY": random_key(),
        "MIGRATION_DATABASE_URL": "postgresql://doorstep:PASSWORD@db.example:5432/doorstep",
        "DOORSTEP_LENDER_NAME": "Example Consumer Finance",
        "DOORSTEP_COMPLAINTS_PHONE": "010-8888-0000",
    }


def main() -> None:
    """Replace this process by `manage.py check --deploy`, which asks no server; or print the environment."""
    if sys.argv[1:] == ["--show"]:
        sys.stdout.writelines(f"{name}={value}\n" for name, value in example_environment().items())
        return
    os.environ.update(example_environment())
    arguments = ["manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    os.chdir(PROJECT)
    os.execv(sys.executable, [sys.executable, *arguments])  # noqa: S606 - our own interpreter and words


if __name__ == "__main__":
    main()
