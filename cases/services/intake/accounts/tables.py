"""The tables that account rows are merged into, and how each column follows from a staged row and the stored one."""

from dataclasses import replace
from typing import Final

from cases.enums import AccountStatus, AddressKind, ContactVerdict, DoubtState, PlanState, PromiseState
from cases.services.intake.staging import Target, sql_word, stored_parent

_MONEY: Final = "numeric(14, 2)"
_TERRITORY: Final = "(SELECT id FROM access_territory WHERE code = s.territory)"
_ACTIVE: Final = sql_word(AccountStatus.ACTIVE)
_CLOSED: Final = sql_word(AccountStatus.CLOSED)
_OPEN: Final = sql_word(DoubtState.OPEN)
_GONE: Final = sql_word(DoubtState.GONE)
_UNKNOWN: Final = sql_word(ContactVerdict.UNKNOWN)
_BROKEN: Final = sql_word(PromiseState.BROKEN)
_FULFILLED: Final = sql_word(PlanState.FULFILLED)

BORROWER: Final = Target(
    table="cases_borrower",
    stage="intake_borrower",
    staged=(
        ("external_ref", "text"),
        ("territory", "text"),
        ("last_app_login_at", "timestamptz"),
        ("name", "bytea"),
        ("name_index", "bytea"),
        ("id_number", "bytea"),
        ("id_number_index", "bytea"),
        ("id_document", "text"),
        ("source_digest", "bytea"),
    ),
    joins="",
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={
        # Of a stored borrower it follows from the accounts (accounts/territories.py).
        "territory_id": f"COALESCE(t.territory_id, {_TERRITORY})",
        "id_document": "COALESCE(s.id_document, t.id_document, '')",
        # GREATEST ignores nulls: a known login is kept.
        "last_app_login_at": "GREATEST(s.last_app_login_at, t.last_app_login_at)",
        **{
            column: f"COALESCE(s.{column}, t.{column}, ''::bytea)"
            for column in ("name", "name_index", "id_number", "id_number_index", "source_digest")
        },
    },
    created={},
    returning="external_ref",
)

# Column of the account: its staged type, and the SQL default of a new account (None: the row must give a value).
_ACCOUNT_COLUMNS: Final = {
    "product": ("text", None),
    "segment": ("text", "''"),
    "currency": ("text", "'CNY'"),
    "status": ("text", _ACTIVE),
    "credit_limit": (_MONEY, None),
    "pre_default_limit": (_MONEY, None),
    "annual_rate": ("numeric(6, 5)", "0"),
    "outstanding_principal": (_MONEY, "0"),
    "arrears_amount": (_MONEY, "0"),
    "days_past_due": ("integer", "0"),
    "as_of": ("date", None),
    "opened_on": ("date", None),
}
ACCOUNT: Final = Target(
    table="cases_account",
    stage="intake_account",
    staged=(
        ("external_ref", "text"),
        ("borrower_ref", "text"),
        ("territory", "text"),
        *((name, kind) for name, (kind, _default) in _ACCOUNT_COLUMNS.items()),
        ("source_digest", "bytea"),
    ),
    joins=stored_parent(table="cases_borrower", alias="b", ref="s.borrower_ref"),
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={
        "territory_id": f"COALESCE({_TERRITORY}, t.territory_id, b.territory_id)",
        **{
            name: f"COALESCE(s.{name}, t.{name}{', ' + default if default else ''})"
            for name, (_kind, default) in _ACCOUNT_COLUMNS.items()
        },
        # An account that was closed because a full snapshot did not name it becomes active again when a row names it.
        "status": (
            f"COALESCE(s.status, CASE WHEN t.missing_since IS NOT NULL AND t.status = {_CLOSED} THEN {_ACTIVE} "
            f"ELSE t.status END, {_ACTIVE})"
        ),
        "missing_since": "NULL::date",
    },
    created={"borrower_id": "b.id"},
    # Another digest alone is no change. The first source that names an account remains its source.
    alongside={
        "source_digest": "COALESCE(s.source_digest, ''::bytea)",
        "source": "COALESCE(NULLIF(t.source, ''), current_setting('doorstep.intake_source', true), '')",
    },
    returning="external_ref",
    # Another intake may have written newer figures of the account while this batch was prepared.
    guard="cases_account.as_of <= EXCLUDED.as_of",
)

