"""The REST doors' base: rows by scope, writes as actions."""

from typing import Any, ClassVar

from django.db.models import Model, QuerySet
from rest_framework.viewsets import GenericViewSet


class ScopedViewSet(GenericViewSet[Any]):
    """Rows by `visible_to`; a foreign row is 404. Writes are actions that call one service each."""

    model: ClassVar[type[Model]]
    permissions: ClassVar[dict[str, str]] = {}
    scopes: ClassVar[dict[str, str]] = {}

    def get_queryset(self) -> QuerySet[Any]:
        """Return only the rows that the caller may see."""
        rows: QuerySet[Any] = self.model._default_manager.all()
        if getattr(self, "swagger_fake_view", False):
            return rows.none()
        return rows.visible_to(self.request.user)  # type: ignore[attr-defined, no-any-return]
