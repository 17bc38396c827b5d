"""The two roles of the database: who has which rights, and who connects as the owner."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from backoffice.core.database_roles import (
    ALL_RIGHTS,
    TableRights,
    as_owner,
    give_rights,
    has_two_roles,
    rights_statements,
)

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not has_two_roles(), reason="one role does everything here")]


@pytest.fixture
def as_running_role(db: Any) -> Iterator[Any]:
    """A connection of its own that logs in as the running role; the tests' usual one logs in as the owner."""
    from backoffice import embedded
    from backoffice.settings import EMBEDDED_DATABASE, HOME, env

    url = embedded.database_url(home=HOME) if EMBEDDED_DATABASE else env.str("DATABASE_URL")
    other = connection.copy()
    # Its own settings: a copy shares them.
    other.settings_dict = connection.settings_dict | {
        "USER": settings.DATABASE_RUNNING_ROLE,
        "PASSWORD": str(env.db_url_config(url)["PASSWORD"]),
        "OPTIONS": connection.settings_dict["OPTIONS"] | {"options": ""},
    }
    yield other
    other.close()


def test_table_rights_are_everything_where_no_less_is_listed() -> None:
    nothing = dict.fromkeys(("read_only", "append_only", "never_deleted", "analysed"), frozenset())
    rights = TableRights(**{**nothing, "append_only": frozenset({"a"}), "read_only": frozenset({"b"})}, functions=())

    assert [rights.on(table) for table in ("a", "b", "c")] == ["SELECT, INSERT", "SELECT", ALL_RIGHTS]


@pytest.mark.django_db(transaction=True)
def test_database_rights_may_be_applied_again_and_changes_nothing(capsys: Any) -> None:
    privileges = "SELECT relname, relacl::text FROM pg_class WHERE relname LIKE 'audit%%' ORDER BY relname"

    def found() -> Any:
        with connection.cursor() as cursor:
            cursor.execute(privileges)
            return cursor.fetchall()

    before = found()
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
    call_command("database_rights", "--apply")
    connection.close()

    assert found() == before
    assert 'GRANT SELECT ON "audit_audithead", "django_migrations"' in capsys.readouterr().out


def test_database_rights_refuses_where_one_role_does_everything(settings: Any) -> None:
    settings.DATABASE_OWNER = {**settings.DATABASE_OWNER, "USER": settings.DATABASE_RUNNING_ROLE}

    with pytest.raises(CommandError, match="MIGRATION_DATABASE_URL"):
        call_command("database_rights")


def test_every_table_of_ours_gets_its_rights_and_partitions_none(owner_rights: Any) -> None:
    rights = TableRights(
        read_only=frozenset({"audit_audithead"}),
        append_only=frozenset({"audit_auditentry"}),
        never_deleted=frozenset({"cases_case"}),
        analysed=frozenset({"cases_account"}),
        functions=("audit_lock_head(integer)", "no_such_function(integer)"),
    )
    with owner_rights():
        with connection.cursor() as cursor:
            cursor.execute("CREATE TABLE a_new_table (id integer)")
            cursor.execute("SELECT make_month('cases_accountfacts', '2001-02-01')")
        statements = rights_statements(connection=connection, rights=rights, role="somebody")

    granted = {
        tuple(statement.split(" ON ")[0].removeprefix("GRANT ").split(", ")): statement
        for statement in statements
        if statement.startswith("GRANT SELECT")
    }
    to = ' TO "somebody"'
    assert granted["SELECT",] == f'GRANT SELECT ON "audit_audithead"{to}'
    assert granted["SELECT", "INSERT"] == f'GRANT SELECT, INSERT ON "audit_auditentry"{to}'
    assert granted["SELECT", "INSERT", "UPDATE"] == f'GRANT SELECT, INSERT, UPDATE ON "cases_case"{to}'
    everything = granted["SELECT", "INSERT", "UPDATE", "DELETE"]
    assert ('"a_new_table"' in everything, '"cases_accountfacts"' in everything) == (True, True)
    assert "2001_02" not in everything
    assert f'REVOKE ALL ON ALL TABLES IN SCHEMA "public" FROM{to.removeprefix(" TO")}' in statements
    # A function that this database does not have is passed over.
    assert [s for s in statements if "FUNCTION" in s] == [f"GRANT EXECUTE ON FUNCTION audit_lock_head(integer){to}"]


def test_the_role_of_a_connection_does_not_change_within_a_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "DATABASE_OWNER", settings.DATABASE_OWNER | {"USER": "another_owner"})
    before = dict(connection.settings_dict)

    with pytest.raises(RuntimeError, match="inside a transaction"), transaction.atomic(), as_owner(connection):
        pass

    assert connection.settings_dict == before


def test_the_owner_connects_while_the_body_runs_and_the_running_role_after_it(as_running_role: Any) -> None:
    def logged_in() -> str:
        with as_running_role.cursor() as cursor:
            cursor.execute("SELECT session_user")
            return str(cursor.fetchone()[0])

    before = dict(as_running_role.settings_dict)
    running, owner = settings.DATABASE_RUNNING_ROLE, settings.DATABASE_OWNER["USER"]

    found = [logged_in()]
    with as_owner(as_running_role):
        found.append(logged_in())
    found.append(logged_in())
    with pytest.raises(ZeroDivisionError), as_owner(as_running_role):
        _ = 1 / 0
    found.append(logged_in())

    assert found == [running, owner, running, running]
    assert as_running_role.settings_dict == before


def test_nothing_changes_where_the_connection_is_the_owners_or_one_role_does_everything(
    as_running_role: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with as_owner(connection):
        assert connection.settings_dict["USER"] == settings.DATABASE_OWNER["USER"]
    monkeypatch.setattr(settings, "DATABASE_OWNER", settings.DATABASE_OWNER | {"USER": settings.DATABASE_RUNNING_ROLE})
    with as_owner(as_running_role):
        assert as_running_role.settings_dict["USER"] == settings.DATABASE_RUNNING_ROLE

    assert has_two_roles() is False
    assert give_rights(as_running_role) == []
