"""Model fields of sealed personal data. Values are opened only when read, row by row."""

from collections.abc import Callable
from typing import Any

from django.db import models
from django.db.models.expressions import BaseExpression

from backoffice.core.sealed.sealing import blind_index, seal, unseal


class _Sealed(bytes):
    """Bytes as the database gave them, not opened yet."""


class _OpensOnRead:
    """Opens a sealed value when it is first read, with the row's own reference as binding."""

    def __init__(self, field: "SealedField") -> None:
        self.field = field

    def __get__(self, instance: models.Model | None, owner: type) -> Any:
        if instance is None:
            return self
        held = instance.__dict__
        name = self.field.attname
        if name not in held:
            instance.refresh_from_db(fields=[name])
        value = held[name]
        if isinstance(value, _Sealed):
            value = unseal(sealed=value, place=self.field.place, bound_to=self.field.binding(instance))
            held[name] = value
        return value

    def __set__(self, instance: models.Model, value: Any) -> None:
        instance.__dict__[self.field.attname] = value


class SealedField(models.BinaryField[Any, Any]):
    """
    Text kept as ciphertext, bound to the row through `bound_to` (an immutable field known before insert).

    It cannot be searched or ordered by; `BlindIndexField` finds it exactly.
    """

    def __init__(self, *args: Any, bound_to: str = "external_ref", **kwargs: Any) -> None:
        self.bound_to = bound_to
        kwargs.setdefault("default", "")
        kwargs.setdefault("blank", True)
        kwargs["editable"] = True
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs["bound_to"] = self.bound_to
        kwargs.pop("editable", None)
        return name, path, args, kwargs

    def _check_str_default_value(self) -> list[Any]:
        # To Python this field is text; only the database sees bytes.
        return []

    @property
    def place(self) -> str:
        return f"{self.model._meta.db_table}.{self.attname}"

    def binding(self, instance: models.Model) -> str:
        return str(getattr(instance, self.bound_to) or "")

    def contribute_to_class(self, cls: type[models.Model], name: str, private_only: bool = False) -> None:
        super().contribute_to_class(cls, name, private_only)
        setattr(cls, self.attname, _OpensOnRead(self))

    def sealed(self, *, text: str, bound_to: object) -> bytes:
        """
        Return `text` as update() takes it for this field, to be written beside its reference `bound_to`.

        Set on an instance it opens on reading, like a value of the database. An empty text stays empty.
        """
        return _Sealed(seal(text=text, place=self.place, bound_to=str(bound_to)))

    def from_db_value(self, value: Any, expression: BaseExpression, connection: Any) -> Any:
        return None if value is None else _Sealed(bytes(value))

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Return the value as the database stores it: sealed now, unless it is sealed already."""
        value = model_instance.__dict__.get(self.attname, "")
        if value is None or isinstance(value, bytes | memoryview):
            return value
        return seal(text=str(value), place=self.place, bound_to=self.binding(model_instance))

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        if value == "":
            # An empty text seals to nothing; a migration that adds the column writes this default.
            value = b""
        if isinstance(value, str):
            # Reached by update() and filter(), which have no row to bind to.
            raise TypeError(f"{self.place} is sealed: save the instance, or search by its blind index.")
        return super().get_db_prep_value(value, connection, prepared)

    def to_python(self, value: Any) -> Any:
        return value

    def value_to_string(self, obj: models.Model) -> str:
        raise TypeError(f"{self.place} is sealed and is not serialised.")

    def formfield(self, **kwargs: Any) -> None:
        return None


def sealed_value(*, instance: models.Model, name: str) -> bytes:
    """Seal the attribute `name` of a row before it is saved and return the ciphertext, which saving then stores."""
    field: Any = instance._meta.get_field(name)
    ciphertext = bytes(field.pre_save(instance, True))
    instance.__dict__[name] = _Sealed(ciphertext)
    return ciphertext


class BlindIndexField(models.BinaryField[Any, Any]):
    """The keyed index of the sealed field `of` of the same row, computed when the row is saved."""

    def __init__(self, *args: Any, of: str = "", kind: str = "", **kwargs: Any) -> None:
        self.of = of
        self.kind = kind
        kwargs.setdefault("default", b"")
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        kwargs.update(of=self.of, kind=self.kind)
        return name, path, args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = blind_index(text=str(getattr(model_instance, self.of) or ""), kind=self.kind)
        setattr(model_instance, self.attname, value)
        return value


def masked(mask: Callable[[str], str], name: str) -> property:
    """Return a read-only property that shows the sealed attribute `name` through `mask`."""
    return property(lambda self: mask(getattr(self, name)))
