"""Who may read the description of the REST doors (`/api/schema/` and `/api/docs/`)."""

from typing import Any

from django.conf import settings
from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class FullySignedIn(BasePermission):
    """A program with a token, or a person whose session has the second factor where that is required."""

    def has_permission(self, request: Request, view: Any) -> bool:
        """Return whether the caller may read the description."""
        user: Any = request.user
        if not user or not user.is_authenticated:
            return False
        return request.auth is not None or not settings.SECOND_FACTOR_REQUIRED or bool(user.is_verified())
