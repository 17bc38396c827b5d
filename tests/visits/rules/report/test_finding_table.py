"""What follows from findings together: the strictest rule counts."""

import pytest

from visits.enums import Finding
from visits.rules.report.finding_table import (
    FINDINGS,
    implied_address_verdict,
    protections_called,
    strictest_disclosure,
    strictest_media,
)


def findings(*codes):
    return tuple(Finding(code) for code in codes)


def test_every_finding_has_its_rule():
    assert set(FINDINGS) == set(Finding)


@pytest.mark.parametrize(
    ("codes", "disclosure", "media", "address", "protections"),
    [
        ((), "NONE", "NONE", None, set()),
        (("F01",), "FULL", "CONTACT", "VALID", set()),
        (("F01", "F10"), "NONE", "EXTERIOR", "VALID", set()),
        (("F11",), "OWN_OBLIGATION", "CONTACT", None, set()),
        (("F01", "F13"), "NONE", "NONE", "VALID", set()),
        (("F21", "F23"), "NONE", "EXTERIOR", "INVALID", set()),
        (("F02", "F03"), "FULL", "CONTACT", "VALID", {"HARDSHIP_PENDING", "DISPUTED"}),
        (("F30",), "NONE", "EXTERIOR", None, {"DECEASED"}),
    ],
)
def test_the_strictest_of_several_findings_counts(codes, disclosure, media, address, protections):
    found = findings(*codes)

    assert strictest_disclosure(findings=found) == disclosure
    assert strictest_media(findings=found) == media
    assert implied_address_verdict(findings=found) == address
    assert protections_called(findings=found) == protections
