"""Signals of what Doorstep itself compares."""

from datetime import date
from decimal import Decimal

import pytest

from cases.models import SuspicionSignal
from cases.services.casework.suspicion import FoundSign, end_signals, open_signals_again, raise_signals
from tests.factories.portfolio import AT, make_borrower

ON, LATER = date(2026, 3, 4), date(2026, 3, 9)


@pytest.fixture
def raised(shanghai):
    sign = FoundSign(ref="X-1", kind="FALSE_ADDRESS", sources="APPLICATION/LEASE", confidence=Decimal("0.60"))
    return raise_signals(borrower_id=make_borrower(territory=shanghai).pk, found=[sign], on=ON, at=AT)


def test_a_signal_names_both_sources_and_is_open(raised):
    signal = SuspicionSignal.objects.get()
    assert raised == {"X-1": signal.pk}
    assert (signal.source, signal.noticed_on, signal.cleared_on) == ("CONTRADICTION:APPLICATION/LEASE", ON, None)


def test_it_ends_once_and_may_come_back(raised):
    ids = list(raised.values())
    end_signals(ids=ids, on=ON)
    end_signals(ids=ids, on=LATER)
    assert SuspicionSignal.objects.get().cleared_on == ON
    open_signals_again(ids=ids)
    assert SuspicionSignal.objects.get().cleared_on is None
