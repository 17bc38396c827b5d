"""Each decision that begins to count or ends leaves one letter with frozen facts, announced by references only."""

import hashlib
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction

from backoffice.outbox.models import OutboxEvent
from cases.models import Account, AccountFacts, Decision, DecisionLetter, PlanInstalment, Repayment
from cases.services.decisions.complaints import answer_complaint, receive_complaint
from cases.services.decisions.expiry import expire_decisions
from cases.services.decisions.letters import write_letters
from cases.services.decisions.lifecycle import (
    approve_decision,
    approve_decisions,
    reject_decision,
)
from cases.services.decisions.plans import agree_plan, break_plans
from cases.services.decisions.proposing import propose_decision
from cases.services.decisions.reversal import reverse_decision
from cases.services.decisions.settlement import settle_repayments
from tests.factories.casework import AT, PARTLY, TODAY, make_case, make_decision, verify
from tests.factories.portfolio import make_account, make_borrower, make_overdue, pay_up

LATER = AT + timedelta(days=9)


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai)


def letters() -> list[tuple[str, str]]:
    return list(DecisionLetter.objects.order_by("pk").values_list("kind", "state"))


def test_an_approved_decision_leaves_a_letter_with_what_was_true(account, approver):
    decision = make_decision(account=account, kind="LIMIT_CUT", origin="OFFICER", reasons=["LONG_OVERDUE"])
    approve_decision(decision=decision, actor=approver, at=AT, note="Read")
    Account.objects.update(credit_limit=Decimal("1"), arrears_amount=0, days_past_due=0)

    letter = DecisionLetter.objects.get()

    assert letter.facts == {
        "form": 1,
        "kind": "LIMIT_CUT",
        "reasons": ["LONG_OVERDUE"],
        "terms": {"limit": "30000.00", "way_back": "APPEAL"},
        "policy_version": decision.policy_version_id,
        "by_person": True,
        "decided_on": "2026-03-02",
        "happened_on": "2026-03-02",
        "ends_on": "2026-08-29",
        "currency": "CNY",
        "as_of": account.as_of.isoformat(),
        "days_past_due": account.days_past_due,
        "arrears": f"{account.arrears_amount:.2f}",
        "limit": "60000.00",
        "rate": "0.18000",
        "on_time_months": None,
        "verification": None,
        "instalments": None,
    }
    assert (letter.kind, letter.state, letter.happened_on, letter.created_at, letter.updated_at) == (
        "TAKEN",
        "WAITING",
        TODAY,
        AT,
        AT,
    )


def test_a_letter_is_announced_by_references_only(account, approver):
    decision = make_decision(account=account)
    approve_decision(decision=decision, actor=approver, at=AT)

    letter = DecisionLetter.objects.get()
    event = OutboxEvent.objects.get(topic="decision.letter")

    assert (event.key, event.created_at) == (f"decision.letter:{letter.pk}", AT)
    assert event.payload == {
        "letter": letter.pk,
        "decision": decision.pk,
        "borrower": account.borrower.external_ref,
        "digest": letter.digest,
    }


def test_the_digest_is_that_of_the_facts_as_the_database_writes_them(account, approver):
    approve_decision(decision=make_decision(account=account), actor=approver, at=AT)

    with connection.cursor() as cursor:
        cursor.execute("SELECT facts::text, digest FROM cases_decisionletter")
        text, digest = cursor.fetchone()

    assert digest == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("kind", "letter"),
    [
        ("GRACE", "GRANTED"),
        ("PLAN", "GRANTED"),
        ("LEGAL", "TAKEN"),
        ("FREEZE", "TAKEN"),
        ("LIMIT_CUT", "TAKEN"),
        ("LIMIT_INCREASE", "GRANTED"),
        ("RATE_REDUCTION", "GRANTED"),
        ("SPECIAL_CARE", "GRANTED"),
        ("CLOSE", "GRANTED"),
    ],
)
def test_every_kind_of_decision_has_a_letter_when_it_is_approved(account, approver, kind, letter):
    if letter == "GRANTED" and kind in ("LIMIT_INCREASE", "RATE_REDUCTION", "CLOSE"):
        pay_up(account)
    approve_decision(decision=make_decision(account=account, kind=kind), actor=approver, at=AT, note="Read")

    assert letters() == [(letter, "WAITING")]


def test_a_proposal_and_a_rejected_one_are_told_to_nobody(account, officer, approver):
    case = make_case(account=account)
    decision = propose_decision(case=case, account=account, kind="GRACE", reason="Ill", actor=officer, at=AT, days=30)
    reject_decision(decision=decision, reason="Too weak", actor=approver, at=AT)

    assert letters() == []


