"""The case of a person with several borrowers follows from the hits of all of them, in a night and in a re-evaluation."""

from datetime import timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.test.utils import CaptureQueriesContext

from cases.models import Account, Borrower, Case, CaseEvent, DueEvaluation, EvaluationChunk, RuleMute, TriggerHit
from cases.services.casework.reevaluation import mark_for_reevaluation
from cases.services.evaluation import borrower_ranges, chunks, runs
from cases.services.evaluation.people import apply_people, apply_people_of, people_of
from cases.services.evaluation.reevaluation import reevaluate_due
from cases.services.evaluation.triggers import RangeOutcome, evaluate_range
from cases.services.policies.policy_book import book_of
from tests.factories.people import merged_by_number
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import AT, TODAY, make_borrower, make_overdue

RULES = [make_rule(), make_rule(code="OLD", feature="days_past_due", value=120, priority=1)]
LATER = AT + timedelta(hours=1, microseconds=5)


@pytest.fixture(autouse=True)
def _a_chunk_for_each_borrower(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(borrower_ranges, "SMALLEST_CHUNK", 1)
    monkeypatch.setattr(borrower_ranges, "CHUNKS_WANTED", 20)


def one_person(territory: Any, approver: Any, *days: int, principal: int = 60000) -> list[Account]:
    """Make a person with one borrower for each number of days past due; without days nothing is owed."""
    accounts = [
        make_overdue(
            territory=territory,
            days=each,
            arrears="32000" if each else "0",
            outstanding_principal=Decimal(principal),
        )
        for each in days
    ]
    merged_by_number(*(account.borrower for account in accounts), approver=approver)
    DueEvaluation.objects.all().delete()
    return accounts


def night(*, nights: int = 0, reverse: bool = False) -> Any:
    at = AT + timedelta(days=nights)
    Account.objects.update(as_of=TODAY + timedelta(days=nights))
    run = runs.start_run(job="TRIGGERS", business_date=TODAY + timedelta(days=nights), at=at)
    if reverse:
        ranges = list(run.chunks.filter(of_people=False).order_by("-lower").values_list("lower", "upper"))
        run.chunks.filter(of_people=False).delete()
        for lower, upper in ranges:
            EvaluationChunk.objects.create(run=run, lower=lower, upper=upper, updated_at=at)
    while chunks.work_chunk(run_id=run.pk, at=at):
        pass
    assert runs.settle_run(run_id=run.pk, at=at)
    run.refresh_from_db()
    return run


def pay(account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(days_past_due=0, arrears_amount=0)


def events() -> list[Any]:
    return list(CaseEvent.objects.order_by("pk").values_list("case", "kind", "body__account"))


@pytest.mark.django_db
def test_one_case_is_opened_at_the_borrower_with_the_gravest_reason_and_counts_all_accounts(
    shanghai: Any, chengdu: Any, approver: Any
) -> None:
    make_version(rules=RULES)
    mild, grave, clean = one_person(shanghai, approver, 95, 150, 0, principal=300_000)
    Borrower.objects.filter(pk=grave.borrower_id).update(territory=chengdu)

    run = night()

    case = Case.objects.get()
    person = Borrower.objects.get(pk=clean.borrower_id).person_id
    assert (case.borrower_id, case.person_id, case.territory) == (grave.borrower_id, person, chengdu)
    # Each account alone would be B: together they are worth an A.
    assert (case.grade, case.priority) == ("A", 1)
    assert (run.state, run.opened_count, run.hit_count) == ("FINISHED", 1, 3)
    assert events() == [
        (case.pk, "OPENED", None),
        (case.pk, "TRIGGER_ENTERED", mild.pk),
        (case.pk, "TRIGGER_ENTERED", grave.pk),
        (case.pk, "TRIGGER_ENTERED", grave.pk),
    ]


@pytest.mark.django_db
def test_of_equal_reasons_the_borrower_with_the_smallest_number_gets_the_case(shanghai: Any, approver: Any) -> None:
    make_version(rules=RULES)
    first, _other = one_person(shanghai, approver, 95, 95)

    night()

    assert Case.objects.get().borrower_id == first.borrower_id


@pytest.mark.django_db
@pytest.mark.parametrize("reverse", [False, True])
def test_the_case_is_kept_while_any_borrower_has_a_reason_and_closed_when_none_has(
    shanghai: Any, approver: Any, reverse: bool
) -> None:
    make_version(rules=RULES)
    mild, grave = one_person(shanghai, approver, 95, 150)
    night(reverse=reverse)
    case = Case.objects.get()

    pay(grave)
    night(nights=1, reverse=reverse)
    case.refresh_from_db()
    kept = (case.stage, case.borrower_id, case.grade, case.priority)
    pay(mild)
    last = night(nights=2, reverse=reverse)

    assert kept == ("OPEN", grave.borrower_id, "B", 2)
    case = Case.objects.get()
    assert (case.stage, case.close_reason, case.closed_on) == ("CLOSED", "CURED", TODAY + timedelta(days=2))
    assert last.closed_count == 1
    assert events()[4:] == [
        (case.pk, "TRIGGER_LEFT", grave.pk),
        (case.pk, "TRIGGER_LEFT", grave.pk),
        (case.pk, "REGRADED", None),
        (case.pk, "TRIGGER_LEFT", mild.pk),
        (case.pk, "CLOSED", None),
    ]


@pytest.mark.django_db
def test_a_case_in_other_hands_closes_only_when_no_borrower_owes_anything(shanghai: Any, approver: Any) -> None:
    make_version(rules=RULES)
    first, second = one_person(shanghai, approver, 95, 95)
    night()
    Case.objects.update(stage="VERIFIED")

    pay(first)
    Account.objects.filter(pk=second.pk).update(days_past_due=0, arrears_amount=100)
    assert night(nights=1).closed_count == 0
    pay(second)
    assert night(nights=2).closed_count == 1


@pytest.mark.django_db
def test_a_new_reason_of_a_linked_borrower_asks_for_a_visit_once(shanghai: Any, approver: Any) -> None:
    make_version(rules=RULES)
    _first, clean = one_person(shanghai, approver, 95, 0)
    night()
    Case.objects.update(stage="IN_WORK", needs_visit_by=None)
    night(nights=1)
    asked = [Case.objects.get().needs_visit_by]
    Account.objects.filter(pk=clean.pk).update(days_past_due=150, arrears_amount=32000)
    night(nights=2)
    asked.append(Case.objects.get().needs_visit_by)
    Case.objects.update(needs_visit_by=None)
    night(nights=2)  # the same business date once more
    asked.append(Case.objects.get().needs_visit_by)

    assert asked == [None, TODAY + timedelta(days=2 + 7), None]


@pytest.mark.django_db
def test_a_muted_reason_opens_no_case(shanghai: Any, approver: Any, risk_manager: Any) -> None:
    make_version(rules=RULES)
    first, _clean = one_person(shanghai, approver, 95, 0)
    RuleMute.objects.create(
        borrower=first.borrower, rule="LARGE_ARREARS", until=TODAY, why="agreed", set_by=risk_manager, created_at=AT
    )

    assert (night().opened_count, night(nights=1).opened_count) == (0, 1)


@pytest.mark.django_db
def test_the_same_rows_come_out_whichever_chunk_is_first(shanghai: Any, approver: Any) -> None:
    make_version(rules=RULES)
    for days in ((95, 150), (150, 95, 0), (0, 95)):
        one_person(shanghai, approver, *days)
    make_overdue(territory=shanghai, outstanding_principal=Decimal(60000))
    found = []
    for reverse in (False, True):
        with transaction.atomic():
            night(reverse=reverse)
            fields = ("borrower", "person", "stage", "grade", "priority", "needs_visit_by", "sla_due_on")
            found.append(list(Case.objects.order_by("borrower").values_list(*fields)))
            transaction.set_rollback(True)

    assert len(found[0]) == 4
    assert found[0] == found[1]


@pytest.mark.django_db
def test_a_circumstance_of_one_borrower_is_judged_for_the_person_within_seconds(shanghai: Any, approver: Any) -> None:
    make_version(rules=RULES)
    first, second = one_person(shanghai, approver, 95, 95)
    night()
    answers = []
    for account in (first, second):
        pay(account)
        with transaction.atomic():
            mark_for_reevaluation(borrowers=[account.borrower_id], at=LATER)
        assert reevaluate_due(business_date=TODAY, at=LATER) == 1
        answers.append(Case.objects.get().stage)

    assert answers == ["OPEN", "CLOSED"]


@pytest.mark.django_db
@pytest.mark.parametrize("people", [1, 4])
def test_people_take_the_same_statements_for_any_number(shanghai: Any, approver: Any, people: int) -> None:
    version = make_version(rules=RULES)
    for _each in range(people):
        one_person(shanghai, approver, 95, 150)
    book = book_of({"": version})
    with transaction.atomic():
        evaluate_range(book=book, business_date=TODAY, lower=0, upper=2**60, at=AT)
        with CaptureQueriesContext(connection) as captured:
            outcome = apply_people(book=book, business_date=TODAY, lower=0, upper=2**60, first_new=0, at=AT)

    assert outcome == RangeOutcome(opened=people)
    assert len(captured) == 4  # how to join 2; open and regrade; close


@pytest.mark.django_db
def test_who_is_a_person_by_themself_is_not_touched(shanghai: Any, approver: Any) -> None:
    version = make_version(rules=RULES)
    alone = make_overdue(territory=shanghai, outstanding_principal=Decimal(60000)).borrower
    first, _second = one_person(shanghai, approver, 95, 95)
    person = Borrower.objects.get(pk=first.borrower_id).person_id
    with transaction.atomic(), CaptureQueriesContext(connection) as captured:
        outcome = apply_people_of(
            book=book_of({"": version}), business_date=TODAY, borrowers=[alone.pk], first_new=None, at=AT
        )

    assert (outcome, len(captured)) == (RangeOutcome(), 1)
    assert people_of(borrowers=[alone.pk, first.borrower_id]) == {person}


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_judge_one_person_see_what_the_other_found(shanghai: Any, approver: Any) -> None:
    """Both reasons end at once in two transactions: the second to judge the person closes the case."""
    version = make_version(rules=RULES)
    accounts = one_person(shanghai, approver, 95, 95)
    night()
    Account.objects.update(days_past_due=0, arrears_amount=0)
    book = book_of({"": version})

    def judge(borrower: int) -> None:
        of_all = {"book": book, "business_date": TODAY, "at": LATER}
        evaluate_range(lower=borrower, upper=borrower + 1, **of_all)
        apply_people_of(borrowers=[borrower], first_new=None, **of_all)

    def judge_second() -> None:
        try:
            with transaction.atomic():
                judge(accounts[1].borrower_id)
        finally:
            connections.close_all()

    other = Thread(target=judge_second)
    with transaction.atomic():
        judge(accounts[0].borrower_id)
        other.start()
        other.join(timeout=0.7)
        assert other.is_alive()
    other.join()

    assert not TriggerHit.objects.filter(left_on__isnull=True).exists()
    assert Case.objects.get().stage == "CLOSED"


@pytest.mark.django_db(transaction=True)
def test_two_workers_beside_each_other_open_one_case_a_person(shanghai: Any, approver: Any) -> None:
    make_version(rules=RULES)
    for _each in range(3):
        one_person(shanghai, approver, 95, 150)
    run = runs.start_run(job="TRIGGERS", business_date=TODAY, at=AT)

    def work() -> None:
        try:
            while not runs.settle_run(run_id=run.pk, at=AT):
                while chunks.work_chunk(run_id=run.pk, at=AT):
                    pass
        finally:
            connections.close_all()

    workers = [Thread(target=work) for _each in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(timeout=60)

    run.refresh_from_db()
    assert (run.state, run.opened_count, Case.objects.count()) == ("FINISHED", 3, 3)
    assert Case.objects.values("person").distinct().count() == 3


@pytest.mark.django_db
def test_facts_know_the_open_case_of_the_person(shanghai: Any, approver: Any) -> None:
    make_version(rules=RULES)
    first, second = one_person(shanghai, approver, 95, 150)
    night()

    night(nights=1)

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT account_id, has_open_case FROM cases_accountfacts WHERE business_date = %s ORDER BY account_id",
            [TODAY + timedelta(days=1)],
        )
        assert cursor.fetchall() == [(first.pk, True), (second.pk, True)]


@pytest.mark.django_db
def test_a_borrower_who_joins_without_a_reason_changes_nothing(shanghai: Any, approver: Any) -> None:
    make_version(rules=RULES)
    account = make_overdue(territory=shanghai, outstanding_principal=Decimal(60000))
    night()
    before = Case.objects.values().get()

    merged_by_number(account.borrower, make_borrower(territory=shanghai, id_number=""), approver=approver)
    night(nights=1)

    after = Case.objects.values().get()
    assert after == before | {"person_id": Borrower.objects.get(pk=account.borrower_id).person_id}
