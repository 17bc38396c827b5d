"""What the conduct rules look at."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from cases.enums import FlagKind
from tests.factories.conduct import LAWFUL
from visits.enums import Protection
from visits.rules.conduct.contact import (
    PROTECTION_OF_FLAG,
)

HOUR = timedelta(hours=1)


def test_every_flag_on_a_file_protects() -> None:
    assert set(PROTECTION_OF_FLAG) == set(FlagKind)


def test_a_proposal_refuses_naive_instants() -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(LAWFUL, starts_at=datetime(2026, 11, 24, 12))


@pytest.mark.parametrize("field", ["ends_at", "approved_at", "notice_at"])
def test_every_instant_of_a_proposal_carries_its_zone(field: str) -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(LAWFUL, **{field: datetime(2026, 11, 24, 13)})


@pytest.mark.parametrize(("length", "fits"), [(timedelta(microseconds=1), True), (timedelta(0), False), (-HOUR, False)])
def test_a_visit_ends_after_it_starts(length: timedelta, fits: bool) -> None:
    if fits:
        assert replace(LAWFUL, ends_at=LAWFUL.starts_at + length).ends_at > LAWFUL.starts_at
        return
    with pytest.raises(ValueError, match="end after it starts"):
        replace(LAWFUL, ends_at=LAWFUL.starts_at + length)


def test_a_visit_that_was_not_announced_yet_is_a_proposal_too() -> None:
    assert replace(LAWFUL, notice_at=None).notice_at is None


@pytest.mark.parametrize(
    ("flag", "protection"),
    [
        (FlagKind.DECEASED, Protection.DECEASED),
        (FlagKind.VULNERABLE, Protection.SPECIAL_CARE),
        (FlagKind.OPTED_OUT_OF_VISITS, Protection.VISIT_DECLINED),
        (FlagKind.CEASE, Protection.CEASE),
    ],
)
def test_what_a_flag_means_for_visits(flag: FlagKind, protection: Protection) -> None:
    assert PROTECTION_OF_FLAG[flag] == protection
