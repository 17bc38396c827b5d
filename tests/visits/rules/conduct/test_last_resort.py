"""The steps before a visit: asked of everybody, with a reason of the policy or without."""

from dataclasses import fields, replace

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from tests.factories.conduct import CN, UNREACHED
from visits.rules.conduct.contact import AttemptTotals
from visits.rules.conduct.last_resort import is_last_resort, last_resort_gaps, last_resort_steps

REACHED = replace(UNREACHED, right_party_contacts=1, voice_failure_days=0, days_since_reached=8)


@pytest.mark.parametrize(
    ("attempts", "without_reason", "with_reason"),
    [
        (UNREACHED, 0, 0),
        (replace(UNREACHED, days_since_app_use=7), 1, 1),
        (replace(UNREACHED, days_since_app_use=8), 0, 0),
        # Reached, also if long ago: no visit without a reason. With one, a week must have passed.
        (REACHED, 2, 0),
        (replace(REACHED, days_since_reached=7), 2, 1),
        (replace(REACHED, days_since_reached=0), 2, 1),
        (replace(REACHED, attempts=5), 3, 1),
        (replace(UNREACHED, voice_failure_days=2), 1, 1),
        (AttemptTotals(all_numbers_invalid=True), 0, 0),
        (AttemptTotals(all_numbers_invalid=True, days_since_app_use=0), 1, 1),
        (AttemptTotals(), 5, 5),
    ],
)
def test_what_is_missing_before_a_visit(attempts: AttemptTotals, without_reason: int, with_reason: int) -> None:
    found = [len(last_resort_gaps(policy=CN, attempts=attempts, has_reason=reason)) for reason in (False, True)]

    assert found == [without_reason, with_reason]


def test_the_steps_say_what_is_and_what_is_needed() -> None:
    with override("en"):
        steps = [
            (str(step.title), str(step.have), str(step.want), step.gap is None)
            for step in last_resort_steps(policy=CN, attempts=replace(REACHED, channels=2), has_reason=True)
        ]

    assert steps == [
        ("Last app login or payment", "never", "more than 7 days ago", True),
        ("Borrower last reached", "8 days ago", "more than 7 days ago", True),
        ("Attempts", "6", "6 or more", True),
        ("Days from first to last", "7", "7 or more", True),
        ("Channels", "2", "3 or more", False),
        ("Parts of the day", "3", "3 or more", True),
    ]


TOTALS = st.builds(
    AttemptTotals,
    **{
        each.name: st.booleans() if each.name == "all_numbers_invalid" else st.none() | st.integers(0, 12)
        for each in fields(AttemptTotals)
        if each.name.startswith(("days_since", "all"))
    },
    **{
        each.name: st.integers(0, 12)
        for each in fields(AttemptTotals)
        if not each.name.startswith(("days_since", "all"))
    },
)


@given(attempts=TOTALS, has_reason=st.booleans())
def test_it_is_the_last_resort_once_every_step_is_met(attempts: AttemptTotals, has_reason: bool) -> None:
    steps = last_resort_steps(policy=CN, attempts=attempts, has_reason=has_reason)

    is_met = is_last_resort(policy=CN, attempts=attempts, has_reason=has_reason)

    assert is_met == all(step.gap is None for step in steps)
    assert is_met == (last_resort_gaps(policy=CN, attempts=attempts, has_reason=has_reason) == ())


@given(attempts=TOTALS)
def test_a_reason_never_asks_for_more_and_a_tighter_policy_never_for_less(attempts: AttemptTotals) -> None:
    tighter = replace(CN, attempts_min=9, reached_quiet_days=10, app_quiet_days_min=10)

    def gaps(policy: object, has_reason: bool) -> int:
        return len(last_resort_gaps(policy=policy, attempts=attempts, has_reason=has_reason))

    # Whoever was reached counts as such in the totals.
    if attempts.right_party_contacts or attempts.days_since_reached is None:
        assert gaps(CN, True) <= gaps(CN, False)
    assert gaps(tighter, True) >= gaps(CN, True)
    assert gaps(tighter, False) >= gaps(CN, False)
