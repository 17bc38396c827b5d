"""Who calls a REST door and what they may do there. Imported by the framework's own settings: no views here."""

from typing import Any

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from oauth2_provider.contrib.rest_framework import OAuth2Authentication
from rest_framework import exceptions
from rest_framework.pagination import Cursor, CursorPagination
from rest_framework.permissions import BasePermission
from rest_framework.request import Request


class MachineAuthentication(OAuth2Authentication):
    """A bearer token of a client. The client's own machine user stands for it; its scopes limit it."""

    def authenticate(self, request: Request) -> Any:
        """
        Return the machine user and the token, or None without a bearer token.

        :raises AuthenticationFailed: if the client's user is missing or inactive.
        """
        found = super().authenticate(request)
        if found is None:
            return None
        user, token = found
        user = user or token.application.user
        if user is None or not user.is_active:
            raise exceptions.AuthenticationFailed
        return user, token


class DeclaredPermission(BasePermission):
    """
    Deny by default: a view names, for each action, the permission that a person needs and the scope that a
    machine needs. An action that names neither is closed.
    """

    def has_permission(self, request: Request, view: Any) -> bool:
        """
        Return whether the caller may carry out the view's action.

        :raises PermissionDenied: if a client's scopes cannot go together; the answer names them.
        """
        if not request.user or not request.user.is_authenticated:
            return False
        action = getattr(view, "action", None) or str(request.method).lower()
        if request.auth is not None:
            conflict = getattr(request.user, "scope_conflict", ())
            if conflict:
                # Such a client would see no rows of these scopes at all, and take that for an empty portfolio.
                text = _("The client's scopes cannot go together: visits:write with %(scopes)s. Use two clients.")
                raise exceptions.PermissionDenied(text % {"scopes": ", ".join(conflict)}, code="scope_conflict")
            scope = getattr(view, "scopes", {}).get(action)
            return bool(scope) and request.auth.is_valid([scope])  # type: ignore[union-attr]
        if settings.SECOND_FACTOR_REQUIRED and not (
            hasattr(request.user, "is_verified") and request.user.is_verified()
        ):
            # A session without the second factor may do nothing here either.
            return False
        permission = getattr(view, "permissions", {}).get(action)
        return bool(permission) and request.user.has_perm(str(permission))


class KeysetPagination(CursorPagination):
    """Pages by key, newest first: the thousandth page costs what the first does."""

    ordering = "-pk"
    page_size = 50
    page_size_query_param = "page_size"
    max_page_size = 200

    def decode_cursor(self, request: Request) -> Cursor | None:
        """
        Return where the page begins.

        :raises ValidationError: if the cursor is not one that this door gave out.
        """
        if "\0" in request.query_params.get(self.cursor_query_param, ""):
            raise exceptions.ValidationError({self.cursor_query_param: [self.invalid_cursor_message]})
        try:
            cursor = super().decode_cursor(request)
        except exceptions.NotFound:
            raise exceptions.ValidationError({self.cursor_query_param: [self.invalid_cursor_message]}) from None
        position = None if cursor is None or cursor.position is None else str(cursor.position)
        # The base class takes any text for a position; the database would not.
        if position is not None and not (position.isascii() and position.isdigit() and len(position) <= 18):
            raise exceptions.ValidationError({self.cursor_query_param: [self.invalid_cursor_message]})
        return cursor