def test_a_plan_is_told_with_its_instalments(account, approver):
    approve_decision(decision=make_decision(account=account, kind="PLAN"), actor=approver, at=AT)

    due = PlanInstalment.objects.order_by("number").values_list("due_on", "amount")
    assert DecisionLetter.objects.get().facts["instalments"] == {
        "each": [{"on": on.isoformat(), "amount": f"{amount:.2f}"} for on, amount in due]
    }
    assert len(due) == 24


def test_a_decision_after_a_verification_names_how_and_what_was_established(account, approver):
    case = make_case(account=account)
    verify(case=case, facts=PARTLY)
    decision = Decision.objects.get(case=case)
    approve_decision(decision=decision, actor=approver, at=AT)

    assert DecisionLetter.objects.get().facts["verification"] == {
        "source": "VISIT",
        "on": TODAY.isoformat(),
        "sections": ["IDENTITY", "CAPACITY", "CAUSE"],
    }


def test_a_reward_of_the_standing_job_keeps_the_months_that_earned_it(account, approver):
    numbers = {
        field.name: 0
        for field in AccountFacts._meta.concrete_fields
        if field.get_internal_type() in ("IntegerField", "SmallIntegerField", "DecimalField", "BooleanField")
        and not field.null
    }
    AccountFacts.objects.create(
        **numbers
        | {
            "account": account,
            "borrower": account.borrower,
            "business_date": TODAY,
            "currency": "CNY",
            "product": "CASH",
            "segment": "",
            "territory_id": account.territory_id,
            "status": "ACTIVE",
            "on_time_months": 7,
        }
    )
    make_decision(account=pay_up(account), kind="RATE_REDUCTION")
    approve_decisions(decisions=Decision.objects.all(), actor=approver, at=AT)

    assert DecisionLetter.objects.get().facts["on_time_months"] == 7


def test_the_end_of_a_decision_is_told(account, approver):
    decision = make_decision(account=account, kind="FREEZE", expires_on=TODAY + timedelta(days=5))
    approve_decision(decision=decision, actor=approver, at=AT, note="Read")

    expire_decisions(business_date=LATER.date(), at=LATER)

    assert letters() == [("TAKEN", "WAITING"), ("ENDED", "WAITING")]
    ended = DecisionLetter.objects.get(kind="ENDED")
    assert (ended.facts["decided_on"], ended.facts["happened_on"], ended.happened_on) == (
        "2026-03-02",
        "2026-03-11",
        LATER.date(),
    )


def test_a_proposal_that_lapses_is_told_to_nobody(account):
    make_decision(account=account, expires_on=TODAY)

    expire_decisions(business_date=LATER.date(), at=LATER)

    assert letters() == []


def test_a_reversal_is_told_without_an_upheld_objection(account, approver):
    decision = make_decision(account=account, kind="FREEZE")
    approve_decision(decision=decision, actor=approver, at=AT, note="Read")
    reverse_decision(decision=decision, reason="Wrong account", actor=approver, at=LATER)

    assert letters() == [("TAKEN", "WAITING"), ("REVERSED", "WAITING")]
    assert DecisionLetter.objects.get(kind="REVERSED").facts["upheld"] is False


def test_an_upheld_appeal_is_told_as_such(account, approver, person):
    decision = make_decision(account=account, kind="FREEZE")
    approve_decision(decision=decision, actor=approver, at=AT, note="Read")
    complaint = receive_complaint(
        borrower=account.borrower, kind="APPEAL", subject="I paid", actor=None, at=AT, decision=decision
    )
    answer_complaint(
        complaint=complaint, upheld=True, answer="You did", actor=person("APPROVER", name="second"), at=LATER
    )

    assert DecisionLetter.objects.get(kind="REVERSED").facts["upheld"] is True


@pytest.mark.parametrize(
    ("occasion", "kind"), [("SUSPENDED", "SUSPENDED"), ("RESUMED", "RESUMED"), ("LIFTED", "LIFTED")]
)
def test_other_changes_are_told_once_a_day(account, approver, occasion, kind):
    decision = make_decision(account=account, kind="LIMIT_INCREASE", approved_by=approver, approved_at=AT)
    rows = Decision.objects.filter(pk=decision.pk)

    with transaction.atomic():
        written = [write_letters(decisions=rows, occasion=occasion, at=at) for at in (AT, AT, LATER)]

    assert written == [1, 0, 1]
    assert letters() == [(kind, "WAITING"), (kind, "WAITING")]
    assert OutboxEvent.objects.filter(topic="decision.letter").count() == 2


