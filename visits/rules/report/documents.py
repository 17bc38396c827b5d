"""
What the structure of a paper says, and how stated and shown facts compare (domain 6).

Every answer is a signal for a person to look at. Nothing here, and no sum of it, says that a paper is
forged. Health papers are looked at, noted, and not copied by default.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from backoffice.core.canonical.identity_numbers import (
    IdentityReading,
    canonical_identity_number,
    check_character,
    folded_number,
    long_form,
    read_identity_number,
)
from visits.enums import DocumentKind, DocumentVerdict, PaperReason
from visits.rules.comparison.employers import compare_employers
from visits.rules.comparison.matching import Match
from visits.rules.comparison.names import compare_id_numbers, compare_names

__all__ = [
    "BILL_MAX_DAYS",
    "DocumentCheck",
    "IdentityFacts",
    "IdentityReading",
    "agrees_independently",
    "check_balance",
    "check_bill_period",
    "check_character",
    "check_disability_certificate",
    "check_identity_number",
    "check_marriage_certificate",
    "check_months",
    "check_property_number",
    "check_property_unit",
    "check_uscc",
    "check_vin",
    "cross_check",
    "cross_check_identity",
    "long_form",
    "read_identity_number",
]

BILL_MAX_DAYS = 92
# The reasons have the words of the problems of an identity number, which are written where numbers are read.
_PROBLEMS = {
    "Not 18 or 15 characters of an identity number.": PaperReason.NOT_AN_ID_NUMBER,
    "The region code has no province.": PaperReason.UNKNOWN_REGION,
    "The date of birth does not exist.": PaperReason.NO_SUCH_BIRTHDAY,
    "The date of birth is in the future or too long ago.": PaperReason.UNLIKELY_BIRTHDAY,
    "The check digit does not match.": PaperReason.WRONG_CHECK_DIGIT,
}
VIN_WEIGHTS = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
VIN_VALUES = dict(
    zip("ABCDEFGHJKLMNPRSTUVWXYZ", (1, 2, 3, 4, 5, 6, 7, 8, 1, 2, 3, 4, 5, 7, 9, 2, 3, 4, 5, 6, 7, 8, 9), strict=True)
)  # fmt: skip - one table
VIN_VALUES.update({str(digit): digit for digit in range(10)})
USCC_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# 京(2019)朝阳区不动产权第0012345号: province, year, place, serial.
PROPERTY_NUMBER = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]\((\d{4})\)\w{1,20}不动产权第\d{3,10}号"
)
# District, cadastral area and sub-area (12 digits), kind of parcel, parcel, kind of building, building.
PROPERTY_UNIT = re.compile(r"\d{12}[A-Z\d]{2}\d{5}[A-Z\d]\d{8}")
MARRIAGE_NUMBER = re.compile(r"[JL]\d{6}(\d{4})\d{6}")
DISABILITY_NUMBER = re.compile(r"(\d{17}[\dX])([1-7])([1-4])(B\d)?")
# Papers that others keep, so that agreeing with them is worth more than agreeing with one's own card.
INDEPENDENT_SOURCES = frozenset({DocumentKind.SOCIAL_SECURITY, DocumentKind.HOUSING_FUND})
IDENTITY_SOURCES = (
    DocumentKind.IDENTITY_CARD,
    DocumentKind.HOUSEHOLD_REGISTER,
    DocumentKind.SOCIAL_SECURITY,
    DocumentKind.HOUSING_FUND,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentCheck:
    """One thing looked at. `reason` is a code and never repeats the personal data itself."""

    field: str
    verdict: DocumentVerdict
    reason: PaperReason


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentityFacts:
    """Who somebody is, as one source has it. Empty means the source does not say."""

    name: str = ""
    id_number: str = ""
    employer: str = ""


def check_identity_number(*, number: str, on: date) -> DocumentCheck:
    """Return whether an identity number adds up: shape, region, real date of birth, check digit."""
    problem = read_identity_number(number=number, on=on).problem
    if problem is not None:
        return _doubtful("id_number", _PROBLEMS[problem])
    return _consistent("id_number", PaperReason.NUMBER_ADDS_UP)


def check_property_number(*, number: str) -> DocumentCheck:
    """Return whether a real-estate certificate number has its printed form; older deeds have none."""
    match = PROPERTY_NUMBER.fullmatch(_folded(number).replace(" ", ""))
    # Unified certificates exist since March 2015.
    if match and int(match[1]) >= 2015:
        return _consistent("property_number", PaperReason.RIGHT_FORM)
    return _doubtful("property_number", PaperReason.NOT_A_DEED_NUMBER)


def check_property_unit(*, code: str) -> DocumentCheck:
    """Return whether a real-estate unit code has its 28 characters in the right places."""
    if PROPERTY_UNIT.fullmatch(folded_number(number=code)):
        return _consistent("property_unit", PaperReason.RIGHT_FORM)
    return _doubtful("property_unit", PaperReason.NOT_A_UNIT_CODE)


def check_vin(*, vin: str) -> DocumentCheck:
    """
    Return whether a vehicle identification number has its 17 characters and its check digit (GB 16735).

    A wrong check digit is a weak signal: some imported vehicles do not follow the rule.
    """
    text = folded_number(number=vin)
    if len(text) != 17 or any(character not in VIN_VALUES for character in text):
        return _doubtful("vin", PaperReason.NOT_A_VIN)
    total = sum(VIN_VALUES[character] * weight for character, weight in zip(text, VIN_WEIGHTS, strict=True))
    if "0123456789X"[total % 11] != text[8]:
        return _doubtful("vin", PaperReason.WRONG_VIN_DIGIT)
    return _consistent("vin", PaperReason.NUMBER_ADDS_UP)


def check_uscc(*, code: str) -> DocumentCheck:
    """Return whether a unified social credit code adds up (GB 32100: 18 characters, modulo 31)."""
    text = folded_number(number=code)
    if len(text) != 18 or any(character not in USCC_CHARACTERS for character in text):
        return _doubtful("uscc", PaperReason.NOT_A_CREDIT_CODE)
    total = sum(USCC_CHARACTERS.index(character) * pow(3, place, 31) for place, character in enumerate(text[:17]))
    if USCC_CHARACTERS[-total % 31] != text[17]:
        return _doubtful("uscc", PaperReason.WRONG_CODE_CHARACTER)
    return _consistent("uscc", PaperReason.CODE_ADDS_UP)


def check_disability_certificate(*, number: str, on: date) -> DocumentCheck:
    """Return whether a disability certificate number is an identity number, a type 1-7 and a level 1-4."""
    match = DISABILITY_NUMBER.fullmatch(folded_number(number=number))
    if match is None:
        return _doubtful("disability_number", PaperReason.NOT_A_DISABILITY_NUMBER)
    if read_identity_number(number=match[1], on=on).problem is not None:
        return _doubtful("disability_number", PaperReason.WRONG_NUMBER_INSIDE)
    return _consistent("disability_number", PaperReason.NUMBER_ADDS_UP)


def check_marriage_certificate(*, number: str, on: date) -> DocumentCheck:
    """Return whether a marriage (J) or divorce (L) certificate number has area, year and serial."""
    match = MARRIAGE_NUMBER.fullmatch(folded_number(number=number))
    if match is None or not 1950 <= int(match[1]) <= on.year:
        return _doubtful("certificate_number", PaperReason.NOT_A_MARRIAGE_NUMBER)
    return _consistent("certificate_number", PaperReason.RIGHT_FORM)


def check_bill_period(*, period_end: date, on: date) -> DocumentCheck:
    """Return whether a utility bill is recent: its period ended at most 92 days before `on`, not after."""
    if period_end > on:
        return _doubtful("period", PaperReason.IN_FUTURE)
    if on - period_end > timedelta(days=BILL_MAX_DAYS):
        return DocumentCheck(
            field="period",
            verdict=DocumentVerdict.OUT_OF_DATE,
            reason=PaperReason.TOO_OLD,
        )
    return _consistent("period", PaperReason.RECENT)


def check_months(*, months: Sequence[date]) -> DocumentCheck:
    """Return whether contribution months follow each other without a gap; any day stands for its month."""
    indices = sorted({month.year * 12 + month.month for month in months})
    if not indices:
        return DocumentCheck(field="months", verdict=DocumentVerdict.NOT_SHOWN, reason=PaperReason.NO_MONTHS)
    gaps = indices[-1] - indices[0] + 1 - len(indices)
    if gaps:
        return _doubtful("months", PaperReason.MONTHS_MISSING)
    return _consistent("months", PaperReason.MONTHS_FOLLOW)


def check_balance(*, opening: Decimal, amounts: Iterable[Decimal], closing: Decimal) -> DocumentCheck:
    """Return whether a statement's opening balance and signed amounts give its closing balance, to the cent."""
    if opening + sum(amounts, Decimal(0)) != closing:
        return _doubtful("balance", PaperReason.AMOUNTS_DO_NOT_ADD_UP)
    return _consistent("balance", PaperReason.AMOUNTS_ADD_UP)


