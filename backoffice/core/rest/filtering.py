"""Filters of the REST doors: named one by one, each bounded by what the database can hold."""

from typing import Any

import django_filters.rest_framework as filters
from django import forms

MAX_ID = 2**63 - 1


class _IdField(forms.IntegerField):
    def __init__(self, **kwargs: Any) -> None:
        # django-filter passes arguments of its decimal field.
        kwargs.pop("decimal_places", None)
        super().__init__(min_value=1, max_value=MAX_ID, **kwargs)


class IdFilter(filters.NumberFilter):
    """The number of a related record. A number beyond the database's is refused, not passed on."""

    field_class = _IdField

    def get_max_validator(self) -> None:
        """Return nothing: the field itself bounds the number."""
        return


class CountFilter(IdFilter):
    """A whole number of at most four bytes, zero included."""

    class field_class(forms.IntegerField):
        """A form field of a whole number from 0 to 2^31 - 1."""

        def __init__(self, **kwargs: Any) -> None:
            kwargs.pop("decimal_places", None)
            super().__init__(min_value=0, max_value=2**31 - 1, **kwargs)


class CodeFilter(filters.CharFilter):
    """An exact code or reference."""

    def __init__(self, field_name: str, **kwargs: Any) -> None:
        super().__init__(field_name=field_name, max_length=120, **kwargs)


def choices(enum: Any, **kwargs: Any) -> Any:
    """Return a filter by one of a closed list of codes."""
    return filters.ChoiceFilter(choices=enum.choices, **kwargs)


def since(field_name: str) -> Any:
    """Return a filter of days on or after."""
    return filters.DateFilter(field_name=field_name, lookup_expr="gte", input_formats=["%Y-%m-%d"])


def until(field_name: str) -> Any:
    """Return a filter of days on or before."""
    return filters.DateFilter(field_name=field_name, lookup_expr="lte", input_formats=["%Y-%m-%d"])


def present(field_name: str) -> Any:
    """Return a filter by whether a column is filled."""
    return filters.BooleanFilter(field_name=field_name, lookup_expr="isnull", exclude=True)
