"""The two roles of the database: who has which rights, and who connects as the owner."""

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from backoffice.core.database_roles import ALL_RIGHTS, TableRights, has_two_roles

pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not has_two_roles(), reason="one role does everything here")]


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
