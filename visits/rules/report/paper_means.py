"""What a borrower earns and spends in a month, by the papers that were found sound and by what was stated when applying."""

from collections.abc import Iterable
from decimal import Decimal

from cases.rules.plans.affordability import UNKNOWN_MEANS, Means
from visits.enums import DocumentKind
from visits.rules.report.paper_checks import Paper, monthly_wages
from visits.rules.report.paper_kinds import amount


def means_of_papers(*, sound: Iterable[Paper], stated_expenses: Decimal | None) -> Means:
    """
    Return income and expenses of a month in the account's currency; nothing where no paper proves an income.

    Income is that of `sound` papers alone: wages that a bank statement shows, else what an employer certifies.
    Expenses are those stated when applying, or the rent of a sound lease where that is more: a rent that is proven is spent.
    """
    papers = tuple(sound)
    wages = monthly_wages(papers=papers)
    income = wages if wages is not None else _first(papers, DocumentKind.INCOME_PROOF, "monthly_income")
    if income is None:
        return UNKNOWN_MEANS
    known = [each for each in (stated_expenses, _first(papers, DocumentKind.LEASE, "monthly_rent")) if each is not None]
    return Means(monthly_income=income, monthly_expenses=max(known, default=None))


def _first(papers: Iterable[Paper], kind: DocumentKind, name: str) -> Decimal | None:
    found = (amount(paper.values, name) for paper in papers if paper.kind == kind)
    return next((each for each in found if each is not None), None)
