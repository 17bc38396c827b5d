"""Prices of an agency: a share of recovery is a percentage of its pay, at most half."""

import pytest

from visits.admin.agency_forms import PriceForm


@pytest.mark.parametrize(
    ("basis", "amount", "fields"),
    [
        ("RECOVERY_SHARE", "50", set()),
        ("RECOVERY_SHARE", "50.01", {"amount"}),
        ("RECOVERY_SHARE", "-1", {"amount"}),
        ("PER_VISIT", "120", set()),
        ("PER_FINDING", "120", {"basis"}),
    ],
)
def test_a_share_of_recovery_above_half_is_refused(basis, amount, fields, db):
    form = PriceForm({"basis": basis, "amount": amount, "currency": "CNY", "valid_from": "2026-03-02"})

    assert set(form.errors) == fields
