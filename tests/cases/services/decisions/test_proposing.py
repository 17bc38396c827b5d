"""What officers propose: each kind within its bounds, once, and never on what does not fit."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput, StateConflict
from cases.models import Case, Decision, TermsChange
from cases.rules.policy.features import REWARD_KINDS
from cases.services.decisions.acknowledgements import acknowledge_terms_change
from cases.services.decisions.lifecycle import (
    approve_decision,
)
from cases.services.decisions.proposing import propose_decision
from tests.clear_text import tables_with
from tests.factories.casework import AT, TODAY, make_case
from tests.factories.portfolio import make_account, make_borrower, make_overdue


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


@pytest.mark.parametrize(
    "kind",
    ["GRACE", "PLAN", "LEGAL", "FREEZE", "LIMIT_INCREASE", "RATE_REDUCTION", "RATE_RELIEF", "SPECIAL_CARE", "CLOSE"],
)
def test_propose_decision_of_every_kind_awaits_another_person(shanghai, account, officer, kind):
    if kind in REWARD_KINDS:
        account = make_account(borrower=make_borrower(territory=shanghai))
    case = make_case(account=account)

    decision = propose_decision(case=case, account=account, kind=kind, reason="Income proof seen", actor=officer, at=AT)

    case.refresh_from_db()
    assert (decision.state, decision.proposed_by, case.stage) == ("PROPOSED", officer, "DECIDED")
    assert Decision.objects.get().explanation == "Income proof seen"
    assert tables_with("Income proof seen") == []
    assert (decision.expires_on is not None) or not decision.is_adverse


def test_propose_decision_of_a_cut_takes_a_lower_limit_only(account, officer):
    case = make_case(account=account)

    with pytest.raises(InvalidInput) as refusal:
        propose_decision(
            case=case, account=account, kind="LIMIT_CUT", reason="x", amount=Decimal(60000), actor=officer, at=AT
        )

    assert refusal.value.field == "amount"
    case.refresh_from_db()
    assert case.stage == "OPEN"


def test_propose_decision_twice_is_a_conflict(account, officer):
    case = make_case(account=account)
    propose_decision(case=case, account=account, kind="GRACE", reason="Ill", actor=officer, at=AT)

    with pytest.raises(StateConflict):
        propose_decision(case=case, account=account, kind="GRACE", reason="Ill", actor=officer, at=AT)


def test_propose_decision_on_another_borrowers_account_is_refused(account, shanghai, officer):
    with pytest.raises(InvalidInput):
        propose_decision(
            case=make_case(account=account),
            account=make_overdue(territory=shanghai),
            kind="GRACE",
            reason="x",
            actor=officer,
            at=AT,
        )


def test_an_officer_raises_no_limit_to_the_sky_nor_for_an_overdue_account(shanghai, account, officer):
    good = make_account(borrower=make_borrower(territory=shanghai))
    wished = {"kind": "LIMIT_INCREASE", "reason": "Good customer", "amount": Decimal(9_999_999), "actor": officer}

    for refused, field in ((account, "kind"), (good, "amount")):
        with pytest.raises(InvalidInput) as refusal:
            propose_decision(case=make_case(account=refused), account=refused, at=AT, **wished)
        assert refusal.value.field == field

    assert Decision.objects.count() == 0


def test_rate_cuts_of_one_day_keep_together_to_three_points(shanghai, officer, approver, person):
    account = make_account(borrower=make_borrower(territory=shanghai))
    case, second = make_case(account=account), person("APPROVER", name="second")
    wished = {"case": case, "account": account, "kind": "RATE_REDUCTION", "reason": "Loyal", "actor": officer, "at": AT}
    needed = []
    for _number in range(6):
        decision = propose_decision(**wished)
        needed.append(decision.approvals_needed)
        for who in (approver, second)[: decision.approvals_needed]:
            approve_decision(decision=decision, actor=who, at=AT)
        line = TermsChange.objects.latest("version")
        acknowledge_terms_change(effect_key=line.effect_key, accepted=True, value=line.after, actor=None, at=AT)

    with pytest.raises(InvalidInput):
        propose_decision(**wished)

    account.refresh_from_db()
    assert (account.annual_rate, needed) == (Decimal("0.15"), [1, 1, 2, 2, 2, 2])


def test_a_proposal_holds_the_value_before_it(shanghai, account, officer):
    good = make_account(borrower=make_borrower(territory=shanghai))
    wished = {"reason": "Seen", "actor": officer, "at": AT}

    cut = propose_decision(
        case=make_case(account=account), account=account, kind="LIMIT_CUT", amount=Decimal(30000), **wished
    )
    raised = propose_decision(case=make_case(account=good), account=good, kind="LIMIT_INCREASE", **wished)

    assert (cut.terms["before"], cut.terms["limit"]) == ("60000.00", "30000.00")
    assert raised.terms == {"before": "60000.00", "limit": "66000.00"}


@pytest.mark.parametrize(("stage", "words"), [("VISITING", "Call it off"), ("ON_HOLD", "Resume"), ("CLOSED", "closed")])
def test_a_proposal_says_why_the_stage_of_the_case_allows_none(account, officer, stage, words):
    case = make_case(account=account)
    closed = {"closed_on": TODAY, "close_reason": "SETTLED"} if stage == "CLOSED" else {}
    held = {"held_until": TODAY} if stage == "ON_HOLD" else {}
    Case.objects.filter(pk=case.pk).update(stage=stage, **closed, **held)

    with override("en"), pytest.raises(StateConflict, match=words):
        propose_decision(case=case, account=account, kind="FREEZE", reason="Seen", actor=officer, at=AT)


def test_a_second_proposal_of_a_kind_is_refused_in_words(account, officer):
    case = make_case(account=account)
    propose_decision(case=case, account=account, kind="FREEZE", reason="Seen", actor=officer, at=AT)

    with override("en"), pytest.raises(StateConflict, match="waits on the account already"):
        propose_decision(case=case, account=account, kind="FREEZE", reason="Seen", actor=officer, at=AT)
