"""What has ended stays ended; a run that a worker left is begun again."""

import pytest

from visits.planning_enums import LetterState, PlanningState
from visits.rules.dispatch.lifecycle import LETTER_LIFECYCLE, PLANNING_LIFECYCLE


@pytest.mark.parametrize(
    ("lifecycle", "words", "ends"),
    [
        (PLANNING_LIFECYCLE, PlanningState, {"FINISHED", "FAILED"}),
        (LETTER_LIFECYCLE, LetterState, {"MADE", "DROPPED", "FAILED"}),
    ],
)
def test_no_step_leads_out_of_an_end_and_one_leads_to_each(lifecycle, words, ends):
    left = {str(source) for step in lifecycle.transitions for source in step.sources}
    reached = {str(step.target) for step in lifecycle.transitions}

    assert left == set(words.values) - ends
    assert ends <= reached


def test_a_run_that_is_begun_can_be_begun_again():
    assert PLANNING_LIFECYCLE.step("begin").sources == {"WAITING", "RUNNING"}
