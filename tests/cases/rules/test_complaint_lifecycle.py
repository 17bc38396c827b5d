"""A complaint is answered once, by those who decide complaints."""

from cases.enums import ComplaintState
from cases.rules.complaint_lifecycle import COMPLAINT, UNANSWERED


def test_every_answer_ends_a_complaint():
    answers = {
        step.action: step.target for step in COMPLAINT.transitions if step.permission == "cases.decide_complaint"
    }

    assert answers == {"uphold": ComplaintState.UPHELD, "reject": ComplaintState.REJECTED}
    assert not UNANSWERED & {*answers.values()}
