"""The steps of a call-back, who is drawn, and what an answer means for the fee."""

import random

import pytest

from visits.rules.report.call_back import CALL_BACK, fee_after, is_drawn
from visits.trust_enums import CallBackAnswer


def test_the_whole_table() -> None:
    steps = {(t.action, str(s)): str(t.target) for t in CALL_BACK.transitions for s in t.sources}

    assert steps == {("answer", "OPEN"): "ANSWERED", ("withdraw", "OPEN"): "WITHDRAWN"}


def test_the_share_is_kept_and_the_same_order_is_drawn_always_or_never() -> None:
    dice = random.Random(3)
    digests = [dice.randbytes(32) for _each in range(20_000)]

    drawn = [digest for digest in digests if is_drawn(digest=digest, percent=5)]

    assert 900 < len(drawn) < 1100
    assert all(is_drawn(digest=digest, percent=5) for digest in drawn)


@pytest.mark.parametrize(("percent", "expected"), [(0, False), (100, True)])
def test_nobody_and_everybody(percent: int, expected: bool) -> None:
    for digest in (bytes(32), b"\xff" * 32):
        assert is_drawn(digest=digest, percent=percent) is expected


def test_only_a_denied_visit_keeps_the_fee_waiting() -> None:
    assert {str(answer): str(fee_after(answer)) for answer in CallBackAnswer} == {
        "VISITED": "EARNED",
        "NOT_VISITED": "WAITS",
        "CANNOT_SAY": "EARNED",
        "NOT_REACHED": "EARNED",
    }
