"""Re-evaluation of single borrowers between two runs: who becomes due, when they are evaluated, when they wait."""

from collections.abc import Callable
from datetime import timedelta
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction

from backoffice.audit.models import AuditEntry
from cases.models import (
    AccountFacts,
    Borrower,
    Case,
    CaseEvent,
    DueEvaluation,
    EvaluationRun,
    PolicyTerm,
    Repayment,
    TriggerHit,
)
from cases.services.casework import circumstances, contacts, mutes
from cases.services.casework.reevaluation import FEW, mark_for_reevaluation
from cases.services.evaluation import chunks, reevaluation, run_control, run_locks, runs
from cases.services.evaluation.reevaluation import MAX_ATTEMPTS, reevaluate_due
from cases.services.evaluation.run_locks import try_share_run_start
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import AT, TODAY, make_account, make_borrower, make_overdue

LATER = AT + timedelta(hours=1)


def night(**options: Any) -> EvaluationRun:
    run = runs.start_run(**({"job": "TRIGGERS", "business_date": TODAY, "at": AT} | options))
    while chunks.work_chunk(run_id=run.pk, at=AT):
        pass
    assert runs.settle_run(run_id=run.pk, at=AT)
    return run


def make_due(*borrowers: Borrower) -> None:
    with transaction.atomic():
        mark_for_reevaluation(borrowers=[borrower.pk for borrower in borrowers], at=LATER)


def work(**options: Any) -> int:
    return reevaluate_due(**({"business_date": TODAY, "at": LATER} | options))


@pytest.mark.django_db
def test_a_protecting_circumstance_closes_the_case_and_its_end_opens_one(shanghai: Any, officer: Any) -> None:
    make_version()
    borrower = make_overdue(territory=shanghai, outstanding_principal=60000).borrower
    make_overdue(territory=shanghai, outstanding_principal=60000)
    night()

    circumstances.set_flag(borrower=borrower, kind="HARDSHIP", source="CALL", actor=officer, at=LATER)
    assert (work(), work()) == (1, 0)
    assert Case.objects.get(borrower=borrower).close_reason == "TRIGGERS_LEFT"
    circumstances.clear_flag(borrower=borrower, kind="HARDSHIP", reason="over", actor=officer, at=LATER)
    assert work() == 1

    assert list(Case.objects.filter(borrower=borrower).order_by("pk").values_list("stage", flat=True)) == [
        "CLOSED",
        "OPEN",
    ]
    assert Case.objects.count() == 3
    assert not DueEvaluation.objects.exists()
    bodies = AuditEntry.objects.filter(action="evaluation.renewed").order_by("sequence").values_list("body", flat=True)
    assert [(b["left"], b["closed"], b["entered"], b["opened"]) for b in bodies] == [(1, 1, 0, 0), (0, 0, 1, 1)]


@pytest.mark.django_db
def test_contacts_and_mutes_make_their_borrower_due(shanghai: Any, officer: Any, risk_manager: Any) -> None:
    one, other = (make_borrower(territory=shanghai) for _ in range(2))
    contacts.record_contact(borrower=one, channel="VOICE", outcome="NO_ANSWER", actor=officer, at=AT)
    mutes.mute_rule(borrower=other, rule="LARGE_ARREARS", until=TODAY, why="seen", actor=risk_manager, at=AT)

    assert set(DueEvaluation.objects.values_list("borrower_id", flat=True)) == {one.pk, other.pk}


@pytest.mark.django_db
def test_a_muted_reason_closes_its_case_at_once(shanghai: Any, risk_manager: Any) -> None:
    make_version()
    borrower = make_overdue(territory=shanghai, outstanding_principal=60000).borrower
    night()

    mutes.mute_rule(borrower=borrower, rule="LARGE_ARREARS", until=TODAY, why="seen", actor=risk_manager, at=LATER)
    work()

    assert TriggerHit.objects.get().muted
    assert Case.objects.get().stage == "CLOSED"


