"""
What is read from each kind of paper: a table of typed fields for each document of domain 6.

A field that is `required` need not be given for the report to be taken: a crew that could not read it says so by leaving it
out. Without it the paper establishes nothing.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from visits.enums import DocumentKind
from visits.rules.conduct.clauses import Words

MOST = Decimal("999999999999.99")
MOST_MONTHS, MOST_AMOUNTS = 60, 500


class FieldType(StrEnum):
    """
    What a value is. Kept as text: a day is YYYY-MM-DD, a month YYYY-MM, an amount has two decimals and the account's currency.
    """

    TEXT = "TEXT"
    CODE = "CODE"
    ID_NUMBER = "ID_NUMBER"
    DATE = "DATE"
    MONTHS = "MONTHS"
    AMOUNT = "AMOUNT"
    AMOUNTS = "AMOUNTS"
    CHOICE = "CHOICE"


class Mask(StrEnum):
    """What of a value a page shows before it is revealed for a purpose."""

    NAME = "NAME"
    TAIL = "TAIL"
    ADDRESS = "ADDRESS"
    YEAR = "YEAR"
    COUNT = "COUNT"
    HIDDEN = "HIDDEN"


class Stated(StrEnum):
    """What the lender knows of the borrower, to compare a field with."""

    NAME = "NAME"
    ID_NUMBER = "ID_NUMBER"
    ADDRESS = "ADDRESS"


_MASKS = {
    FieldType.TEXT: Mask.HIDDEN,
    FieldType.CODE: Mask.TAIL,
    FieldType.ID_NUMBER: Mask.TAIL,
    FieldType.DATE: Mask.YEAR,
    FieldType.MONTHS: Mask.COUNT,
    FieldType.AMOUNT: Mask.HIDDEN,
    FieldType.AMOUNTS: Mask.COUNT,
    FieldType.CHOICE: Mask.HIDDEN,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperField:
    """
    One field of a paper. `longest` bounds texts in characters; `least` and `most` bound amounts, both included.

    `stated` names what the lender knows that it must agree with; None where the lender knows nothing of it.
    """

    name: str
    label: Words
    type: FieldType
    required: bool = False
    stated: Stated | None = None
    longest: int = 80
    least: Decimal = Decimal(0)
    most: Decimal = MOST
    choices: Mapping[str, Words] = field(default_factory=dict)

    @property
    def mask(self) -> Mask:
        """What of its value is shown before it is revealed."""
        if self.name.endswith("name") or self.name == "employer":
            return Mask.NAME
        return Mask.ADDRESS if self.name == "address" else _MASKS[self.type]


def _text(name: str, label: Words, **more: Any) -> PaperField:
    return _field(name, label, FieldType.TEXT, **more)


def _field(name: str, label: Words, kind: FieldType, **more: Any) -> PaperField:
    return PaperField(name=name, label=label, type=kind, **more)


def _amount(name: str, label: Words, **more: Any) -> PaperField:
    return _field(name, label, FieldType.AMOUNT, **more)


def _day(name: str, label: Words, **more: Any) -> PaperField:
    return _field(name, label, FieldType.DATE, **more)


def _code(name: str, label: Words, **more: Any) -> PaperField:
    return _field(name, label, FieldType.CODE, **({"longest": 40} | more))


NAME = _text("name", _("Full name"), required=True, stated=Stated.NAME)
OWNER = _text("owner_name", _("Holder of the title"), required=True, stated=Stated.NAME)
ID_NUMBER = _field("id_number", _("Identity number"), FieldType.ID_NUMBER, required=True, stated=Stated.ID_NUMBER)
# The household register and the card say where the household is registered, not where the borrower lives.
REGISTERED_AT = _text("address", _("Address"), longest=200)
LIVES_AT = _text("address", _("Address"), required=True, stated=Stated.ADDRESS, longest=200)
EMPLOYER = _text("employer", _("Employer"))
ISSUED_ON = _day("issued_on", _("Issued on"), required=True)
BASE = _amount("base", _("Contribution base"))
MONTHS = _field("months", _("Months"), FieldType.MONTHS, required=True)
YES_NO: Mapping[str, Words] = MappingProxyType({"YES": _("Yes"), "NO": _("No")})
ENCUMBRANCES: Mapping[str, Words] = MappingProxyType(
    {"NONE": _("None"), "MORTGAGED": _("Mortgaged"), "SEIZED": _("Seized")}
)
ENCUMBRANCE = _field("encumbrance", _("Mortgage or seizure"), FieldType.CHOICE, choices=ENCUMBRANCES)
HARDSHIPS: Mapping[str, Words] = MappingProxyType(
    {
        "DIAGNOSIS": _("Doctor's certificate"),
        "UNEMPLOYMENT": _("Registered unemployment"),
        "DISABILITY": _("Disability certificate"),
        "LOW_INCOME": _("Subsistence allowance"),
        "DEATH": _("Death certificate"),
    }
)

PAPER_FIELDS: Mapping[DocumentKind, tuple[PaperField, ...]] = MappingProxyType(
    {
        DocumentKind.IDENTITY_CARD: (
            NAME,
            ID_NUMBER,
            _day("valid_from", _("Valid from"), required=True),
            # Left out of a card that is valid for life.
            _day("valid_until", _("Valid until")),
            REGISTERED_AT,
        ),
        DocumentKind.HOUSEHOLD_REGISTER: (
            NAME,
            ID_NUMBER,
            REGISTERED_AT,
            _code("register_number", _("Number of the household")),
            _text("relation_to_head", _("Relation to the head of the household"), longest=20),
            _day("moved_out_on", _("Moved away on")),
        ),
        DocumentKind.MARRIAGE_CERTIFICATE: (
            _code("number", _("Certificate number"), required=True),
            NAME,
            ID_NUMBER,
            _text("spouse_name", _("Name of the spouse")),
            _field("spouse_id_number", _("Identity number of the spouse"), FieldType.ID_NUMBER),
            ISSUED_ON,
        ),
        DocumentKind.RESIDENCE_PERMIT: (
            NAME,
            ID_NUMBER,
            LIVES_AT,
            _day("endorsed_until", _("Endorsed until"), required=True),
        ),
        DocumentKind.PROPERTY_DEED: (
            _code("number", _("Certificate number"), required=True, longest=60),
            _code("unit_number", _("Number of the real-estate unit")),
            OWNER,
            _amount("share_percent", _("Share of the ownership in percent"), most=Decimal(100)),
            _text("address", _("Address"), longest=200),
            _amount("area", _("Area in square metres"), most=Decimal(100_000)),
            _day("term_until", _("Land used until")),
            ENCUMBRANCE,
        ),
        DocumentKind.VEHICLE_REGISTRATION: (
            _code("plate", _("Licence plate"), required=True, longest=12),
            _code("vin", _("Vehicle identification number"), required=True, longest=24),
            _code("engine_number", _("Engine number")),
            OWNER,
            _day("registered_on", _("Registered on")),
            _day("inspected_until", _("Inspection valid until")),
            ENCUMBRANCE,
        ),
        DocumentKind.SOCIAL_SECURITY: (
            NAME,
            ID_NUMBER,
            EMPLOYER,
            MONTHS,
            BASE,
            _code("verification_code", _("Verification code")),
        ),
        DocumentKind.HOUSING_FUND: (
            NAME,
            ID_NUMBER,
            EMPLOYER,
            _field(
                "account_state",
                _("State of the account"),
                FieldType.CHOICE,
                choices={"NORMAL": pgettext_lazy("account", "In use"), "SEALED": _("Sealed or closed")},
            ),
            MONTHS,
            BASE,
            _amount("ratio_percent", _("Ratio in percent, one side"), most=Decimal(24)),
            _amount("deposit", _("Deposit a month")),
            _field("has_loan", _("Loan from the fund"), FieldType.CHOICE, choices=YES_NO),
        ),
        DocumentKind.UTILITY_BILL: (
            _code("account_number", _("Customer number")),
            LIVES_AT,
            # Often the landlord: no sign that the borrower lives elsewhere, so it is compared with nobody.
            _text("payer_name", _("Payer")),
            _day("period_start", _("Period from")),
            _day("period_end", _("Period until"), required=True),
            _amount("amount", _("Amount")),
        ),
        DocumentKind.LEASE: (
            LIVES_AT,
            _text("landlord_name", _("Landlord"), required=True),
            _text("tenant_name", _("Tenant"), required=True, stated=Stated.NAME),
            _day("starts_on", _("Begins on"), required=True),
            _day("ends_on", _("Ends on"), required=True),
            _amount("monthly_rent", _("Rent a month"), required=True),
            _code("filing_number", _("Filing number")),
        ),
        DocumentKind.INCOME_PROOF: (
            NAME,
            _text("employer", _("Employer"), required=True),
            _code("employer_code", _("Credit code of the employer")),
            _amount("monthly_income", _("Income a month"), required=True),
            _amount("gross", _("Gross a month")),
            _amount("deductions", _("Deductions a month")),
            ISSUED_ON,
        ),
        DocumentKind.BANK_STATEMENT: (
            NAME,
            _code("account_tail", _("Last digits of the account"), longest=6),
            _day("period_start", _("Period from"), required=True),
            _day("period_end", _("Period until"), required=True),
            _amount("opening", _("Opening balance"), required=True, least=-MOST),
            _field("amounts", _("Amounts, those paid out with a minus"), FieldType.AMOUNTS, required=True, least=-MOST),
            _field("wages", _("Wages among them"), FieldType.AMOUNTS),
            _amount("closing", _("Closing balance"), required=True, least=-MOST),
        ),
        DocumentKind.HARDSHIP_PROOF: (
            _field("type", _("Type"), FieldType.CHOICE, required=True, choices=HARDSHIPS),
            # Of the person whom the paper is about: of an illness or a death not always the borrower.
            _text("name", _("Full name"), required=True),
            _code("number", _("Number of the paper")),
            ISSUED_ON,
        ),
    }
)  # fmt: skip - one table
