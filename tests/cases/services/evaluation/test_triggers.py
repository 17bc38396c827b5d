"""Hits and cases of a range: who enters, who leaves, and what follows."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Account, AccountFacts, Case, CaseEvent, PolicyVersion, RuleMute, TriggerHit
from cases.services.evaluation.triggers import RangeOutcome, evaluate_range
from cases.services.policies.policy_book import book_of
from tests.factories.policy import make_rule, make_upgrade, make_version
from tests.factories.portfolio import AT, TODAY, make_account, make_borrower, make_overdue

pytestmark = pytest.mark.django_db


def evaluate(version: PolicyVersion, *, nights: int = 0) -> RangeOutcome:
    with transaction.atomic():
        return evaluate_range(
            book=book_of({"": version}),
            business_date=TODAY + timedelta(days=nights),
            lower=0,
            upper=2**60,
            at=AT + timedelta(days=nights),
        )


def digest() -> list[Any]:
    with connection.cursor() as cursor:
        found = []
        for model in (AccountFacts, TriggerHit, Case, CaseEvent):
            cursor.execute(f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY id)) FROM {model._meta.db_table} t")  # noqa: S608 - our own table
            found.append(cursor.fetchone())
        return found


def test_evaluate_range_opens_one_case_for_a_borrower_with_two_overdue_accounts(shanghai: Any) -> None:
    borrower = make_borrower(territory=shanghai)
    for _ in range(2):
        make_account(
            borrower=borrower, days_past_due=95, arrears_amount=Decimal(32000), outstanding_principal=Decimal(60000)
        )

    outcome = evaluate(make_version())

    case = Case.objects.get()
    assert outcome == RangeOutcome(accounts=2, hits=2, opened=1, entered=2)
    assert (case.borrower, case.grade, case.priority) == (borrower, "B", 2)
    assert (case.sla_due_on, case.needs_visit_by) == (TODAY + timedelta(days=5), TODAY + timedelta(days=14))
    assert list(CaseEvent.objects.order_by("id").values_list("kind", flat=True)) == [
        "OPENED",
        "TRIGGER_ENTERED",
        "TRIGGER_ENTERED",
    ]


def test_evaluate_range_keeps_what_the_rule_looked_at(shanghai: Any) -> None:
    make_overdue(territory=shanghai, outstanding_principal=Decimal(60000))

    evaluate(make_version())

    assert TriggerHit.objects.get().facts == {
        "currency": "CNY",
        "days_past_due": 95,
        "outstanding_principal": "60000.00",
        "arrears_amount": "32000.00",
    }


def test_evaluate_range_asked_again_writes_nothing(shanghai: Any) -> None:
    make_overdue(territory=shanghai, outstanding_principal=Decimal(60000))
    make_overdue(territory=shanghai, days=5)
    version = make_version()
    evaluate(version)
    before = digest()

    again = evaluate(version)

    assert digest() == before
    assert again == RangeOutcome(accounts=2, hits=1)


def test_evaluate_range_ends_the_hit_and_closes_the_case_when_everything_is_paid(shanghai: Any) -> None:
    account = make_overdue(territory=shanghai, outstanding_principal=Decimal(60000))
    version = make_version()
    evaluate(version)
    Account.objects.update(days_past_due=0, arrears_amount=0)

    outcome = evaluate(version, nights=1)

    case, hit = Case.objects.get(), TriggerHit.objects.get()
    assert outcome == RangeOutcome(closed=1, left=1)
    assert (case.stage, case.close_reason, case.closed_on) == ("CLOSED", "CURED", TODAY + timedelta(days=1))
    assert (hit.account, hit.left_on, case.needs_visit_by) == (account, TODAY + timedelta(days=1), None)


def test_evaluate_range_leaves_a_case_in_other_hands_open_and_withdraws_the_visit(shanghai: Any) -> None:
    make_overdue(territory=shanghai, outstanding_principal=Decimal(60000))
    version = make_version()
    evaluate(version)
    Case.objects.update(stage="VERIFIED")
    Account.objects.update(arrears_amount=100)

    outcome = evaluate(version, nights=1)

    assert (outcome.left, outcome.closed) == (1, 0)
    assert Case.objects.values_list("stage", "needs_visit_by").get() == ("VERIFIED", None)


@pytest.mark.parametrize(("stage", "closed"), [("MONITORED", 1), ("VERIFIED", 1), ("DECIDED", 0), ("VISITING", 0)])
def test_evaluate_range_closes_a_paid_case_unless_somebody_still_has_it_in_hand(
    shanghai: Any, stage: str, closed: int
) -> None:
    make_overdue(territory=shanghai, outstanding_principal=Decimal(60000))
    version = make_version()
    evaluate(version)
    Case.objects.update(stage=stage)
    Account.objects.update(days_past_due=0, arrears_amount=0)

    outcome = evaluate(version, nights=1)

    assert outcome.closed == closed


def test_evaluate_range_records_a_muted_hit_without_a_case(shanghai: Any, risk_manager: Any) -> None:
    account = make_overdue(territory=shanghai, outstanding_principal=Decimal(60000))
    RuleMute.objects.create(
        borrower=account.borrower, rule="LARGE_ARREARS", until=TODAY, why="agreed", set_by=risk_manager, created_at=AT
    )
    version = make_version()

    tonight, tomorrow = evaluate(version), evaluate(version, nights=1)

    assert (tonight.hits, tonight.opened) == (1, 0)
    assert (tomorrow.hits, tomorrow.entered, tomorrow.opened) == (1, 0, 1)


def test_evaluate_range_does_not_ask_for_the_same_visit_every_night(shanghai: Any) -> None:
    make_overdue(territory=shanghai, outstanding_principal=Decimal(60000))
    version = make_version()
    evaluate(version)
    Case.objects.update(stage="IN_WORK", needs_visit_by=None)

    evaluate(version, nights=1)

    assert Case.objects.get().needs_visit_by is None


def test_evaluate_range_asks_for_a_visit_again_when_a_new_reason_arises(
    shanghai: Any, risk_manager: Any, approver: Any
) -> None:
    make_overdue(territory=shanghai, outstanding_principal=Decimal(60000))
    rules = [make_rule(), make_rule(code="OLD", feature="days_past_due", value=96, priority=1)]
    version = make_version(rules=rules)
    evaluate(version)
    Case.objects.update(stage="IN_WORK", needs_visit_by=None)

    evaluate(version, nights=1)

    case = Case.objects.get()
    assert (case.needs_visit_by, case.priority) == (TODAY + timedelta(days=8), 1)


def test_evaluate_range_counts_accounts_whose_currency_has_no_rate_and_leaves_them_alone(shanghai: Any) -> None:
    make_overdue(territory=shanghai, outstanding_principal=Decimal(60000), currency="VND")
    rule = make_rule(when={"not": {"feature": "arrears_amount", "op": "lt", "value": "20000"}})

    outcome = evaluate(make_version(rules=[rule]))

    assert (outcome.uncompared, outcome.hits, Case.objects.count()) == (1, 0, 0)


def test_evaluate_range_compares_amounts_through_the_rate(shanghai: Any) -> None:
    for arrears in ("87999", "88000"):
        make_overdue(territory=shanghai, arrears=arrears, outstanding_principal=Decimal(880000), currency="TWD")

    outcome = evaluate(make_version(rules=[make_rule()]))

    assert outcome.hits == 1


def test_evaluate_range_opens_a_desk_case_for_a_territory_under_review(
    shanghai: Any, chengdu: Any, risk_manager: Any, approver: Any
) -> None:
    for territory in (shanghai, chengdu):
        make_overdue(territory=territory, days=40, arrears="6000")
    make_upgrade(raised_by=risk_manager, approved_by=approver, territory=chengdu)
    make_upgrade(raised_by=risk_manager, approved_by=None, territory=shanghai)

    evaluate(make_version())

    case = Case.objects.get()
    assert (case.territory, case.priority, case.needs_visit_by) == (chengdu, 3, None)


def test_evaluate_range_touches_only_its_borrowers(shanghai: Any) -> None:
    first, second = (make_overdue(territory=shanghai, outstanding_principal=Decimal(60000)) for _ in range(2))

    with transaction.atomic():
        evaluate_range(
            book=book_of({"": make_version()}),
            business_date=TODAY,
            lower=first.borrower_id,
            upper=second.borrower_id,
            at=AT,
        )

    assert [case.borrower_id for case in Case.objects.all()] == [first.borrower_id]


@pytest.mark.parametrize("borrowers", [1, 3, 50])
def test_evaluate_range_takes_the_same_statements_for_any_number(shanghai: Any, borrowers: int) -> None:
    for _ in range(borrowers):
        make_overdue(territory=shanghai, outstanding_principal=Decimal(60000))
    version = make_version()

    with CaptureQueriesContext(
        connection,
    ) as captured:
        evaluate(version)

    # savepoint 2; how to join 6; facts 3 (stale, upsert, count); new cases, judged; mute, turn, open and regrade, close, count
    assert len(captured) == 18
