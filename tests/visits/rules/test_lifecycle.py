from itertools import product

import pytest

from backoffice.core.transitions import Lifecycle
from visits.enums import AgencyState, EvidenceState, PlacementState, VisitState
from visits.rules.lifecycle import (
    AGENCY_LIFECYCLE,
    COUNTED,
    EVIDENCE_LIFECYCLE,
    FINISHED,
    PLACEMENT_LIFECYCLE,
    VISIT_LIFECYCLE,
)

VISIT_STEPS = {
    ("approve", "DRAFT"): "APPROVED",
    ("schedule", "APPROVED"): "SCHEDULED",
    ("unschedule", "SCHEDULED"): "APPROVED",
    ("unschedule", "ACCEPTED"): "APPROVED",
    ("move", "SCHEDULED"): "SCHEDULED",
    ("move", "ACCEPTED"): "SCHEDULED",
    ("accept", "SCHEDULED"): "ACCEPTED",
    ("decline", "SCHEDULED"): "APPROVED",
    ("depart", "ACCEPTED"): "EN_ROUTE",
    ("check_in", "EN_ROUTE"): "CHECKED_IN",
    ("abort", "EN_ROUTE"): "ABORTED",
    ("abort", "CHECKED_IN"): "ABORTED",
    ("report", "CHECKED_IN"): "REPORTED",
    ("report", "ABORTED"): "REPORTED",
    ("report", "RETURNED"): "REPORTED",
    ("begin_review", "REPORTED"): "UNDER_REVIEW",
    ("ask_second", "UNDER_REVIEW"): "SECOND_REVIEW",
    ("verify", "UNDER_REVIEW"): "VERIFIED",
    ("verify", "SECOND_REVIEW"): "VERIFIED",
    ("return_report", "SECOND_REVIEW"): "RETURNED",
    ("discard_report", "SECOND_REVIEW"): "ABORTED",
    ("return_report", "UNDER_REVIEW"): "RETURNED",
    ("discard_report", "UNDER_REVIEW"): "ABORTED",
    ("discard_report", "RETURNED"): "ABORTED",
    ("cancel", "DRAFT"): "CANCELLED",
    ("cancel", "APPROVED"): "CANCELLED",
    ("cancel", "SCHEDULED"): "CANCELLED",
    ("cancel", "ACCEPTED"): "CANCELLED",
    ("cancel", "EN_ROUTE"): "CANCELLED",
    ("expire", "DRAFT"): "EXPIRED",
    ("expire", "APPROVED"): "EXPIRED",
    ("expire", "SCHEDULED"): "EXPIRED",
    ("expire", "ACCEPTED"): "EXPIRED",
}
PLACEMENT_STEPS = {
    ("retain", "ACTIVE"): "RETAINED",
    **{
        (action, source): target
        for (action, target), source in product(
            [("recall", "RECALLED"), ("return_case", "RETURNED"), ("expire", "EXPIRED")], ["ACTIVE", "RETAINED"]
        )
    },
}
AGENCY_STEPS = {
    ("admit", "APPLICANT"): "ACTIVE",
    ("restrict", "ACTIVE"): "RESTRICTED",
    ("suspend", "ACTIVE"): "SUSPENDED",
    ("suspend", "RESTRICTED"): "SUSPENDED",
    ("reinstate", "RESTRICTED"): "ACTIVE",
    ("reinstate", "SUSPENDED"): "ACTIVE",
    ("exit", "APPLICANT"): "EXITED",
    ("exit", "ACTIVE"): "EXITED",
    ("exit", "RESTRICTED"): "EXITED",
    ("exit", "SUSPENDED"): "EXITED",
}

EVIDENCE_STEPS = {("read", "WAITING"): "READ", ("give_up", "WAITING"): "UNREADABLE"}


def steps(lifecycle: Lifecycle) -> dict[tuple[str, str], str]:
    return {(t.action, str(source)): str(t.target) for t in lifecycle.transitions for source in t.sources}


@pytest.mark.parametrize(
    ("lifecycle", "expected"),
    [
        (VISIT_LIFECYCLE, VISIT_STEPS),
        (PLACEMENT_LIFECYCLE, PLACEMENT_STEPS),
        (AGENCY_LIFECYCLE, AGENCY_STEPS),
        (EVIDENCE_LIFECYCLE, EVIDENCE_STEPS),
    ],
)
def test_the_whole_table(lifecycle: Lifecycle, expected: dict[tuple[str, str], str]) -> None:
    assert steps(lifecycle) == expected


@pytest.mark.parametrize(
    ("lifecycle", "states", "ends"),
    [
        (VISIT_LIFECYCLE, set(VisitState), FINISHED),
        (PLACEMENT_LIFECYCLE, set(PlacementState), {"RECALLED", "RETURNED", "EXPIRED"}),
        (AGENCY_LIFECYCLE, set(AgencyState), {"EXITED"}),
        (EVIDENCE_LIFECYCLE, set(EvidenceState), {"READ", "UNREADABLE", "LOCKED"}),
    ],
)
def test_only_the_ends_have_no_way_on(lifecycle: Lifecycle, states: set[str], ends: set[str]) -> None:
    assert states - {source for _action, source in steps(lifecycle)} == ends


def test_the_door_is_reached_only_by_checking_in() -> None:
    assert {t.action for t in VISIT_LIFECYCLE.transitions if t.target == VisitState.CHECKED_IN} == {"check_in"}


def test_every_order_that_may_reach_the_door_counts_for_the_caps() -> None:
    assert frozenset(VisitState) - COUNTED == {"DRAFT", "APPROVED", "CANCELLED", "EXPIRED"}


def test_every_step_names_a_permission_of_the_visits_floor_and_a_label() -> None:
    for lifecycle in (VISIT_LIFECYCLE, PLACEMENT_LIFECYCLE, AGENCY_LIFECYCLE, EVIDENCE_LIFECYCLE):
        assert len({t.action for t in lifecycle.transitions}) == len(lifecycle.transitions)
        assert all(t.permission.startswith("visits.") and str(t.label) for t in lifecycle.transitions)
