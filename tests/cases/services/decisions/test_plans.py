"""Plans: agreed on record, settled oldest first, reviewed when broken."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import RepaymentPlan, TermsChange
from cases.services.casework.digests import text_digest
from cases.services.decisions.expiry import expire_decisions
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.plans import agree_plan, break_plans, settle_instalments
from tests.cases.services.casework.test_promises import pay
from tests.clear_text import tables_with
from tests.factories.casework import AT, PARTLY, TODAY, make_case, verify
from tests.factories.holidays import NOTICE_2027, notice_of, put_in_use
from tests.factories.portfolio import make_overdue


@pytest.fixture
def account(shanghai):
    return make_overdue(territory=shanghai, annual_rate=Decimal("0.30"))


@pytest.fixture
def offered(account, approver):
    decision = verify(case=make_case(account=account), facts=PARTLY).decisions.get()
    approve_decision(decision=decision, actor=approver, at=AT)
    return decision.plan


def test_agree_plan_stops_collection_and_brings_its_rate(offered, account, officer):
    agree_plan(plan=offered, agreement_ref="REC-77", actor=officer, at=AT)

    offered.refresh_from_db()
    assert (offered.state, offered.agreement_ref) == ("ACTIVE", "REC-77")
    lines = TermsChange.objects.order_by("field").values_list("field", "before", "after", "expires_on")
    assert list(lines) == [("COLLECTION", "NORMAL", "ON_PLAN", None), ("RATE", "0.30000", "0.21841", None)]


def test_agree_plan_keeps_only_the_digest_of_the_reference_in_the_trail(offered, officer):
    agree_plan(plan=offered, agreement_ref="Call with Feng Yi", actor=officer, at=AT)

    body = AuditEntry.objects.get(action="plan.agreed").body
    assert body["agreement_digest"] == text_digest(text="Call with Feng Yi", kind="plan.agreement")
    assert "audit_auditentry" not in tables_with("Feng Yi")


def test_agree_plan_reckons_from_the_day_that_was_agreed(offered, officer):
    agree_plan(plan=offered, agreement_ref="REC-77", actor=officer, at=AT, starts_on=TODAY + timedelta(days=10))

    first = offered.instalments.order_by("number").first()
    assert (first.due_on, offered.instalments.count()) == (TODAY + timedelta(days=10), 24)


def test_agree_plan_needs_the_recording_or_the_paper(offered, officer):
    with pytest.raises(InvalidInput):
        agree_plan(plan=offered, agreement_ref=" ", actor=officer, at=AT)
    with pytest.raises(IntegrityError, match="active_plan_has_agreement"), transaction.atomic():
        RepaymentPlan.objects.update(state="ACTIVE")


def test_agree_plan_is_the_case_officers_work(offered, approver):
    with pytest.raises(NotAllowed):
        agree_plan(plan=offered, agreement_ref="REC-77", actor=approver, at=AT)


def test_agree_plan_second_caller_loses(offered, officer):
    stale = RepaymentPlan.objects.get(pk=offered.pk)
    agree_plan(plan=offered, agreement_ref="REC-77", actor=officer, at=AT)

    with pytest.raises(StateConflict):
        agree_plan(plan=stale, agreement_ref="REC-78", actor=officer, at=AT)


def test_offer_lapses_but_an_agreed_plan_does_not(offered, officer):
    assert expire_decisions(business_date=TODAY + timedelta(days=31), at=AT) == 0
    agree_plan(plan=offered, agreement_ref="REC-77", actor=officer, at=AT)

    assert expire_decisions(business_date=TODAY + timedelta(days=500), at=AT) == 0


def test_offer_that_nobody_took_up_is_called_off(offered):
    expire_decisions(business_date=TODAY + timedelta(days=32), at=AT)

    offered.refresh_from_db()
    assert (offered.state, TermsChange.objects.count()) == ("CANCELLED", 0)


def test_settle_instalments_pays_the_oldest_first(offered, account, officer):
    agree_plan(plan=offered, agreement_ref="REC-77", actor=officer, at=AT)
    first, second = offered.instalments.order_by("number")[:2]
    pay(account, first.amount, TODAY - timedelta(days=1))
    pay(account, first.amount, TODAY)
    pay(account, second.amount - 1, TODAY + timedelta(days=20))

    assert settle_instalments(business_date=TODAY + timedelta(days=25), at=AT) == 1
    pay(account, "1", TODAY + timedelta(days=26))
    assert settle_instalments(business_date=TODAY + timedelta(days=26), at=AT) == 1

    paid = offered.instalments.order_by("number").values_list("paid_on", flat=True)
    assert list(paid[:3]) == [TODAY, TODAY + timedelta(days=26), None]


def test_settle_instalments_fulfils_a_plan_that_is_paid(offered, account, officer):
    agree_plan(plan=offered, agreement_ref="REC-77", actor=officer, at=AT)
    pay(account, sum(i.amount for i in offered.instalments.all()), TODAY)

    assert settle_instalments(business_date=TODAY, at=AT) == 24

    offered.refresh_from_db()
    assert offered.state == "FULFILLED"


def test_break_plans_brings_the_case_back_to_a_person(offered, officer):
    agree_plan(plan=offered, agreement_ref="REC-77", actor=officer, at=AT)
    case = offered.decision.case

    break_plans(business_date=TODAY + timedelta(days=60), at=AT)

    offered.refresh_from_db()
    case.refresh_from_db()
    assert (offered.state, offered.decision.state, case.stage) == ("BROKEN", "EXPIRED", "IN_WORK")
    # Collection is as before; the rate of the plan stays.
    assert list(TermsChange.objects.order_by("pk").values_list("field", "after")) == [
        ("COLLECTION", "ON_PLAN"),
        ("RATE", "0.21841"),
        ("COLLECTION", "NORMAL"),
    ]


@pytest.mark.parametrize(("today", "broken"), [(date(2026, 10, 11), 0), (date(2026, 10, 12), 1)])
def test_instalments_due_in_the_break_of_national_day_are_missed_after_it(offered, officer, today, broken):
    agree_plan(plan=offered, agreement_ref="REC-77", actor=officer, at=AT)
    offered.instalments.exclude(number__in=(1, 2)).delete()
    offered.instalments.update(due_on=date(2026, 10, 1))

    assert break_plans(business_date=today, at=AT) == broken


@pytest.mark.parametrize(
    ("entered", "today", "broken"),
    [
        # Friday 8 October is worked by statute; as entered it is a holiday, and Saturday the 9th is worked.
        (False, date(2027, 10, 11), 0),
        (False, date(2027, 10, 12), 1),
        (True, date(2027, 10, 12), 0),
        (True, date(2027, 10, 13), 1),
    ],
)
def test_instalments_due_in_a_break_that_staff_have_entered_are_missed_after_it(
    offered, officer, risk_manager, approver, entered, today, broken
):
    agree_plan(plan=offered, agreement_ref="REC-77", actor=officer, at=AT)
    offered.instalments.exclude(number__in=(1, 2)).delete()
    offered.instalments.update(due_on=date(2027, 10, 8))
    if entered:
        put_in_use(notice=NOTICE_2027, made_by=risk_manager, confirmed_by=approver)

    assert break_plans(business_date=today, at=AT) == broken


@pytest.mark.parametrize(("territory", "broken"), [("shanghai", 0), ("chengdu", 1)])
def test_a_regional_holiday_delays_only_the_plans_of_its_territory(
    offered, officer, risk_manager, approver, request, territory, broken
):
    agree_plan(plan=offered, agreement_ref="REC-77", actor=officer, at=AT)
    offered.instalments.exclude(number__in=(1, 2)).delete()
    offered.instalments.update(due_on=date(2026, 4, 2))
    notice = notice_of(2026, NATIONAL_DAY=(date(2026, 4, 2), date(2026, 4, 2)))
    put_in_use(notice=notice, made_by=risk_manager, confirmed_by=approver, territory=request.getfixturevalue(territory))

    # Three days of grace after Thursday, in Shanghai after Friday.
    assert break_plans(business_date=date(2026, 4, 6), at=AT) == broken
