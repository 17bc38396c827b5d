"""The interval of the share of an experiment's arm."""

import pytest

from reports.rules.experiment import interval


def test_interval_agrees_with_published_values():
    # Newcombe 1998, table I: 81/263, 15/148, 0/20, 1/29 by the score method without correction.
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0.0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }

    for (part, whole), (low, high) in published.items():
        assert interval(part=part, whole=whole) == pytest.approx((low, high), abs=0.00006)
    assert interval(part=0, whole=0) is None
