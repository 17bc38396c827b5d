"""Runs and chunks: each range exactly once, whatever happens to its workers."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connection, connections, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, Missing, StateConflict
from cases.models import Account, Case, EvaluationChunk, EvaluationRun, Quarantine, TriggerHit
from cases.services.evaluation import borrower_ranges, chunks, runs
from cases.services.policies import versions
from tests.factories.policy import make_rule, make_version, policy_body
from tests.factories.portfolio import AT, TODAY, make_overdue

LATER = AT + chunks.LEASE + timedelta(seconds=1)
POISON = "999"


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(borrower_ranges, "SMALLEST_CHUNK", 2)


def start(**options: Any) -> EvaluationRun:
    return runs.start_run(**({"job": "TRIGGERS", "business_date": TODAY, "at": AT} | options))


def finish(run: EvaluationRun) -> EvaluationRun:
    while chunks.work_chunk(run_id=run.pk, at=AT):
        pass
    assert runs.settle_run(run_id=run.pk, at=AT)
    run.refresh_from_db()
    return run


def previewed_and_claimed(run: EvaluationRun) -> EvaluationChunk:
    """Preview the run's single chunk, let it through, and claim it to be applied."""
    assert [chunks.work_chunk(run_id=run.pk, at=AT) for _step in range(2)] == [True, True]
    claimed = chunks._claim(run_id=run.pk, at=AT)
    assert claimed is not None
    return claimed[0]


def portfolio(territory: Any, *, size: int = 8) -> list[Account]:
    return [make_overdue(territory=territory, outstanding_principal=60000) for _ in range(size)]


def poison(*, borrower_id: int) -> None:
    """Let the database refuse every case of one borrower."""
    with connection.cursor() as cursor:
        cursor.execute(f"ALTER TABLE cases_case ADD CONSTRAINT poisoned CHECK (borrower_id <> {int(borrower_id)})")


@pytest.mark.django_db
def test_start_run_without_a_policy_names_the_way_out(shanghai: Any) -> None:
    with pytest.raises(Missing, match="install_default_policy"):
        start()


@pytest.mark.django_db
def test_start_run_refuses_a_version_that_is_not_in_force(shanghai: Any) -> None:
    with pytest.raises(InvalidInput):
        start(version=make_version(state="DRAFT"))


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
def test_a_run_works_every_range_and_writes_its_totals(shanghai: Any) -> None:
    portfolio(shanghai)
    make_version()

    run = finish(start())

    assert (run.state, run.account_count, run.hit_count, run.opened_count) == ("FINISHED", 8, 8, 8)
    assert run.chunks.count() == 4
    assert [e.action for e in AuditEntry.objects.order_by("sequence")] == [
        "evaluation.started",
        *["evaluation.chunk_previewed"] * 4,
        "evaluation.previewed",
        *["evaluation.chunk_done"] * 4,
        "evaluation.finished",
    ]


@pytest.mark.django_db
def test_start_run_on_a_finished_day_makes_another_pass_of_the_same_run(shanghai: Any) -> None:
    portfolio(shanghai)
    make_version()
    first = finish(start())

    again = finish(start())

    assert (again.pk, again.passes, again.hit_count, again.opened_count) == (first.pk, 2, 8, 0)
    assert (Case.objects.count(), TriggerHit.objects.count()) == (8, 8)


@pytest.mark.django_db
def test_start_run_on_a_running_day_resumes_it(shanghai: Any) -> None:
    portfolio(shanghai)
    make_version()
    run = start()
    chunks = set(run.chunks.values_list("pk", flat=True))

    again = start()

    assert (again.pk, again.passes, set(again.chunks.values_list("pk", flat=True))) == (run.pk, 1, chunks)


@pytest.mark.django_db
def test_start_run_refuses_a_day_before_the_last_one(shanghai: Any) -> None:
    portfolio(shanghai)
    make_version()
    finish(start())

    with pytest.raises(StateConflict, match="2026-03-02"):
        start(business_date=TODAY - timedelta(days=1))


@pytest.mark.django_db
def test_start_run_cancels_an_unfinished_run_of_an_older_day(shanghai: Any) -> None:
    portfolio(shanghai)
    make_version()
    older = start()

    start(business_date=TODAY + timedelta(days=1))

    older.refresh_from_db()
    assert older.state == "CANCELLED"
    assert not chunks.work_chunk(run_id=older.pk, at=AT)


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
def test_a_borrower_who_fails_is_set_aside_and_everybody_else_finishes(shanghai: Any) -> None:
    accounts = portfolio(shanghai)
    make_version()
    poison(borrower_id=accounts[3].borrower_id)

    run = finish(start())

    aside = Quarantine.objects.get()
    assert (run.state, run.quarantined_count, run.opened_count) == ("FINISHED", 1, 7)
    assert (aside.borrower_id, aside.error) == (accounts[3].borrower_id, "IntegrityError 23514")
    assert not Case.objects.filter(borrower=accounts[3].borrower).exists()
    assert run.chunks.filter(state="DEAD").count() == 1


