"""The lifecycle of an entered notice of holidays; the others are in lifecycle.py."""

from django.utils.translation import gettext_lazy as _

from backoffice.core.transitions import Lifecycle, Transition
from cases.enums import NoticeState

HOLIDAY_NOTICE = Lifecycle(
    name="notice of holidays",
    field="state",
    transitions=(
        # Confirmed by another person, it is in use at once; the notice of the year in use before is retired with it.
        Transition(
            action="confirm",
            sources=frozenset({NoticeState.DRAFT}),
            target=NoticeState.CONFIRMED,
            permission="cases.confirm_holidaynotice",
            label=_("Confirm"),
        ),
        Transition(
            action="discard",
            sources=frozenset({NoticeState.DRAFT}),
            target=NoticeState.RETIRED,
            permission="cases.change_holidaynotice",
            label=_("Discard"),
        ),
        # How a notice gives way to the next one of its year. Nobody takes it out of use alone: a mistake is put right
        # by another notice, which two people enter and confirm.
        Transition(
            action="retire",
            sources=frozenset({NoticeState.CONFIRMED}),
            target=NoticeState.RETIRED,
            permission="cases.confirm_holidaynotice",
            label=_("Retire"),
        ),
    ),
)
