"""Reasons of refusals: translated, with the parameters that their text names."""

import pytest
from django.utils.translation import gettext, override

from cases.rules.profile import refusals

REASONS = sorted(value for name, value in vars(refusals).items() if name.isupper() and isinstance(value, str))


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_translated_with_the_same_parameters(reason: str) -> None:
    parameters = ("bound", "formats", "choices", "cells", "columns", "known")
    with override("zh-hans"):
        translated = gettext(reason)

    assert translated != reason
    assert [f"{{{name}}}" in translated for name in parameters] == [f"{{{name}}}" in reason for name in parameters]


def test_refused_keeps_reason_field_value_and_parameters() -> None:
    refused = refusals.Refused(refusals.TOO_LONG, field="account.segment", value="x", bound="40")

    assert (refused.reason, refused.field, refused.value) == (refusals.TOO_LONG, "account.segment", "x")
    assert refused.params == {"bound": "40"}
