"""Decisions whose last day has passed end, and the core is instructed to set back what they changed."""

from datetime import timedelta

import pytest

from cases.models import TermsChange
from cases.services.decisions.acknowledgements import acknowledge_terms_change
from cases.services.decisions.expiry import expire_decisions
from cases.services.decisions.lifecycle import approve_decision
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
    collection = TermsChange.objects.filter(field="COLLECTION").order_by("pk")
    assert list(collection.values_list("after", flat=True)) == ["PAUSED", "NORMAL"]


def test_expire_decisions_leaves_the_pause_to_a_grace_that_still_counts(account, approver):
    first = make_decision(account=account, kind="GRACE", expires_on=TODAY + timedelta(days=7))
    approve_decision(decision=first, actor=approver, at=AT)
    for field, value in (("COLLECTION", "PAUSED"), ("PENALTY", "WAIVED")):
        acknowledge_terms_change(effect_key=f"{account.pk}-{field}-1", accepted=True, value=value, actor=None, at=AT)
    second = make_decision(account=account, kind="GRACE", expires_on=TODAY + timedelta(days=60))
    approve_decision(decision=second, actor=approver, at=AT)

    expire_decisions(business_date=TODAY + timedelta(days=8), at=AT)

    second.refresh_from_db()
    assert set(TermsChange.objects.values_list("after", flat=True)) == {"PAUSED", "WAIVED"}
    # Nothing had to change at the core, so it is in force at once.
    assert second.state == "ACKNOWLEDGED"


@pytest.mark.parametrize("first", ["SPECIAL_CARE", "GRACE"])
def test_expire_decisions_of_a_grace_never_resumes_dunning_on_the_protected(account, approver, first):
    days = {"SPECIAL_CARE": 90, "GRACE": 7}
    for kind in (first, *({*days} - {first})):
        decision = make_decision(account=account, kind=kind, expires_on=TODAY + timedelta(days=days[kind]))
        approve_decision(decision=decision, actor=approver, at=AT)

    expire_decisions(business_date=TODAY + timedelta(days=8), at=AT)

    assert TermsChange.objects.filter(field="COLLECTION").latest("version").after == "CEASED"


def test_expire_decisions_of_cuts_gives_the_limit_back_in_any_order(account, approver):
    for number, limit in enumerate(("30000.00", "15000.00", "7500.00")):
        decision = make_decision(
            account=account, kind="LIMIT_CUT", terms={"limit": limit}, expires_on=TODAY + timedelta(days=10 + number)
        )
        approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")
        key = f"{account.pk}-LIMIT-{number + 1}"
        acknowledge_terms_change(effect_key=key, accepted=True, value=limit, actor=None, at=AT)

    expire_decisions(business_date=TODAY + timedelta(days=12), at=AT)
    assert TermsChange.objects.latest("version").after == "7500.00"
    expire_decisions(business_date=TODAY + timedelta(days=30), at=AT)

    assert TermsChange.objects.latest("version").after == "60000.00"


def test_expire_decisions_supersedes_proposals_that_nobody_approved(account):
    decision = make_decision(account=account, kind="FREEZE", expires_on=TODAY)

    expire_decisions(business_date=TODAY + timedelta(days=1), at=AT)

    decision.refresh_from_db()
    assert decision.state == "REJECTED"


def test_expire_decisions_keeps_a_reward_without_end(account, approver):
    decision = make_decision(account=pay_up(account), kind="LIMIT_INCREASE")
    approve_decision(decision=decision, actor=approver, at=AT)

    assert expire_decisions(business_date=TODAY + timedelta(days=4000), at=AT) == 0
