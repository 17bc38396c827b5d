"""Which record each kind of events belongs to, and that the profile's fields have a column."""

import pytest

from cases.enums import RecordKind
from cases.rules.profile.fields import REVERSING, SINGLE
from cases.services.intake.events.tables import EVENTS


@pytest.mark.parametrize("kind", sorted(EVENTS))
def test_every_field_of_an_event_is_staged(kind: str) -> None:
    event = EVENTS[kind]
    staged = {name for name, _type in event.target.staged}
    # Rows that take a repayment back go to the table of reversals.
    fields = set(SINGLE[kind][event.section]) - (set(REVERSING) if kind == RecordKind.REPAYMENTS else set())

    renamed = {event.owner: f"{event.owner}_ref"}
    beside = set()
    if event.sealed:
        beside = {f"{name}_index" for name, _kind in event.sealed} | {"source_digest"}
    else:
        renamed["number"] = "number_index"
    assert {renamed.get(name, name) for name in fields} | beside == staged


def test_events_belong_to_accounts_or_borrowers() -> None:
    assert {kind: event.owner for kind, event in EVENTS.items()} == {
        "REPAYMENTS": "account",
        "CONTACTS": "borrower",
        "PROMISES": "account",
        "SIGNALS": "borrower",
        "OUTCOMES": "account",
        "SCHEDULE": "account",
        "RELATED_PEOPLE": "borrower",
    }
