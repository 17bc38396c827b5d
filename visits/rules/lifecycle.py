"""The steps of a visit order, a placement, an agency and a piece of evidence, as data. Nothing else changes their status."""

from django.utils.translation import gettext_lazy as _

from backoffice.core.transitions import Lifecycle, Transition
from visits.enums import AgencyState, EvidenceState, PlacementState, VisitState

# Until the crew is at the door an order can still be called off.
BEFORE_DOOR = frozenset(
    {VisitState.DRAFT, VisitState.APPROVED, VisitState.SCHEDULED, VisitState.ACCEPTED, VisitState.EN_ROUTE}
)
# States in which an order waits for its day; the only ones in which its validity can run out.
WAITING = BEFORE_DOOR - {VisitState.EN_ROUTE}
# An order in one of these counts for the caps as a visit planned or made.
COUNTED = frozenset(VisitState) - {
    VisitState.DRAFT,
    VisitState.APPROVED,
    VisitState.CANCELLED,
    VisitState.EXPIRED,
}
FINISHED = frozenset({VisitState.VERIFIED, VisitState.CANCELLED, VisitState.EXPIRED})
HELD = frozenset({PlacementState.ACTIVE, PlacementState.RETAINED})

VISIT_LIFECYCLE = Lifecycle(
    name="visit order",
    field="state",
    transitions=(
        Transition(
            action="approve",
            sources=frozenset({VisitState.DRAFT}),
            target=VisitState.APPROVED,
            permission="visits.approve_visitorder",
            label=_("Approve"),
        ),
        Transition(
            action="schedule",
            sources=frozenset({VisitState.APPROVED}),
            target=VisitState.SCHEDULED,
            permission="visits.dispatch_visitorder",
            label=_("Schedule"),
        ),
        Transition(
            action="unschedule",
            sources=frozenset({VisitState.SCHEDULED, VisitState.ACCEPTED}),
            target=VisitState.APPROVED,
            permission="visits.dispatch_visitorder",
            label=_("Take back to plan anew"),
        ),
        # Another crew or another time: the agency accepts the visit anew.
        Transition(
            action="move",
            sources=frozenset({VisitState.SCHEDULED, VisitState.ACCEPTED}),
            target=VisitState.SCHEDULED,
            permission="visits.dispatch_visitorder",
            label=_("Move to another crew or time"),
        ),
        Transition(
            action="accept",
            sources=frozenset({VisitState.SCHEDULED}),
            target=VisitState.ACCEPTED,
            permission="visits.accept_visitorder",
            label=_("Accept"),
        ),
        Transition(
            action="decline",
            sources=frozenset({VisitState.SCHEDULED}),
            target=VisitState.APPROVED,
            permission="visits.accept_visitorder",
            label=_("Decline"),
        ),
        Transition(
            action="depart",
            sources=frozenset({VisitState.ACCEPTED}),
            target=VisitState.EN_ROUTE,
            permission="visits.report_visitorder",
            label=_("Set out"),
        ),
        Transition(
            action="check_in",
            sources=frozenset({VisitState.EN_ROUTE}),
            target=VisitState.CHECKED_IN,
            permission="visits.report_visitorder",
            label=_("Check in"),
        ),
        Transition(
            action="abort",
            sources=frozenset({VisitState.EN_ROUTE, VisitState.CHECKED_IN}),
            target=VisitState.ABORTED,
            permission="visits.report_visitorder",
            label=_("Break off"),
        ),
        # A visit broken off is reported too: an unsafe door (F40) must reach a reviewer.
        Transition(
            action="report",
            sources=frozenset({VisitState.CHECKED_IN, VisitState.ABORTED, VisitState.RETURNED}),
            target=VisitState.REPORTED,
            permission="visits.report_visitorder",
            label=_("Submit report"),
        ),
        Transition(
            action="begin_review",
            sources=frozenset({VisitState.REPORTED}),
            target=VisitState.UNDER_REVIEW,
            permission="visits.review_visitorder",
            label=_("Begin review"),
        ),
        # Somebody would accept it, and there are reasons to check: it counts when a second reviewer agrees.
        Transition(
            action="ask_second",
            sources=frozenset({VisitState.UNDER_REVIEW}),
            target=VisitState.SECOND_REVIEW,
            permission="visits.review_visitorder",
            label=_("Leave to a second reviewer"),
        ),
        Transition(
            action="verify",
            sources=frozenset({VisitState.UNDER_REVIEW, VisitState.SECOND_REVIEW}),
            target=VisitState.VERIFIED,
            permission="visits.review_visitorder",
            label=_("Accept report"),
        ),
        Transition(
            action="return_report",
            sources=frozenset({VisitState.UNDER_REVIEW, VisitState.SECOND_REVIEW}),
            target=VisitState.RETURNED,
            permission="visits.review_visitorder",
            label=_("Return report"),
        ),
        # A red line was crossed, or nobody is left who could redo the report: the visit ends without facts.
        Transition(
            action="discard_report",
            sources=frozenset({VisitState.UNDER_REVIEW, VisitState.SECOND_REVIEW, VisitState.RETURNED}),
            target=VisitState.ABORTED,
            permission="visits.review_visitorder",
            label=_("Discard report"),
        ),
        Transition(
            action="cancel",
            sources=BEFORE_DOOR,
            target=VisitState.CANCELLED,
            permission="visits.cancel_visitorder",
            label=_("Cancel"),
        ),
        Transition(
            action="expire",
            sources=WAITING,
            target=VisitState.EXPIRED,
            permission="visits.cancel_visitorder",
            label=_("Let lapse"),
        ),
    ),
)

