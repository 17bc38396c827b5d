"""Many counts in one statement, each limited to a cap."""

from typing import Any

import pytest

from cases.models import Borrower
from reports.selectors.counting import capped_counts
from tests.factories.portfolio import make_borrower


@pytest.mark.parametrize("cap", [1, 3, 10])
def test_counts_stop_at_the_cap(shanghai: Any, django_assert_num_queries: Any, cap: int) -> None:
    for _ in range(4):
        make_borrower(territory=shanghai)
    first = Borrower.objects.order_by("pk").first()
    assert first is not None
    rows = {"all": Borrower.objects.order_by("-pk"), "one": Borrower.objects.filter(pk=first.pk)}

    with django_assert_num_queries(1):
        assert capped_counts(rows=rows, cap=cap) == {"all": min(4, cap), "one": 1}


@pytest.mark.django_db
def test_queryset_that_can_have_no_row_is_zero_without_a_query(django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(0):
        assert capped_counts(rows={"none": Borrower.objects.none()}, cap=5) == {"none": 0}
        assert capped_counts(rows={}, cap=5) == {}
