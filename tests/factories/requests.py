"""Requests to REST doors, and the rows that they change."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.test import Client

FOREIGN = {
    "CharField": "ELSE",
    "TextField": "ELSE",
    "BigAutoField": 987654321,
    "BigIntegerField": 987654321,
    "IntegerField": 9876,
    "PositiveIntegerField": 9876,
    "PositiveSmallIntegerField": 98,
    "BooleanField": True,
    "DateField": "2001-01-01",
    "DateTimeField": "2001-01-01T00:00:00Z",
    "DecimalField": "0.12",
    "JSONField": {"x": 1},
    "ForeignKey": 987654321,
    "OneToOneField": 987654321,
    "FloatField": 1.5,
    "UUIDField": "00000000-0000-4000-8000-000000000000",
    "FileField": "x",
    "ArrayField": ["X"],
    "BinaryField": "AAAA",
    "SealedField": "ELSE",
    "BlindIndexField": "AAAA",
}


def signed_in(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def post(user: Any, address: str, body: dict[str, Any], **headers: str) -> Any:
    """Send JSON to a door as a person."""
    return signed_in(user).post(address, body, content_type="application/json", headers=headers)


def every_column(model: Any, *, but_not: set[str]) -> dict[str, Any]:
    """Return a value for every column of a model, by field name and by column name, except the declared ones."""
    values: dict[str, Any] = {}
    for field in model._meta.concrete_fields:
        kind = type(field).__name__ if type(field).__name__ in FOREIGN else field.get_internal_type()
        for name in {field.name, field.attname} - but_not:
            values[name] = FOREIGN[kind]
    return values


def outcome(model: Any, send: Callable[[], Any]) -> tuple[int, list[dict[str, Any]]]:
    """Return the status of a request and all rows of a model after it, then roll the request back."""
    hidden = {model._meta.pk.attname, "external_ref", "note_ref", "explanation_ref", "text_ref", "effect_key", "file"}
    with transaction.atomic():
        status = send().status_code
        names = [
            f.attname
            for f in model._meta.concrete_fields
            if f.attname not in hidden and type(f).__name__ != "SealedField"
        ]
        rows = list(model._default_manager.order_by("pk").values(*names))
        transaction.set_rollback(True)
    return status, rows
