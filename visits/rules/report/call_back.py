"""Asking borrowers whether a visit took place: the steps, who is drawn, and what an answer means for the visit's fee."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from backoffice.core.transitions import Lifecycle, Transition
from visits.trust_enums import CallBackAnswer, CallBackState, FeeState

ANSWER: Final = "visits.answer_callback"
SETTLE: Final = "visits.settle_callback"

CALL_BACK: Final = Lifecycle(
    name="call-back",
    field="state",
    transitions=(
        Transition(
            action="answer",
            sources=frozenset({CallBackState.OPEN}),
            target=CallBackState.ANSWERED,
            permission=ANSWER,
            label=_("Record the answer"),
        ),
        # The report was returned or discarded: what it says no longer counts.
        Transition(
            action="withdraw",
            sources=frozenset({CallBackState.OPEN}),
            target=CallBackState.WITHDRAWN,
            permission="visits.review_visitorder",
            label=_("Withdraw"),
        ),
    ),
)


def is_drawn(*, digest: bytes, percent: int) -> bool:
    """
    Return whether a visit is among the `percent` (0 to 100) of accepted ones whose borrowers are asked.

    `digest` is a keyed digest of the order's reference: the same order is always drawn or never, and nobody without the key
    can tell which.
    """
    return int.from_bytes(digest[:8]) * 100 < percent << 64


def fee_after(answer: CallBackAnswer) -> FeeState:
    """
    Return what becomes of the visit's fee: earned, unless the borrower says that nobody came.

    Then it waits on, until another person has looked: one word against another decides nothing.
    """
    return FeeState.WAITS if answer == CallBackAnswer.NOT_VISITED else FeeState.EARNED
