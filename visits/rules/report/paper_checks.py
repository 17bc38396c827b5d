"""
The papers of one report: each checked by itself, against the borrower as the lender knows them, and against each other.

Whether a paper can establish anything follows: it was seen and read, and no check of it doubts.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from backoffice.core.canonical.addresses import canonical_door
from visits.enums import DocumentKind, DocumentVerdict, PaperReason
from visits.rules.comparison.addresses import compare_addresses
from visits.rules.comparison.matching import Match
from visits.rules.report.documents import (
    IDENTITY_SOURCES,
    DocumentCheck,
    IdentityFacts,
    agrees_independently,
    cross_check,
    cross_check_identity,
)
from visits.rules.report.paper_fields import PAPER_FIELDS, Stated
from visits.rules.report.paper_kinds import Values, amount, amounts, check_kind, day, text

# What the crew says of a paper that it saw in the original and found in order.
SEEN = frozenset({DocumentVerdict.GENUINE_SEEN, DocumentVerdict.CONSISTENT})
DOUBTING = frozenset({DocumentVerdict.DOUBTFUL, DocumentVerdict.DIFFERENT, DocumentVerdict.OUT_OF_DATE})
# So much more income may be certified, or contributed on, than was paid out or proven before somebody asks (house values).
MOST_ABOVE_FLOW, MOST_ABOVE_INCOME = Decimal("1.3"), Decimal("1.5")
# Papers about the borrower alone; the other kinds of hardship can be those of the family.
OWN_HARDSHIP = frozenset({"UNEMPLOYMENT", "DISABILITY", "LOW_INCOME"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One paper of a report: where it was filed, what the crew says of it, and what was read from it."""

    section: str
    kind: str
    verdict: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """
    The borrower as the lender knows them, opened in memory only. `address` is the one that was visited, `employer` what was
    stated when applying.

    `is_resident` says that the identity number is one of a resident, which has a form of its own.
    """

    name: str = ""
    id_number: str = ""
    address: str = ""
    employer: str = ""
    is_resident: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedPapers:
    """The checks of each paper, in the order of the papers, and whether an independent source confirms who it is."""

    checks: tuple[tuple[DocumentCheck, ...], ...]
    confirmed_independently: bool


def check_papers(*, papers: Sequence[Paper], known: Known, on: date) -> CheckedPapers:
    """Return what the papers of one report say on the day `on`, paper by paper."""
    employer = known.employer or _first(papers, "employer")
    stated = IdentityFacts(name=known.name, id_number=known.id_number, employer=employer)
    checks: list[tuple[DocumentCheck, ...]] = []
    identity: list[DocumentCheck] = []
    for paper in papers:
        if not paper.values:
            checks.append((_check("", DocumentVerdict.NOT_SHOWN, PaperReason.NOTHING_READ),))
            continue
        crossed = _crossed(paper, stated)
        identity += crossed
        checks.append(
            (
                *_missing(paper),
                *_of_itself(paper, known=known, on=on),
                *_against_lender(paper, known=known, crossed=crossed),
                *_against_others(paper, papers),
            )
        )
    return CheckedPapers(checks=tuple(checks), confirmed_independently=agrees_independently(checks=identity))


def is_sound(*, verdict: str, checks: Iterable[DocumentCheck]) -> bool:
    """Return whether a paper can establish something: seen in order by the crew, read, and no check doubts."""
    found = tuple(checks)
    doubted = any(check.verdict in DOUBTING or check.reason in _UNREAD for check in found)
    return verdict in SEEN and bool(found) and not doubted


_UNREAD = frozenset({PaperReason.FIELD_MISSING, PaperReason.NOTHING_READ})


def _check(name: str, verdict: DocumentVerdict, reason: PaperReason) -> DocumentCheck:
    return DocumentCheck(field=name, verdict=verdict, reason=reason)


def _missing(paper: Paper) -> Iterator[DocumentCheck]:
    for each in PAPER_FIELDS[DocumentKind(paper.kind)]:
        if each.required and each.name not in paper.values:
            yield _check(each.name, DocumentVerdict.NOT_SHOWN, PaperReason.FIELD_MISSING)


def _of_itself(paper: Paper, *, known: Known, on: date) -> Iterator[DocumentCheck]:
    for check in check_kind(kind=paper.kind, values=paper.values, on=on):
        # The passport number of a foreigner stands in contribution records too, and does not add up.
        foreign = not known.is_resident and text(paper.values, "id_number") == known.id_number
        if not (foreign and check.field == "id_number"):
            yield check


