"""Business dates with kept facts, and ranges of borrowers that cover everybody once."""

from datetime import timedelta
from typing import Any

import pytest

from backoffice.core.errors import InvalidInput
from cases.models import AccountFacts
from cases.services.trials import fact_ranges
from cases.services.trials.fact_ranges import BEYOND, must_be_kept, next_day, ranges
from tests.factories.facts import make_facts
from tests.factories.portfolio import TODAY, make_overdue

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def test_ranges_follow_each_other_and_hold_every_fact_once(shanghai: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fact_ranges, "RANGE_FACTS", 3)
    for _account in range(8):
        make_facts(account=make_overdue(territory=shanghai))

    found = list(ranges(business_date=TODAY))

    assert (found[0][0], found[-1][1]) == (0, BEYOND)
    assert [upper for _lower, upper in found[:-1]] == [lower for lower, _upper in found[1:]]
    facts = AccountFacts.objects.filter(business_date=TODAY)
    sizes = [facts.filter(borrower_id__gte=lower, borrower_id__lt=upper).count() for lower, upper in found]
    assert (sum(sizes), max(sizes)) == (8, 4)


def test_a_day_without_facts_is_one_empty_range() -> None:
    assert list(ranges(business_date=TODAY)) == [(0, BEYOND)]


def test_next_day_skips_days_without_facts(shanghai: Any) -> None:
    account = make_overdue(territory=shanghai)
    for days in (0, 3):
        make_facts(account=account, business_date=TODAY + days * DAY)

    until = TODAY + 9 * DAY
    assert [next_day(after=TODAY + days * DAY, until=until) for days in (-1, 0, 3)] == [TODAY, TODAY + 3 * DAY, None]
    assert next_day(after=TODAY, until=TODAY + 2 * DAY) is None


def test_must_be_kept_names_the_days_that_are(shanghai: Any) -> None:
    make_facts(account=make_overdue(territory=shanghai))
    must_be_kept(business_date=TODAY)

    with pytest.raises(InvalidInput, match=TODAY.isoformat()):
        must_be_kept(business_date=TODAY + DAY)