# For files of terms alone: the day of the figures stays, or old figures would look new.
ACCOUNT_TERMS: Final = replace(ACCOUNT, values=ACCOUNT.values | {"as_of": "COALESCE(t.as_of, s.as_of)"}, guard="")

_OF_ACCOUNT: Final = stored_parent(table="cases_account", alias="a", ref="s.account_ref")
STATEMENT: Final = Target(
    table="cases_statement",
    stage="intake_statement",
    staged=(
        ("account_ref", "text"),
        ("period", "date"),
        ("due_on", "date"),
        ("balance", _MONEY),
        ("due_amount", _MONEY),
        ("paid_amount", _MONEY),
        ("days_past_due", "integer"),
        ("is_idle", "boolean"),
    ),
    joins=_OF_ACCOUNT,
    key=("account_id", "period"),
    key_values=("a.id", "s.period"),
    values={
        "due_on": "COALESCE(s.due_on, t.due_on)",
        **{
            column: f"COALESCE(s.{column}, t.{column}, 0)"
            for column in ("balance", "due_amount", "paid_amount", "days_past_due")
        },
        "is_idle": "COALESCE(s.is_idle, t.is_idle, false)",
    },
    created={},
    returning="account_id",
    has_created_at=False,
    has_updated_at=False,
)
REPAYMENT: Final = Target(
    table="cases_repayment",
    stage="intake_repayment",
    staged=(
        ("account_ref", "text"),
        ("external_ref", "text"),
        ("amount", _MONEY),
        ("paid_on", "date"),
        ("means", "text"),
    ),
    joins=_OF_ACCOUNT,
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={"amount": "s.amount", "paid_on": "s.paid_on", "means": "COALESCE(s.means, t.means, '')"},
    created={"account_id": "a.id"},
    # Promises and plans follow: from every repayment that changes, and from a new one that may have been missing when a
    # promise was found broken, or that paid an instalment of a fulfilled plan earlier than was known.
    alongside={
        "settle_again": "t.id IS NOT NULL OR EXISTS (SELECT 1 FROM cases_promisetopay promise "  # noqa: S608  constants
        f"WHERE promise.account_id = a.id AND promise.settled_here AND promise.state = {_BROKEN}) "
        "OR EXISTS (SELECT 1 FROM cases_repaymentplan plan "
        f"WHERE plan.account_id = a.id AND plan.state = {_FULFILLED} AND plan.starts_on <= s.paid_on)"
    },
    returning="account_id",
    has_updated_at=False,
    # A repayment never moves to another account, and is never less than was taken back of it.
    guard="cases_repayment.account_id = EXCLUDED.account_id AND cases_repayment.reversed_amount <= EXCLUDED.amount",
)

