"""Pieces that serializers of every floor share."""

from typing import Any

from django.utils.functional import Promise
from rest_framework import serializers

from backoffice.core.rest.filtering import MAX_ID


class LabelField(serializers.CharField):
    """The words for a code, in the language of Accept-Language."""

    def __init__(self, field: str, **kwargs: Any) -> None:
        self.field = field
        super().__init__(source=f"get_{field}_display", read_only=True, **kwargs)

    def to_representation(self, value: Any) -> str:
        """Return the words in the language of the request."""
        return str(value() if callable(value) and not isinstance(value, Promise) else value)


class NumberedField(serializers.CharField):
    """The number that people know a record by (C0000012)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(source="__str__", read_only=True, **kwargs)


class PersonField(serializers.CharField):
    """The display name of one of the lender's own people; null is the system."""

    def __init__(self, source: str | None = None, **kwargs: Any) -> None:
        super().__init__(source=source, read_only=True, allow_null=True, **kwargs)


class ReasonInput(serializers.Serializer[Any]):
    """Why it is done."""

    reason = serializers.CharField(max_length=300)


class IdField(serializers.IntegerField):
    """The number of a record; one that the database could not hold is refused."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, max_value=MAX_ID, **kwargs)


class VisibleField(serializers.PrimaryKeyRelatedField[Any]):
    """A related record by its number. One that the caller may not see does not exist."""

    def __init__(self, model: Any = None, **kwargs: Any) -> None:
        self.model = model
        kwargs.setdefault("pk_field", IdField())
        super().__init__(queryset=model._default_manager.all(), **kwargs)

    def get_queryset(self) -> Any:
        """Return the rows that the caller may see; none without a request."""
        rows = super().get_queryset()
        request = self.context.get("request")
        return rows.visible_to(request.user) if request is not None else rows.none()  # type: ignore[union-attr]