@pytest.mark.parametrize("count", [1, 3])
def test_write_letters_takes_one_statement_for_any_number(shanghai, django_assert_num_queries, count):
    for _number in range(count):
        make_decision(account=make_account(borrower=make_borrower(territory=shanghai)), approved_at=AT)

    with transaction.atomic(), django_assert_num_queries(1):
        assert write_letters(decisions=Decision.objects.all(), occasion="APPROVED", at=AT) == count


def test_write_letters_of_no_decisions_writes_none(db):
    with transaction.atomic():
        assert write_letters(decisions=Decision.objects.none(), occasion="APPROVED", at=AT) == 0


def test_write_letters_refuses_an_unknown_occasion(db):
    with pytest.raises(ValueError, match="FORGOTTEN"):
        write_letters(decisions=Decision.objects.all(), occasion="FORGOTTEN", at=AT)


@pytest.mark.django_db(transaction=True)
def test_write_letters_needs_the_transaction_of_the_change(shanghai):
    make_decision(account=make_overdue(territory=shanghai))

    with pytest.raises(RuntimeError):
        write_letters(decisions=Decision.objects.all(), occasion="APPROVED", at=AT)


@pytest.mark.parametrize(
    "change",
    [{"kind": "GRANTED"}, {"facts": {}}, {"digest": "0" * 64}, {"happened_on": TODAY - timedelta(days=1)}],
    ids=lambda change: next(iter(change)),
)
def test_the_database_refuses_to_change_a_letter(account, approver, change):
    approve_decision(decision=make_decision(account=account, kind="FREEZE"), actor=approver, at=AT, note="Read")

    with pytest.raises(IntegrityError, match="does not change"), transaction.atomic():
        DecisionLetter.objects.update(**change)


def test_a_letter_is_never_deleted(account, approver):
    approve_decision(decision=make_decision(account=account), actor=approver, at=AT)

    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        DecisionLetter.objects.all().delete()


@pytest.fixture
def plan(account, approver, officer):
    decision = make_decision(account=account, kind="PLAN")
    approve_decision(decision=decision, actor=approver, at=AT)
    return agree_plan(plan=decision.plan, agreement_ref="REC-1", actor=officer, at=AT)


def test_an_agreed_plan_leaves_a_letter_with_the_schedule_that_was_agreed(plan):
    letter = DecisionLetter.objects.get(kind="AGREED")

    due = plan.instalments.order_by("number").values_list("due_on", "amount")
    assert letter.facts["instalments"]["each"] == [{"on": on.isoformat(), "amount": f"{a:.2f}"} for on, a in due]
    assert letter.facts["plan"] == {"rate": f"{plan.annual_rate:.5f}", "total": f"{plan.total_amount:.2f}"}
    assert "missed" not in letter.facts
    assert letters() == [("GRANTED", "WAITING"), ("AGREED", "WAITING")]


def test_a_plan_that_was_not_kept_leaves_a_letter_with_what_was_missed(plan):
    due = list(plan.instalments.order_by("number").values_list("due_on", flat=True))
    plan.instalments.filter(number=1).update(paid_on=due[0])
    on = due[2] + timedelta(days=9)

    assert break_plans(business_date=on, at=AT + (on - TODAY)) == 1

    letter = DecisionLetter.objects.get(kind="BROKEN")
    assert letter.facts["missed"] == {"numbers": [2, 3]}
    assert break_plans(business_date=on, at=AT + (on - TODAY)) == 0
    assert DecisionLetter.objects.filter(kind="BROKEN").count() == 1


def test_a_fulfilled_plan_leaves_one_letter_that_thanks(plan):
    Repayment.objects.create(
        account=plan.account, external_ref="R1", amount=plan.total_amount * 3, paid_on=TODAY, created_at=AT
    )

    settle_repayments(business_date=TODAY, at=LATER)
    settle_repayments(business_date=TODAY, at=LATER)

    assert [kind for kind, _state in letters()] == ["GRANTED", "AGREED", "FULFILLED"]


@pytest.mark.parametrize("count", [1, 3])
def test_break_plans_costs_the_same_for_one_and_three(shanghai, approver, officer, count, django_assert_num_queries):
    for _n in range(count):
        decision = make_decision(account=make_overdue(territory=shanghai), kind="PLAN")
        approve_decision(decision=decision, actor=approver, at=AT)
        agree_plan(plan=decision.plan, agreement_ref="REC-1", actor=officer, at=AT)
    PlanInstalment.objects.filter(number__lte=2).update(due_on=TODAY - timedelta(days=90))

    with django_assert_num_queries(28):
        assert break_plans(business_date=TODAY, at=LATER) == count
