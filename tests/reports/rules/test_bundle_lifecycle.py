"""The lifecycle of a bundle for legal recovery: the whole table."""

from reports.rules.bundle_lifecycle import BUNDLE


def test_the_whole_table() -> None:
    steps = {(t.action, str(source)): (str(t.target), t.permission) for t in BUNDLE.transitions for source in t.sources}

    assert steps == {
        ("approve", "REQUESTED"): ("APPROVED", "reports.approve_legalbundle"),
        ("refuse", "REQUESTED"): ("REFUSED", "reports.approve_legalbundle"),
        ("refuse", "APPROVED"): ("REFUSED", "reports.approve_legalbundle"),
        ("produce", "APPROVED"): ("READY", "reports.approve_legalbundle"),
        ("expire", "READY"): ("EXPIRED", "reports.approve_legalbundle"),
    }