def cross_check(*, stated: Mapping[str, str], shown: Mapping[str, str | None]) -> list[DocumentCheck]:
    """
    Return one check for each stated field, in the order stated: what was shown against it.

    Names, identity numbers and employers are compared as their rules say (rules/comparison), anything else without blanks, case
    and width. A field that was not shown, or shown empty, is NOT_SHOWN and says nothing against anybody; so is an employer
    that cannot be told from the name of a firm that pays for others.
    """
    checks = []
    for field, value in stated.items():
        seen = shown.get(field)
        if not seen or not seen.strip() or (match := _match(field, value, seen)) == Match.UNKNOWN:
            verdict, reason = DocumentVerdict.NOT_SHOWN, PaperReason.NOT_SHOWN
        elif match == Match.SAME:
            verdict, reason = DocumentVerdict.CONSISTENT, PaperReason.AS_STATED
        else:
            verdict, reason = DocumentVerdict.DIFFERENT, PaperReason.UNLIKE_STATED
        checks.append(DocumentCheck(field=field, verdict=verdict, reason=reason))
    return checks


def cross_check_identity(
    *, stated: IdentityFacts, sources: Mapping[DocumentKind, IdentityFacts | None]
) -> list[DocumentCheck]:
    """
    Return how the four identity sources agree with the application, one check for each source and field.

    The four are identity card, household register, social security and housing fund; fields are named
    "SOURCE.field". A source that is absent gives one NOT_SHOWN; a field that either side lacks is
    left out. The employer is compared only where a source is likely to know it.
    """
    checks: list[DocumentCheck] = []
    for kind in IDENTITY_SOURCES:
        facts = sources.get(kind)
        if facts is None:
            checks.append(
                DocumentCheck(field=kind.value, verdict=DocumentVerdict.NOT_SHOWN, reason=PaperReason.NOT_SHOWN)
            )
            continue
        fields = ("name", "id_number", "employer") if kind in INDEPENDENT_SOURCES else ("name", "id_number")
        wanted = {field: getattr(stated, field) for field in fields if getattr(stated, field)}
        shown = {field: getattr(facts, field) for field in fields}
        checks.extend(
            DocumentCheck(field=f"{kind.value}.{check.field}", verdict=check.verdict, reason=check.reason)
            for check in cross_check(stated=wanted, shown=shown)
            if check.verdict != DocumentVerdict.NOT_SHOWN
        )
    return checks


