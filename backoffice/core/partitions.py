"""Tables with one partition for each month: dividing a table, making coming months, dropping old ones."""
# ruff: noqa: S608 - names of our own tables and columns, never from input

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Final

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper

# Partitions are made for the present month and this many after it.
MONTHS_AHEAD: Final = 3
# The database drops no month that is younger, whatever a retention rule or its caller asks for.
MONTHS_ALWAYS_KEPT: Final = 4
# Both functions run with the rights of the tables' owner, since the running role may neither create nor drop a table.
# They take no column and no partition name from the caller: both come from the catalogue.
FUNCTIONS: Final = """
CREATE OR REPLACE FUNCTION make_month(parent regclass, month date) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    until date := (month + interval '1 month')::date;
    bare name;
    divisor name;
    rest regclass;
    partition text;
BEGIN
    SELECT relname, attname, partdefid INTO bare, divisor, rest
    FROM pg_class JOIN pg_partitioned_table ON partrelid = pg_class.oid AND partstrat = 'r'
    JOIN pg_attribute ON attrelid = partrelid AND attnum = partattrs[0]
    WHERE pg_class.oid = parent AND relnamespace = '{schema}'::regnamespace AND pg_has_role(relowner, 'USAGE');
    IF bare IS NULL OR month <> date_trunc('month', month) THEN
        RAISE EXCEPTION '% is no table by month, or % no first of a month', parent, month;
    END IF;
    partition := bare || to_char(month, '_YYYY_MM');
    -- One maker at a time; the lock ends with the transaction.
    PERFORM pg_advisory_xact_lock(hashtext('partition ' || bare));
    IF to_regclass(format('{schema}.%I', partition)) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE {schema}.%I (LIKE %s INCLUDING DEFAULTS INCLUDING CONSTRAINTS)', partition, parent);
    EXECUTE format('WITH strays AS (DELETE FROM %s WHERE %I >= %L AND %I < %L RETURNING *)'
        ' INSERT INTO {schema}.%I SELECT * FROM strays', rest, divisor, month, divisor, until, partition);
    EXECUTE format('ALTER TABLE %s ATTACH PARTITION {schema}.%I FOR VALUES FROM (%L) TO (%L)',
        parent, partition, month, until);
    RETURN true;
END $$;
CREATE OR REPLACE FUNCTION drop_month(parent regclass, month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp SET timezone = 'UTC' AS $$
DECLARE
    partition regclass := (
        SELECT child.oid FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid JOIN pg_class whole ON whole.oid = inhparent
        WHERE inhparent = parent AND child.relname = whole.relname || to_char(month, '_YYYY_MM')
        AND pg_has_role(whole.relowner, 'USAGE')
    );
BEGIN
    IF partition IS NULL THEN
        RAISE EXCEPTION '% has no month %', parent, month;
    END IF;
    IF month > date_trunc('month', now()) - make_interval(months => {kept}) THEN
        RAISE EXCEPTION 'the last {kept} months are kept' USING ERRCODE = 'insufficient_privilege';
    END IF;
    EXECUTE format('DROP TABLE %s', partition);
END $$;
REVOKE ALL ON FUNCTION make_month(regclass, date), drop_month(regclass, date) FROM PUBLIC;
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthlyTable:
    """
    A table with one partition for each month of `column` (a date, or an instant by months of UTC).

    `rest` is the default partition: rows without a date yet, and rows of months that have no partition.
    """

    table: str
    column: str
    rest: str

    def name_of(self, month: date) -> str:
        """Return the name of a month's partition."""
        return f"{self.table}_{month:%Y_%m}"


def install_functions(*, connection: BaseDatabaseWrapper) -> None:
    """Create or renew the database's functions that make and drop a month; the connection must be the owner's."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema()")
        schema = connection.ops.quote_name(cursor.fetchone()[0])
        cursor.execute(FUNCTIONS.format(schema=schema, kept=MONTHS_ALWAYS_KEPT))


def first_of(day: date) -> date:
    """Return the first day of a day's month."""
    return day.replace(day=1)


