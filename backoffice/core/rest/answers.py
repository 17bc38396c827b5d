"""How an anticipated refusal looks to a REST client."""

from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_standardized_errors.handler import exception_handler as standard_handler
from rest_framework import exceptions, status
from rest_framework.response import Response

from backoffice.core.errors import DoorstepError, InvalidInput, Missing, NotAllowed, StateConflict
from backoffice.core.outage import RETRY_SECONDS, is_database_away, is_in_use


class Conflict(exceptions.APIException):
    """409: the record's state does not allow the action."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "state_conflict"


class Unprocessable(exceptions.APIException):
    """422: the request contradicts an earlier one."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY
    default_code = "unprocessable"


class Busy(exceptions.APIException):
    """503: somebody else holds the rows longer than a request may wait. Nothing was changed."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "busy"
    default_detail = _("Somebody else is changing this right now. Send the request again in a moment.")


class NoRoom(exceptions.APIException):
    """507: the storage is full. Nothing was kept."""

    status_code = status.HTTP_507_INSUFFICIENT_STORAGE
    default_code = "storage_full"


class DatabaseAway(exceptions.APIException):
    """503: PostgreSQL cannot be reached. Nothing was changed."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "database_away"
    default_detail = _("The database cannot be reached. Nothing was half saved; try again in a moment.")
    # The framework makes the header Retry-After of it.
    wait = RETRY_SECONDS


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the answer for an error; anticipated refusals keep their code, message and field."""
    if is_in_use(error):
        error = Busy()
    elif is_database_away(error):
        error = DatabaseAway()
    elif isinstance(error, StateConflict):
        error = Conflict(detail=str(error), code=error.code)
    elif isinstance(error, NotAllowed):
        error = exceptions.PermissionDenied(detail=str(error), code=error.code)
    elif isinstance(error, Missing):
        error = exceptions.NotFound(detail=str(error), code=error.code)
    elif getattr(error, "no_room", False):
        error = NoRoom(detail=str(error), code=getattr(error, "code", None))
    elif getattr(error, "unprocessable", False):
        error = Unprocessable(detail=str(error), code=getattr(error, "code", None))
    elif isinstance(error, DoorstepError) and getattr(error, "problems", None):
        error = exceptions.ValidationError(_by_field(error))
    elif isinstance(error, InvalidInput) and error.field:
        error = exceptions.ValidationError({error.field: [str(error)]}, code=error.code)
    elif isinstance(error, DoorstepError):
        error = exceptions.ValidationError(str(error), code=error.code)
    return standard_handler(error, context)  # type: ignore[arg-type]


def _by_field(error: Any) -> dict[str, list[exceptions.ErrorDetail]]:
    """Return every problem under its field, with its own code."""
    found: dict[str, list[exceptions.ErrorDetail]] = {}
    for problem in error.problems:
        detail = exceptions.ErrorDetail(str(problem.message), code=str(problem.code))
        found.setdefault(problem.field or "non_field_errors", []).append(detail)
    return found