def agrees_independently(*, checks: Iterable[DocumentCheck]) -> bool:
    """
    Return whether a source that the borrower does not keep confirms the identity number and none denies it.

    `checks` come from `cross_check_identity`; the independent sources are social security and housing fund.
    """
    number_checks = {check.field: check.verdict for check in checks if check.field.endswith(".id_number")}
    if DocumentVerdict.DIFFERENT in number_checks.values():
        return False
    return any(
        number_checks.get(f"{kind.value}.id_number") == DocumentVerdict.CONSISTENT for kind in INDEPENDENT_SOURCES
    )


def _consistent(field: str, reason: PaperReason) -> DocumentCheck:
    return DocumentCheck(field=field, verdict=DocumentVerdict.CONSISTENT, reason=reason)


def _doubtful(field: str, reason: PaperReason) -> DocumentCheck:
    return DocumentCheck(field=field, verdict=DocumentVerdict.DOUBTFUL, reason=reason)


def _folded(text: str) -> str:
    # Full-width forms sit 0xFEE0 above their ASCII twins.
    return "".join(chr(ord(c) - 0xFEE0) if 0xFF01 <= ord(c) <= 0xFF5E else c for c in text).strip()


def _match(field: str, stated: str, seen: str) -> Match:
    """Return whether two values of a field agree; UNKNOWN for employers only: any other paper must agree to prove something."""
    if _comparable(stated) == _comparable(seen):
        return Match.SAME
    if field == "employer":
        return compare_employers(left=stated, right=seen)
    if field.endswith("name"):
        agrees = compare_names(left=stated, right=seen) == Match.SAME
    else:
        agrees = field.endswith("id_number") and compare_id_numbers(left=stated, right=seen) == Match.SAME
    return Match.SAME if agrees else Match.DIFFERENT


def _comparable(text: str) -> str:
    folded = "".join(_folded(text).split()).replace("•", "·").casefold()
    return canonical_identity_number(number=folded).casefold() if folded.isascii() and folded.isdigit() else folded
