"""The contact budget as a rule of the conduct guard."""

from datetime import UTC, datetime

from cases.enums import ContactRule
from cases.rules.contact_budget.jurisdictions import CHINA
from cases.rules.contact_budget.refusals import refusal
from visits.rules.conduct.clauses import CLAUSES, ConductRule
from visits.rules.conduct.contact_budget import over_budget

UNTIL = datetime(2026, 3, 2, 16, tzinfo=UTC)


def test_a_refusal_keeps_its_words_and_its_end() -> None:
    refused = refusal(rule=ContactRule.CONVERSATIONS_A_DAY, policy=CHINA, until=UNTIL)

    found = over_budget(refused)

    assert (found.rule, found.until, str(found.message)) == (ConductRule.CONTACT_BUDGET, UNTIL, str(refused.words))
    assert found.clause == CLAUSES[ConductRule.CONTACT_BUDGET]
