"""The steps of an agency's monthly statement and of its lines, as data. Services, buttons, API doors and tests read it."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.transitions import Lifecycle, Transition
from visits.enums import LineState, StatementState

PREPARE: Final = "visits.prepare_agencystatement"
ANSWER: Final = "visits.answer_agencystatement"
APPROVE: Final = "visits.approve_agencystatement"

STATEMENT: Final = Lifecycle(
    name="agency statement",
    field="state",
    transitions=(
        Transition(
            action="send",
            sources=frozenset({StatementState.DRAFT}),
            target=StatementState.SENT,
            permission=PREPARE,
            label=_("Send to the agency"),
        ),
        Transition(
            action="accept",
            sources=frozenset({StatementState.SENT}),
            target=StatementState.ACCEPTED,
            permission=ANSWER,
            label=_("Accept"),
        ),
        Transition(
            action="take_back",
            sources=frozenset({StatementState.SENT, StatementState.ACCEPTED}),
            target=StatementState.DRAFT,
            permission=PREPARE,
            label=_("Take back"),
        ),
        # From SENT only once the agency's days to answer are over: silence does not hold up the payment.
        Transition(
            action="approve",
            sources=frozenset({StatementState.SENT, StatementState.ACCEPTED}),
            target=StatementState.APPROVED,
            permission=APPROVE,
            label=_("Approve"),
        ),
        Transition(
            action="mark_paid",
            sources=frozenset({StatementState.APPROVED}),
            target=StatementState.PAID,
            permission=PREPARE,
            label=_("Mark as paid"),
        ),
    ),
)

# A line is disputed once: the answer is the lender's last word.
STATEMENT_LINE: Final = Lifecycle(
    name="statement line",
    field="state",
    transitions=(
        Transition(
            action="dispute",
            sources=frozenset({LineState.BUILT}),
            target=LineState.DISPUTED,
            permission=ANSWER,
            label=_("Dispute"),
        ),
        Transition(
            action="uphold",
            sources=frozenset({LineState.DISPUTED}),
            target=LineState.UPHELD,
            permission=PREPARE,
            label=_("Correct the amount"),
        ),
        Transition(
            action="reject",
            sources=frozenset({LineState.DISPUTED}),
            target=LineState.REJECTED,
            permission=PREPARE,
            label=_("Leave as it is"),
        ),
    ),
)
