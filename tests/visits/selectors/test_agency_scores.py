"""The last evaluation of each agency, in the list's own query."""

from datetime import date
from typing import Any

from tests.factories.visits import make_agency
from visits.models import Agency, AgencyEvaluation
from visits.selectors.agency_scores import with_last_score


def test_a_list_of_agencies_shows_each_ones_last_score(shanghai: Any, django_assert_num_queries: Any) -> None:
    scored, unscored, new = (make_agency(territory=shanghai) for _each in range(3))
    for agency, day, values in (
        (scored, date(2026, 2, 1), {"score": 90}),
        (scored, date(2026, 3, 1), {"score": 71, "score_low": 66, "score_high": 75}),
        (unscored, date(2026, 3, 1), {"score": None}),
    ):
        AgencyEvaluation.objects.create(agency=agency, evaluated_on=day, **values)

    with django_assert_num_queries(1):
        shown = {agency.pk: agency.last_score for agency in with_last_score(Agency.objects.all())}

    assert shown == {
        scored.pk: {"score": 71, "low": 66, "high": 75},
        unscored.pk: {"score": None, "low": None, "high": None},
        new.pk: None,
    }
