"""The choices of a related field as somebody types, for the admin's forms."""

from typing import Any

from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.core.exceptions import SuspiciousOperation
from django.http import HttpRequest

from backoffice.core.pages.list_query import QueryRefused, check_list_query


class BoundedAutocompleteView(AutocompleteJsonView):
    """Answers 400 to a query string that a list would refuse; rows come from the related admin, so within scope."""

    def process_request(self, request: HttpRequest) -> Any:
        """
        Return the term and what it is searched in.

        :raises SuspiciousOperation: if a value is too long, holds NUL, or the page is not a number up to 2,000.
        """
        try:
            check_list_query(request.GET, page_name="page")
        except QueryRefused as error:
            raise SuspiciousOperation("The query string of an autocomplete field cannot be read.") from error
        return super().process_request(request)
