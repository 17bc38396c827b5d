"""The times of a report, one second to each side of every limit."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests.visits.rules.report.test_findings import AT, CN, MET, NOBODY, check_in
from visits.enums import Finding
from visits.rules.report.door_times import TALK_FINDINGS, opened_at, time_problems

# The second of the crew checked in thirty seconds after the first; from then on they may knock.
OPENED = AT + timedelta(seconds=30)
SECOND = timedelta(seconds=1)
TALK = {"contact_started_at": OPENED, "contact_ended_at": OPENED + timedelta(minutes=5)}


def found(draft, **changes):
    problems = list(time_problems(policy=CN, draft=replace(draft, **changes)))
    return [(problem.code, problem.is_incident) for problem in problems]


def test_the_door_opens_with_the_last_check_in_of_the_crew():
    again = (check_in("c1"), check_in("c2", seconds=30), check_in("c1", seconds=45), check_in("c3", seconds=90))

    assert opened_at(draft=MET) == OPENED
    assert opened_at(draft=replace(MET, check_ins=again)) == AT + timedelta(seconds=45)
    assert opened_at(draft=replace(MET, check_ins=again[:1])) is None


@pytest.mark.parametrize(
    ("draft", "stay", "expected"),
    [
        (MET, timedelta(minutes=45), []),
        (MET, timedelta(minutes=45) + SECOND, [("STAYED_TOO_LONG", True)]),
        (NOBODY, timedelta(minutes=15), []),
        (NOBODY, timedelta(minutes=15) + SECOND, [("STAYED_TOO_LONG", True)]),
    ],
)
def test_the_stay_is_measured_from_check_in_to_check_out_whatever_is_typed(draft, stay, expected):
    assert found(draft, **TALK, checked_out_at=OPENED + stay) == expected


def test_a_talk_that_is_said_to_be_longer_than_the_stay_counts_as_stated():
    longer = {"contact_started_at": OPENED, "contact_ended_at": OPENED + timedelta(minutes=45) + SECOND}

    assert found(MET, **longer, checked_out_at=None) == [("STAYED_TOO_LONG", True)]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"contact_started_at": OPENED}, []),
        ({"contact_started_at": OPENED - SECOND}, [("CONTACT_BEFORE_CHECK_IN", True)]),
        ({"contact_ended_at": MET.checked_out_at}, []),
        ({"contact_ended_at": MET.checked_out_at + SECOND}, [("CONTACT_AFTER_CHECK_OUT", True)]),
        ({"window": (MET.contact_started_at, MET.contact_ended_at)}, []),
        ({"window": (MET.contact_started_at + SECOND, MET.contact_ended_at)}, [("CONTACT_OUTSIDE_WINDOW", True)]),
        ({"window": (MET.contact_started_at, MET.contact_ended_at - SECOND)}, [("CONTACT_OUTSIDE_WINDOW", True)]),
        ({"window": None}, []),
        ({"consent_ended_at": MET.contact_ended_at}, []),
        ({"consent_ended_at": MET.contact_ended_at - SECOND}, [("CONTACT_WITHOUT_CONSENT", True)]),
        ({"contact_started_at": None}, [("CONTACT_TIMES_MISSING", False)]),
        ({"contact_ended_at": None}, [("CONTACT_TIMES_MISSING", False)]),
    ],
)
def test_the_talk_lies_in_the_stay_and_in_the_window(changes, expected):
    assert found(MET, **changes) == expected


def test_nobody_met_needs_no_times_of_a_talk():
    assert found(NOBODY, contact_started_at=None, contact_ended_at=None) == []
    assert Finding.F20 not in TALK_FINDINGS
