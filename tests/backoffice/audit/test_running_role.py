"""What the running role may do with the database: each statement on a connection of its own, logged in as that role."""

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection

from backoffice.core.database_roles import has_two_roles
from backoffice.wiring.rights import DATABASE_RIGHTS

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not has_two_roles(), reason="one role does everything here")]

INSERT_ENTRY = (
    "INSERT INTO audit_auditentry (sequence, at, actor_name, action, subject_type, subject_id, body, format,"
    " previous_hash, hash) VALUES (%s, now(), '', 'a.b', 't', '1', '{}', 2, %s, %s)"
)


@pytest.fixture(scope="module")
def password() -> str:
    """The running role's own password; the tests' settings hold the owner's."""
    from backoffice import embedded
    from backoffice.settings import EMBEDDED_DATABASE, HOME, env

    url = embedded.database_url(home=HOME) if EMBEDDED_DATABASE else env.str("DATABASE_URL")
    return str(env.db_url_config(url)["PASSWORD"])


@pytest.fixture
def running(db: Any, password: str) -> Iterator[psycopg.Connection]:
    """A connection of the running role, whose work is rolled back."""
    at = connection.settings_dict
    address = {"host": at["HOST"], "port": at["PORT"], "dbname": at["NAME"]}
    with psycopg.connect(**address, user=settings.DATABASE_RUNNING_ROLE, password=password) as logged_in:
        yield logged_in
        logged_in.rollback()


@pytest.mark.parametrize(
    "statement",
    [
        "TRUNCATE audit_accessentry",
        "TRUNCATE audit_auditentry",
        "TRUNCATE audit_audithead",
        "TRUNCATE cases_decision CASCADE",
        "ALTER TABLE audit_auditentry DISABLE TRIGGER USER",
        "ALTER TABLE audit_auditentry DISABLE TRIGGER ALL",
        "ALTER TABLE audit_audithead DISABLE TRIGGER USER",
        "DROP TRIGGER audit_entry_append_only ON audit_auditentry",
        "DROP TABLE audit_auditentry",
        "CREATE TABLE mine (id integer)",
        "CREATE OR REPLACE FUNCTION audit_refuse_change() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END'",
        "UPDATE audit_auditentry SET action = 'x'",
        "DELETE FROM audit_auditentry",
        "UPDATE audit_accessentry SET actor_name = 'x'",
        "DELETE FROM audit_accessentry",
        "UPDATE audit_audithead SET sequence = 0",
        "INSERT INTO audit_audithead (id, sequence, hash) VALUES (3, 0, '')",
        "DELETE FROM audit_audithead",
        "SELECT * FROM audit_audithead FOR UPDATE",
        "LOCK TABLE audit_auditentry IN ACCESS EXCLUSIVE MODE",
        "DELETE FROM cases_decision",
        "DELETE FROM cases_termschange",
        "UPDATE cases_caseevent SET kind = 'x'",
        "DELETE FROM cases_caseevent",
        "DELETE FROM cases_contactattempt",
        "DELETE FROM cases_contactattempt_rest",
        "DELETE FROM visits_visitorder",
        "DELETE FROM django_migrations",
        "SET ROLE postgres",
        "SET session_replication_role = replica",
        "COPY cases_borrower TO PROGRAM 'cat'",
    ],
)
def test_the_running_role_is_refused(running: psycopg.Connection, statement: str) -> None:
    with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject)):
        running.execute(statement)


def test_the_running_role_is_not_a_member_of_the_owner(running: psycopg.Connection) -> None:
    owner = settings.DATABASE_OWNER["USER"]

    row = running.execute(
        "SELECT current_user, pg_has_role(%s, 'MEMBER'), rolsuper OR rolcreaterole OR rolcreatedb"
        " FROM pg_roles WHERE rolname = current_user",
        [owner],
    ).fetchone()

    assert row == (settings.DATABASE_RUNNING_ROLE, False, False)


@pytest.mark.django_db(transaction=True)
def test_the_running_role_appends_an_entry_which_moves_the_head(running: psycopg.Connection) -> None:
    sequence, last = running.execute("SELECT sequence, hash FROM audit_lock_head(1)").fetchone()  # type: ignore[misc]

    running.execute(INSERT_ENTRY, [sequence + 1, last, b"\x07" * 32])
    head = running.execute("SELECT sequence, hash FROM audit_audithead WHERE id = 1").fetchone()

    assert head == (sequence + 1, b"\x07" * 32)


@pytest.mark.django_db(transaction=True)
def test_the_running_role_cannot_fork_the_chain(running: psycopg.Connection) -> None:
    sequence, last = running.execute("SELECT sequence, hash FROM audit_lock_head(1)").fetchone()  # type: ignore[misc]
    running.execute(INSERT_ENTRY, [sequence + 1, last, b"\x07" * 32])

    with pytest.raises(psycopg.errors.CheckViolation, match="does not follow"):
        running.execute(INSERT_ENTRY, [sequence + 2, last, b"\x08" * 32])


def test_the_running_role_makes_a_month_and_drops_an_old_one(running: psycopg.Connection) -> None:
    made = [running.execute("SELECT make_month('cases_accountfacts', '2001-02-01')").fetchone() for _ in range(2)]
    running.execute("SELECT drop_month('cases_accountfacts', '2001-02-01')")
    left = running.execute("SELECT to_regclass('cases_accountfacts_2001_02')").fetchone()

    assert (made, left) == ([(True,), (False,)], (None,))


@pytest.mark.parametrize("months", [0, 1, 2, 3])
def test_the_database_drops_no_month_of_the_last_four(running: psycopg.Connection, months: int) -> None:
    month = f"(date_trunc('month', now() AT TIME ZONE 'UTC') - interval '{months} months')::date"
    running.execute(f"SELECT make_month('cases_accountfacts', {month})")

    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="last 4 months"):
        running.execute(f"SELECT drop_month('cases_accountfacts', {month})")


@pytest.mark.parametrize(
    "call",
    [
        "make_month('cases_case', '2001-02-01')",
        "make_month('pg_catalog.pg_class', '2001-02-01')",
        "make_month('cases_accountfacts', '2001-02-02')",
        "make_month('cases_accountfacts_rest', '2001-02-01')",
        "drop_month('cases_accountfacts', '1999-02-01')",
        "drop_month('cases_case', '2001-02-01')",
    ],
)
def test_the_functions_of_months_refuse_what_is_no_month(running: psycopg.Connection, call: str) -> None:
    with pytest.raises(psycopg.errors.RaiseException):
        running.execute(f"SELECT {call}")


@pytest.mark.django_db(transaction=True)
def test_the_functions_resolve_no_table_of_the_caller(running: psycopg.Connection) -> None:
    running.execute("CREATE TEMPORARY TABLE audit_audithead (id smallint, sequence bigint, hash bytea)")
    running.execute("INSERT INTO pg_temp.audit_audithead VALUES (1, 77, '\\x77')")

    sequence = running.execute("SELECT sequence FROM audit_lock_head(1)").fetchone()

    assert sequence == running.execute("SELECT sequence FROM public.audit_audithead WHERE id = 1").fetchone()
    assert sequence not in (None, (77,))


def test_every_table_that_the_rights_name_exists() -> None:
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
    named = DATABASE_RIGHTS.read_only | DATABASE_RIGHTS.append_only | DATABASE_RIGHTS.never_deleted

    assert named - tables == set()
    assert DATABASE_RIGHTS.analysed - tables == set()
