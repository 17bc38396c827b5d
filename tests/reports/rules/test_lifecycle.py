"""The lifecycle of a file that one person asks for and another approves: the whole table, for each kind of file."""

from typing import Any

import pytest

from reports.rules.lifecycle import BUNDLE, EXPORT


@pytest.mark.parametrize(
    ("lifecycle", "permission"),
    [(EXPORT, "reports.approve_exportjob"), (BUNDLE, "reports.approve_legalbundle")],
)
def test_the_whole_table(lifecycle: Any, permission: str) -> None:
    steps = {
        (t.action, str(source)): (str(t.target), t.permission) for t in lifecycle.transitions for source in t.sources
    }

    assert steps == {
        ("approve", "REQUESTED"): ("APPROVED", permission),
        ("refuse", "REQUESTED"): ("REFUSED", permission),
        ("refuse", "APPROVED"): ("REFUSED", permission),
        ("produce", "APPROVED"): ("READY", permission),
        ("expire", "READY"): ("EXPIRED", permission),
    }
