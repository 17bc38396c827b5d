"""How an anticipated refusal looks to a REST client."""

from typing import Any

from drf_standardized_errors.handler import exception_handler as standard_handler
from rest_framework import exceptions, status
from rest_framework.response import Response

from backoffice.core.errors import DoorstepError, InvalidInput, Missing, NotAllowed, StateConflict


class Conflict(exceptions.APIException):
    """409: the record's state does not allow the action."""

    status_code = status.HTTP_409_CONFLICT
    default_code = "state_conflict"


def exception_handler(error: Exception, context: dict[str, Any]) -> Response | None:
    """Return the answer for an error; anticipated refusals keep their code, message and field."""
    if isinstance(error, StateConflict):
        error = Conflict(detail=str(error), code=error.code)
    elif isinstance(error, NotAllowed):
        error = exceptions.PermissionDenied(detail=str(error), code=error.code)
    elif isinstance(error, Missing):
        error = exceptions.NotFound(detail=str(error), code=error.code)
    elif isinstance(error, InvalidInput) and error.field:
        error = exceptions.ValidationError({error.field: [str(error)]}, code=error.code)
    elif isinstance(error, DoorstepError):
        error = exceptions.ValidationError(str(error), code=error.code)
    return standard_handler(error, context)
