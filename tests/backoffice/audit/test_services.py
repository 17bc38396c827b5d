"""Writing the trail and the access log."""
# ruff: noqa: S608 - names of our own tables and columns

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from backoffice.audit.enums import AccessPurpose
from backoffice.audit.models import AccessEntry, AuditEntry, AuditHead
from backoffice.audit.services import log_access, record
from backoffice.core.errors import InvalidInput

pytestmark = pytest.mark.django_db


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def test_record_moves_the_head_to_the_new_entry(officer: Any, at: Any) -> None:
    entries = [record(actor=officer, action="test.done", subject=("test", n), at=at) for n in range(2)]

    head = AuditHead.objects.get(pk=1)

    assert [entry.sequence for entry in entries] == [1, 2]
    assert bytes(entries[1].previous_hash) == bytes(entries[0].hash)
    assert (head.sequence, bytes(head.hash)) == (2, bytes(entries[1].hash))


def test_log_access_moves_its_own_head(officer: Any, at: Any) -> None:
    entry = log_access(actor=officer, subject=officer, fields=["name"], purpose=AccessPurpose.CONTACT, at=at)

    heads = {head.pk: (head.sequence, bytes(head.hash)) for head in AuditHead.objects.all()}

    assert heads[2] == (1, bytes(entry.hash))
    assert heads[1][0] == 0


def test_log_access_seals_what_was_typed(officer: Any, at: Any) -> None:
    log_access(actor=officer, subject=officer, fields=["name"], purpose="OTHER", note="致电张三", at=at)

    entry = AccessEntry.objects.get()
    with connection.cursor() as cursor:
        cursor.execute("SELECT e::text FROM audit_accessentry e")
        stored = cursor.fetchone()[0]

    assert (entry.purpose, entry.note) == ("OTHER", "致电张三")
    assert "张三" not in stored
    assert "张三".encode().hex() not in stored


@pytest.mark.parametrize(("purpose", "note"), [("", ""), ("call", "x"), ("OTHER", ""), ("OTHER", " ")])
def test_log_access_refuses_a_purpose_that_is_not_listed(officer: Any, at: Any, purpose: str, note: str) -> None:
    with pytest.raises(InvalidInput):
        log_access(actor=officer, subject=officer, fields=["name"], purpose=purpose, note=note, at=at)

    assert AccessEntry.objects.count() == 0


def test_log_access_cuts_a_note_to_200_characters(officer: Any, at: Any) -> None:
    entry = log_access(actor=officer, subject=officer, fields=["name"], purpose="VISIT", note="x" * 300, at=at)

    assert AccessEntry.objects.get(pk=entry.pk).note == "x" * 200


def test_the_database_refuses_another_purpose_and_other_without_a_note(
    officer: Any, at: Any, owner_rights: Any
) -> None:
    entry = log_access(actor=officer, subject=officer, fields=["name"], purpose="VISIT", at=at)

    for change in ("purpose = 'CURIOUS'", "purpose = 'OTHER'"):
        with pytest.raises(DatabaseError, match="access_"), owner_rights(), transaction.atomic():
            run(
                "ALTER TABLE audit_accessentry DISABLE TRIGGER USER;"
                f"UPDATE audit_accessentry SET {change} WHERE id = {entry.pk}"
            )


@pytest.mark.parametrize("column", ["sequence", "previous_hash"])
def test_the_database_refuses_an_entry_that_does_not_follow_the_head(officer: Any, at: Any, column: str) -> None:
    record(actor=officer, action="test.done", subject=("test", 1), at=at)
    entry = AuditEntry.objects.get()
    after = {"sequence": 2, "previous_hash": bytes(entry.hash)} | {
        "sequence": {"sequence": 3},
        "previous_hash": {"previous_hash": b"\x01" * 32},
    }[column]

    with pytest.raises(DatabaseError, match="does not follow"), transaction.atomic():
        AuditEntry.objects.create(
            at=at, action="test.done", subject_type="t", subject_id="1", hash=b"\x02" * 32, **after
        )

    assert AuditHead.objects.get(pk=1).sequence == 1


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_auditentry SET action = 'other'",
        "DELETE FROM audit_auditentry",
        "UPDATE audit_accessentry SET actor_name = 'other'",
        "DELETE FROM audit_accessentry",
        "UPDATE audit_audithead SET sequence = 0",
        "DELETE FROM audit_audithead",
    ],
)
def test_even_the_owner_of_the_tables_is_refused_a_change(
    officer: Any, at: Any, owner_rights: Any, statement: str
) -> None:
    record(actor=officer, action="test.done", subject=("test", 1), at=at)
    log_access(actor=officer, subject=officer, fields=["name"], purpose="VISIT", at=at)

    with (
        pytest.raises(DatabaseError, match=r"append-only|moves with its entries"),
        owner_rights(),
        transaction.atomic(),
    ):
        run(statement)


@pytest.mark.django_db(transaction=True)
def test_record_refuses_to_write_outside_a_transaction(at: Any) -> None:
    with pytest.raises(RuntimeError, match="transaction"):
        record(actor=None, action="test.done", subject=("test", 1), at=at)
