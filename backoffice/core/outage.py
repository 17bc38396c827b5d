"""Recognise that PostgreSQL is away, which a caller may simply try again, unlike an error of the program."""

from django.db import InterfaceError, OperationalError

# How soon a caller may try again.
RETRY_SECONDS = 10
# Connection errors (class 08), too many connections, and a server that shuts down or starts.
_AWAY = frozenset({"53300", "57P01", "57P02", "57P03"})


def is_database_away(error: BaseException | None) -> bool:
    """
    Return whether the error says that PostgreSQL cannot be reached, or ended the connection.

    A statement that PostgreSQL itself refused (a lock that timed out, a deadlock) is none of these.
    """
    if isinstance(error, InterfaceError):
        return True
    if not isinstance(error, OperationalError):
        return False
    code = getattr(error.__cause__, "sqlstate", None)
    # A connection that fails before the server answers has no code.
    return code is None or code in _AWAY or code.startswith("08")
