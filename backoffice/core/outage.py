"""Recognise what a caller may simply try again, unlike an error of the program: PostgreSQL is away, or rows are in use."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import DoorstepError

# How soon a caller may try again.
RETRY_SECONDS = 10
# Connection errors (class 08), too many connections, and a server that shuts down or starts.
_AWAY = frozenset({"53300", "57P01", "57P02", "57P03"})
# Lock not available, deadlock, serialization failure: the same request may succeed a moment later.
_IN_USE = frozenset({"55P03", "40P01", "40001"})


def is_in_use(error: BaseException | None) -> bool:
    """Return whether the error says that somebody else was changing the same rows; nothing was saved."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", None) in _IN_USE


class RowsInUse(DoorstepError):
    """Somebody else was changing the same rows for longer than a request waits."""

    code = "busy"
    message = _("Somebody else is changing the same records. Nothing was saved; try again in a moment.")


@contextmanager
def refused_if_in_use() -> Iterator[None]:
    """
    Let a person try again what failed because somebody else was changing the same rows.

    :raises RowsInUse: if it failed for that.
    """
    try:
        yield
    except OperationalError as error:
        if is_in_use(error):
            raise RowsInUse from error
        raise


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
