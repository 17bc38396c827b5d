"""The tables as a whole: who may step where, and that nothing else moves."""

import pytest

from backoffice.access.roles import CARDS
from cases.enums import CaseStage, ComplaintState, DecisionState, PlanState, PolicyState
from cases.rules.complaint_lifecycle import COMPLAINT
from cases.rules.lifecycle import CASE, DECISION, PLAN, POLICY_VERSION

TABLES = {
    "case": (CASE, CaseStage),
    "decision": (DECISION, DecisionState),
    "plan": (PLAN, PlanState),
    "policy": (POLICY_VERSION, PolicyState),
    "complaint": (COMPLAINT, ComplaintState),
}
# Action -> "SOURCE SOURCE > TARGET", the whole of it.
WRITTEN = {
    "case": {
        "assign": "OPEN > IN_WORK",
        "start_visit": "DECIDED IN_WORK MONITORED OPEN VERIFIED > VISITING",
        "end_visit": "VISITING > IN_WORK",
        "verify": "DECIDED IN_WORK MONITORED OPEN VERIFIED VISITING > VERIFIED",
        "decide": "DECIDED IN_WORK MONITORED OPEN VERIFIED > DECIDED",
        "monitor": "DECIDED IN_WORK OPEN VERIFIED > MONITORED",
        "rework": "DECIDED MONITORED VERIFIED > IN_WORK",
        "hold": "DECIDED IN_WORK MONITORED OPEN VERIFIED VISITING > ON_HOLD",
        "resume": "ON_HOLD > IN_WORK",
        "close": "DECIDED IN_WORK MONITORED ON_HOLD OPEN VERIFIED VISITING > CLOSED",
    },
    "decision": {
        "approve_first": "PROPOSED > PROPOSED",
        "approve": "PROPOSED > APPROVED",
        "reject": "PROPOSED > REJECTED",
        "supersede": "PROPOSED > REJECTED",
        "send": "APPROVED > SENT",
        "acknowledge": "APPROVED SENT > ACKNOWLEDGED",
        "expire": "ACKNOWLEDGED APPROVED SENT > EXPIRED",
        "reverse": "ACKNOWLEDGED APPROVED SENT > REVERSED",
        "lift": "ACKNOWLEDGED APPROVED SENT > LIFTED",
        "reinstate": "LIFTED > ACKNOWLEDGED",
    },
    "plan": {
        "agree": "PROPOSED > ACTIVE",
        "fulfil": "ACTIVE > FULFILLED",
        "reopen": "FULFILLED > ACTIVE",
        "break": "ACTIVE FULFILLED > BROKEN",
        "cancel": "ACTIVE PROPOSED > CANCELLED",
    },
    "policy": {
        "submit": "DRAFT > SUBMITTED",
        "discard": "DRAFT > RETIRED",
        "send_back": "SUBMITTED > DRAFT",
        "approve": "SUBMITTED > APPROVED",
        "schedule": "APPROVED > APPROVED",
        "activate": "APPROVED > ACTIVE",
        "retire": "ACTIVE APPROVED SUBMITTED > RETIRED",
        "roll_back": "RETIRED > APPROVED",
    },
    "complaint": {
        "acknowledge": "RECEIVED > ACKNOWLEDGED",
        "uphold": "ACKNOWLEDGED RECEIVED > UPHELD",
        "reject": "ACKNOWLEDGED RECEIVED > REJECTED",
    },
}


@pytest.mark.parametrize("name", TABLES)
def test_table_is_as_written(name):
    table, _states = TABLES[name]

    found = {t.action: f"{' '.join(sorted(t.sources))} > {t.target}" for t in table.transitions}

    assert found == WRITTEN[name]


@pytest.mark.parametrize("name", TABLES)
def test_every_state_can_be_reached_and_every_step_belongs_to_a_role(name):
    table, states = TABLES[name]
    held = {permission for card in CARDS.values() for permission in card.permissions}

    assert {t.target for t in table.transitions} | {states.values[0]} == set(states.values)
    assert {t.permission for t in table.transitions} <= held


def test_no_role_both_proposes_and_approves_decisions():
    both = {"cases.propose_decision", "cases.approve_decision"}

    assert [role for role, card in CARDS.items() if both <= card.permissions] == []