def _crossed(paper: Paper, stated: IdentityFacts) -> list[DocumentCheck]:
    """Return how one of the four identity sources agrees; empty for other papers and sources that are not there."""
    kind = DocumentKind(paper.kind)
    if kind not in IDENTITY_SOURCES:
        return []
    facts = IdentityFacts(
        name=text(paper.values, "name"),
        id_number=text(paper.values, "id_number"),
        employer=text(paper.values, "employer"),
    )
    return [check for check in cross_check_identity(stated=stated, sources={kind: facts}) if "." in check.field]


def _against_lender(paper: Paper, *, known: Known, crossed: Iterable[DocumentCheck]) -> Iterator[DocumentCheck]:
    done = set()
    for check in crossed:
        name = check.field.partition(".")[2]
        done.add(name)
        yield _check(name, check.verdict, check.reason)
    if paper.kind == DocumentKind.HARDSHIP_PROOF and text(paper.values, "type") in OWN_HARDSHIP:
        yield from _compared("name", known.name, text(paper.values, "name"))
    for each in PAPER_FIELDS[DocumentKind(paper.kind)]:
        shown = text(paper.values, each.name)
        if each.stated is None or each.name in done or not shown:
            continue
        if each.stated == Stated.ADDRESS:
            yield from _same_door(each.name, known.address, shown)
        else:
            wanted = known.name if each.stated == Stated.NAME else known.id_number
            yield from _compared(each.name, wanted, shown)


def _compared(name: str, stated: str, shown: str) -> Iterator[DocumentCheck]:
    if stated and shown:
        yield from cross_check(stated={name: stated}, shown={name: shown})


def _same_door(name: str, stated: str, shown: str) -> Iterator[DocumentCheck]:
    """Yield whether two addresses are one door; nothing where one of them names no door."""
    doors = canonical_door(line=stated), canonical_door(line=shown)
    if all(doors):
        match = compare_addresses(left=stated, right=shown)
        same = match == Match.SAME or (match == Match.UNKNOWN and doors[0] == doors[1])
        verdict = DocumentVerdict.CONSISTENT if same else DocumentVerdict.DIFFERENT
        yield _check(name, verdict, PaperReason.AS_STATED if same else PaperReason.UNLIKE_STATED)


def _against_others(paper: Paper, papers: Sequence[Paper]) -> Iterator[DocumentCheck]:
    """Yield a doubt where certified income or a contribution base goes far beyond what the other papers show."""
    if paper.kind == DocumentKind.INCOME_PROOF:
        certified, paid = amount(paper.values, "monthly_income"), monthly_wages(papers=papers)
        if certified is not None and paid is not None and certified > paid * MOST_ABOVE_FLOW:
            yield _check("monthly_income", DocumentVerdict.DOUBTFUL, PaperReason.INCOME_ABOVE_FLOW)
    elif paper.kind in (DocumentKind.SOCIAL_SECURITY, DocumentKind.HOUSING_FUND):
        base, certified = amount(paper.values, "base"), _certified(papers)
        if base is not None and certified is not None and base > certified * MOST_ABOVE_INCOME:
            yield _check("base", DocumentVerdict.DOUBTFUL, PaperReason.BASE_ABOVE_INCOME)


def monthly_wages(*, papers: Iterable[Paper]) -> Decimal | None:
    """Return the wages of the first bank statement by month of its period; None without wages or without a period."""
    statements = (paper.values for paper in papers if paper.kind == DocumentKind.BANK_STATEMENT)
    found = (a_month(values=values, flow=amounts(values, "wages")) for values in statements)
    return next((each for each in found if each is not None), None)


def a_month(*, values: Values, flow: Sequence[Decimal]) -> Decimal | None:
    """Return amounts of a bank statement by month of its period, to the cent; None without any or without a period."""
    first, last = day(values, "period_start"), day(values, "period_end")
    if not flow or first is None or last is None or first > last:
        return None
    return (sum(flow, Decimal(0)) / _months(first, last)).quantize(Decimal("0.01"))


def _months(first: date, last: date) -> int:
    """Return the whole months of a period, at least one: from 1 January to 31 March are three."""
    return max(1, round((last - first).days / 30.44))


def _certified(papers: Iterable[Paper]) -> Decimal | None:
    found = (amount(paper.values, "monthly_income") for paper in papers if paper.kind == DocumentKind.INCOME_PROOF)
    return next((each for each in found if each is not None), None)


def _first(papers: Iterable[Paper], name: str) -> str:
    """Return the employer whom the borrower's own proof of income names, for borrowers who stated none when applying."""
    found = (text(paper.values, name) for paper in papers if paper.kind == DocumentKind.INCOME_PROOF)
    return next((each for each in found if each), "")
