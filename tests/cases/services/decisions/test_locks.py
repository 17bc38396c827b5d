"""One order of locks: two people who act on one case at once are served one after the other, and nobody is thrown out."""

import threading
from datetime import timedelta

import pytest
from django.db import connections, transaction

from backoffice.core.errors import DoorstepError
from cases.models import TermsChange
from cases.services.decisions.acknowledgements import acknowledge_terms_change
from cases.services.decisions.expiry import expire_decisions
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.locks import lock_decision, lock_decisions
from cases.services.decisions.reversal import reverse_decision
from tests.factories.casework import AT, PARTLY, TODAY, make_case, make_decision, verify
from tests.factories.portfolio import make_overdue

ROUNDS = 12


def at_once(*acts):
    """Run the acts in threads that begin together; return what failed other than by a refusal in words."""
    failed, together = [], threading.Barrier(len(acts))

    def run(act):
        together.wait()
        try:
            act()
        except DoorstepError:
            pass
        except Exception as error:
            failed.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return failed


@pytest.mark.django_db(transaction=True)
def test_a_verification_beside_an_approval_throws_nobody_out(shanghai, approver, officer):
    failed = []
    for number in range(ROUNDS):
        case = make_case(account=make_overdue(territory=shanghai))
        at = AT + timedelta(minutes=number, microseconds=number)
        proposal = verify(case=case, facts=PARTLY, actor=officer, at=at).decisions.get()
        failed += at_once(
            lambda proposal=proposal, at=at: approve_decision(decision=proposal, actor=approver, at=at),
            lambda case=case, at=at: verify(case=case, facts=PARTLY, actor=officer, at=at),
        )

    assert failed == []


@pytest.mark.django_db(transaction=True)
def test_answer_reversal_and_end_beside_each_other_throw_nobody_out(shanghai, approver):
    failed = []
    for _round in range(ROUNDS):
        account = make_overdue(territory=shanghai)
        case = make_case(account=account, stage="DECIDED")
        kept = make_decision(account=account, kind="FREEZE", case=case, expires_on=TODAY)
        approve_decision(decision=kept, actor=approver, at=AT, note="Evidence read")
        key = f"{account.pk}-STATUS-1"
        failed += at_once(
            lambda key=key: acknowledge_terms_change(effect_key=key, accepted=True, value="FROZEN", actor=None, at=AT),
            lambda kept=kept: reverse_decision(decision=kept, reason="Wrong", actor=approver, at=AT),
            lambda: expire_decisions(business_date=TODAY + timedelta(days=400), at=AT),
        )

    assert failed == []
    assert TermsChange.objects.filter(field="STATUS").latest("pk").after == "ACTIVE"


@pytest.mark.django_db(transaction=True)
def test_decisions_are_locked_in_the_transaction_of_the_change(shanghai):
    decision = make_decision(account=make_overdue(territory=shanghai))

    for act in (lambda: lock_decision(decision=decision), lambda: lock_decisions(decisions=[decision.pk])):
        with pytest.raises(RuntimeError):
            act()


@pytest.mark.django_db
def test_lock_decisions_locks_cases_before_decisions(shanghai, django_assert_num_queries):
    case = make_case(account=make_overdue(territory=shanghai), stage="DECIDED")
    decision = make_decision(account=case.borrower.accounts.get(), case=case)
    with transaction.atomic(), django_assert_num_queries(2) as statements:
        lock_decisions(decisions=[decision.pk])

    assert ["cases_case" in each["sql"].split("WHERE")[0] for each in statements.captured_queries] == [True, False]
