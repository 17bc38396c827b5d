"""The contact budget of the person, as one rule of the conduct guard: a visit takes its place among the conversations."""

from cases.rules.contact_budget.refusals import ContactRefusal
from visits.rules.conduct.clauses import ConductRule, Refusal


def over_budget(refusal: ContactRefusal) -> Refusal:
    """Return a refusal of the contact budget as one of the guard, with its words and the instant at which it ends."""
    return Refusal(rule=ConductRule.CONTACT_BUDGET, message=refusal.words, until=refusal.until)
