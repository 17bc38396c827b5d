"""The calendar in use, and how certain the coming years are."""

from datetime import date

import pytest

from cases.models import HolidayNotice
from cases.rules.calendar import Calendar
from cases.rules.holiday_notice import breaks_as_json
from cases.rules.holidays import Certainty
from cases.selectors.policies.holidays import calendar_in_use, jurisdictions_at_work, missing_notice, years_ahead
from tests.conftest import AT
from tests.factories.holidays import NOTICE_2027, SOURCE, notice_of, put_in_use


@pytest.fixture
def in_use(risk_manager, approver):
    return put_in_use(notice=NOTICE_2027, made_by=risk_manager, confirmed_by=approver)


@pytest.fixture
def draft(risk_manager):
    return HolidayNotice.objects.create(
        year=2028,
        source=SOURCE,
        breaks=breaks_as_json(notice=notice_of(2028)),
        made_by=risk_manager,
        created_at=AT,
        updated_at=AT,
    )


def test_the_calendar_holds_the_confirmed_notices_in_one_statement(in_use, draft, django_assert_num_queries):
    with django_assert_num_queries(1):
        calendar = calendar_in_use()

    assert calendar == Calendar(notices=(NOTICE_2027,))


def test_the_calendar_is_read_again_each_time(risk_manager, approver):
    assert not calendar_in_use().is_national_holiday(day=date(2027, 10, 8))
    put_in_use(notice=NOTICE_2027, made_by=risk_manager, confirmed_by=approver)
    assert calendar_in_use().is_national_holiday(day=date(2027, 10, 8))


def test_this_year_and_the_next_two_say_how_certain_they_are(in_use, draft, risk_manager, django_assert_num_queries):
    with django_assert_num_queries(1):
        ahead = years_ahead(user=risk_manager, business_date=date(2026, 11, 30))

    assert [(each.year, each.certainty, each.in_use, each.waiting) for each in ahead] == [
        (2026, Certainty.PUBLISHED, None, None),
        (2027, Certainty.ENTERED, in_use, None),
        (2028, Certainty.STATUTORY, None, draft),
    ]


def test_outside_firms_see_no_notice(in_use, draft, person):
    ahead = years_ahead(user=person("CREW", name="crew"), business_date=date(2027, 1, 1))

    assert [(each.in_use, each.waiting) for each in ahead] == [(None, None)] * 3


@pytest.mark.parametrize(
    ("day", "missing"),
    [
        (date(2026, 10, 31), None),
        (date(2026, 11, 1), None),  # 2027 is entered
        (date(2027, 10, 31), None),
        (date(2027, 11, 1), 2028),  # a draft is not enough
        (date(2030, 12, 31), 2031),
        (date(2025, 12, 31), None),  # 2026 is published
    ],
)
def test_the_notice_of_the_next_year_is_missed_from_november_on(in_use, draft, risk_manager, day, missing):
    assert missing_notice(user=risk_manager, business_date=day) == missing


def test_each_jurisdiction_of_the_territories_is_missed(in_use, risk_manager, shanghai):
    type(shanghai).objects.filter(pk=shanghai.pk).update(jurisdiction="UK")

    assert jurisdictions_at_work(user=risk_manager) == ["CN", "UK"]
    assert missing_notice(user=risk_manager, business_date=date(2026, 11, 1)) == 2027
    assert calendar_in_use(jurisdiction="UK").certainty(year=2026) == "UNKNOWN"
