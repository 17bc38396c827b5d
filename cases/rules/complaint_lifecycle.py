"""The lifecycle of complaints, disputes, appeals and requests for an explanation."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backoffice.core.transitions import Lifecycle, Transition
from cases.enums import ComplaintState

UNANSWERED = frozenset({ComplaintState.RECEIVED, ComplaintState.ACKNOWLEDGED})

COMPLAINT = Lifecycle(
    name="complaint",
    field="state",
    transitions=(
        Transition(
            action="acknowledge",
            sources=frozenset({ComplaintState.RECEIVED}),
            target=ComplaintState.ACKNOWLEDGED,
            permission="cases.receive_complaint",
            label=_("Acknowledge receipt"),
        ),
        Transition(
            action="uphold",
            sources=UNANSWERED,
            target=ComplaintState.UPHELD,
            permission="cases.decide_complaint",
            label=_("Uphold"),
        ),
        Transition(
            action="reject",
            sources=UNANSWERED,
            target=ComplaintState.REJECTED,
            permission="cases.decide_complaint",
            label=pgettext_lazy("to find a complaint unfounded", "Reject"),
        ),
    ),
)
