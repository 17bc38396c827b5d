"""Verifying the chains: a seeded walk over the ways to tamper with them, each as the owner with all guards off."""
# ruff: noqa: S608 - names of our own tables and columns

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from backoffice.audit.chain import GENESIS, access_hash, entry_hash
from backoffice.audit.checkpoint_stores import Folder
from backoffice.audit.checkpoints import CheckpointBroken, read_checkpoints
from backoffice.audit.models import AccessEntry, AuditEntry
from backoffice.audit.services import log_access, record
from backoffice.audit.verifier import ChainBroken, ChainVerdict, verify_chain, write_checkpoint

pytestmark = pytest.mark.django_db

ENTRIES, TAMPERS = 24, 200
TABLES = ("audit_auditentry", "audit_accessentry", "audit_audithead")


@contextmanager
def guards_off(owner_rights: Any) -> Iterator[None]:
    """Work as an intruder with the owner's rights; whatever happens is rolled back at the end."""
    with owner_rights(), transaction.atomic():
        for table in TABLES:
            run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield
        transaction.set_rollback(True)


def run(statement: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, list(values))


@pytest.fixture
def chains(officer: Any, at: Any) -> None:
    """Both chains with entries, two checkpoints on the way and one at the end."""
    for number in range(1, ENTRIES + 1):
        record(actor=officer, action="test.done", subject=("test", number), at=at, body={"n": number})
        log_access(actor=officer, subject=officer, fields=["name"], purpose="VISIT", at=at, note=f"door {number}")
        if number % (ENTRIES // 3) == 0:
            write_checkpoint(at=at)


# --- The ways to tamper: each takes a random generator and changes something. ---


def edit_entry(dice: random.Random) -> None:
    column, value = dice.choice(
        [
            ("actor_name", "'nobody'"),
            ("actor_id", "0"),
            ("action", "'test.undone'"),
            ("subject_id", "'0'"),
            ("subject_type", "'other'"),
            ("body", "'{}'"),
            ("at", "at + interval '1 microsecond'"),
            ("format", "1"),
            ("hash", "decode(repeat('ab', 32), 'hex')"),
            ("previous_hash", "decode(repeat('ab', 32), 'hex')"),
        ]
    )
    run(f"UPDATE audit_auditentry SET {column} = {value} WHERE sequence = %s", dice.randint(1, ENTRIES))


def edit_access(dice: random.Random) -> None:
    column, value = dice.choice(
        [
            ("actor_name", "'nobody'"),
            ("actor_id", "0"),
            ("subject_id", "'0'"),
            ("fields", "'[]'"),
            ("purpose", "'CONTACT'"),
            ("note", "decode('ab', 'hex')"),
            ("at", "at - interval '1 day'"),
            ("hash", "decode(repeat('ab', 32), 'hex')"),
        ]
    )
    run(f"UPDATE audit_accessentry SET {column} = {value} WHERE sequence = %s", dice.randint(1, ENTRIES))


def delete_one(dice: random.Random) -> None:
    run(f"DELETE FROM {dice.choice(TABLES[:2])} WHERE sequence = %s", dice.randint(1, ENTRIES))


def cut_tail_and_move_head(dice: random.Random) -> None:
    number = dice.choice([1, 2])
    table, last = TABLES[number - 1], dice.randint(0, ENTRIES - 1)
    run(f"DELETE FROM {table} WHERE sequence > %s", last)
    run(
        f"UPDATE audit_audithead SET sequence = %s, hash = COALESCE((SELECT hash FROM {table} WHERE sequence = %s), %s)"
        " WHERE id = %s",
        *(last, last, GENESIS, number),
    )


def empty_table(dice: random.Random) -> None:
    table = dice.choice(TABLES[:2])
    run(f"TRUNCATE {table}")


def edit_head(dice: random.Random) -> None:
    change = dice.choice(
        ["sequence = sequence - 1", "sequence = sequence + 1", "hash = decode(repeat('ab', 32), 'hex')"]
    )
    run(f"UPDATE audit_audithead SET {change} WHERE id = %s", dice.choice([1, 2]))


def swap_two(dice: random.Random) -> None:
    table, first = dice.choice(TABLES[:2]), dice.randint(1, ENTRIES - 1)
    run(f"UPDATE {table} SET sequence = -1 WHERE sequence = %s", first)
    run(f"UPDATE {table} SET sequence = %s WHERE sequence = %s", first, first + 1)
    run(f"UPDATE {table} SET sequence = %s WHERE sequence = -1", first + 1)


def change_and_rehash_trail(dice: random.Random) -> None:
    """Edit, drop or append an entry, then compute every hash and the head anew: the chain is sound in itself."""
    values = list(AuditEntry.objects.order_by("sequence").values())
    _change(values, dice, "action", "test.undone")
    previous = GENESIS
    run("DELETE FROM audit_auditentry")
    for number, entry in enumerate(values, start=1):
        entry |= {"sequence": number, "previous_hash": previous}
        entry["hash"] = entry_hash(**{name: value for name, value in entry.items() if name != "hash"})
        previous = entry["hash"]
        AuditEntry(**entry).save(force_insert=True)
    run("UPDATE audit_audithead SET sequence = %s, hash = %s WHERE id = 1", len(values), previous)


def change_and_rehash_access(dice: random.Random) -> None:
    values = list(AccessEntry.objects.order_by("sequence").values())
    _change(values, dice, "actor_name", "nobody")
    previous = GENESIS
    run("DELETE FROM audit_accessentry")
    for number, entry in enumerate(values, start=1):
        entry |= {"sequence": number, "previous_hash": previous, "note": bytes(entry["note"])}
        hashed = {name: value for name, value in entry.items() if name not in ("id", "hash", "note")}
        entry["hash"] = previous = access_hash(sealed_note=entry["note"], **hashed)
        AccessEntry(**entry).save(force_insert=True)
    run("UPDATE audit_audithead SET sequence = %s, hash = %s WHERE id = 2", len(values), previous)


def _change(values: list[dict[str, Any]], dice: random.Random, column: str, value: str) -> None:
    place = dice.randrange(len(values))
    if dice.random() < 0.5:
        values[place][column] = value
    else:
        del values[place]


WAYS: list[Callable[[random.Random], None]] = [
    edit_entry,
    edit_access,
    delete_one,
    cut_tail_and_move_head,
    empty_table,
    edit_head,
    swap_two,
    change_and_rehash_trail,
    change_and_rehash_access,
]


def test_every_one_of_200_random_tampers_is_found(chains: None, owner_rights: Any) -> None:
    dice = random.Random(20260302)
    missed = []

    for number in range(TAMPERS):
        way = WAYS[number % len(WAYS)]
        with guards_off(owner_rights):
            way(dice)
            if verify_chain().ok:
                missed.append(f"{number}: {way.__name__}")

    assert missed == []
    assert verify_chain() == ChainVerdict(
        entries=ENTRIES, ok=True, first_bad=None, access_entries=ENTRIES, checkpoints=3
    )


def test_a_database_that_was_rolled_back_and_has_grown_again_is_found(
    chains: None, officer: Any, at: Any, owner_rights: Any
) -> None:
    with guards_off(owner_rights):
        run("DELETE FROM audit_auditentry WHERE sequence > 10")
        run(
            "UPDATE audit_audithead SET sequence = 10, hash = (SELECT hash FROM audit_auditentry WHERE sequence = 10) WHERE id = 1"
        )
        run("ALTER TABLE audit_auditentry ENABLE TRIGGER audit_entry_moves_head")
        for number in range(ENTRIES):
            record(actor=officer, action="test.again", subject=("test", number), at=at)

        verdict = verify_chain()

    assert (verdict.ok, verdict.first_bad) == (False, 9)


@pytest.mark.parametrize(
    ("statement", "first_bad", "access_first_bad"),
    [
        ("UPDATE audit_auditentry SET actor_name = 'x' WHERE sequence = 2", 2, None),
        ("DELETE FROM audit_auditentry WHERE sequence = 24", 24, None),
        ("UPDATE audit_accessentry SET actor_name = 'x' WHERE sequence = 2", None, 2),
        ("TRUNCATE audit_accessentry", None, 1),
    ],
)
def test_verify_chain_names_the_first_entry_that_does_not_fit(
    chains: None, owner_rights: Any, statement: str, first_bad: int | None, access_first_bad: int | None
) -> None:
    with guards_off(owner_rights):
        run(statement)
        verdict = verify_chain()

    assert (verdict.ok, verdict.first_bad, verdict.access_first_bad) == (False, first_bad, access_first_bad)


def test_names_of_old_entries_are_held_by_the_entry_that_ended_their_format(at: Any, owner_rights: Any) -> None:
    with owner_rights():
        for table in TABLES:
            run(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        previous = GENESIS
        for number in range(1, 4):
            content = {
                "format": 1,
                "sequence": number,
                "at": at,
                "actor_id": number,
                "actor_name": f"person {number}",
                "action": "test.done",
                "subject_type": "test",
                "subject_id": "1",
                "body": {},
                "previous_hash": previous,
            }
            previous = entry_hash(**content)
            AuditEntry.objects.create(**content, hash=previous)
        run("UPDATE audit_audithead SET sequence = 3, hash = %s WHERE id = 1", previous)
        import_module("backoffice.audit.migrations.0003_entries_have_a_format").hash_names(apps, None)
        for table in TABLES:
            run(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    record(actor=None, action="test.done", subject=("test", 1), at=at)
    sound = verify_chain()

    verdicts = []
    for change in ("actor_name = 'nobody' WHERE sequence = 2", "body = '{}' WHERE sequence = 4"):
        with guards_off(owner_rights):
            run(f"UPDATE audit_auditentry SET {change}")
            verdicts.append(verify_chain().first_bad)

    assert sound == ChainVerdict(entries=5, ok=True, first_bad=None)
    assert verdicts == [4, 4]


# --- Checkpoints on the way. ---


def test_write_checkpoint_signs_nothing_when_nothing_was_written(chains: None, at: Any, settings: Any) -> None:
    assert write_checkpoint(at=at) is None

    settings.AUDIT_CHECKPOINTS = ""
    assert write_checkpoint(at=at) is None


def test_write_checkpoint_refuses_to_sign_over_entries_that_do_not_follow(
    chains: None, officer: Any, at: Any, owner_rights: Any
) -> None:
    record(actor=officer, action="test.more", subject=("test", 1), at=at)

    for statement in (
        f"UPDATE audit_auditentry SET action = 'x' WHERE sequence = {ENTRIES + 1}",
        f"DELETE FROM audit_auditentry WHERE sequence >= {ENTRIES}",
        f"DELETE FROM audit_accessentry WHERE sequence >= {ENTRIES}",
    ):
        with guards_off(owner_rights):
            run(statement)
            with pytest.raises(ChainBroken):
                write_checkpoint(at=at)

    assert write_checkpoint(at=at).trail.sequence == ENTRIES + 1  # type: ignore[union-attr]


def test_a_missing_checkpoint_is_a_problem_of_its_own(chains: None, settings: Any) -> None:
    next(iter(Path(settings.AUDIT_CHECKPOINTS).glob("*01.json"))).unlink()

    verdict = verify_chain()

    assert (verdict.ok, verdict.first_bad, verdict.checkpoint_problem) == (False, None, "checkpoint 1 is missing")


def test_the_command_prints_its_keys_and_writes_a_checkpoint_only_when_all_fits(
    officer: Any, at: Any, settings: Any, capsys: Any, owner_rights: Any
) -> None:
    directory = Path(settings.AUDIT_CHECKPOINTS)
    record(actor=officer, action="test.done", subject=("test", 1), at=at)
    call_command("verify_audit", "--json")
    printed = json.loads(capsys.readouterr().out)
    written = [kept.trail.sequence for kept in read_checkpoints(Folder(directory))]
    record(actor=officer, action="test.done", subject=("test", 1), at=at)
    with guards_off(owner_rights):
        run("UPDATE audit_auditentry SET action = 'x' WHERE sequence = 2")
        with pytest.raises(CommandError, match="2"):
            call_command("verify_audit", "--json")

    assert (printed["entries"], printed["ok"], printed["first_bad"]) == (1, True, None)
    assert written == [1]
    assert [kept.trail.sequence for kept in read_checkpoints(Folder(directory))] == [1]


def test_write_checkpoint_refuses_a_broken_checkpoint(chains: None, officer: Any, at: Any, settings: Any) -> None:
    last = sorted(Path(settings.AUDIT_CHECKPOINTS).glob("*.json"))[-1]
    last.chmod(0o600)
    last.write_text("{}")
    record(actor=officer, action="test.more", subject=("test", 1), at=at)

    with pytest.raises(CheckpointBroken):
        write_checkpoint(at=at)
