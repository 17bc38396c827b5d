"""Legal recovery in the demo: mediation is offered to every borrower whose decision stands, and one agrees."""

from typing import Final

from backoffice.demo.work import Day
from cases.enums import DecisionKind, LegalStepKind
from cases.models import Decision
from cases.rules.lifecycle import STANDING_DECISION
from cases.services.decisions.legal_steps import record_legal_step

# Of how many offers of mediation one ends in an agreement.
AGREES_ONE_OF: Final = 5


def offer_mediation(*, day: Day) -> None:
    """Record the offer of mediation for each standing decision for legal recovery without any step, and some agreements."""
    standing = Decision.objects.filter(kind=DecisionKind.LEGAL, state__in=STANDING_DECISION, legal_steps=None)
    for number, decision in enumerate(standing.order_by("pk")):
        with day.trying("legal step"):
            record_legal_step(
                decision=decision,
                kind=LegalStepKind.MEDIATION_OFFERED,
                happened_on=day.on,
                reference=f"MED-{decision.pk}",
                actor=day.cast.users["officer"],
                at=day.at,
            )
            if number % AGREES_ONE_OF == AGREES_ONE_OF - 1:
                record_legal_step(
                    decision=decision,
                    kind=LegalStepKind.MEDIATION_AGREED,
                    happened_on=day.on,
                    reference=f"MED-{decision.pk}-A",
                    actor=day.cast.users["officer"],
                    at=day.at,
                )
