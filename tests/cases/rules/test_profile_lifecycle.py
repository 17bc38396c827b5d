"""The steps of a version of an intake profile: from whom to where."""

from cases.rules.profile_lifecycle import PROFILE_VERSION


def test_a_version_is_decided_once_and_retired_once() -> None:
    steps = [(step.action, sorted(step.sources), step.target, step.permission) for step in PROFILE_VERSION.transitions]

    assert steps == [
        ("approve", ["DRAFT"], "ACTIVE", "cases.approve_intakeprofile"),
        ("refuse", ["DRAFT"], "RETIRED", "cases.approve_intakeprofile"),
        ("discard", ["DRAFT"], "RETIRED", "cases.change_intakeprofile"),
        ("retire", ["ACTIVE"], "RETIRED", "cases.approve_intakeprofile"),
    ]
