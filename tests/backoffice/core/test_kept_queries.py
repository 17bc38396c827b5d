"""A kept query is written once, and finds what its queryset finds whatever values it is given."""

from datetime import timedelta
from typing import Any

import pytest

from backoffice.core.id_lists import array_of
from backoffice.core.kept_queries import KeptQuery
from cases.models import Borrower
from tests.factories.portfolio import AT, make_borrower

pytestmark = pytest.mark.django_db


def test_it_finds_what_its_queryset_finds_and_is_written_once(shanghai: Any, django_assert_num_queries: Any) -> None:
    written = []

    def rows(borrowers: Any, since: Any) -> Any:
        written.append(1)
        found = Borrower.objects.filter(pk__in=borrowers, last_app_login_at__gte=since, territory=shanghai)
        return found.order_by("pk").values_list("pk", "last_app_login_at")

    query = KeptQuery(rows, borrowers="ids", since="instant")
    instants = [AT + timedelta(hours=hour, microseconds=1) for hour in range(3)]
    ids = [make_borrower(territory=shanghai, last_app_login_at=at).pk for at in instants]
    pairs = list(zip(ids, instants, strict=True))

    with django_assert_num_queries(5):
        found = [
            query(borrowers=ids, since=AT),
            query(borrowers=set(ids[:2]), since=AT),
            query(borrowers=array_of(ids), since=instants[1]),
            query(borrowers=[], since=AT),
            query(since=instants[2] + timedelta(microseconds=1), borrowers=ids),
        ]

    assert found == [pairs, pairs[:2], pairs[1:], [], []]
    assert written == [1]


def test_a_value_that_is_missing_is_an_error() -> None:
    query = KeptQuery(lambda ids: Borrower.objects.filter(pk__in=ids).values_list("pk"), ids="ids")

    with pytest.raises(KeyError):
        query()