@pytest.mark.django_db
def test_the_next_pass_resolves_who_was_set_aside(shanghai: Any) -> None:
    accounts = portfolio(shanghai, size=2)
    make_version()
    poison(borrower_id=accounts[0].borrower_id)
    finish(start())
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE cases_case DROP CONSTRAINT poisoned")

    run = finish(start())

    assert (run.quarantined_count, Case.objects.count()) == (0, 2)
    assert Quarantine.objects.get().resolved_at is not None


@pytest.mark.django_db
def test_a_chunk_whose_workers_died_three_times_is_split(shanghai: Any) -> None:
    portfolio(shanghai, size=4)
    make_version()
    run = start()
    EvaluationChunk.objects.update(state="LEASED", attempts=3, leased_until=AT - timedelta(seconds=1))

    chunks.work_chunk(run_id=run.pk, at=AT)

    assert sorted(run.chunks.values_list("state", flat=True)) == ["READY", "READY", "SPLIT"]
    assert finish(run).opened_count == 4


@pytest.mark.django_db
def test_a_lease_that_holds_keeps_others_away_and_one_that_ended_does_not(shanghai: Any) -> None:
    portfolio(shanghai)
    make_version()
    run = start()
    EvaluationChunk.objects.update(state="LEASED", epoch=1, attempts=1, leased_until=AT + chunks.LEASE)

    early, late = (chunks.work_chunk(run_id=run.pk, at=at) for at in (AT, LATER))

    assert (early, late) == (False, True)
    assert run.chunks.get().is_previewed


@pytest.mark.django_db
def test_a_worker_that_lost_its_chunk_writes_nothing(shanghai: Any) -> None:
    portfolio(shanghai)
    make_version()
    run = start()
    claimed = previewed_and_claimed(run)
    EvaluationChunk.objects.update(epoch=9)  # another worker took it over while this one was stopped

    with pytest.raises(chunks.ChunkLost), transaction.atomic():
        chunks._evaluate(chunk=claimed, at=AT)

    assert (TriggerHit.objects.count(), Case.objects.count()) == (0, 0)
    assert not AuditEntry.objects.filter(action="evaluation.chunk_done").exists()


@pytest.mark.django_db
def test_without_its_fence_a_worker_that_lost_its_chunk_would_write(
    shanghai: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test before: it is the fence that refuses, not something else."""
    portfolio(shanghai)
    make_version()
    run = start()
    claimed = previewed_and_claimed(run)
    EvaluationChunk.objects.update(epoch=9)
    monkeypatch.setattr(chunks, "_own_row", lambda chunk: EvaluationChunk.objects.filter(pk=chunk.pk))

    with transaction.atomic():
        chunks._evaluate(chunk=claimed, at=AT)

    assert Case.objects.count() == 8


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("worked_before", [0, 3, 6])
def test_a_policy_activated_during_a_run_counts_from_the_next_one(
    shanghai: Any, risk_manager: Any, approver: Any, worked_before: int
) -> None:
    accounts = portfolio(shanghai)
    before = make_version(rules=[make_rule(value="10000")])
    run = start()
    for _chunk in range(worked_before):
        assert chunks.work_chunk(run_id=run.pk, at=AT)
    after = versions.draft_version(
        body=policy_body(rules=[make_rule(code="NOBODY", value="900000")]), note="", actor=risk_manager, at=AT
    )
    after = versions.submit_version(version=after, actor=risk_manager, at=AT)
    after = versions.approve_version(version=after, actor=approver, at=AT)
    tomorrow = TODAY + timedelta(days=1)

    versions.activate_version(version=after, effective_from=tomorrow, business_date=tomorrow, actor=approver, at=AT)
    finish(run)

    assert run.policy_version == before
    hits = TriggerHit.objects.filter(left_on=None).values_list("account_id", "rule", "policy_version_id")
    assert sorted(hits) == [(account.pk, "LARGE_ARREARS", before.pk) for account in accounts]
    finish(start(business_date=tomorrow))
    assert not TriggerHit.objects.filter(left_on=None).exists()


@pytest.mark.django_db
def test_dry_run_counts_and_writes_nothing(shanghai: Any) -> None:
    portfolio(shanghai)
    version = make_version(state="DRAFT", rules=[make_rule()])

    counted = runs.dry_run(business_date=TODAY, version=version, at=AT)

    assert counted == runs.DryRun(accounts=8, hits=8, opened=8, closed=0)
    assert (TriggerHit.objects.count(), Case.objects.count()) == (0, 0)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_chunks")
def test_two_workers_at_once_share_the_chunks(shanghai: Any) -> None:
    portfolio(shanghai, size=24)
    make_version()
    run = start()
    worked: list[int] = []

    def work() -> None:
        try:
            count = 0
            while chunks.work_chunk(run_id=run.pk, at=AT):
                count += 1
            worked.append(count)
        finally:
            connections.close_all()

    threads = [Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert runs.settle_run(run_id=run.pk, at=AT)
    # Each of eight chunks twice, and the scales between once.
    assert sum(worked) == 2 * 8 + 1
    assert (Case.objects.count(), TriggerHit.objects.count()) == (24, 24)
    assert set(run.chunks.values_list("attempts", flat=True)) == {1}
