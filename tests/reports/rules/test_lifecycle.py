"""The lifecycle of an export: the whole table."""

from reports.rules.lifecycle import EXPORT


def test_the_whole_table() -> None:
    steps = {(t.action, str(source)): (str(t.target), t.permission) for t in EXPORT.transitions for source in t.sources}

    assert steps == {
        ("approve", "REQUESTED"): ("APPROVED", "reports.approve_exportjob"),
        ("refuse", "REQUESTED"): ("REFUSED", "reports.approve_exportjob"),
        ("refuse", "APPROVED"): ("REFUSED", "reports.approve_exportjob"),
        ("produce", "APPROVED"): ("READY", "reports.approve_exportjob"),
        ("expire", "READY"): ("EXPIRED", "reports.approve_exportjob"),
    }
