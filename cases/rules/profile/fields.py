"""
The closed list of fields that a profile can fill, with their types and bounds.

Sex, education, marriage and age have no field: data that is not taken in cannot become an input of a policy, a standing
or a price.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from cases.enums import (
    AccountStatus,
    AddressKind,
    Channel,
    ContactOutcome,
    Direction,
    IdDocument,
    OutcomeKind,
    Product,
    PromiseState,
    RecordKind,
    RelatedRole,
    ReversalReason,
    SignalKind,
)

MONEY_LIMIT: Final = Decimal(10) ** 12
# A profile that names one of these is refused with a reason of its own.
PROTECTED_TRAITS: Final = frozenset(
    {
        "sex",
        "gender",
        "age",
        "born_on",
        "birth_date",
        "birthday",
        "marriage",
        "marital_status",
        "education",
        "ethnicity",
        "religion",
        "nationality",
        "health",
        "disability",
        "pregnancy",
        "children",
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """
    One field: how its text is read, and what it may hold.

    `as_` is the name of its conversion. `minimum` is inclusive; `above` and `below` are exclusive. `choices` are the
    allowed words, `longest` counts characters. `default` is the value of an empty cell. A number has at most `decimals`
    decimals. A value of a `doubtful` field that cannot be taken does not refuse its row (docs/adr/0023).
    `form` is the form of a text (`text_forms`).
    """

    as_: str = "text"
    required: bool = False
    default: object = None
    minimum: Decimal | None = None
    above: Decimal | None = None
    below: Decimal | None = None
    choices: frozenset[str] | None = None
    longest: int = 200
    decimals: int | None = None
    doubtful: bool = False
    form: str = ""


def _choices(words: type) -> frozenset[str]:
    return frozenset(str(word) for word in words)  # type: ignore[attr-defined]


def _ref(*, longest: int = 60, required: bool = True) -> Field:
    return Field(as_="reference", required=required, longest=longest)


def _money(*, required: bool = False, minimum: int | None = 0, default: object = Decimal(0)) -> Field:
    lowest = -MONEY_LIMIT if minimum is None else Decimal(minimum)
    return Field(as_="decimal", required=required, default=default, minimum=lowest, below=MONEY_LIMIT, decimals=2)


_PAID = Field(as_="decimal", required=True, above=Decimal(0), below=MONEY_LIMIT, decimals=2)
_DAY = Field(as_="date")
_REQUIRED_DAY = Field(as_="date", required=True)
_DAYS = Field(as_="whole", default=0, minimum=Decimal(0), below=Decimal(36_500))
_SHARE = Field(as_="decimal", required=True, minimum=Decimal(0), below=Decimal("1.005"))

BORROWER: Final = {
    "external_ref": _ref(),
    # Needed where the row may bring a new borrower: a file of contracts that follows one of customers can leave it out.
    "territory": Field(longest=20),
    "name": Field(default="", longest=80, doubtful=True, form="name"),
    "id_number": Field(as_="identity", default="", longest=40, doubtful=True),
    "id_document": Field(choices=_choices(IdDocument), longest=20, doubtful=True),
    "last_app_login_at": Field(as_="moment", doubtful=True),
}
ACCOUNT: Final = {
    "external_ref": _ref(),
    "territory": Field(longest=20),
    "product": Field(required=True, choices=_choices(Product), longest=20),
    "segment": Field(default="", longest=40),
    "currency": Field(default="CNY", longest=20, form="currency"),
    "status": Field(default=str(AccountStatus.ACTIVE), choices=_choices(AccountStatus), longest=20),
    "credit_limit": _money(required=True, default=None),
    "pre_default_limit": _money(default=None),
    "annual_rate": Field(as_="decimal", default=Decimal(0), minimum=Decimal(0), below=Decimal(1)),
    "outstanding_principal": _money(),
    "arrears_amount": _money(),
    "days_past_due": _DAYS,
    "as_of": _REQUIRED_DAY,
    "opened_on": _DAY,
}
STATEMENT: Final = {
    "period": _REQUIRED_DAY,
    "due_on": _DAY,
    # The balance of a card that was overpaid is negative.
    "balance": _money(minimum=None),
    "due_amount": _money(),
    "paid_amount": _money(),
    "days_past_due": _DAYS,
    "is_idle": Field(as_="flag", default=False),
}
REPAYMENT: Final = {
    "external_ref": _ref(longest=80),
    "amount": _PAID,
    "paid_on": _REQUIRED_DAY,
    "means": Field(default="", longest=40),
}
# In a file of repayments: with `reverses` mapped, a row with a negative amount takes back the repayment it names.
REVERSING: Final = {
    "reverses": Field(as_="reference", default="", longest=80),
    "reason": Field(default=str(ReversalReason.OTHER), choices=_choices(ReversalReason), longest=20),
}
# Of either sign, for repayments where `reverses` is mapped.
SIGNED: Final = Field(as_="decimal", required=True, minimum=1 - MONEY_LIMIT, below=MONEY_LIMIT, decimals=2)
REVERSAL: Final = {
    "external_ref": _ref(longest=80),
    "repayment": _ref(longest=80),
    "account": _ref(required=False),
    # Empty: the whole rest.
    "amount": Field(as_="decimal", above=Decimal(0), below=MONEY_LIMIT, decimals=2),
    "reversed_on": _REQUIRED_DAY,
    "reason": Field(default=str(ReversalReason.OTHER), choices=_choices(ReversalReason), longest=20),
}
PHONE: Final = {"number": Field(as_="phones", required=True, longest=200, doubtful=True)}
_ADDRESS_DAY = Field(as_="date", doubtful=True)
ADDRESS: Final = {
    "kind": Field(default=str(AddressKind.RESIDENCE), choices=_choices(AddressKind), longest=20, doubtful=True),
    "line": Field(required=True, longest=200, doubtful=True),
    "latitude": Field(as_="decimal", minimum=Decimal(-90), below=Decimal("90.000001"), doubtful=True),
    "longitude": Field(as_="decimal", minimum=Decimal(-180), below=Decimal("180.000001"), doubtful=True),
    "adcode": Field(default="", longest=6, doubtful=True),
    "is_rural": Field(as_="flag", default=False, doubtful=True),
    "source": Field(default="", longest=60, doubtful=True),
    "confidence": Field(as_="decimal", default=Decimal(1), minimum=Decimal(0), below=Decimal("1.005"), doubtful=True),
    "first_seen_on": _ADDRESS_DAY,
    "last_verified_on": _ADDRESS_DAY,
}
# What the borrower stated when applying. The address stated is one of the addresses (kind RESIDENCE).
_STATED_MONEY = Field(as_="decimal", default="", minimum=Decimal(0), below=MONEY_LIMIT, decimals=2, doubtful=True)
APPLICATION: Final = {
    "employer": Field(default="", longest=80, doubtful=True, form="name"),
    "monthly_income": _STATED_MONEY,
    "monthly_expenses": _STATED_MONEY,
    "stated_on": Field(as_="date", doubtful=True),
}
CONTACT: Final = {
    "external_ref": _ref(longest=80),
    "borrower": _ref(),
    "channel": Field(required=True, choices=_choices(Channel), longest=10),
    "direction": Field(default=str(Direction.OUTBOUND), choices=_choices(Direction), longest=10),
    "outcome": Field(required=True, choices=_choices(ContactOutcome), longest=20),
    "right_party": Field(as_="flag", default=False),
    "receipt": Field(as_="flag", default=False),
    "attempted_at": Field(as_="moment", required=True),
    "number": Field(as_="phone", default="", longest=40),
    "permit_ref": Field(default="", longest=40),
    "cost": Field(as_="decimal", default=Decimal(0), minimum=Decimal(0), below=Decimal(10) ** 6),
}
PROMISE: Final = {
    "external_ref": _ref(longest=80),
    "account": _ref(),
    "channel": Field(required=True, choices=_choices(Channel), longest=10),
    "amount": _PAID,
    "promised_on": _REQUIRED_DAY,
    "due_on": _REQUIRED_DAY,
    "state": Field(default=str(PromiseState.OPEN), choices=_choices(PromiseState), longest=12),
    "settled_on": _DAY,
}
SIGNAL: Final = {
    "external_ref": _ref(longest=80),
    "borrower": _ref(),
    "kind": Field(required=True, choices=_choices(SignalKind), longest=30),
    "source": Field(required=True, longest=60),
    "confidence": _SHARE,
    "noticed_on": _REQUIRED_DAY,
    "cleared_on": _DAY,
}
# Observed outcomes are stored apart from everything that rules read (models/outcome.py).
OUTCOME: Final = {
    "external_ref": _ref(longest=80),
    "account": _ref(),
    "kind": Field(required=True, choices=_choices(OutcomeKind), longest=20),
    "observed_on": _REQUIRED_DAY,
    "is_bad": Field(as_="flag", required=True),
}

CONTACT_DETAIL: Final = {"borrower": _ref()}
INSTALMENT: Final = {
    "external_ref": _ref(longest=80),
    "account": _ref(),
    "due_on": _REQUIRED_DAY,
    "due_amount": _money(required=True, default=None),
    # The part of the amount due that repays the loan; the whole of it unless given.
    "principal": _money(default=None),
    "paid_amount": _money(),
    "paid_on": _DAY,
    "as_of": _REQUIRED_DAY,
}
RELATED_PERSON: Final = {
    "external_ref": _ref(longest=80),
    "borrower": _ref(),
    "role": Field(required=True, choices=_choices(RelatedRole), longest=20),
    "name": Field(default="", longest=80),
    "id_number": Field(as_="identity", default="", longest=40),
    "number": Field(as_="phone", default="", longest=40),
    "since_on": _DAY,
    "ends_on": _DAY,
}

Section = dict[str, Field]
# Sections that a row holds once (SINGLE) or several times (REPEATED), by the kind of rows.
SINGLE: Final[dict[str, dict[str, Section]]] = {
    RecordKind.ACCOUNTS: {"borrower": BORROWER, "application": APPLICATION, "account": ACCOUNT},
    RecordKind.REPAYMENTS: {"repayment": {"account": _ref(), **REPAYMENT, **REVERSING}},
    RecordKind.REVERSALS: {"reversal": REVERSAL},
    RecordKind.CONTACTS: {"contact": CONTACT},
    RecordKind.PROMISES: {"promise": PROMISE},
    RecordKind.SIGNALS: {"signal": SIGNAL},
    RecordKind.OUTCOMES: {"outcome": OUTCOME},
    RecordKind.BORROWERS: {"borrower": BORROWER, "application": APPLICATION},
    RecordKind.CONTACT_DETAILS: {"contact_detail": CONTACT_DETAIL},
    RecordKind.SCHEDULE: {"instalment": INSTALMENT},
    RecordKind.RELATED_PEOPLE: {"related_person": RELATED_PERSON},
}
REPEATED: Final[dict[str, dict[str, Section]]] = {
    RecordKind.ACCOUNTS: {
        "statements": STATEMENT,
        "repayments": REPAYMENT,
        "phones": PHONE,
        "addresses": ADDRESS,
    },
    RecordKind.BORROWERS: {"phones": PHONE, "addresses": ADDRESS},
    RecordKind.CONTACT_DETAILS: {"phones": PHONE, "addresses": ADDRESS},
}
# Fields that a profile with `updates_only = true` may fill; it changes stored accounts and creates none.
RENEWED: Final[dict[str, frozenset[str]]] = {
    "borrower": frozenset({"last_app_login_at"}),
    "account": frozenset(ACCOUNT),
    "statements": frozenset(STATEMENT),
    "repayments": frozenset(REPAYMENT),
}
RENEWED_REQUIRED: Final = frozenset({"external_ref", "as_of"})
