"""The form of a purpose: a word of the list, and a note where the list does not cover it."""

from typing import Any

import pytest

from backoffice.audit.forms import PurposeForm


@pytest.mark.parametrize(
    ("sent", "wrong"),
    [
        ({"purpose": "CONTACT"}, set()),
        ({"purpose": "OTHER", "note": "A question of the regulator"}, set()),
        ({"purpose": "OTHER", "note": " "}, {"note"}),
        ({"purpose": "call back"}, {"purpose"}),
        ({}, {"purpose"}),
    ],
)
def test_a_purpose_is_of_the_list_and_another_one_has_a_note(rf: Any, sent: dict[str, str], wrong: set[str]) -> None:
    form = PurposeForm(rf.post("/"), None, {"_form_submitted": "on"} | sent)

    form.full_clean()

    assert set(form.errors) == wrong
