"""The order of legal steps: mediation first, days to answer, no court beside an agreement, no step backwards."""

from datetime import date, timedelta

import pytest

from cases.rules.legal_steps import ANSWER_DAYS, NextStep, Step, next_steps, recovery_stands, step_refusal

BEGAN = date(2026, 3, 2)
TODAY = date(2026, 6, 1)


def steps(*recorded: tuple[str, int]) -> list[Step]:
    """Steps by kind and days after the approval."""
    return [Step(kind=kind, on=BEGAN + timedelta(days=days)) for kind, days in recorded]


def refused(kind: str, days: int, *before: tuple[str, int]) -> str:
    step = Step(kind=kind, on=BEGAN + timedelta(days=days))
    found = step_refusal(steps=steps(*before), step=step, begins_on=BEGAN, today=TODAY)
    return found.code if found else ""


OFFERED = ("MEDIATION_OFFERED", 1)


@pytest.mark.parametrize(
    ("before", "may_come"),
    [
        ((), {"MEDIATION_OFFERED"}),
        ((OFFERED,), {"MEDIATION_AGREED", "MEDIATION_FAILED", "FILED", "CLOSED"}),
        ((OFFERED, ("MEDIATION_AGREED", 3)), {"MEDIATION_FAILED", "CLOSED"}),
        ((OFFERED, ("MEDIATION_FAILED", 3)), {"MEDIATION_OFFERED", "FILED", "CLOSED"}),
        ((OFFERED, ("FILED", 20)), {"CLOSED"}),
        ((OFFERED, ("CLOSED", 20)), set()),
    ],
)
def test_what_may_come_next(before, may_come):
    coming = next_steps(steps=steps(*before), begins_on=BEGAN)

    assert {step.kind for step in coming} == may_come
    every = {"MEDIATION_OFFERED", "MEDIATION_AGREED", "MEDIATION_FAILED", "FILED", "CLOSED"}
    assert {kind for kind in every if not refused(kind, 80, *before)} == may_come
    assert {refused(kind, 80, *before) for kind in every - may_come} <= {"OUT_OF_ORDER"}


def test_a_court_is_asked_when_the_days_to_answer_are_over():
    assert ANSWER_DAYS == 15
    assert [refused("FILED", days, OFFERED) for days in (15, 16)] == ["MEDIATION_RUNS", ""]
    assert NextStep(kind="FILED", from_on=BEGAN + timedelta(days=16)) in next_steps(
        steps=steps(OFFERED), begins_on=BEGAN
    )


def test_a_recorded_failure_does_not_shorten_the_days():
    failed = ("MEDIATION_FAILED", 3)

    assert [refused("FILED", days, OFFERED, failed) for days in (15, 16)] == ["MEDIATION_RUNS", ""]


def test_the_newest_offer_gives_its_days_anew():
    before = (OFFERED, ("MEDIATION_FAILED", 20), ("MEDIATION_OFFERED", 30))

    assert [refused("FILED", days, *before) for days in (44, 45)] == ["MEDIATION_RUNS", ""]


def test_an_agreement_that_failed_late_does_not_let_a_claim_precede_it():
    before = (OFFERED, ("MEDIATION_AGREED", 5), ("MEDIATION_FAILED", 40))

    assert [refused("FILED", days, *before) for days in (39, 40)] == ["BACKWARDS", ""]


def test_days_neither_to_come_nor_backwards():
    ahead = (TODAY - BEGAN).days + 1

    assert refused("MEDIATION_OFFERED", -1) == "BACKWARDS"
    assert [refused("MEDIATION_OFFERED", days) for days in (0, ahead - 1, ahead)] == ["", "", "FUTURE"]
    assert [refused("MEDIATION_FAILED", days, OFFERED) for days in (0, 1)] == ["BACKWARDS", ""]


def test_a_decision_stands_within_its_time():
    last = date(2026, 8, 29)

    assert [recovery_stands(state="ACKNOWLEDGED", expires_on=last, on=last + timedelta(days=n)) for n in (0, 1)] == [
        True,
        False,
    ]
    states = ("PROPOSED", "REJECTED", "EXPIRED", "REVERSED", "LIFTED")
    assert not any(recovery_stands(state=state, expires_on=last, on=BEGAN) for state in states)
    assert recovery_stands(state="APPROVED", expires_on=None, on=BEGAN)
