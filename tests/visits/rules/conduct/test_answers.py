"""Every answer has its effect, and a wish keeps the hours, the days and the notice to the second."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils.translation import override

from cases.rules.calendar import Calendar
from visits.enums import LetterAnswerKind
from visits.rules.conduct.answers import ACTED_ON, EFFECTS, counts_at_once, wish_problem
from visits.rules.conduct.policy import ConductPolicy

SHANGHAI = ZoneInfo("Asia/Shanghai")
AT = datetime(2026, 3, 2, 10, 0, 17, 482_913, tzinfo=SHANGHAI)
SECOND = timedelta(seconds=1)


def problem(opens, closes, at=AT):
    found = wish_problem(policy=ConductPolicy(), calendar=Calendar(), opens_at=opens, closes_at=closes, at=at)
    return None if found is None else str(found)


def test_every_answer_has_an_effect():
    assert set(EFFECTS) == set(LetterAnswerKind)
    assert set(LetterAnswerKind) - {LetterAnswerKind.OTHER_TIME, LetterAnswerKind.COMPLAINT} == ACTED_ON


@pytest.mark.parametrize("kind", LetterAnswerKind.values)
def test_only_what_is_proven_counts_at_once_and_not_what_a_person_must_look_at(kind):
    assert counts_at_once(kind=kind, is_proven=True) == (kind not in ("PAPER", "NOT_HERE"))
    assert counts_at_once(kind=kind, is_proven=False) is False


def test_video_is_arranged_by_a_person():
    assert counts_at_once(kind="OTHER_TIME", is_proven=True, by_video=True) is False


def day(hour, minute=0, days=2):
    return datetime(2026, 3, 2, hour, minute, tzinfo=SHANGHAI) + timedelta(days=days)


def test_the_window_is_kept_to_the_second():
    assert problem(day(9), day(11)) is None
    assert problem(day(9) - SECOND, day(11)) is not None
    assert problem(day(18), day(20)) is None
    assert problem(day(18), day(20) + SECOND) is not None
    assert problem(day(10), day(12) - SECOND) is not None


def test_the_notice_is_kept_to_the_second():
    soon = AT + timedelta(hours=24)

    assert problem(soon, soon + timedelta(hours=3)) is None
    assert problem(soon - SECOND, soon + timedelta(hours=3)) is not None


def test_no_day_beyond_the_orders_validity_and_none_of_a_holiday():
    last = AT + timedelta(days=14)
    assert problem(last, last + timedelta(hours=3)) is None
    assert problem(last + SECOND, last + timedelta(hours=3)) is not None
    # National Day.
    october = datetime(2026, 10, 1, 10, tzinfo=SHANGHAI)
    assert problem(october, october + timedelta(hours=3), at=october - timedelta(days=2)) is not None


def test_a_wish_across_midnight_is_outside_of_the_window():
    assert problem(day(18), day(10, days=3)) is not None


def agreed(opens, closes, at=AT):
    found = wish_problem(
        policy=ConductPolicy(), calendar=Calendar(), opens_at=opens, closes_at=closes, at=at, is_agreed=True
    )
    return None if found is None else str(found)


def test_a_recorded_time_may_leave_the_hours_but_not_its_day_the_notice_or_the_length():
    assert problem(day(20, 30), day(22, 30)) is not None
    assert agreed(day(20, 30), day(22, 30)) is None
    assert agreed(day(5), day(7)) is None
    assert agreed(day(21, 59), day(23, 59)) is None
    assert agreed(day(22), day(0, days=3)) is not None
    assert agreed(day(20, 30), day(22, 30) - SECOND) is not None
    soon = AT + timedelta(hours=24)
    assert agreed(soon, soon + timedelta(hours=2)) is None
    assert agreed(soon - SECOND, soon + timedelta(hours=2)) is not None
    october = datetime(2026, 10, 1, 20, 30, tzinfo=SHANGHAI)
    assert agreed(october, october + timedelta(hours=2), at=october - timedelta(days=2)) is not None


def test_who_asks_for_another_hour_on_the_page_is_told_to_call():
    with override("en"):
        said = problem(day(20, 30), day(22, 30))

    assert said == (
        "Nobody comes at this hour. Choose a time between 09:00 and 20:00. If only another hour suits you, call us: we agree "
        "on it on the recorded telephone."
    )
