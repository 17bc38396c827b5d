"""What the conduct rules look at."""

from dataclasses import replace
from datetime import datetime

import pytest

from cases.enums import FlagKind
from tests.factories.conduct import LAWFUL
from visits.rules.conduct.contact import (
    PROTECTION_OF_FLAG,
)


def test_every_flag_on_a_file_protects() -> None:
    assert set(PROTECTION_OF_FLAG) == set(FlagKind)


def test_a_proposal_refuses_naive_instants() -> None:
    with pytest.raises(ValueError, match="time zone"):
        replace(LAWFUL, starts_at=datetime(2026, 11, 24, 12))
