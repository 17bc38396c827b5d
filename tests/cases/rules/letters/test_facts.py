"""The frozen facts of a letter are read back with their types."""

from datetime import date
from decimal import Decimal

from cases.rules.letters.facts import Found, LetterFacts, read_facts
from tests.factories.letters import FACTS


def test_read_facts_gives_days_amounts_and_codes():
    assert read_facts(FACTS) == LetterFacts(
        kind="LIMIT_CUT",
        reasons=("BROKEN_PROMISES",),
        terms={"limit": "30000.00", "way_back": "THREE_PAYMENTS_ON_TIME"},
        policy_version=1,
        by_person=True,
        decided_on=date(2026, 3, 2),
        happened_on=date(2026, 3, 2),
        ends_on=date(2026, 8, 29),
        currency="CNY",
        as_of=date(2026, 3, 1),
        days_past_due=95,
        arrears=Decimal("32000.00"),
        limit=Decimal("60000.00"),
        rate=Decimal("0.18000"),
        on_time_months=None,
        found=Found(source="VISIT", on=date(2026, 2, 27), sections=("IDENTITY", "CAPACITY")),
        instalments=(),
        upheld=False,
    )


def test_read_facts_of_a_plan_gives_its_instalments():
    kept = FACTS | {
        "kind": "PLAN",
        "verification": None,
        "ends_on": None,
        "upheld": True,
        "instalments": {"each": [{"on": "2026-04-02", "amount": "2000.00"}, {"on": "2026-05-06", "amount": "1939.47"}]},
    }

    facts = read_facts(kept)

    assert facts.instalments == ((date(2026, 4, 2), Decimal("2000.00")), (date(2026, 5, 6), Decimal("1939.47")))
    assert (facts.found, facts.ends_on, facts.upheld, facts.is_adverse) == (None, None, True, False)


def test_a_figure_of_the_terms_is_a_number_or_nothing():
    facts = read_facts(FACTS)

    assert facts.is_adverse
    assert (facts.figure("limit"), facts.figure("rate"), facts.figure("way_back")) == (Decimal("30000.00"), None, None)
