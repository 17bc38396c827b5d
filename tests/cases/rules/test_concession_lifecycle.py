"""The steps of concession budgets and of waivers in them."""

from cases.rules.concession_lifecycle import CONCESSION_BUDGET, WAIVER


def test_a_budget_leaves_its_draft_once():
    steps = {(s.action, tuple(s.sources), s.target) for s in CONCESSION_BUDGET.transitions}

    assert steps == {
        ("confirm", ("DRAFT",), "CONFIRMED"),
        ("apply", ("DRAFT",), "RETIRED"),
        ("discard", ("DRAFT",), "RETIRED"),
    }


def test_what_was_released_stays_released():
    assert all("RELEASED" not in step.sources for step in WAIVER.transitions)
    assert {step.action: step.target for step in WAIVER.transitions} == {
        "earn": "USED",
        "wait_again": "HELD",
        "release": "RELEASED",
    }
