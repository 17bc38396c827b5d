"""Decisions judged by the rules of approval as things stand."""

from decimal import Decimal

import pytest

from cases.selectors.casework.approvals import judge_decisions, proposal_view
from tests.factories.casework import TODAY, make_decision, make_policy_version
from tests.factories.portfolio import make_overdue
from tests.factories.standing import make_good


def judged(decision):
    found = judge_decisions(decisions=[decision], on=TODAY)[decision.pk]
    return [refusal.code for refusal in found.refusals], found.approvals_needed


def test_judge_decisions_says_why_not_and_how_many_approve(shanghai):
    good, late = make_good(shanghai), make_overdue(territory=shanghai)
    officer = {"origin": "OFFICER", "reasons": ["OFFICER_JUDGEMENT"], "terms": {"limit": "71000.00"}}

    assert judged(make_decision(account=good, kind="LIMIT_INCREASE")) == ([], 1)
    assert judged(make_decision(account=late, kind="LIMIT_INCREASE", **officer)) == (["OVERDUE"], 2)


def test_judge_decisions_keeps_the_two_people_that_a_decision_was_found_to_need(shanghai):
    decision = make_decision(account=make_overdue(territory=shanghai), kind="FREEZE", approvals_needed=2)

    assert judged(decision) == ([], 2)


@pytest.mark.parametrize("count", [1, 3])
def test_judge_decisions_costs_the_same_for_one_and_three(shanghai, django_assert_num_queries, count):
    rows = [make_decision(account=make_good(shanghai), kind="LIMIT_INCREASE") for _number in range(count)]

    # what stands, appeals, policy versions
    with django_assert_num_queries(3):
        assert len(judge_decisions(decisions=rows, on=TODAY)) == count


def test_proposal_view_takes_caps_and_the_rate_of_the_currency_from_the_policy(shanghai):
    version = make_policy_version(
        body={"caps": {"max_limit_percent": "25", "rate_max": "0.02"}, "rates": {"CNY": "1", "TWD": "4.4"}}
    )
    given = {"kind": "GRACE", "origin": "OFFICER", "reasons": ["A"], "terms": {}, "body": version.body}

    taiwan, unknown = (proposal_view(currency=currency, **given) for currency in ("TWD", "USD"))

    assert (taiwan.max_limit_percent, taiwan.rate_max, taiwan.currency_rate, unknown.currency_rate) == (
        Decimal(25),
        Decimal("0.02"),
        Decimal("4.4"),
        None,
    )