PLACEMENT_LIFECYCLE = Lifecycle(
    name="placement",
    field="state",
    transitions=(
        Transition(
            action="retain",
            sources=frozenset({PlacementState.ACTIVE}),
            target=PlacementState.RETAINED,
            permission="visits.place_placement",
            label=_("Retain past term"),
        ),
        Transition(
            action="recall",
            sources=HELD,
            target=PlacementState.RECALLED,
            permission="visits.recall_placement",
            label=_("Recall"),
        ),
        Transition(
            action="return_case",
            sources=HELD,
            target=PlacementState.RETURNED,
            permission="visits.return_placement",
            label=_("Return to the lender"),
        ),
        Transition(
            action="expire",
            sources=HELD,
            target=PlacementState.EXPIRED,
            permission="visits.recall_placement",
            label=_("End the term"),
        ),
    ),
)

AGENCY_LIFECYCLE = Lifecycle(
    name="agency",
    field="state",
    transitions=(
        Transition(
            action="admit",
            sources=frozenset({AgencyState.APPLICANT}),
            target=AgencyState.ACTIVE,
            permission="visits.admit_agency",
            label=_("Admit"),
        ),
        Transition(
            action="restrict",
            sources=frozenset({AgencyState.ACTIVE}),
            target=AgencyState.RESTRICTED,
            permission="visits.admit_agency",
            label=_("Stop new cases"),
        ),
        Transition(
            action="suspend",
            sources=frozenset({AgencyState.ACTIVE, AgencyState.RESTRICTED}),
            target=AgencyState.SUSPENDED,
            permission="visits.suspend_agency",
            label=_("Suspend"),
        ),
        Transition(
            action="reinstate",
            sources=frozenset({AgencyState.RESTRICTED, AgencyState.SUSPENDED}),
            target=AgencyState.ACTIVE,
            permission="visits.admit_agency",
            label=_("Reinstate"),
        ),
        Transition(
            action="exit",
            sources=frozenset(AgencyState) - {AgencyState.EXITED},
            target=AgencyState.EXITED,
            permission="visits.suspend_agency",
            label=_("End cooperation"),
        ),
    ),
)

# A worker takes these steps; no person does.
EVIDENCE_LIFECYCLE = Lifecycle(
    name="evidence",
    field="state",
    transitions=(
        Transition(
            action="read",
            sources=frozenset({EvidenceState.WAITING}),
            target=EvidenceState.READ,
            permission="visits.review_visitorder",
            label=_("Read the file"),
        ),
        Transition(
            action="give_up",
            sources=frozenset({EvidenceState.WAITING}),
            target=EvidenceState.UNREADABLE,
            permission="visits.review_visitorder",
            label=_("Give up reading"),
        ),
    ),
)
