"""The source of a profile's accounts, and whether its files are full snapshots."""

from decimal import Decimal
from typing import Any

import pytest

from backoffice.core.errors import InvalidInput
from cases.enums import RecordKind
from cases.rules.profile.portfolio_keys import portfolio_keys
from cases.rules.profile.records import SnapshotRule


def _keys(kind: RecordKind = RecordKind.ACCOUNTS, **body: Any) -> dict[str, Any]:
    return portfolio_keys(body=body, kind=kind, name="own")


def test_portfolio_keys_default_to_the_profile_as_source_and_deltas() -> None:
    assert _keys() == {"source": "own", "mode": "DELTA", "snapshot": SnapshotRule()}


def test_portfolio_keys_of_a_snapshot() -> None:
    found = _keys(source="core", mode="snapshot", snapshot={"missing": "flag", "max_share": 0.5})

    assert found == {
        "source": "core",
        "mode": "SNAPSHOT",
        "snapshot": SnapshotRule(missing="flag", max_share=Decimal("0.5")),
    }


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ({"mode": "full"}, "mode"),
        ({"source": "a b"}, "source"),
        ({"snapshot": {"missing": "delete"}}, "snapshot.missing"),
        ({"snapshot": {"max_share": 20}}, "snapshot.max_share"),
        ({"snapshot": {"max_share": "nan"}}, "snapshot.max_share"),
        ({"snapshot": {"share": 1}}, "snapshot.share"),
        ({"snapshot": "close"}, "snapshot"),
    ],
)
def test_portfolio_keys_name_the_wrong_key(body: dict[str, Any], key: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        _keys(**body)

    assert refusal.value.field == key


@pytest.mark.parametrize("body", [{"mode": "snapshot"}, {"snapshot": {"missing": "flag"}}])
def test_only_accounts_have_snapshots(body: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput):
        _keys(RecordKind.REPAYMENTS, **body)