@pytest.mark.django_db
def test_reevaluation_and_the_next_pass_of_the_run_write_the_same(shanghai: Any, officer: Any) -> None:
    make_version()
    accounts = [make_overdue(territory=shanghai, outstanding_principal=60000) for _ in range(6)]
    night()
    for account in accounts[:4]:
        Repayment.objects.create(account=account, external_ref=f"R{account.pk}", amount=1, paid_on=TODAY, created_at=AT)
        circumstances.set_flag(borrower=account.borrower, kind="DISPUTED", source="CALL", actor=officer, at=LATER)
    with transaction.atomic():
        make_due(*(account.borrower for account in accounts))
        assert work() == 6

    def state() -> list[Any]:
        tables = (AccountFacts, TriggerHit, Case, CaseEvent)
        return [sorted(map(repr, table.objects.values())) for table in tables]

    before = state()
    night(at=LATER)
    assert state() == before


@pytest.mark.owner_rights
@pytest.mark.django_db
def test_the_policies_of_the_last_run_judge_until_the_next_run(shanghai: Any) -> None:
    own = make_version(rules=[make_rule(value="90000")])
    night()
    PolicyTerm.objects.all().delete()
    own.state = "RETIRED"
    own.save()
    make_version(number=2, rules=[make_rule(value="100")])
    borrower = make_overdue(territory=shanghai, outstanding_principal=60000, arrears="50000").borrower

    make_due(borrower)
    assert work() == 1
    assert not TriggerHit.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["RUNNING", "PAUSED", "HELD"])
def test_reevaluation_waits_while_a_run_is_not_finished(shanghai: Any, state: str) -> None:
    make_version()
    make_due(make_overdue(territory=shanghai, outstanding_principal=60000).borrower)
    run = night()
    EvaluationRun.objects.filter(pk=run.pk).update(state=state)

    assert work() == 0
    assert DueEvaluation.objects.count() == 1
    EvaluationRun.objects.filter(pk=run.pk).update(state="FINISHED")
    assert work() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(("days", "judged"), [(-1, 0), (0, 1), (1, 1), (2, 0)])
def test_reevaluation_follows_the_last_run_by_at_most_a_day(shanghai: Any, days: int, judged: int) -> None:
    make_version()
    make_due(make_overdue(territory=shanghai, outstanding_principal=60000).borrower)
    assert work() == 0
    night()

    assert work(business_date=TODAY + timedelta(days=days)) == judged


@pytest.mark.django_db
def test_a_day_that_a_called_off_run_has_begun_is_not_followed_by_an_older_one(shanghai: Any) -> None:
    version = make_version()
    make_due(make_overdue(territory=shanghai, outstanding_principal=60000).borrower)
    night()
    EvaluationRun.objects.create(
        job="TRIGGERS",
        business_date=TODAY + timedelta(days=1),
        policy_version=version,
        state="CANCELLED",
        started_at=AT,
        updated_at=AT,
    )

    assert work() == 0


