"""Which versions are in force now or on a day, and which judged a day."""

from datetime import date, timedelta
from typing import Any

import pytest

from cases.models import PolicyVersion
from cases.selectors.policies.versions import versions_on
from cases.services.policies import versions as policies
from tests.factories.policy import policy_body
from tests.factories.portfolio import AT, TODAY

pytestmark = pytest.mark.django_db


DAY = timedelta(days=1)


@pytest.fixture
def approved(risk_manager: Any, general_approver: Any) -> Any:
    """Return a maker of approved versions."""

    def make(segment: str = "") -> PolicyVersion:
        version = policies.draft_version(body=policy_body(), note="made", segment=segment, actor=risk_manager, at=AT)
        policies.submit_version(version=version, actor=risk_manager, at=AT)
        return policies.approve_version(version=version, actor=general_approver, at=AT)

    return make


def activate(version: PolicyVersion, general_approver: Any, *, day: date = TODAY, today: date = TODAY) -> PolicyVersion:
    return policies.activate_version(
        version=version, effective_from=day, business_date=today, actor=general_approver, at=AT
    )


def numbers_on(day: date) -> dict[str, int]:
    return {segment: version.number for segment, version in versions_on(business_date=day).items()}


def test_versions_on_says_what_was_in_force_on_a_past_day(approved: Any, general_approver: Any) -> None:
    activate(approved(), general_approver, day=TODAY - 9 * DAY)
    activate(approved(), general_approver)

    assert [numbers_on(TODAY + days * DAY) for days in (-10, -9, -1, 0, 30)] == [{}, {"": 1}, {"": 1}, {"": 2}, {"": 2}]


def test_versions_on_takes_one_query(approved: Any, general_approver: Any, django_assert_num_queries: Any) -> None:
    for segment in ("", "新客", "小微"):
        activate(approved(segment), general_approver)

    with django_assert_num_queries(1):
        assert [v.policy.segment for v in versions_on(business_date=TODAY).values()] == ["", "小微", "新客"]
