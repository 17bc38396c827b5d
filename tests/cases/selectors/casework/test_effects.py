"""What a decision would change is what its approval instructs, beside all that stands."""

import pytest

from cases.enums import ADVERSE_KINDS
from cases.models import AccountTerm
from cases.rules.policy.features import REWARD_KINDS
from cases.selectors.casework.effects import effects_of
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.plans import agree_plan
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_overdue, pay_up

KINDS = ["GRACE", "SPECIAL_CARE", "LEGAL", "FREEZE", "LIMIT_CUT", "LIMIT_INCREASE", "RATE_REDUCTION"]


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def found(decision):
    return {str(each.field): (each.without, each.with_it) for each in effects_of(decision=decision)}


# Nothing is taken from somebody under special care, so that is not asked.
BESIDE = [
    (kind, stands)
    for kind in KINDS
    for stands in (None, "SPECIAL_CARE", "LIMIT_CUT", "RATE_REDUCTION")
    if kind != stands
    and (stands != "SPECIAL_CARE" or kind not in ADVERSE_KINDS)
    # A reward needs an account with nothing due, and nothing is taken from such a one.
    and not ({kind, stands} & {*REWARD_KINDS} and {kind, stands} & {*ADVERSE_KINDS})
]


@pytest.mark.parametrize(("kind", "stands"), BESIDE)
def test_effects_of_a_proposal_are_what_its_approval_brings(account, approver, kind, stands):
    if {kind, stands} & {*REWARD_KINDS}:
        pay_up(account)
    if stands is not None:
        standing = make_decision(account=account, kind=stands)
        approve_decision(decision=standing, actor=approver, at=AT, note="Evidence read")
    decision = make_decision(account=account, kind=kind)
    effects = found(decision)

    approve_decision(decision=decision, actor=approver, at=AT, note="Evidence read")

    after = dict(AccountTerm.objects.values_list("field", "effective"))
    assert {field: with_it for field, (_without, with_it) in effects.items()} == {
        field: after[field] for field in effects
    }
    assert found(decision) == effects


def test_effects_of_an_agreed_plan(account, approver, officer):
    decision = make_decision(account=account, kind="PLAN")
    approve_decision(decision=decision, actor=approver, at=AT)
    assert found(decision) == {"COLLECTION": ("NORMAL", "ON_PLAN"), "RATE": ("0.18000", "0.18000")}

    agree_plan(plan=decision.plan, agreement_ref="REC-1", actor=officer, at=AT)

    decision.refresh_from_db()
    assert found(decision) == {"COLLECTION": ("NORMAL", "ON_PLAN"), "RATE": ("0.18000", "0.18000")}


def test_closing_a_case_has_no_effect_on_terms(account):
    assert effects_of(decision=make_decision(account=account, kind="CLOSE")) == ()
