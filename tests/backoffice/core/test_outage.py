"""Which errors of the database say that PostgreSQL is away."""

import psycopg
import pytest
from django.db import DataError, InterfaceError, OperationalError
from psycopg import errors

from backoffice.core.outage import is_database_away


def caused_by(cause):
    error = OperationalError("of the database")
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "is_away"),
    [
        (caused_by(psycopg.OperationalError("connection refused")), True),
        (caused_by(errors.AdminShutdown()), True),
        (caused_by(errors.CannotConnectNow()), True),
        (caused_by(errors.TooManyConnections()), True),
        (caused_by(errors.ConnectionFailure()), True),
        (InterfaceError("the connection is closed"), True),
        (caused_by(errors.LockNotAvailable()), False),
        (caused_by(errors.DeadlockDetected()), False),
        (caused_by(errors.QueryCanceled()), False),
        (DataError("of the database"), False),
        (ValueError("of the program"), False),
        (None, False),
    ],
)
def test_only_a_failed_or_ended_connection_means_that_the_database_is_away(error, is_away):
    assert is_database_away(error) is is_away
