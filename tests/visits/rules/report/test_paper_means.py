"""Income and expenses by the papers of a report: of any papers, never more income than one of them proves."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cases.rules.plans.affordability import Means
from tests.factories.papers import values_of
from visits.rules.report.paper_checks import Paper
from visits.rules.report.paper_means import means_of_papers

NOTHING = Means()


def paper(kind: str, **changes: object) -> Paper:
    return Paper(section="CAPACITY", kind=kind, verdict="CONSISTENT", values=values_of(kind, **changes))


STATEMENT, PROOF, LEASE = paper("BANK_STATEMENT"), paper("INCOME_PROOF", monthly_income="9500.00"), paper("LEASE")


@pytest.mark.parametrize(
    ("papers", "stated", "income", "expenses"),
    [
        ((STATEMENT,), None, "8000.00", None),
        ((PROOF,), None, "9500.00", None),
        # Wages that were paid go before what an employer certifies.
        ((PROOF, STATEMENT), None, "8000.00", None),
        ((paper("BANK_STATEMENT", wages=None), PROOF), None, "9500.00", None),
        ((STATEMENT, LEASE), None, "8000.00", "3200.00"),
        ((STATEMENT,), "4100", "8000.00", "4100"),
        ((STATEMENT, LEASE), "4100", "8000.00", "4100"),
        # Who states less than the rent that is proven spends at least the rent.
        ((STATEMENT, LEASE), "1500", "8000.00", "3200.00"),
        ((STATEMENT,), "0", "8000.00", "0"),
        # Without an income nothing is known, whatever is spent.
        ((LEASE,), "1500", None, None),
        ((), "1500", None, None),
        ((paper("SOCIAL_SECURITY"),), None, None, None),
    ],
)
def test_what_papers_and_application_say(
    papers: tuple[Paper, ...], stated: str | None, income: str | None, expenses: str | None
) -> None:
    found = means_of_papers(sound=papers, stated_expenses=None if stated is None else Decimal(stated))

    assert found == Means(
        monthly_income=None if income is None else Decimal(income),
        monthly_expenses=None if expenses is None else Decimal(expenses),
    )


amounts = st.decimals(min_value=0, max_value=99_999, places=2)
papers = st.lists(
    st.one_of(
        amounts.map(
            lambda each: Paper(
                section="CAPACITY", kind="INCOME_PROOF", verdict="CONSISTENT", values={"monthly_income": f"{each:.2f}"}
            )
        ),
        amounts.map(
            lambda each: Paper(
                section="RESIDENCE", kind="LEASE", verdict="CONSISTENT", values={"monthly_rent": f"{each:.2f}"}
            )
        ),
        amounts.map(
            lambda each: Paper(
                section="CAPACITY",
                kind="BANK_STATEMENT",
                verdict="CONSISTENT",
                values={"wages": [f"{each:.2f}"], "period_start": "2026-01-01", "period_end": "2026-01-31"},
            )
        ),
    ),
    max_size=5,
)


@given(papers=papers, stated=st.none() | amounts)
def test_no_income_is_made_up_and_no_known_expense_is_left_out(papers: list[Paper], stated: Decimal | None) -> None:
    proven = {
        Decimal(each.values["monthly_income"] if each.kind == "INCOME_PROOF" else each.values["wages"][0])  # type: ignore[arg-type]
        for each in papers
        if each.kind != "LEASE"
    }
    rents = [Decimal(str(each.values["monthly_rent"])) for each in papers if each.kind == "LEASE"]

    found = means_of_papers(sound=papers, stated_expenses=stated)

    if not proven:
        assert found == NOTHING
        return
    assert found.monthly_income in proven
    expenses = [each for each in (stated, *rents[:1]) if each is not None]
    assert found.monthly_expenses == max(expenses, default=None)
    affordable = found.affordable(currency="CNY")
    assert (affordable is None) == (not expenses)
    assert affordable is None or 0 <= affordable <= max(proven) / 2
