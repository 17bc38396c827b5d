"""The explanation of a decision for the borrower."""

import pytest
from django.utils import translation

from cases.models import Decision
from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.selectors.casework.decisions import explain_decision, reason_texts
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.proposing import propose_decision
from tests.factories.casework import AT, make_case, make_decision, make_policy_version
from tests.factories.portfolio import make_overdue, pay_up


@pytest.fixture
def case(shanghai):
    return make_case(account=make_overdue(territory=shanghai))


@pytest.mark.parametrize(("language", "reason"), [("en", "Six months on time"), ("zh-hans", "连续六期按时还款")])
def test_explain_decision_names_the_rule_in_the_readers_language(case, approver, language, reason):
    version = make_policy_version(body=DEFAULT_POLICY)
    account = case.borrower.accounts.get()
    decision = make_decision(
        account=pay_up(account), kind="LIMIT_INCREASE", reasons=["SIX_MONTHS_ON_TIME"], policy_version=version
    )
    approve_decision(decision=decision, actor=approver, at=AT)

    with translation.override(language):
        explanation = explain_decision(decision=Decision.objects.get(pk=decision.pk))

    assert explanation.reasons == (reason,)
    assert [(before, after) for _term, before, after in explanation.changes] == [("60000.00", "66000.00")]
    assert explanation.decided_by_a_person


def test_reason_texts_end_with_what_the_officer_wrote(case, officer):
    account = case.borrower.accounts.get()
    propose_decision(case=case, account=account, kind="GRACE", reason="Wages come late", actor=officer, at=AT)

    with translation.override("en"):
        texts = reason_texts(decision=Decision.objects.get())

    assert texts == ("A case officer examined the account.", "Wages come late")


def test_explain_decision_names_the_way_back_of_an_adverse_one(case, approver, django_assert_num_queries):
    decision = make_decision(account=case.borrower.accounts.get(), kind="LEGAL")
    kept = Decision.objects.select_related("policy_version").get(pk=decision.pk)

    # the lines of the ledger
    with translation.override("en"), django_assert_num_queries(1):
        explanation = explain_decision(decision=kept)

    assert (
        explanation.way_back
        == explanation.appeal
        == ("You may appeal; a person who took no part answers within 15 days.")
    )
    assert explanation.decided_by_a_person is None
