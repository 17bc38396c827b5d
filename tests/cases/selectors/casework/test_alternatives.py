"""What could be decided instead: only what an officer could propose and an approver could approve as things stand."""

from decimal import Decimal

import pytest

from cases.models import BorrowerFlag, Decision
from cases.selectors.casework.alternatives import alternatives_for
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.proposing import propose_decision
from tests.factories.casework import AT, TODAY, make_case, make_decision
from tests.factories.portfolio import make_overdue, pay_up

NO_RATES: dict[str, str] = {}


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def kinds(account, *, besides=(), body=NO_RATES):
    return [str(each.kind) for each in alternatives_for(account=account, body=body, besides=besides, on=TODAY)]


def test_an_overdue_account_has_help_first_and_restrictions_last(account):
    assert kinds(account) == ["GRACE", "RATE_RELIEF", "PLAN", "SPECIAL_CARE", "FREEZE", "LEGAL"]


def test_what_waits_already_is_left_out(account):
    assert kinds(account, besides=("PLAN", "LEGAL")) == ["GRACE", "RATE_RELIEF", "SPECIAL_CARE", "FREEZE"]


def test_an_account_with_nothing_due_has_none(account):
    assert kinds(pay_up(account)) == []


def test_what_the_rules_refuse_is_no_alternative(account):
    BorrowerFlag.objects.create(borrower=account.borrower, kind="VULNERABLE", source="CALL", set_at=AT)

    assert kinds(account) == ["GRACE", "RATE_RELIEF", "PLAN", "SPECIAL_CARE"]


def test_what_would_change_nothing_is_no_alternative(account, approver):
    approve_decision(
        decision=make_decision(account=account, kind="SPECIAL_CARE"), actor=approver, at=AT, note="Evidence read"
    )

    # Collection has ceased: neither a plan nor grace changes that, but grace also waives the penalty interest.
    assert "SPECIAL_CARE" not in kinds(account)
    assert "GRACE" in kinds(account)


def test_each_says_what_it_changes_and_how_many_approve(shanghai):
    account = make_overdue(territory=shanghai, outstanding_principal=Decimal(250_000))

    found = {each.kind: each for each in alternatives_for(account=account, body=NO_RATES, besides=(), on=TODAY)}

    (effect,) = found["LEGAL"].effects
    assert (effect.field, effect.without, effect.with_it) == ("COLLECTION", "NORMAL", "LEGAL")
    # 200,000 or more outstanding takes two people.
    assert {str(kind): each.approvals_needed for kind, each in found.items()} == {
        "GRACE": 1,
        "RATE_RELIEF": 1,
        "PLAN": 2,
        "SPECIAL_CARE": 1,
        "FREEZE": 1,
        "LEGAL": 2,
    }


def test_every_alternative_can_be_proposed(account, officer):
    case = make_case(account=account, stage="IN_WORK")
    found = alternatives_for(account=account, body=case.policy_version.body, besides=(), on=TODAY)

    for each in found:
        propose_decision(case=case, account=account, kind=each.kind, reason="Seen", actor=officer, at=AT)
        case.refresh_from_db()

    needed = dict(Decision.objects.values_list("kind", "approvals_needed"))
    assert needed == {str(each.kind): each.approvals_needed for each in found}


def test_it_costs_four_queries(account, django_assert_num_queries):
    with django_assert_num_queries(4):
        alternatives_for(account=account, body=NO_RATES, besides=(), on=TODAY)
