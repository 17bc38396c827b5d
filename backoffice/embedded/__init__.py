"""
The servers that Doorstep brings along: a PostgreSQL and a Valkey from Python wheels.

They are used where the environment names none (`DATABASE_URL`, `BROKER_URL`), and live in one directory, the
*home*. Nothing here knows Django: settings, `manage.py` and the tests call it before Django is set up.
"""

from backoffice.embedded.home import default_home, secrets
from backoffice.embedded.lease import Lease, ensure_running
from backoffice.embedded.postgres import database_url, migration_database_url
from backoffice.embedded.problem import ServerProblem
from backoffice.embedded.valkey import broker_url

__all__ = [
    "Lease",
    "ServerProblem",
    "broker_url",
    "database_url",
    "default_home",
    "ensure_running",
    "migration_database_url",
    "secrets",
]
