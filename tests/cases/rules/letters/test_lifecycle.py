"""How far a letter has come: an opened letter stays opened, whatever is reported later."""

import pytest

from cases.rules.letters.lifecycle import DECISION_LETTER


@pytest.mark.parametrize(
    ("state", "steps"),
    [
        ("WAITING", {"return": "RETURNED", "deliver": "DELIVERED", "open": "OPENED"}),
        ("RETURNED", {"deliver": "DELIVERED", "open": "OPENED"}),
        ("DELIVERED", {"open": "OPENED"}),
        ("OPENED", {}),
    ],
)
def test_a_letter_only_goes_on(state, steps):
    assert {t.action: t.target for t in DECISION_LETTER.transitions if state in t.sources} == steps
