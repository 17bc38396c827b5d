"""A raised limit counts once the borrower accepts it: accepted, declined, answered twice, never answered."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.outbox.models import OutboxEvent
from cases.models import AccountTerm, DecisionLetter, OptInAnswer, TermsChange, TermsMeasure
from cases.services.decisions.acknowledgements import acknowledge_terms_change
from cases.services.decisions.ending import follow_payments
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.opt_in import answer_offer, decline_line, lapse_offers, open_offers
from cases.services.decisions.trouble import find_silent_terms
from cases.tasks import check_terms
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_overdue, pay_up
from tests.factories.requests import post

DAYS_31 = timedelta(days=31)


@pytest.fixture
def raised(shanghai: Any, approver: Any) -> Any:
    """An approved rise from 60,000 to 66,000 that the core was instructed of."""
    account = make_overdue(territory=shanghai)
    pay_up(account)
    decision = make_decision(account=account, kind="LIMIT_INCREASE")
    approve_decision(decision=decision, actor=approver, at=AT)
    assert TermsChange.objects.get(decision=decision).opt_in_required
    return decision


def answer(decision: Any, actor: Any, *, accepted: bool, at: Any = AT, evidence_ref: str = "REC-7") -> Any:
    return answer_offer(decision=decision, accepted=accepted, evidence_ref=evidence_ref, actor=actor, at=at)


def limit_of(decision: Any) -> tuple[str, str]:
    term = AccountTerm.objects.get(account=decision.account_id, field="LIMIT")
    return term.base, term.effective


def test_the_core_is_told_of_an_acceptance_after_the_instruction(raised, officer):
    answer(raised, officer, accepted=True)

    events = OutboxEvent.objects.filter(topic__in=("terms.changed", "terms.opt_in")).order_by("pk")
    line = TermsChange.objects.get(decision=raised)
    assert [(event.topic, event.order_key) for event in events] == [
        ("terms.changed", f"terms:{raised.account_id}"),
        ("terms.opt_in", f"terms:{raised.account_id}"),
    ]
    assert events[1].payload == {
        "effect_key": line.effect_key,
        "account": raised.account.external_ref,
        "decision": raised.pk,
        "accepted": True,
    }
    kept = OptInAnswer.objects.get()
    assert (kept.decision, kept.accepted, kept.evidence_ref, kept.recorded_by) == (raised, True, "REC-7", officer)
    assert limit_of(raised) == ("60000.00", "66000.00")
    acknowledge_terms_change(effect_key=line.effect_key, accepted=True, value="66000", actor=None, at=AT)
    raised.refresh_from_db()
    assert raised.state == "ACKNOWLEDGED"


def test_a_declined_rise_ends_and_is_no_trouble(raised, officer):
    letters = DecisionLetter.objects.count()

    answer(raised, officer, accepted=False)

    assert (raised.state, limit_of(raised)) == ("LIFTED", ("60000.00", "60000.00"))
    assert TermsMeasure.objects.get(decision=raised).end_reason == "DECLINED"
    line = TermsChange.objects.order_by("pk").last()
    assert (line.after, line.opt_in_required) == ("60000.00", False)
    assert AccountTerm.objects.get(field="LIMIT").trouble == ""
    # They said so themselves: no letter tells them.
    assert DecisionLetter.objects.count() == letters
    assert AuditEntry.objects.get(action="opt_in.answered").body["accepted"] is False


def test_the_core_says_that_the_borrower_declined(raised, officer):
    key = TermsChange.objects.get(decision=raised).effect_key

    for _again in range(2):
        acknowledge_terms_change(effect_key=key, accepted=False, declined=True, actor=officer, at=AT)

    raised.refresh_from_db()
    assert raised.state == "LIFTED"
    answered = OptInAnswer.objects.get()
    assert (answered.accepted, answered.evidence_ref) == (False, key)
    assert AccountTerm.objects.get(field="LIMIT").trouble == ""


def test_what_an_officer_heard_stays(raised, officer):
    answer(raised, officer, accepted=True)
    key = TermsChange.objects.get(decision=raised).effect_key

    assert decline_line(effect_key=key, actor=officer, at=AT) is False

    assert OptInAnswer.objects.get().accepted
    assert limit_of(raised) == ("60000.00", "66000.00")


def test_accepted_and_declined_at_once_is_refused(raised):
    key = TermsChange.objects.get(decision=raised).effect_key
    with pytest.raises(InvalidInput) as refused:
        acknowledge_terms_change(effect_key=key, accepted=True, value="1", declined=True, actor=None, at=AT)
    assert refused.value.field == "declined"


def test_lines_that_wait_for_no_borrower_are_not_declined(shanghai, approver, officer):
    account = make_overdue(territory=shanghai)
    decision = make_decision(account=account, kind="FREEZE")
    approve_decision(decision=decision, actor=approver, at=AT, note="overdue")
    key = TermsChange.objects.get().effect_key

    with pytest.raises(StateConflict):
        acknowledge_terms_change(effect_key=key, accepted=False, declined=True, actor=officer, at=AT)
    with pytest.raises(StateConflict):
        answer(decision, officer, accepted=False)


def test_an_offer_is_answered_once(raised, officer):
    answer(raised, officer, accepted=True)

    for accepted in (True, False):
        with pytest.raises(StateConflict):
            answer(raised, officer, accepted=accepted)
    assert OptInAnswer.objects.count() == 1


def test_what_the_core_holds_is_no_offer_any_more(raised, officer):
    key = TermsChange.objects.get(decision=raised).effect_key
    acknowledge_terms_change(effect_key=key, accepted=True, value="66000.00", actor=None, at=AT)

    with pytest.raises(StateConflict):
        answer(raised, officer, accepted=False)
    assert limit_of(raised) == ("60000.00", "66000.00")


def test_a_rise_that_rests_is_declined_but_not_accepted(raised, officer):
    account = raised.account
    account.days_past_due, account.arrears_amount = 40, Decimal(900)
    account.save()
    follow_payments(at=AT)

    with pytest.raises(StateConflict):
        answer(raised, officer, accepted=True)
    assert answer(raised, officer, accepted=False).state == "LIFTED"


def test_an_answer_names_where_it_is_recorded(raised, officer, approver):
    with pytest.raises(InvalidInput) as refused:
        answer(raised, officer, accepted=True, evidence_ref=" ")
    assert refused.value.field == "evidence_ref"
    with pytest.raises(NotAllowed):
        answer(raised, approver, accepted=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        OptInAnswer.objects.create(decision=raised, accepted=True, evidence_ref="", recorded_by=officer, created_at=AT)


def test_no_answer_within_31_days_is_a_no(raised):
    moments = (AT + DAYS_31 - timedelta(microseconds=1), AT + DAYS_31, AT + DAYS_31)

    found = [lapse_offers(at=at) for at in moments]

    raised.refresh_from_db()
    assert (found, raised.state, limit_of(raised)[1]) == ([0, 1, 0], "LIFTED", "60000.00")
    assert TermsMeasure.objects.get(decision=raised).end_reason == "LAPSED"
    # Nobody is asked why the core is silent.
    assert find_silent_terms(at=AT + DAYS_31) == 0


def test_what_the_borrower_accepted_does_not_lapse_and_is_asked_of_the_core(raised, officer):
    answer(raised, officer, accepted=True)

    assert lapse_offers(at=AT + DAYS_31) == 0
    assert find_silent_terms(at=AT + DAYS_31) == 1
    assert AccountTerm.objects.get(field="LIMIT").trouble == "SILENT"


def test_the_job_lets_offers_lapse(raised, time_machine):
    time_machine.move_to(AT + DAYS_31, tick=False)

    check_terms()

    raised.refresh_from_db()
    assert raised.state == "LIFTED"


@pytest.mark.parametrize("count", [1, 3])
def test_lapsing_costs_the_same_for_one_and_three(shanghai, approver, count, django_assert_num_queries):
    for _one in range(count):
        account = make_overdue(territory=shanghai)
        pay_up(account)
        approve_decision(decision=make_decision(account=account, kind="LIMIT_INCREASE"), actor=approver, at=AT)

    with django_assert_num_queries(20):
        assert lapse_offers(at=AT + DAYS_31) == count


def test_over_rest_by_the_officer(raised, officer):
    assert open_offers().count() == 1
    told = post(officer, f"/api/v1/decisions/{raised.pk}/opt-in/", {"accepted": False, "evidence_ref": "REC-8"})

    assert (told.status_code, told.json()["state"], told.json()["borrower_accepted"]) == (200, "LIFTED", False)
    again = post(officer, f"/api/v1/decisions/{raised.pk}/opt-in/", {"accepted": False, "evidence_ref": "REC-8"})
    assert again.status_code == 409
