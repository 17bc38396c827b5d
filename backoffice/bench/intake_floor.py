"""The floor of the intake bench: finished rows copied to staging tables, then one upsert for each table."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from django.db import connection, transaction

# The rows that the intake wrote, with references instead of foreign keys, as a finished file would hold them.
_TABLES: Final[dict[str, tuple[str, str, str, str]]] = {
    # table: (staged columns with types, what fills them, the table's columns, the rows to write)
    "cases_borrower": (
        "external_ref text, territory_id bigint, name bytea, name_index bytea, id_number bytea, id_number_index bytea, source_digest bytea",
        "SELECT external_ref, territory_id, name, name_index, id_number, id_number_index, source_digest FROM cases_borrower ORDER BY id",
        "external_ref, territory_id, name, name_index, id_number, id_number_index, source_digest",
        "SELECT s.* FROM {stage} s",
    ),
    "cases_borrowerphone": (
        "borrower_ref text, external_ref text, number bytea, number_index bytea",
        "SELECT b.external_ref, t.external_ref, number, number_index FROM cases_borrowerphone t JOIN cases_borrower b ON b.id = borrower_id ORDER BY t.id",
        "borrower_id, external_ref, number, number_index, extension, verdict",
        "SELECT b.id, s.external_ref, number, number_index, ''::bytea, 'UNKNOWN' FROM {stage} s JOIN cases_borrower b ON b.external_ref = s.borrower_ref",
    ),
    "cases_address": (
        "borrower_ref text, external_ref text, kind text, line bytea, door_index bytea, adcode text",
        "SELECT b.external_ref, t.external_ref, kind, line, door_index, adcode FROM cases_address t JOIN cases_borrower b ON b.id = borrower_id ORDER BY t.id",
        "borrower_id, external_ref, kind, line, door_index, point, adcode, is_rural, source, confidence, verdict",
        "SELECT b.id, s.external_ref, kind, line, door_index, ''::bytea, adcode, false, '', 1, 'UNKNOWN' FROM {stage} s JOIN cases_borrower b ON b.external_ref = s.borrower_ref",
    ),
    "cases_account": (
        "borrower_ref text, external_ref text, product text, segment text, credit_limit numeric(14,2), annual_rate numeric(6,5), "
        "outstanding_principal numeric(14,2), arrears_amount numeric(14,2), days_past_due integer, as_of date, opened_on date, source_digest bytea",
        "SELECT b.external_ref, t.external_ref, product, segment, credit_limit, annual_rate, outstanding_principal, arrears_amount, "
        "days_past_due, as_of, opened_on, t.source_digest FROM cases_account t JOIN cases_borrower b ON b.id = borrower_id ORDER BY t.id",
        "borrower_id, territory_id, external_ref, product, segment, currency, status, credit_limit, annual_rate, outstanding_principal, "
        "arrears_amount, days_past_due, as_of, opened_on, source_digest",
        "SELECT b.id, b.territory_id, s.external_ref, product, segment, 'CNY', 'ACTIVE', credit_limit, annual_rate, outstanding_principal, "
        "arrears_amount, days_past_due, as_of, opened_on, s.source_digest FROM {stage} s JOIN cases_borrower b ON b.external_ref = s.borrower_ref",
    ),
}
_UPDATED_AT: Final = frozenset({"cases_borrower", "cases_address", "cases_account"})
BLOCK_BYTES: Final = 1 << 18


def keep_bytes(*, folder: Path) -> None:
    """Write the finished rows of the four tables to files in `folder`."""
    for table, (_staged, source, _columns, _rows) in _TABLES.items():
        with (
            (folder / table).open("wb") as file,
            connection.cursor() as cursor,
            cursor.copy(f"COPY ({source}) TO STDOUT") as copy,
        ):
            for block in copy:
                file.write(block)


def empty_tables() -> None:
    """Remove the portfolio, so that the next load begins on empty tables."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE cases_borrower, cases_account, cases_borrowerphone, cases_address CASCADE")


def load(*, folder: Path) -> float:
    """Copy the kept bytes to staging and upsert them in one transaction; return the seconds."""
    began = time.monotonic()
    with transaction.atomic(), connection.cursor() as cursor:
        for table, (staged, _source, columns, rows) in _TABLES.items():
            stage = f"floor_{table}"
            cursor.execute(f"CREATE TEMPORARY TABLE {stage} ({staged}) ON COMMIT DROP")
            with cursor.copy(f"COPY {stage} FROM STDIN") as copy:
                for block in _blocks(folder / table):
                    copy.write(block)
            cursor.execute(f"ANALYZE {stage}")
            cursor.execute(_upsert(table, columns, rows.format(stage=stage)))
    return time.monotonic() - began


def _upsert(table: str, columns: str, rows: str) -> str:
    names = [c.strip() for c in columns.split(",")]
    changing = [c for c in names if c != "external_ref"]
    stamps = ["created_at", "updated_at"] if table in _UPDATED_AT else ["created_at"]
    changes = ", ".join(f"{c} = EXCLUDED.{c}" for c in [*changing, *stamps[1:]])
    differs = (
        f"({', '.join(f't.{c}' for c in changing)}) IS DISTINCT FROM ({', '.join(f'EXCLUDED.{c}' for c in changing)})"
    )
    return (
        f"INSERT INTO {table} AS t ({', '.join([*names, *stamps])}) "  # noqa: S608  constants
        f"SELECT rows.*{', now()' * len(stamps)} FROM ({rows}) rows "
        f"ON CONFLICT (external_ref) DO UPDATE SET {changes} WHERE {differs}"
    )


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(BLOCK_BYTES):
            yield block
