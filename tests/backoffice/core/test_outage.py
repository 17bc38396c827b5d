"""Which errors of the database say that PostgreSQL is away, and which that rows are in use."""

import psycopg
import pytest
from django.db import DataError, InterfaceError, OperationalError
from psycopg import errors

from backoffice.core.outage import is_database_away, is_in_use


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


@pytest.mark.parametrize(
    ("error", "in_use"),
    [
        (caused_by(errors.LockNotAvailable()), True),
        (caused_by(errors.DeadlockDetected()), True),
        (caused_by(errors.SerializationFailure()), True),
        (caused_by(errors.QueryCanceled()), False),
        (caused_by(errors.AdminShutdown()), False),
        (caused_by(None), False),
        (DataError("of the database"), False),
        (None, False),
    ],
)
def test_rows_that_somebody_else_changes_are_in_use(error, in_use):
    assert is_in_use(error) is in_use
