"""Which sources need a look."""

from datetime import timedelta
from typing import Any

import pytest

from cases.models import BreakerLimit, SourceFreshness
from cases.selectors.runs.feeds import FeedWarning, feed_warnings
from tests.factories.portfolio import AT, TODAY

pytestmark = pytest.mark.django_db


def source(name: str, *, age: int = 0, **fields: Any) -> None:
    values = {"overdue_count": 200, "older_count": 0, "open_count": 900, "updated_at": AT} | fields
    SourceFreshness.objects.create(source=name, newest_as_of=TODAY - timedelta(days=age), **values)


def warning(name: str, **fields: Any) -> FeedWarning:
    values = {
        "age_days": 0,
        "max_age_days": 3,
        "is_old": False,
        "older": 0,
        "overdue": 200,
        "missing_since": None,
    } | fields
    return FeedWarning(source=name, as_of=TODAY - timedelta(days=values["age_days"]), **values)


def test_sources_are_named_whose_figures_are_old_partly_old_or_whose_file_is_missing(
    risk_manager: Any, django_assert_num_queries: Any
) -> None:
    # A Monday; the file came on each working day up to the last Thursday.
    days = (4, 5, 6, 7, 10)
    source("old", age=4, older_count=200)
    source("good", age=3, older_count=1)
    source("partly", older_count=50)
    source("missing", arrivals=[AT - timedelta(days=day) for day in days])
    source("weekly", age=9)
    source("empty", age=90, overdue_count=0, older_count=0, open_count=0)
    source("new", age=5, overdue_count=None, older_count=None, open_count=None)
    BreakerLimit.objects.create(measure="FIGURES", source="weekly", max_share="0.01", max_age_days=9, updated_at=AT)

    with django_assert_num_queries(2):
        found = feed_warnings(user=risk_manager, business_date=TODAY, at=AT)

    assert found == [
        warning("new", age_days=5, is_old=True, overdue=0),
        warning("old", age_days=4, is_old=True, older=200),
        warning("missing", missing_since=TODAY - timedelta(days=4)),
        warning("partly", older=50),
    ]
