"""The hash of an entry: what it covers, in each format."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from backoffice.audit.chain import GENESIS, NamesDigest, access_hash, canonical, entry_hash

AT = datetime(2026, 3, 2, 2, 0, 0, 123456, tzinfo=UTC)
TRAIL: dict[str, Any] = {
    "sequence": 7,
    "at": AT,
    "actor_id": 3,
    "actor_name": "officer",
    "action": "case.held",
    "subject_type": "cases.case",
    "subject_id": "12",
    "body": {"reason": "DISPUTE"},
    "previous_hash": GENESIS,
}
ACCESS: dict[str, Any] = {
    "sequence": 7,
    "at": AT,
    "actor_id": 3,
    "actor_name": "officer",
    "subject_type": "cases.borrower",
    "subject_id": "12",
    "fields": ["name"],
    "purpose": "CONTACT",
    "sealed_note": b"",
    "previous_hash": GENESIS,
}
OTHER: dict[str, Any] = {
    "sequence": 8,
    "at": AT + timedelta(microseconds=1),
    "actor_id": 4,
    "actor_name": "approver",
    "action": "case.closed",
    "subject_type": "cases.account",
    "subject_id": "13",
    "body": {"reason": "FRAUD"},
    "fields": ["name", "phones"],
    "purpose": "VISIT",
    "sealed_note": b"\x01",
    "previous_hash": b"\x01" * 32,
}


@pytest.mark.parametrize("name", sorted(TRAIL))
def test_entry_hash_covers_every_field(name: str) -> None:
    assert entry_hash(format=2, **TRAIL) != entry_hash(format=2, **{**TRAIL, name: OTHER[name]})


@pytest.mark.parametrize("name", sorted(ACCESS))
def test_access_hash_covers_every_field(name: str) -> None:
    assert access_hash(**ACCESS) != access_hash(**{**ACCESS, name: OTHER[name]})


def test_entry_hash_of_format_1_is_as_it_was_and_leaves_the_name_out() -> None:
    known = "f23424d123cd93ad77cb19ca92f45418fd76cb9a"

    digest = entry_hash(format=1, **TRAIL)

    assert digest == entry_hash(format=1, **{**TRAIL, "actor_name": "approver"})
    assert digest.hex()[:40] == known


def test_entry_hash_refuses_an_unknown_format() -> None:
    with pytest.raises(ValueError, match="format 3"):
        entry_hash(format=3, **TRAIL)


def test_entry_hash_is_of_the_instant_not_of_its_time_zone() -> None:
    shanghai = AT.astimezone(timezone(timedelta(hours=8)))

    assert entry_hash(format=2, **{**TRAIL, "at": shanghai}) == entry_hash(format=2, **TRAIL)


def test_names_digest_tells_a_name_from_another_and_an_entry_from_another() -> None:
    def digest(*names: tuple[int, str]) -> dict[str, Any]:
        names_digest = NamesDigest()
        for sequence, name in names:
            names_digest.add(sequence=sequence, actor_name=name)
        return names_digest.body()

    bodies = [digest((1, "a"), (2, "b")), digest((1, "a"), (2, "c")), digest((1, "b"), (2, "a")), digest((1, "ab"))]

    assert len({body["sha256"] for body in bodies}) == 4
    assert bodies[0]["entries"] == 2


def test_canonical_makes_text_of_amounts_and_dates_and_lists_of_sets() -> None:
    @dataclass
    class Named:
        name: str = field(default="n")

        def __str__(self) -> str:
            return self.name

    value = {"amount": Decimal("12.50"), 3: ("a", None, True), "set": {"b", "a"}, "other": Named()}

    assert canonical(value) == {"amount": "12.50", "3": ["a", None, True], "set": ["a", "b"], "other": "n"}


def test_canonical_refuses_a_float() -> None:
    with pytest.raises(TypeError, match="float"):
        canonical({"share": 0.5})
