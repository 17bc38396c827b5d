"""Frozen facts of letters about decisions."""

from typing import Any

# As `write_letters` freezes them for a cut of the limit after a visit.
FACTS: dict[str, Any] = {
    "form": 1,
    "kind": "LIMIT_CUT",
    "reasons": ["BROKEN_PROMISES"],
    "terms": {"limit": "30000.00", "way_back": "THREE_PAYMENTS_ON_TIME"},
    "policy_version": 1,
    "by_person": True,
    "decided_on": "2026-03-02",
    "happened_on": "2026-03-02",
    "ends_on": "2026-08-29",
    "currency": "CNY",
    "as_of": "2026-03-01",
    "days_past_due": 95,
    "arrears": "32000.00",
    "limit": "60000.00",
    "rate": "0.18000",
    "on_time_months": None,
    "verification": {"source": "VISIT", "on": "2026-02-27", "sections": ["IDENTITY", "CAPACITY"]},
    "instalments": None,
}
