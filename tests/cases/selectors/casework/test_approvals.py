"""Decisions judged by the rules of approval as things stand."""

from datetime import timedelta
from decimal import Decimal

import pytest

from cases.models import Decision, ScheduledInstalment
from cases.selectors.casework.approvals import decided_by, judge_decisions, overdue_proposals, proposal_view
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


@pytest.mark.parametrize(("kind", "days"), [("GRACE", 1), ("PLAN", 2), ("LEGAL", 5), ("RATE_REDUCTION", 5)])
def test_a_proposal_is_overdue_after_its_last_day(shanghai, kind, days):
    decision = make_decision(account=make_overdue(territory=shanghai), kind=kind)
    last = TODAY + timedelta(days=days)

    def overdue(on):
        return Decision.objects.filter(overdue_proposals(on=on)).exists()

    assert decided_by(decision=decision) == last
    assert (overdue(last), overdue(last + timedelta(days=1))) == (False, True)


def test_what_is_decided_is_not_overdue(shanghai):
    decision = make_decision(account=make_overdue(territory=shanghai), state="REJECTED")

    assert decided_by(decision=decision) is None
    assert not Decision.objects.filter(overdue_proposals(on=TODAY + timedelta(days=99))).exists()


def test_judge_decisions_reads_what_may_be_due_of_each_part_for_waivers(shanghai):
    account = make_overdue(territory=shanghai, arrears="1000")
    terms = {"part": "INTEREST", "due": "100", "amount": "30", "pay": "970", "settle_by": TODAY.isoformat()}
    decision = make_decision(account=account, kind="WAIVER", terms=terms, origin="OFFICER")
    assert judged(decision) == ([], 1)

    ScheduledInstalment.objects.create(
        account=account, external_ref="I1", due_on=TODAY, due_amount=1000, principal=950, as_of=TODAY
    )

    assert judged(decision) == (["MORE_THAN_DUE"], 1)
