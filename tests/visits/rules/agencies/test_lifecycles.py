import pytest

from backoffice.core.transitions import Lifecycle
from visits.rules.agencies.lifecycles import (
    CREDENTIAL_LIFECYCLE,
    CREW_LIFECYCLE,
    PRICE_LIFECYCLE,
    RENEWAL_LIFECYCLE,
)

CREW_STEPS = {
    ("confirm", "ENTERED"): "CONFIRMED",
    ("reopen", "ENTERED"): "ENTERED",
    ("reopen", "CONFIRMED"): "ENTERED",
    ("deactivate", "ENTERED"): "INACTIVE",
    ("deactivate", "CONFIRMED"): "INACTIVE",
    ("reactivate", "INACTIVE"): "ENTERED",
}
PENDING_STEPS = {("confirm", "ENTERED"): "CONFIRMED", ("withdraw", "ENTERED"): "WITHDRAWN"}
PAPER_STEPS = PENDING_STEPS | {("withdraw", "CONFIRMED"): "WITHDRAWN"}
ALL = (CREW_LIFECYCLE, CREDENTIAL_LIFECYCLE, PRICE_LIFECYCLE, RENEWAL_LIFECYCLE)


@pytest.mark.parametrize(
    ("lifecycle", "expected"),
    [
        (CREW_LIFECYCLE, CREW_STEPS),
        (CREDENTIAL_LIFECYCLE, PAPER_STEPS),
        (PRICE_LIFECYCLE, PENDING_STEPS),
        (RENEWAL_LIFECYCLE, PENDING_STEPS),
    ],
)
def test_the_whole_table(lifecycle: Lifecycle, expected: dict[tuple[str, str], str]) -> None:
    assert {(t.action, str(s)): str(t.target) for t in lifecycle.transitions for s in t.sources} == expected


def test_a_member_is_confirmed_by_one_step_only() -> None:
    assert [t.action for t in CREW_LIFECYCLE.transitions if t.target == "CONFIRMED"] == ["confirm"]


def test_every_step_names_a_permission_of_the_visits_floor_and_a_label() -> None:
    for lifecycle in ALL:
        assert all(t.permission.startswith("visits.") and str(t.label) for t in lifecycle.transitions)
