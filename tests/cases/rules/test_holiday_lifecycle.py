"""The steps of an entered notice of holidays: from whom to where."""

from cases.rules.holiday_lifecycle import HOLIDAY_NOTICE


def test_a_notice_is_decided_once_and_retired_once() -> None:
    steps = [(step.action, sorted(step.sources), step.target, step.permission) for step in HOLIDAY_NOTICE.transitions]

    assert steps == [
        ("confirm", ["DRAFT"], "CONFIRMED", "cases.confirm_holidaynotice"),
        ("discard", ["DRAFT"], "RETIRED", "cases.change_holidaynotice"),
        ("retire", ["CONFIRMED"], "RETIRED", "cases.confirm_holidaynotice"),
    ]
