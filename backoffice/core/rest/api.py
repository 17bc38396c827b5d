"""The REST doors' base: rows by scope, reading only. Writes are actions (backoffice/outbox/write_actions.py)."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.mixins import ListModelMixin, RetrieveModelMixin
from rest_framework.request import Request
from rest_framework.serializers import BaseSerializer
from rest_framework.viewsets import GenericViewSet

from backoffice.core.rest import openapi  # noqa: F401 - tells the schema how machines sign in
from backoffice.core.rest.parsing import BoundedJSONParser


class ScopedViewSet(GenericViewSet[Any]):
    """
    Rows by `visible_to`; a foreign row is 404.

    `permissions` names, for each action, what a person's role must hold, and `scopes` what a machine's token must
    carry. An action that is in neither is closed (core/callers.py).
    """

    model: ClassVar[type[Model]]
    permissions: ClassVar[dict[str, str]] = {}
    scopes: ClassVar[dict[str, str]] = {}
    # What the serializers look at beyond the row itself, so that a page costs the same for one row and for fifty.
    related: ClassVar[tuple[str, ...]] = ()
    prefetched: ClassVar[tuple[Any, ...]] = ()
    # The serializer of one record, where it says more than a line of the list.
    detail_serializer_class: ClassVar[type[BaseSerializer[Any]] | None] = None
    filterset_class: ClassVar[Any] = None
    parser_classes = [BoundedJSONParser]
    # A longer number is beyond the database's and names no record.
    lookup_value_regex = "[0-9]{1,18}"

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Refuse a method that the door has not with 405; it would have no declared permission either."""
        if getattr(self, "action", None) is None:
            self.perform_authentication(request)
            raise MethodNotAllowed(str(request.method))
        super().initial(request, *args, **kwargs)

    def get_queryset(self) -> QuerySet[Any]:
        """Return only the rows that the caller may see."""
        rows: QuerySet[Any] = self.model._default_manager.all()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        rows = rows.visible_to(self.request.user)  # type: ignore[attr-defined]
        if self.related:
            rows = rows.select_related(*self.related)
        return rows.prefetch_related(*self.prefetched)

    def get_serializer_class(self) -> type[BaseSerializer[Any]]:
        """Return the serializer of one record for every action but the list, where there is one."""
        if self.detail_serializer_class is not None and self.action != "list":
            return self.detail_serializer_class
        return super().get_serializer_class()


class ReadViewSet(ListModelMixin, RetrieveModelMixin, ScopedViewSet):
    """A list by pages and one record."""