_OF_BORROWER: Final = stored_parent(table="cases_borrower", alias="b", ref="s.borrower_ref")
PHONE: Final = Target(
    table="cases_borrowerphone",
    stage="intake_phone",
    staged=(
        ("borrower_ref", "text"),
        ("external_ref", "text"),
        ("number", "bytea"),
        ("number_index", "bytea"),
        ("extension", "bytea"),
    ),
    joins=_OF_BORROWER,
    key=("external_ref",),
    key_values=("s.external_ref",),
    # The reference follows from the number: a known telephone never changes and keeps its verdict.
    values={"number_index": "COALESCE(t.number_index, s.number_index)"},
    created={
        "borrower_id": "b.id",
        "number": "s.number",
        "extension": "COALESCE(s.extension, ''::bytea)",
        "verdict": _UNKNOWN,
    },
    returning="borrower_id",
    has_updated_at=False,
)
ADDRESS: Final = Target(
    table="cases_address",
    stage="intake_address",
    staged=(
        ("borrower_ref", "text"),
        ("external_ref", "text"),
        ("kind", "text"),
        ("line", "bytea"),
        ("door_index", "bytea"),
        ("point", "bytea"),
        ("adcode", "text"),
        ("is_rural", "boolean"),
        ("source", "text"),
        ("confidence", "numeric(3, 2)"),
        ("first_seen_on", "date"),
        ("last_verified_on", "date"),
    ),
    joins=_OF_BORROWER,
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={
        "point": "COALESCE(s.point, t.point, ''::bytea)",
        # Coordinates that the lender sends take the place of those that somebody set by hand.
        "placed_by_id": "CASE WHEN s.point IS NULL THEN t.placed_by_id END",
        "placed_at": "CASE WHEN s.point IS NULL THEN t.placed_at END",
        "adcode": "COALESCE(s.adcode, t.adcode, '')",
        "is_rural": "COALESCE(s.is_rural, t.is_rural, false)",
        "source": "COALESCE(s.source, t.source, '')",
        # The later day counts, whether the lender or a visit verified the address.
        "last_verified_on": "GREATEST(s.last_verified_on, t.last_verified_on)",
    },
    created={
        "borrower_id": "b.id",
        "kind": f"COALESCE(s.kind, {sql_word(AddressKind.RESIDENCE)})",
        "line": "s.line",
        "door_index": "s.door_index",
        "verdict": _UNKNOWN,
        "confidence": "COALESCE(s.confidence, 1)",
        "first_seen_on": "s.first_seen_on",
    },
    returning="borrower_id",
)
APPLICATION: Final = Target(
    table="cases_application",
    stage="intake_application",
    staged=(
        ("external_ref", "text"),
        ("employer", "bytea"),
        ("monthly_income", "bytea"),
        ("monthly_expenses", "bytea"),
        ("stated_on", "date"),
        ("content_digest", "bytea"),
        ("is_filled", "boolean"),
    ),
    # Empty cells empty a stored application and make no new one.
    joins=(
        f"{stored_parent(table='cases_borrower', alias='b', ref='s.external_ref')} JOIN LATERAL (SELECT s.is_filled OR "  # noqa: S608  constants
        "EXISTS (SELECT 1 FROM cases_application WHERE external_ref = s.external_ref) AS counts) given ON given.counts"
    ),
    key=("external_ref",),
    key_values=("s.external_ref",),
    values={"content_digest": "s.content_digest", "stated_on": "COALESCE(s.stated_on, t.stated_on)"},
    created={"borrower_id": "b.id"},
    # Sealed anew they always differ; the digest tells whether they do.
    alongside={
        column: f"COALESCE(s.{column}, t.{column}, ''::bytea)"
        for column in ("employer", "monthly_income", "monthly_expenses")
    },
    returning="borrower_id",
)
DOUBT: Final = Target(
    table="cases_doubtfulcell",
    stage="intake_doubt",
    staged=(
        ("borrower_ref", "text"),
        ("external_ref", "text"),
        ("field", "text"),
        ("value", "bytea"),
        ("reason", "text"),
        ("reason_params", "text"),
        ("signal_kind", "text"),
        ("confidence", "numeric(3, 2)"),
    ),
    joins=_OF_BORROWER,
    key=("external_ref",),
    key_values=("s.external_ref",),
    # The reference follows from field and value: what a person has settled stays settled when the cell comes again. A
    # doubt that the lender had taken back is open again.
    values={
        "state": f"CASE WHEN t.state IS NULL OR t.state = {_GONE} THEN {_OPEN} ELSE t.state END",
        "settled_at": f"CASE WHEN t.state IS NULL OR t.state = {_GONE} THEN NULL ELSE t.settled_at END",
    },
    created={
        "borrower_id": "b.id",
        "field": "s.field",
        "value": "s.value",
        "reason": "s.reason",
        "reason_params": "s.reason_params::jsonb",
        "source": "COALESCE(current_setting('doorstep.intake_source', true), '')",
        "file_id": "NULLIF(current_setting('doorstep.intake_file', true), '')::bigint",
    },
    returning="external_ref",
    has_updated_at=False,
)
# In this order the staged rows are copied; `merge.py` writes borrowers before accounts before their parts.
TARGETS: Final = (BORROWER, ACCOUNT, STATEMENT, REPAYMENT, PHONE, ADDRESS, APPLICATION, DOUBT)

ACCOUNT_FIELDS: Final = tuple(_ACCOUNT_COLUMNS)