@pytest.mark.django_db
def test_what_is_written_while_somebody_is_judged_stays_due(shanghai: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    make_version()
    borrower = make_overdue(territory=shanghai, outstanding_principal=60000).borrower
    night()
    make_due(borrower)
    judge = reevaluation.evaluate_range

    def judge_and_write(**range_of: Any) -> Any:
        outcome = judge(**range_of)
        make_due(borrower)
        return outcome

    monkeypatch.setattr(reevaluation, "evaluate_range", judge_and_write)
    work()
    assert DueEvaluation.objects.count() == 1
    monkeypatch.setattr(reevaluation, "evaluate_range", judge)
    assert (work(), DueEvaluation.objects.count()) == (1, 0)


@pytest.mark.owner_rights
@pytest.mark.django_db
def test_failing_borrower_stays_due_alone_until_the_last_attempt(shanghai: Any) -> None:
    make_version()
    people = [make_overdue(territory=shanghai, outstanding_principal=60000).borrower for _ in range(4)]
    night()
    Case.objects.all().delete()
    TriggerHit.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE cases_case ADD CONSTRAINT poisoned CHECK (borrower_id <> {people[1].pk})")
    make_due(*people)

    assert work() == 3
    row = DueEvaluation.objects.get()
    assert (row.borrower_id, row.attempts, row.last_error) == (people[1].pk, 1, "IntegrityError 23514")
    assert work() == 0
    assert DueEvaluation.objects.get().attempts == 1
    for day in range(1, 9):
        work(at=LATER + timedelta(days=day))
    assert DueEvaluation.objects.get().attempts == MAX_ATTEMPTS
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cases_case DROP CONSTRAINT poisoned")
    # A new write is a new chance, at once.
    make_due(people[1])
    assert (work(), Case.objects.count()) == (1, 4)


@pytest.mark.django_db
def test_more_than_the_limit_are_left_to_the_next_run(shanghai: Any) -> None:
    borrower = make_borrower(territory=shanghai)
    with transaction.atomic():
        assert mark_for_reevaluation(borrowers=range(1, FEW + 2), at=AT) == 0
        assert mark_for_reevaluation(borrowers=Borrower.objects.values_list("pk", flat=True), at=AT) == 1
        assert mark_for_reevaluation(borrowers=[borrower.pk, borrower.pk], at=AT) == 1
        assert mark_for_reevaluation(borrowers=[], at=AT) == 0


@pytest.mark.django_db
def test_a_write_of_the_same_moment_is_told_from_the_one_before(shanghai: Any) -> None:
    borrower = make_borrower(territory=shanghai)
    make_due(borrower)
    first = DueEvaluation.objects.get().due_at
    make_due(borrower)

    assert DueEvaluation.objects.get().due_at > first


@pytest.mark.django_db
def test_a_paid_account_has_no_facts_of_an_overdue_one(shanghai: Any) -> None:
    make_version()
    account = make_overdue(territory=shanghai, outstanding_principal=60000)
    make_account(borrower=account.borrower)
    night()
    account.days_past_due, account.arrears_amount = 0, 0
    account.save()
    make_due(account.borrower)

    assert work() == 1
    assert not AccountFacts.objects.exists()
    assert Case.objects.get().close_reason == "CURED"


@pytest.mark.django_db(transaction=True)
def test_run_and_reevaluation_wait_for_each_other(shanghai: Any) -> None:
    make_version()
    make_due(make_overdue(territory=shanghai, outstanding_principal=60000).borrower)
    night()
    begun, go_on = Event(), Event()

    def elsewhere(task: Callable[[], None]) -> Thread:
        def run() -> None:
            try:
                task()
            finally:
                connections.close_all()

        thread = Thread(target=run)
        thread.start()
        return thread

    def judge() -> None:
        with transaction.atomic():
            assert try_share_run_start()
            begun.set()
            assert go_on.wait(20)

    single = elsewhere(judge)
    assert begun.wait(20)
    started: list[EvaluationRun] = []
    run = elsewhere(lambda: started.append(runs.start_run(job="TRIGGERS", business_date=TODAY, at=LATER)))
    run.join(0.5)
    assert (run.is_alive(), started) == (True, [])
    go_on.set()
    single.join()
    run.join()
    assert started[0].passes == 2
    assert work() == 0

    with transaction.atomic():
        due_run = EvaluationRun.objects.get()
        run_locks.lock_run_start()
        held: list[bool] = []

        def ask() -> None:
            with transaction.atomic():
                held.append(try_share_run_start())

        elsewhere(ask).join()
        assert (held, due_run.state) == ([False], "RUNNING")
    assert run_control.lock_run_start is run_locks.lock_run_start


@pytest.mark.owner_rights
@pytest.mark.django_db(transaction=True)
def test_two_workers_judge_each_borrower_once(shanghai: Any) -> None:
    make_version()
    people = [make_overdue(territory=shanghai, outstanding_principal=60000).borrower for _ in range(40)]
    night()
    Case.objects.all().delete()
    TriggerHit.objects.all().delete()
    make_due(*people)
    judged: list[int] = []

    def worker() -> None:
        try:
            judged.append(work())
        finally:
            connections.close_all()

    threads = [Thread(target=worker) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while work():
        pass

    assert not DueEvaluation.objects.exists()
    assert (TriggerHit.objects.count(), Case.objects.count()) == (40, 40)
    assert CaseEvent.objects.filter(kind="TRIGGER_ENTERED").count() == 40
