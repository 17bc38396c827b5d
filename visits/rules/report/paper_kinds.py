"""
What the values of one paper say of themselves, kind by kind (domain 6). Days of validity of cards are house readings.

A signal for a person to look at; nothing here says that a paper is forged.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType

from backoffice.core.canonical.identity_numbers import NumberKind, folded_number, read_identity_number
from visits.enums import DocumentKind, DocumentVerdict, PaperReason
from visits.rules.report.documents import (
    BILL_MAX_DAYS,
    DocumentCheck,
    check_balance,
    check_bill_period,
    check_disability_certificate,
    check_identity_number,
    check_marriage_certificate,
    check_months,
    check_property_number,
    check_property_unit,
    check_uscc,
    check_vin,
)
from visits.rules.report.paper_values import Value

# Years that a card is valid, by the age at which it was issued; from 46 it is valid for life.
CARD_YEARS = ((16, 5), (26, 10), (46, 20))
CARD_HOLDERS = frozenset({NumberKind.RESIDENT, NumberKind.RESIDENT_15, NumberKind.TEST})
# The Civil Code (705) knows no longer lease.
LEASE_MAX_DAYS = 20 * 366
# The last paid month of a contribution may lie so many months back.
MONTHS_RECENT = 3

Values = Mapping[str, Value]
Checks = Iterator[DocumentCheck]


def check_kind(*, kind: str, values: Values, on: date) -> tuple[DocumentCheck, ...]:
    """Return what the values of one paper say of themselves on the day `on`; fields that were not read say nothing."""
    return tuple(_CHECKS[DocumentKind(kind)](values, on))


def amount(values: Values, name: str) -> Decimal | None:
    """Return the amount of a field; None if it was not read."""
    value = values.get(name)
    return Decimal(value) if isinstance(value, str) else None


def amounts(values: Values, name: str) -> tuple[Decimal, ...]:
    """Return the amounts of a field; none if it was not read."""
    return tuple(Decimal(each) for each in values.get(name, ()))


def day(values: Values, name: str) -> date | None:
    """Return the day of a field; None if it was not read."""
    value = values.get(name)
    return date.fromisoformat(value) if isinstance(value, str) else None


def text(values: Values, name: str) -> str:
    """Return the text of a field; empty if it was not read."""
    value = values.get(name, "")
    return value if isinstance(value, str) else ""


def _said(field: str, verdict: DocumentVerdict, reason: PaperReason) -> DocumentCheck:
    return DocumentCheck(field=field, verdict=verdict, reason=reason)


def _fits(field: str, reason: PaperReason) -> DocumentCheck:
    return _said(field, DocumentVerdict.CONSISTENT, reason)


def _odd(field: str, reason: PaperReason) -> DocumentCheck:
    return _said(field, DocumentVerdict.DOUBTFUL, reason)


def _old(field: str, reason: PaperReason) -> DocumentCheck:
    return _said(field, DocumentVerdict.OUT_OF_DATE, reason)


def _named(field: str, check: DocumentCheck) -> DocumentCheck:
    return _said(field, check.verdict, check.reason)


def _past(values: Values, name: str, on: date) -> Checks:
    """Yield a doubt if the day of a field lies ahead."""
    found = day(values, name)
    if found is not None and found > on:
        yield _odd(name, PaperReason.IN_FUTURE)


def _until(values: Values, name: str, on: date) -> Checks:
    """Yield whether the last day of a field has not passed."""
    last = day(values, name)
    if last is not None:
        yield _fits(name, PaperReason.IN_FORCE) if last >= on else _old(name, PaperReason.LAPSED)


def _id_number(values: Values, on: date) -> Checks:
    if number := text(values, "id_number"):
        yield check_identity_number(number=number, on=on)


def _identity_card(values: Values, on: date) -> Checks:
    yield from _id_number(values, on)
    yield from _past(values, "valid_from", on)
    yield from _until(values, "valid_until", on)
    begins, ends = day(values, "valid_from"), day(values, "valid_until")
    reading = read_identity_number(number=text(values, "id_number"), on=on)
    if begins is None or reading.born_on is None or reading.kind not in CARD_HOLDERS:
        return
    age = (
        begins.year - reading.born_on.year - ((begins.month, begins.day) < (reading.born_on.month, reading.born_on.day))
    )
    years = next((years for below, years in CARD_YEARS if age < below), None)
    yield (
        _fits("valid_until", PaperReason.TERM_FITS_AGE)
        if _has_term(begins, ends, years)
        else _odd("valid_until", PaperReason.TERM_UNLIKE_AGE)
    )


def _has_term(begins: date, ends: date | None, years: int | None) -> bool:
    """Return whether a term lasts so many years, give or take the day of a leap year; None is for life."""
    if ends is None or years is None:
        return ends is None and years is None
    return (
        ends.year - begins.year == years and abs((ends - begins.replace(year=ends.year, day=1)).days - begins.day) <= 2
    )


def _household_register(values: Values, on: date) -> Checks:
    yield from _id_number(values, on)
    left = day(values, "moved_out_on")
    if left is not None:
        yield (
            _old("moved_out_on", PaperReason.MOVED_AWAY) if left <= on else _odd("moved_out_on", PaperReason.IN_FUTURE)
        )


def _marriage_certificate(values: Values, on: date) -> Checks:
    yield from _id_number(values, on)
    yield from _past(values, "issued_on", on)
    number, issued = text(values, "number"), day(values, "issued_on")
    if number:
        form = _named("number", check_marriage_certificate(number=number, on=on))
        yield form
        year = folded_number(number=number)[7:11]
        if form.verdict == DocumentVerdict.CONSISTENT and issued is not None and year != str(issued.year):
            yield _odd("number", PaperReason.YEAR_DIFFERS)
    if spouse := text(values, "spouse_id_number"):
        yield _named("spouse_id_number", check_identity_number(number=spouse, on=on))
        if spouse == text(values, "id_number"):
            yield _odd("spouse_id_number", PaperReason.SAME_PERSON_TWICE)


def _residence_permit(values: Values, on: date) -> Checks:
    yield from _id_number(values, on)
    yield from _until(values, "endorsed_until", on)


def _property_deed(values: Values, on: date) -> Checks:
    if number := text(values, "number"):
        yield _named("number", check_property_number(number=number))
    if code := text(values, "unit_number"):
        yield _named("unit_number", check_property_unit(code=code))
    yield from _until(values, "term_until", on)
    yield from _free(values)


def _free(values: Values) -> Checks:
    if text(values, "encumbrance") == "SEIZED":
        yield _odd("encumbrance", PaperReason.SEIZED)


def _vehicle(values: Values, on: date) -> Checks:
    if vin := text(values, "vin"):
        yield check_vin(vin=vin)
    yield from _past(values, "registered_on", on)
    yield from _until(values, "inspected_until", on)
    yield from _free(values)


def _contributions(values: Values, on: date) -> Checks:
    yield from _id_number(values, on)
    months = [date.fromisoformat(f"{each}-01") for each in values.get("months", ())]
    if not months:
        return
    yield check_months(months=months)
    behind = on.year * 12 + on.month - max(months).year * 12 - max(months).month
    if behind < 0:
        yield _odd("months", PaperReason.IN_FUTURE)
    else:
        yield _fits("months", PaperReason.RECENT) if behind <= MONTHS_RECENT else _old("months", PaperReason.TOO_OLD)


def _housing_fund(values: Values, on: date) -> Checks:
    yield from _contributions(values, on)
    if text(values, "account_state") == "SEALED":
        yield _old("account_state", PaperReason.ACCOUNT_CLOSED)
    base, ratio, deposit = (amount(values, each) for each in ("base", "ratio_percent", "deposit"))
    if base is not None and ratio is not None and deposit is not None:
        one_side = base * ratio / 100
        # Deposits are rounded to whole yuan; statements show one side or both.
        fits = any(abs(deposit - one_side * sides) <= sides for sides in (1, 2))
        yield _fits("deposit", PaperReason.AMOUNTS_ADD_UP) if fits else _odd("deposit", PaperReason.DEPOSIT_UNLIKE_BASE)


def _period(values: Values, begins: str, ends: str) -> Checks:
    first, last = day(values, begins), day(values, ends)
    if first is not None and last is not None and last < first:
        yield _odd(ends, PaperReason.ENDS_BEFORE_IT_BEGINS)


def _utility_bill(values: Values, on: date) -> Checks:
    ended = day(values, "period_end")
    if ended is not None:
        yield _named("period_end", check_bill_period(period_end=ended, on=on))
    yield from _period(values, "period_start", "period_end")


def _lease(values: Values, on: date) -> Checks:
    yield from _period(values, "starts_on", "ends_on")
    yield from _until(values, "ends_on", on)
    begins, ends = day(values, "starts_on"), day(values, "ends_on")
    if begins is not None and begins > on:
        yield _odd("starts_on", PaperReason.NOT_BEGUN)
    if begins is not None and ends is not None and (ends - begins).days > LEASE_MAX_DAYS:
        yield _odd("ends_on", PaperReason.TERM_TOO_LONG)


def _recent(values: Values, name: str, on: date) -> Checks:
    found = day(values, name)
    if found is not None and found <= on:
        fresh = on - found <= timedelta(days=BILL_MAX_DAYS)
        yield _fits(name, PaperReason.RECENT) if fresh else _old(name, PaperReason.TOO_OLD)


def _income_proof(values: Values, on: date) -> Checks:
    yield from _past(values, "issued_on", on)
    yield from _recent(values, "issued_on", on)
    if code := text(values, "employer_code"):
        yield _named("employer_code", check_uscc(code=code))
    net, gross, taken = (amount(values, each) for each in ("monthly_income", "gross", "deductions"))
    if net is not None and gross is not None and taken is not None:
        fits = gross - taken == net
        yield (
            _fits("monthly_income", PaperReason.AMOUNTS_ADD_UP)
            if fits
            else _odd("monthly_income", PaperReason.INCOME_DOES_NOT_ADD_UP)
        )


def _bank_statement(values: Values, on: date) -> Checks:
    yield from _period(values, "period_start", "period_end")
    yield from _past(values, "period_end", on)
    yield from _recent(values, "period_end", on)
    opening, closing, flow = amount(values, "opening"), amount(values, "closing"), amounts(values, "amounts")
    if opening is not None and closing is not None and flow:
        yield _named("closing", check_balance(opening=opening, amounts=flow, closing=closing))
    if flow and not _holds(flow, amounts(values, "wages")):
        yield _odd("wages", PaperReason.WAGE_NOT_IN_FLOW)


def _holds(flow: Sequence[Decimal], wages: Sequence[Decimal]) -> bool:
    """Return whether each wage is among the amounts, as often as it is given."""
    return all(wage > 0 and wages.count(wage) <= flow.count(wage) for wage in wages)


def _hardship(values: Values, on: date) -> Checks:
    yield from _past(values, "issued_on", on)
    number = text(values, "number")
    if number and text(values, "type") == "DISABILITY":
        yield _named("number", check_disability_certificate(number=number, on=on))


_CHECKS: Mapping[DocumentKind, Callable[[Values, date], Checks]] = MappingProxyType(
    {
        DocumentKind.IDENTITY_CARD: _identity_card,
        DocumentKind.HOUSEHOLD_REGISTER: _household_register,
        DocumentKind.MARRIAGE_CERTIFICATE: _marriage_certificate,
        DocumentKind.RESIDENCE_PERMIT: _residence_permit,
        DocumentKind.PROPERTY_DEED: _property_deed,
        DocumentKind.VEHICLE_REGISTRATION: _vehicle,
        DocumentKind.SOCIAL_SECURITY: _contributions,
        DocumentKind.HOUSING_FUND: _housing_fund,
        DocumentKind.UTILITY_BILL: _utility_bill,
        DocumentKind.LEASE: _lease,
        DocumentKind.INCOME_PROOF: _income_proof,
        DocumentKind.BANK_STATEMENT: _bank_statement,
        DocumentKind.HARDSHIP_PROOF: _hardship,
    }
)
