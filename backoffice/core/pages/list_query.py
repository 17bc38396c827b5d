"""What the query string of an admin page may name: declared filters, declared searches and sortable columns only."""

from typing import Any, Final

from django.contrib.admin.exceptions import DisallowedModelAdminLookup, DisallowedModelAdminToField
from django.contrib.admin.options import IS_POPUP_VAR, IncorrectLookupParameters
from django.contrib.admin.views.main import (  # type: ignore[attr-defined]  # the stubs lack IS_FACETS_VAR
    ALL_VAR,
    ERROR_FLAG,
    IS_FACETS_VAR,
    ORDER_VAR,
    PAGE_VAR,
    SEARCH_VAR,
)
from django.core.exceptions import FieldError, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from unfold.views import ChangeList

MAX_PARAMETERS: Final = 40
MAX_VALUE_LENGTH: Final = 200
# A page is found by counting rows from the first one, so a distant page costs as much as reading all before it.
MAX_PAGE: Final = 2000
# The pages of a record's inlines are named "<prefix>-page" by Unfold.
INLINE_PAGE: Final = "-page"


class QueryRefused(Exception):
    """The query string names something that the page does not offer, or a value that cannot be read."""


class DeclaredChangeList(ChangeList):
    """
    A list that is filtered, searched and sorted only by what its admin declares.

    Django itself accepts every column of the model as a filter. A reader could then find out a hidden column letter
    by letter (`?reason__startswith=L`), because the number of rows tells whether the guess was right.
    """

    def __init__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        check_list_query(request.GET)
        try:
            super().__init__(request, *args, **kwargs)
        except (
            IncorrectLookupParameters,
            DisallowedModelAdminLookup,
            DisallowedModelAdminToField,
            FieldError,
            ValidationError,
            ValueError,
        ) as error:
            raise QueryRefused from error

    def get_filters(self, request: HttpRequest) -> Any:
        """Return what Django makes of the filters; refuse any parameter that no declared filter has taken."""
        found = super().get_filters(request)
        left_over = found[2]
        if not left_over.keys() <= set(self.model_admin.link_lookups):
            raise QueryRefused
        return found

    def get_ordering(self, request: HttpRequest, queryset: Any) -> Any:
        """Return the order of the rows; refuse a column that the list does not show or cannot sort by."""
        for part in filter(None, self.params.get(ORDER_VAR, "").split(".")):
            if not self._is_sortable(part.removeprefix("-")):
                raise QueryRefused
        return super().get_ordering(request, queryset)

    def _is_sortable(self, number: str) -> bool:
        if not _is_number(number, most=len(self.list_display) - 1):
            return False
        column = self.list_display[int(number)]
        offered = self.sortable_by is None or column in self.sortable_by
        return offered and bool(self.get_ordering_field(column))


def check_list_query(query: QueryDict, *, page_name: str = PAGE_VAR) -> None:
    """
    Pass if a list's own parameters (page, search, order, popup) are within their bounds.

    :raises QueryRefused: if a value is too long, holds NUL, or a number is not one; also for `_facets`, which would
        count every choice of every filter, and for Django's error flag, which no page of ours sends.
    """
    check_values(query)
    page = query.get(page_name)
    if page is not None and not _is_number(page, least=1, most=MAX_PAGE):
        raise QueryRefused
    if query.get(IS_POPUP_VAR, "1") != "1" or query.get(ALL_VAR, ""):
        raise QueryRefused
    if IS_FACETS_VAR in query or ERROR_FLAG in query:
        raise QueryRefused
    # One search and one order: of several values Django would take the last one and ignore the others.
    if any(len(query.getlist(name)) > 1 for name in (SEARCH_VAR, ORDER_VAR, page_name, IS_POPUP_VAR)):
        raise QueryRefused


def check_record_query(query: QueryDict) -> None:
    """
    Pass if the parameters of a record's page can be read; the pages of its inlines are numbers.

    :raises QueryRefused: if a value is too long, holds NUL, or the number of an inline's page is not one.
    """
    check_values(query)
    for name, values in query.lists():
        if name.endswith(INLINE_PAGE) and not all(_is_number(value, most=MAX_PAGE) for value in values):
            raise QueryRefused


def check_values(query: QueryDict) -> None:
    """
    Pass if a query string has at most 40 values of at most 200 characters without NUL, which PostgreSQL takes in no text.

    :raises QueryRefused: otherwise.
    """
    pairs = [(name, value) for name, values in query.lists() for value in values]
    if len(pairs) > MAX_PARAMETERS:
        raise QueryRefused
    for name, value in pairs:
        # Where a record's page leads back to: a whole query string of its own.
        longest = MAX_VALUE_LENGTH * (10 if name == "_changelist_filters" else 1)
        if len(name) > MAX_VALUE_LENGTH or len(value) > longest or "\0" in name or "\0" in value:
            raise QueryRefused


def refused_page(request: HttpRequest) -> HttpResponse:
    """Return the page that answers such a query string: 400, in the reader's language."""
    text = _("This page cannot be filtered, searched or sorted like that. Go back and choose from what it offers.")
    return render(request, "error.html", {"status": 400, "text": text}, status=400)


def _is_number(text: str, *, least: int = 0, most: int) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= 6 and least <= int(text) <= most
