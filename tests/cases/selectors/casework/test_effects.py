"""What a decision would change is what its approval instructs, beside all that stands."""

import pytest

from cases.enums import ADVERSE_KINDS
from cases.models import AccountTerm, Decision
from cases.rules.policy.features import REWARD_KINDS
from cases.selectors.casework.effects import effects_of, effects_of_each
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


@pytest.mark.parametrize("count", [1, 3])
def test_effects_of_many_decisions_cost_two_queries(shanghai, approver, count, django_assert_num_queries):
    for _one in range(count):
        account = make_overdue(territory=shanghai)
        standing = make_decision(account=account, kind="LIMIT_CUT")
        approve_decision(decision=standing, actor=approver, at=AT, note="Evidence read")
        for kind in ("GRACE", "PLAN", "FREEZE"):
            make_decision(account=account, kind=kind)
    rows = list(Decision.objects.select_related("account", "plan").order_by("pk"))

    with django_assert_num_queries(2):
        found = effects_of_each(decisions=rows)

    assert found == [effects_of(decision=row) for row in rows]
    assert len(found) == 4 * count


def test_an_unsaved_decision_shows_what_it_would_do(account):
    unsaved = Decision(account=account, kind="FREEZE", terms={"status": "FROZEN"})

    assert effects_of_each(decisions=[unsaved]) == [effects_of(decision=make_decision(account=account, kind="FREEZE"))]
