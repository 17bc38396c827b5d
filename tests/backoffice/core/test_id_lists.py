"""A list of ids of any length is one parameter of a query."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from backoffice.core.id_lists import any_of
from cases.models import Borrower
from tests.factories.portfolio import make_borrower

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("make", [list, set, tuple, dict.fromkeys])
def test_rows_are_found_by_whatever_holds_their_ids(make, shanghai):
    first, second, _other = (make_borrower(territory=shanghai) for _each in range(3))

    found = Borrower.objects.filter(pk__in=any_of(make([first.pk, second.pk, first.pk])))

    assert set(found) == {first, second}


def test_no_ids_find_nothing(shanghai):
    make_borrower(territory=shanghai)

    assert not Borrower.objects.filter(pk__in=any_of([])).exists()


def test_a_thousand_ids_are_one_array():
    with CaptureQueriesContext(connection) as queries:
        list(Borrower.objects.filter(pk__in=any_of(range(1000))))

    assert queries[0]["sql"].count("unnest") == 1
    assert queries[0]["sql"].count(" OR ") == 0
    assert "'{0,1,2," in queries[0]["sql"]
