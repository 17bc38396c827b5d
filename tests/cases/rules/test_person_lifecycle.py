"""The lifecycle of a suggestion that borrowers are one person."""

from cases.rules.person_lifecycle import PERSON_MERGE, STANDING_MERGE, UNDECIDED_MERGE

DECIDE = "cases.decide_personmerge"


def test_the_whole_table() -> None:
    steps = {
        (step.action, str(source)): (str(step.target), step.permission)
        for step in PERSON_MERGE.transitions
        for source in step.sources
    }

    assert steps == {
        ("approve", "SUGGESTED"): ("APPROVED", DECIDE),
        ("refuse", "SUGGESTED"): ("REFUSED", DECIDE),
        ("lapse", "SUGGESTED"): ("LAPSED", DECIDE),
        ("suggest_parting", "APPROVED"): ("PART_SUGGESTED", DECIDE),
        ("keep", "PART_SUGGESTED"): ("APPROVED", DECIDE),
        ("undo", "APPROVED"): ("UNDONE", DECIDE),
        ("undo", "PART_SUGGESTED"): ("UNDONE", DECIDE),
    }


def test_what_stands_and_what_waits() -> None:
    assert {str(state) for state in STANDING_MERGE} == {"APPROVED", "PART_SUGGESTED"}
    assert {str(state) for state in UNDECIDED_MERGE} == {"SUGGESTED", "PART_SUGGESTED"}