def next_month(month: date) -> date:
    """Return the first day of the month after."""
    return date(month.year + month.month // 12, month.month % 12 + 1, 1)


def months_kept(table: MonthlyTable) -> list[date]:
    """Return the first days of the months that have a partition, oldest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT child.relname FROM pg_inherits JOIN pg_class child ON child.oid = inhrelid"
            " WHERE inhparent = %s::regclass AND child.relname <> %s ORDER BY child.relname",
            [table.table, table.rest],
        )
        names = [name.removeprefix(f"{table.table}_") for (name,) in cursor.fetchall()]
    return [date(int(year), int(month), 1) for year, month in (name.split("_") for name in names)]


def ensure_months(table: MonthlyTable, *, first: date, last: date) -> list[date]:
    """
    Make the missing partitions of the months from `first` to `last`, both included; return the months that were made.

    Rows of such a month are moved from the default partition. Needs the caller's transaction; two callers at once wait
    for each other and make a partition once.
    """
    made = []
    month = first_of(first)
    kept = set(months_kept(table))
    while month <= last:
        if month not in kept and _make(table, month):
            made.append(month)
        month = next_month(month)
    return made


def drop_months(table: MonthlyTable, *, before: date, keep: Collection[date] = ()) -> list[date]:
    """
    Drop the partitions of the months before that of `before`, with all their rows; return the months.

    The months in `keep` (their first days) stay.
    """
    gone = [month for month in months_kept(table) if month < first_of(before) and month not in keep]
    with connection.cursor() as cursor:
        for month in gone:
            cursor.execute("SELECT drop_month(%s::regclass, %s)", [table.table, month])
    return gone


def _make(table: MonthlyTable, month: date) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT make_month(%s::regclass, %s)", [table.table, month])
        return bool(cursor.fetchone()[0])


def divide(
    table: MonthlyTable, *, indexes: dict[str, str], of_rest: dict[str, str], foreign_keys: dict[str, str]
) -> None:
    """
    Divide a plain table, with its rows, into one partition for each month. For migrations; needs their transaction.

    `indexes` by name are made on every partition ("UNIQUE (a, b)" or "(a, b) WHERE ..."), `of_rest` on the default
    partition alone; `foreign_keys` by name are "column REFERENCES table (id)".
    """
    plain = f"{table.table}_plain"
    install_functions(connection=connection)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table.table} RENAME TO {plain}")
        cursor.execute(
            f"CREATE TABLE {table.table} (LIKE {plain} INCLUDING DEFAULTS INCLUDING IDENTITY INCLUDING CONSTRAINTS)"
            f" PARTITION BY RANGE ({table.column})"
        )
        cursor.execute(f"CREATE TABLE {table.rest} PARTITION OF {table.table} DEFAULT")
        cursor.execute(
            f"SELECT min({table.column})::date, max({table.column})::date, COALESCE(max(id), 0) FROM {plain}"
        )
        oldest, newest, last_id = cursor.fetchone()
    if oldest is not None:
        ensure_months(table, first=oldest, last=newest)
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table.table} SELECT * FROM {plain}")
        cursor.execute(f"DROP TABLE {plain}")
        if last_id:
            cursor.execute("SELECT setval(pg_get_serial_sequence(%s, 'id'), %s)", [table.table, last_id])
        for name, definition in indexes.items():
            _index(table.table, name, definition)
        for name, definition in of_rest.items():
            _index(table.rest, name, definition)
        for name, definition in foreign_keys.items():
            column, _references, target = definition.partition(" REFERENCES ")
            cursor.execute(
                f"ALTER TABLE {table.table} ADD CONSTRAINT {name} FOREIGN KEY ({column}) REFERENCES {target}"
                " DEFERRABLE INITIALLY DEFERRED"
            )


def _index(table: str, name: str, definition: str) -> None:
    kind, definition = ("UNIQUE INDEX", definition[7:]) if definition.startswith("UNIQUE ") else ("INDEX", definition)
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE {kind} {name} ON {table} {definition}")
