"""Legal recovery in the demo: proposed for the longest overdue, mediation offered where it stands, and some agree."""

from typing import Final

from django.db.models import Max

from backoffice.demo.work import Day
from cases.enums import CaseStage, DecisionKind, LegalStepKind
from cases.models import Case, Decision
from cases.rules.lifecycle import CASE, PENDING_DECISION, STANDING_DECISION
from cases.services.decisions.legal_steps import record_legal_step
from cases.services.decisions.proposing import propose_decision

# Of how many offers of mediation one ends in an agreement.
AGREES_ONE_OF: Final = 5


def refer_to_law(*, day: Day, most: int) -> None:
    """Propose legal recovery for those who have been overdue for the longest and have no decision that waits."""
    pending = Decision.objects.filter(state__in=PENDING_DECISION)
    open_cases = (
        Case.objects.filter(stage__in=CASE.step("decide").sources - {CaseStage.OPEN})
        .exclude(decisions__in=pending)
        .annotate(days=Max("borrower__accounts__days_past_due"))
        .filter(days__gt=0)
        .select_related("borrower")
    )
    for case in open_cases.order_by("-days", "pk")[:most]:
        account = case.borrower.accounts.order_by("-days_past_due", "pk")[0]
        with day.trying("legal recovery"):
            propose_decision(
                case=case,
                account=account,
                kind=DecisionKind.LEGAL,
                reason="逾期已久，未能商定还款安排，先行调解",
                actor=day.cast.users["officer"],
                at=day.at,
            )


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
