"""Decisions whose last day has passed end, and the core is instructed to set back what they changed."""

from datetime import timedelta

import pytest

from cases.models import TermsChange
from cases.services.decisions.expiry import expire_decisions
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.terms_ledger import acknowledge_terms_change
from tests.factories.casework import AT, TODAY, make_case, make_decision
from tests.factories.portfolio import make_overdue, pay_up


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def test_expire_decisions_undoes_what_was_limited_in_time(account, approver):
    case = make_case(account=account, stage="DECIDED")
    decision = make_decision(account=account, kind="GRACE", case=case, expires_on=TODAY + timedelta(days=30))
    approve_decision(decision=decision, actor=approver, at=AT)

    early = expire_decisions(business_date=TODAY + timedelta(days=30), at=AT)
    ended = expire_decisions(business_date=TODAY + timedelta(days=31), at=AT)
    again = expire_decisions(business_date=TODAY + timedelta(days=31), at=AT)

    case.refresh_from_db()
    assert (early, ended, again, case.stage) == (0, 1, 0, "IN_WORK")
    assert list(TermsChange.objects.order_by("pk").values_list("after", flat=True)) == ["PAUSED", "NORMAL"]


def test_expire_decisions_leaves_to_a_later_decision_what_that_one_changed(account, approver):
    first = make_decision(account=account, kind="GRACE", expires_on=TODAY + timedelta(days=7))
    approve_decision(decision=first, actor=approver, at=AT)
    acknowledge_terms_change(effect_key=f"{account.pk}-{first.pk}-COLLECTION", accepted=True, actor=None, at=AT)
    second = make_decision(account=account, kind="GRACE", expires_on=TODAY + timedelta(days=60))
    approve_decision(decision=second, actor=approver, at=AT)

    expire_decisions(business_date=TODAY + timedelta(days=8), at=AT)

    assert list(TermsChange.objects.values_list("after", flat=True)) == ["PAUSED", "PAUSED"]


def test_expire_decisions_supersedes_proposals_that_nobody_approved(account):
    decision = make_decision(account=account, kind="FREEZE", expires_on=TODAY)

    expire_decisions(business_date=TODAY + timedelta(days=1), at=AT)

    decision.refresh_from_db()
    assert decision.state == "REJECTED"


def test_expire_decisions_keeps_a_reward_without_end(account, approver):
    decision = make_decision(account=pay_up(account), kind="LIMIT_INCREASE")
    approve_decision(decision=decision, actor=approver, at=AT)

    assert expire_decisions(business_date=TODAY + timedelta(days=4000), at=AT) == 0
