"""What an approved decision brings about."""

from datetime import timedelta

import pytest

from cases.models import BorrowerFlag
from cases.services.decisions.consequences import apply_consequences, lift_care
from tests.factories.casework import AT, TODAY, make_case, make_decision
from tests.factories.portfolio import make_overdue


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def open_flags():
    rows = BorrowerFlag.objects.filter(cleared_at=None).order_by("kind")
    return list(rows.values_list("kind", "source", "source_ref", "expires_on"))


def test_special_care_notes_its_circumstances_and_lift_care_ends_them(account):
    until = TODAY + timedelta(days=90)
    decision = make_decision(account=account, kind="SPECIAL_CARE", expires_on=until)
    other = make_decision(account=account, kind="SPECIAL_CARE", state="REJECTED")

    apply_consequences(decision=decision, actor=None, at=AT)

    assert open_flags() == [
        ("CEASE", "DECISION", str(decision), until),
        ("VULNERABLE", "DECISION", str(decision), until),
    ]
    lift_care(decision=other, actor=None, at=AT)
    assert len(open_flags()) == 2
    lift_care(decision=decision, actor=None, at=AT)
    assert open_flags() == []


def test_any_decision_but_closing_puts_the_case_under_watch(account):
    case = make_case(account=account, stage="DECIDED")

    apply_consequences(decision=make_decision(account=account, case=case), actor=None, at=AT)

    case.refresh_from_db()
    assert (case.stage, open_flags()) == ("MONITORED", [])
