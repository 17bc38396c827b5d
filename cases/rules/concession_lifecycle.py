"""The lifecycles of concession budgets and of waivers in them; the others are in lifecycle.py."""

from django.utils.translation import gettext_lazy as _

from backoffice.core.transitions import Lifecycle, Transition
from cases.enums import BudgetState, WaiverState

CONCESSION_BUDGET = Lifecycle(
    name="concession budget",
    field="state",
    transitions=(
        Transition(
            action="confirm",
            sources=frozenset({BudgetState.DRAFT}),
            target=BudgetState.CONFIRMED,
            permission="cases.confirm_concessionbudget",
            label=_("Confirm"),
        ),
        # A draft that gave a budget in use another amount is done with.
        Transition(
            action="apply",
            sources=frozenset({BudgetState.DRAFT}),
            target=BudgetState.RETIRED,
            permission="cases.confirm_concessionbudget",
            label=_("Apply"),
        ),
        Transition(
            action="discard",
            sources=frozenset({BudgetState.DRAFT}),
            target=BudgetState.RETIRED,
            permission="cases.add_concessionbudget",
            label=_("Discard"),
        ),
    ),
)

# Each step follows from a step of the waiver's decision or from payments; nobody takes it alone.
WAIVER = Lifecycle(
    name="waiver",
    field="state",
    transitions=(
        Transition(
            action="earn",
            sources=frozenset({WaiverState.HELD}),
            target=WaiverState.USED,
            permission="cases.approve_decision",
            label=_("Grant"),
        ),
        # Money that had earned it was taken back before its day.
        Transition(
            action="wait_again",
            sources=frozenset({WaiverState.USED}),
            target=WaiverState.HELD,
            permission="cases.approve_decision",
            label=_("Wait for the payment again"),
        ),
        Transition(
            action="release",
            sources=frozenset({WaiverState.HELD, WaiverState.USED}),
            target=WaiverState.RELEASED,
            permission="cases.approve_decision",
            label=_("Release"),
        ),
    ),
)
