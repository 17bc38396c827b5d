"""The lifecycles of the ground floor's records. Services, admin buttons, API actions and tests read these tables."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.core.transitions import Lifecycle, Transition
from cases.enums import CaseStage, DecisionState, PlanState, PolicyState

OPEN_STAGES = frozenset(CaseStage) - {CaseStage.CLOSED}
# A decision in one of these has been approved and has not ended.
STANDING_DECISION = frozenset({DecisionState.APPROVED, DecisionState.SENT, DecisionState.ACKNOWLEDGED})
# An account has at most one decision of a kind in these states.
PENDING_DECISION = frozenset({DecisionState.PROPOSED, DecisionState.APPROVED, DecisionState.SENT})

CASE = Lifecycle(
    name="case",
    field="stage",
    transitions=(
        Transition(
            action="assign",
            sources=frozenset({CaseStage.OPEN}),
            target=CaseStage.IN_WORK,
            permission="cases.work_case",
            label=_("Assign"),
        ),
        # The visits floor takes these two steps and has checked its own permission.
        Transition(
            action="start_visit",
            sources=frozenset(
                {CaseStage.OPEN, CaseStage.IN_WORK, CaseStage.VERIFIED, CaseStage.DECIDED, CaseStage.MONITORED}
            ),
            target=CaseStage.VISITING,
            permission="visits.request_visitorder",
            label=_("Begin a visit"),
        ),
        Transition(
            action="end_visit",
            sources=frozenset({CaseStage.VISITING}),
            target=CaseStage.IN_WORK,
            permission="visits.request_visitorder",
            label=_("End the visit"),
        ),
        Transition(
            action="verify",
            sources=OPEN_STAGES - {CaseStage.ON_HOLD},
            target=CaseStage.VERIFIED,
            permission="cases.record_verification",
            label=_("Record what was verified"),
        ),
        Transition(
            action="decide",
            sources=frozenset(
                {CaseStage.OPEN, CaseStage.IN_WORK, CaseStage.VERIFIED, CaseStage.DECIDED, CaseStage.MONITORED}
            ),
            target=CaseStage.DECIDED,
            permission="cases.propose_decision",
            label=_("Propose a decision"),
        ),
        Transition(
            action="monitor",
            sources=OPEN_STAGES - {CaseStage.ON_HOLD, CaseStage.VISITING, CaseStage.MONITORED},
            target=CaseStage.MONITORED,
            permission="cases.approve_decision",
            label=_("Watch the decision in force"),
        ),
        Transition(
            action="rework",
            sources=frozenset({CaseStage.VERIFIED, CaseStage.DECIDED, CaseStage.MONITORED}),
            target=CaseStage.IN_WORK,
            permission="cases.work_case",
            label=_("Work again"),
        ),
        Transition(
            action="hold",
            sources=OPEN_STAGES - {CaseStage.ON_HOLD},
            target=CaseStage.ON_HOLD,
            permission="cases.work_case",
            label=_("Put on hold"),
        ),
        Transition(
            action="resume",
            sources=frozenset({CaseStage.ON_HOLD}),
            target=CaseStage.IN_WORK,
            permission="cases.work_case",
            label=_("Resume"),
        ),
        Transition(
            action="close",
            sources=OPEN_STAGES,
            target=CaseStage.CLOSED,
            permission="cases.work_case",
            label=pgettext_lazy("to end a case", "Close"),
        ),
    ),
)

DECISION = Lifecycle(
    name="decision",
    field="state",
    transitions=(
        # The first of two approvals: nothing follows from it before the second.
        Transition(
            action="approve_first",
            sources=frozenset({DecisionState.PROPOSED}),
            target=DecisionState.PROPOSED,
            permission="cases.approve_decision",
            label=_("Approve first"),
        ),
        Transition(
            action="approve",
            sources=frozenset({DecisionState.PROPOSED}),
            target=DecisionState.APPROVED,
            permission="cases.approve_decision",
            label=_("Approve"),
            adverse=True,
        ),
        Transition(
            action="reject",
            sources=frozenset({DecisionState.PROPOSED}),
            target=DecisionState.REJECTED,
            permission="cases.reject_decision",
            label=pgettext_lazy("to refuse a proposal", "Reject"),
        ),
        # Newer facts came, or the proposal ran out of time, before anybody approved it.
        Transition(
            action="supersede",
            sources=frozenset({DecisionState.PROPOSED}),
            target=DecisionState.REJECTED,
            permission="cases.propose_decision",
            label=_("Supersede"),
        ),
        Transition(
            action="send",
            sources=frozenset({DecisionState.APPROVED}),
            target=DecisionState.SENT,
            permission="cases.approve_decision",
            label=_("Hand to the core system"),
        ),
        Transition(
            action="acknowledge",
            sources=frozenset({DecisionState.APPROVED, DecisionState.SENT}),
            target=DecisionState.ACKNOWLEDGED,
            permission="cases.approve_decision",
            label=_("Put in force"),
        ),
        Transition(
            action="expire",
            sources=STANDING_DECISION,
            target=DecisionState.EXPIRED,
            permission="cases.approve_decision",
            label=_("Let expire"),
        ),
        Transition(
            action="reverse",
            sources=STANDING_DECISION,
            target=DecisionState.REVERSED,
            permission="cases.reverse_decision",
            label=_("Reverse"),
        ),
        # What it did ended by itself: the arrears were paid, the way back was walked, the plan was fulfilled.
        Transition(
            action="lift",
            sources=STANDING_DECISION,
            target=DecisionState.LIFTED,
            permission="cases.reverse_decision",
            label=_("Lift"),
        ),
        # Money that had fulfilled a plan was taken back: the plan counts again.
        Transition(
            action="reinstate",
            sources=frozenset({DecisionState.LIFTED}),
            target=DecisionState.ACKNOWLEDGED,
            permission="cases.reverse_decision",
            label=_("Reinstate"),
        ),
    ),
)

PLAN = Lifecycle(
    name="repayment plan",
    field="state",
    transitions=(
        Transition(
            action="agree",
            sources=frozenset({PlanState.PROPOSED}),
            target=PlanState.ACTIVE,
            permission="cases.work_case",
            label=_("Agree"),
        ),
        Transition(
            action="fulfil",
            sources=frozenset({PlanState.ACTIVE}),
            target=PlanState.FULFILLED,
            permission="cases.work_case",
            label=_("Mark fulfilled"),
        ),
        # Money that had fulfilled the plan was taken back.
        Transition(
            action="reopen",
            sources=frozenset({PlanState.FULFILLED}),
            target=PlanState.ACTIVE,
            permission="cases.work_case",
            label=_("Reopen"),
        ),
        # A broken plan is reviewed by a person. Nothing falls due at once. A fulfilled one breaks if its money was taken
        # back and it cannot be reopened.
        Transition(
            action="break",
            sources=frozenset({PlanState.ACTIVE, PlanState.FULFILLED}),
            target=PlanState.BROKEN,
            permission="cases.work_case",
            label=_("Mark broken"),
        ),
        Transition(
            action="cancel",
            sources=frozenset({PlanState.PROPOSED, PlanState.ACTIVE}),
            target=PlanState.CANCELLED,
            permission="cases.work_case",
            label=pgettext_lazy("to call off a plan", "Cancel"),
        ),
    ),
)

POLICY_VERSION = Lifecycle(
    name="policy version",
    field="state",
    transitions=(
        Transition(
            action="submit",
            sources=frozenset({PolicyState.DRAFT}),
            target=PolicyState.SUBMITTED,
            permission="cases.submit_policyversion",
            label=_("Submit"),
        ),
        Transition(
            action="discard",
            sources=frozenset({PolicyState.DRAFT}),
            target=PolicyState.RETIRED,
            permission="cases.change_policyversion",
            label=_("Discard"),
        ),
        # The only way back to a draft: an approved version never changes again.
        Transition(
            action="send_back",
            sources=frozenset({PolicyState.SUBMITTED}),
            target=PolicyState.DRAFT,
            permission="cases.approve_policyversion",
            label=_("Send back"),
        ),
        Transition(
            action="approve",
            sources=frozenset({PolicyState.SUBMITTED}),
            target=PolicyState.APPROVED,
            permission="cases.approve_policyversion",
            label=_("Approve"),
        ),
        # Approved, with a day to come on which it is activated.
        Transition(
            action="schedule",
            sources=frozenset({PolicyState.APPROVED}),
            target=PolicyState.APPROVED,
            permission="cases.approve_policyversion",
            label=_("Schedule"),
        ),
        Transition(
            action="activate",
            sources=frozenset({PolicyState.APPROVED}),
            target=PolicyState.ACTIVE,
            permission="cases.approve_policyversion",
            label=_("Activate"),
        ),
        # Also how a submitted version is turned down for good, and how a scheduled one is called off.
        Transition(
            action="retire",
            sources=frozenset({PolicyState.SUBMITTED, PolicyState.APPROVED, PolicyState.ACTIVE}),
            target=PolicyState.RETIRED,
            permission="cases.approve_policyversion",
            label=_("Retire"),
        ),
        # An old version in place of the one in force: it is approved still, and is activated in the same step.
        Transition(
            action="roll_back",
            sources=frozenset({PolicyState.RETIRED}),
            target=PolicyState.APPROVED,
            permission="cases.approve_policyversion",
            label=_("Roll back to this"),
        ),
    ),
)
