"""What each source says of a borrower, one claim for each subject that it speaks of."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from visits.contradiction_enums import Origin, Subject
from visits.enums import DocumentKind
from visits.rules.contradictions.incomes import IncomeBasis
from visits.rules.report.paper_checks import OWN_HARDSHIP, Paper, a_month
from visits.rules.report.paper_kinds import Values, amount, amounts, day, text

# Papers that name the borrower as the person they are about.
_NAMES: Final[Mapping[str, str]] = {
    DocumentKind.IDENTITY_CARD: "name",
    DocumentKind.HOUSEHOLD_REGISTER: "name",
    DocumentKind.MARRIAGE_CERTIFICATE: "name",
    DocumentKind.RESIDENCE_PERMIT: "name",
    DocumentKind.SOCIAL_SECURITY: "name",
    DocumentKind.HOUSING_FUND: "name",
    DocumentKind.INCOME_PROOF: "name",
    DocumentKind.BANK_STATEMENT: "name",
    DocumentKind.LEASE: "tenant_name",
}
_REGISTERS: Final = frozenset({DocumentKind.IDENTITY_CARD, DocumentKind.HOUSEHOLD_REGISTER})
_HOMES: Final = frozenset({DocumentKind.RESIDENCE_PERMIT, DocumentKind.UTILITY_BILL, DocumentKind.LEASE})
_EMPLOYERS: Final = frozenset({DocumentKind.SOCIAL_SECURITY, DocumentKind.HOUSING_FUND, DocumentKind.INCOME_PROOF})
_CONTRIBUTIONS: Final = frozenset({DocumentKind.SOCIAL_SECURITY, DocumentKind.HOUSING_FUND})
_TITLES: Final = frozenset({DocumentKind.PROPERTY_DEED, DocumentKind.VEHICLE_REGISTRATION})
# A bill or contract that ended longer ago than this says nothing of where somebody lives now.
ENDED_LONG_AGO: Final = timedelta(days=180)
WORKS, WORKS_NOT = "WORKS", "WORKS_NOT"
ALIVE, DEAD = "ALIVE", "DEAD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """
    What one source says of one subject.

    `source` is an Origin or a DocumentKind, `ref` names the very row, `on` the day that the claim is of (None: unknown).
    Claims are compared where `key` is the same. `amount` is of a month, in the account's currency.
    """

    subject: Subject
    source: str
    ref: str
    value: str = ""
    amount: Decimal | None = None
    basis: IncomeBasis | None = None
    key: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownPaper:
    """One paper with its reference and the day on which it was shown."""

    ref: str
    paper: Paper
    on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """What the borrower stated when applying, opened in memory only. `ref` names the row; empty where unknown."""

    ref: str
    name: str = ""
    id_number: str = ""
    homes: tuple[str, ...] = ()
    registered: tuple[str, ...] = ()
    employer: str = ""
    monthly_income: Decimal | None = None
    stated_on: date | None = None


def claims_of_application(*, stated: Stated) -> tuple[Claim, ...]:
    """Return what an application claims. Addresses have no day: the lender keeps them up to date."""
    source, ref = Origin.APPLICATION, stated.ref
    found = [
        Claim(subject=Subject.NAME, source=source, ref=ref, value=stated.name),
        Claim(subject=Subject.ID_NUMBER, source=source, ref=ref, value=stated.id_number),
        Claim(subject=Subject.EMPLOYER, source=source, ref=ref, value=stated.employer, on=stated.stated_on),
        *(Claim(subject=Subject.HOME, source=source, ref=ref, value=each) for each in stated.homes),
        *(Claim(subject=Subject.REGISTERED, source=source, ref=ref, value=each) for each in stated.registered),
    ]
    if stated.monthly_income is not None:
        found.append(
            Claim(
                subject=Subject.INCOME,
                source=source,
                ref=ref,
                amount=stated.monthly_income,
                basis=IncomeBasis.STATED,
                on=stated.stated_on,
            )
        )
    return tuple(each for each in found if each.value or each.amount is not None)


def claims_of_papers(*, papers: Iterable[ShownPaper]) -> tuple[Claim, ...]:
    """Return what the papers claim, in their order."""
    return tuple(claim for shown in papers for claim in _of_paper(shown) if claim.value or claim.amount is not None)


def spouses(*, papers: Iterable[ShownPaper]) -> frozenset[str]:
    """Return the names of spouses in the marriage certificates: a spouse may hold a title or a lease."""
    named = (
        text(shown.paper.values, "spouse_name")
        for shown in papers
        if shown.paper.kind == DocumentKind.MARRIAGE_CERTIFICATE
    )
    return frozenset(name for name in named if name)


def _of_paper(shown: ShownPaper) -> Iterator[Claim]:
    kind, values = DocumentKind(shown.paper.kind), shown.paper.values

    def claim(subject: Subject, value: str = "", **more: object) -> Claim:
        given: dict[str, object] = {"on": _day_of(kind, values, shown.on)} | more
        return Claim(subject=subject, source=kind.value, ref=shown.ref, value=value, **given)  # type: ignore[arg-type]

    if kind in _NAMES:
        yield claim(Subject.NAME, text(values, _NAMES[kind]))
        yield claim(Subject.ID_NUMBER, text(values, "id_number"))
    if kind in _REGISTERS and day(values, "moved_out_on") is None:
        yield claim(Subject.REGISTERED, text(values, "address"))
    if kind in _HOMES and _counts_as_home(kind, values, shown.on):
        yield claim(Subject.HOME, text(values, "address"))
    if kind in _EMPLOYERS and text(values, "account_state") != "SEALED":
        yield claim(Subject.EMPLOYER, text(values, "employer"))
        if text(values, "employer"):
            yield claim(Subject.WORK, WORKS)
    if kind in _TITLES:
        yield claim(Subject.TITLE, text(values, "owner_name"))
    if kind == DocumentKind.PROPERTY_DEED:
        yield claim(Subject.PROPERTY, text(values, "address"), key=text(values, "number"))
    if kind == DocumentKind.VEHICLE_REGISTRATION:
        yield claim(Subject.VEHICLE, text(values, "vin"), key=text(values, "plate"))
    if kind == DocumentKind.LEASE:
        yield claim(Subject.RENT, amount=amount(values, "monthly_rent"))
    if kind == DocumentKind.HARDSHIP_PROOF:
        yield from _of_hardship(shown, claim(Subject.NAME))
    basis, figure = _income(kind, shown.paper)
    if figure is not None:
        yield claim(Subject.INCOME, amount=figure, basis=basis)


def _of_hardship(shown: ShownPaper, sample: Claim) -> Iterator[Claim]:
    values, type_ = shown.paper.values, text(shown.paper.values, "type")

    def claim(subject: Subject, value: str, key: str = "") -> Claim:
        return Claim(subject=subject, source=sample.source, ref=sample.ref, on=sample.on, value=value, key=key)

    if type_ in OWN_HARDSHIP:
        yield claim(Subject.NAME, text(values, "name"))
    if type_ == "UNEMPLOYMENT":
        yield claim(Subject.WORK, WORKS_NOT)
    if type_ == "DEATH":
        # It may be about a relative: compared only with the borrower's own name.
        yield claim(Subject.LIFE, DEAD, key=text(values, "name"))


def _income(kind: DocumentKind, paper: Paper) -> tuple[IncomeBasis | None, Decimal | None]:
    """Return what a paper says of the income a month, and on which basis."""
    if kind == DocumentKind.INCOME_PROOF:
        return IncomeBasis.STATED, amount(paper.values, "monthly_income")
    if kind in _CONTRIBUTIONS:
        return IncomeBasis.BASE, amount(paper.values, "base")
    if kind == DocumentKind.BANK_STATEMENT:
        wages = a_month(values=paper.values, flow=amounts(paper.values, "wages"))
        if wages is not None:
            return IncomeBasis.PAID, wages
        came_in = [each for each in amounts(paper.values, "amounts") if each > 0]
        return IncomeBasis.INFLOW, a_month(values=paper.values, flow=came_in)
    return None, None


def _day_of(kind: DocumentKind, values: Values, shown_on: date) -> date:
    """Return the day that a paper speaks of: its own if it has one that is past, or else the day on which it was shown."""
    if kind in _CONTRIBUTIONS and (months := values.get("months")):
        own: date | None = date.fromisoformat(f"{max(months)}-01")
    elif kind in (DocumentKind.UTILITY_BILL, DocumentKind.BANK_STATEMENT):
        own = day(values, "period_end")
    elif kind in (DocumentKind.INCOME_PROOF, DocumentKind.HARDSHIP_PROOF):
        own = day(values, "issued_on")
    else:
        own = None
    return shown_on if own is None else min(own, shown_on)


def _counts_as_home(kind: DocumentKind, values: Values, on: date) -> bool:
    last = {DocumentKind.LEASE: "ends_on", DocumentKind.UTILITY_BILL: "period_end"}.get(kind, "endorsed_until")
    ended = day(values, last)
    return ended is None or ended >= on - (timedelta(0) if kind == DocumentKind.LEASE else ENDED_LONG_AGO)
