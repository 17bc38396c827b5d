"""The numbers of one day at each step, limited to what a person sees."""

from datetime import timedelta
from typing import Any

import pytest

from reports.selectors.today import along_the_loop
from tests.factories.casework import make_case
from tests.factories.portfolio import TODAY, make_overdue

STEPS = {"portfolio", "triggers", "cases", "visits", "verifications", "decisions", "terms"}


def test_counts_are_of_the_day_and_of_ones_territories(
    officer: Any, auditor: Any, shanghai: Any, chengdu: Any, django_assert_num_queries: Any
) -> None:
    for territory in (shanghai, chengdu):
        make_case(account=make_overdue(territory=territory), opened_on=TODAY)
    make_case(account=make_overdue(territory=shanghai), opened_on=TODAY - timedelta(days=1))
    _ = officer.territory_ids

    with django_assert_num_queries(1):
        own = along_the_loop(user=officer, business_date=TODAY)
    everywhere = along_the_loop(user=auditor, business_date=TODAY)

    assert (own["portfolio"], own["cases"]) == (2, 1)
    assert (everywhere["portfolio"], everywhere["cases"]) == (3, 2)


@pytest.mark.parametrize(
    ("role", "absent"),
    [
        ("AUDITOR", set()),
        ("DISPATCHER", {"verifications", "decisions", "terms"}),
        ("CREW", STEPS - {"visits"}),
        ("ADMINISTRATOR", STEPS),
    ],
)
def test_steps_that_a_role_does_not_view_are_absent(person: Any, role: str, absent: set[str]) -> None:
    assert set(along_the_loop(user=person(role), business_date=TODAY)) == STEPS - absent
