"""Rules muted for one borrower until a day."""

from datetime import timedelta

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, Missing, NotAllowed
from cases.models import RuleMute
from cases.services.casework.digests import text_digest
from cases.services.casework.mutes import mute_rule
from tests.clear_text import tables_with
from tests.factories.portfolio import make_borrower


def test_mute_rule_is_the_risk_managers_and_ends(shanghai, risk_manager, officer, at, today):
    borrower = make_borrower(territory=shanghai)
    values = {"borrower": borrower, "rule": "LARGE_ARREARS", "why": "abroad", "at": at}

    with pytest.raises(NotAllowed):
        mute_rule(actor=officer, until=today, **values)
    with pytest.raises(InvalidInput):
        mute_rule(actor=risk_manager, until=today - timedelta(days=1), **values)
    with pytest.raises(InvalidInput):
        mute_rule(actor=risk_manager, until=today + timedelta(days=181), **values)
    mute_rule(actor=risk_manager, until=today + timedelta(days=180), **values)

    assert RuleMute.objects.get().until == today + timedelta(days=180)


def test_mute_rule_of_a_borrower_out_of_sight_is_missing(shanghai, risk_manager, at, today):
    borrower = make_borrower(territory=shanghai)
    risk_manager.is_active = False

    with pytest.raises((Missing, NotAllowed)):
        mute_rule(borrower=borrower, rule="X", until=today, why="y", actor=risk_manager, at=at)
    assert RuleMute.objects.count() == 0


def test_mute_rule_seals_why(shanghai, risk_manager, at, today):
    borrower = make_borrower(territory=shanghai)

    mute_rule(borrower=borrower, rule="X", until=today, why="Wu Jiu is abroad", actor=risk_manager, at=at)

    assert RuleMute.objects.get().why == "Wu Jiu is abroad"
    assert tables_with("Wu Jiu") == []
    assert AuditEntry.objects.get().body["why_digest"] == text_digest(text="Wu Jiu is abroad", kind="mute.why")
