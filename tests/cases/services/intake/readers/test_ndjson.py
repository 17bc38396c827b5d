"""Rows of JSON objects, numbers exactly as written."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cases.models import Account, IntakeReject
from cases.rules.profile.parse import parse_profile
from tests.cases.services.intake.readers.feed_files import PROFILE, assert_refused, json_lines, json_object, take


def test_take_in_reads_objects_flat_and_numbers_exactly(db: Any, tmp_path: Path) -> None:
    profile = parse_profile(
        text=PROFILE.replace('column = "name"', 'column = "who.name"').replace(
            'column = "branch"', 'column = "codes.0"'
        ),
        name="test",
    )
    first = '{"person":"P1","codes":[310000],"who":{"name":"张"},"login":null,"account":"K1","limit":60000,"arrears":0.1,"as_of":"2026-03-01"}'
    path = json_lines(
        tmp_path / "feed.ndjson", first, "", first.replace("P1", "P2").replace("K1", "12345678901234567890")
    )

    result = take(path, profile=profile)

    assert (result.rows, result.created, result.rejected) == (2, 2, 0)
    assert sorted(Account.objects.values_list("external_ref", flat=True)) == ["12345678901234567890", "K1"]
    assert Account.objects.get(external_ref="K1").arrears_amount == Decimal("0.10")


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400", "1E+5"])
def test_number_that_is_none_rejects_its_row_with_its_field(db: Any, tmp_path: Path, number: str) -> None:
    odd = json.dumps(json_object(account="K2", person="P2")).replace('"0.1"', number)
    path = json_lines(tmp_path / "odd.ndjson", json_object(), odd)

    result = take(path)

    assert (result.created, result.rejected) == (1, 1)
    reject = IntakeReject.objects.get()
    assert (reject.row_number, reject.field, reject.value) == (2, "account.arrears_amount", number)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ('{"person": ', "Row 2: not one JSON object a line"),
        ("[1, 2]", "Row 2: not one JSON object"),
        ('{"a": 1, "a": 2}', "Row 2, column a: the key stands twice"),
        ('{"a": {"b": 1}, "a.b": 2}', "Row 2, column a.b: the key stands twice"),
        ('{"a": ' + "[" * 100_000 + "]" * 100_000 + "}", "Row 2: objects stand more than 8 deep"),
        ('{"a": ' + '{"a": ' * 20 + "1" + "}" * 21, "Row 2: objects stand more than 8 deep"),
        ('{"a": "\\ud800"}', "Row 2: a text holds half"),
        ("{" + ",".join(f'"k{n}":1' for n in range(50_000)) + "}", "Row 2: an object has more than 2000 values"),
        ('{"a": "' + "x" * 2_000_000 + '"}', "Row 2: a line is longer"),
    ],
)
def test_hostile_object_is_refused_with_its_row(db: Any, tmp_path: Path, line: str, words: str) -> None:
    assert_refused(json_lines(tmp_path / "hostile.ndjson", json_object(), line), words)


def test_object_key_that_no_early_object_has_is_named(db: Any, tmp_path: Path) -> None:
    first = json_object()
    first["accounts"] = first.pop("account")

    assert_refused(
        json_lines(tmp_path / "short.ndjson", first), "account.external_ref: the file has no column 'account'"
    )
