"""Chunks: each range is evaluated exactly once, even if workers die, freeze or return late."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import connections, transaction

from backoffice.audit.models import AuditEntry
from cases.models import Case, EvaluationChunk, Quarantine, TriggerHit
from cases.services.evaluation import borrower_ranges, chunks, runs
from tests.factories.policy import make_version
from tests.factories.portfolio import AT
from tests.factories.runs import make_portfolio, preview_and_claim, refuse_cases_of, start, work


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(borrower_ranges, "SMALLEST_CHUNK", 2)


LATER = AT + chunks.LEASE + timedelta(seconds=1)


@pytest.mark.owner_rights
@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
def test_a_borrower_who_fails_is_set_aside_and_everybody_else_finishes(shanghai: Any) -> None:
    accounts = make_portfolio(territory=shanghai)
    make_version()
    refuse_cases_of(borrower_id=accounts[3].borrower_id)

    run = work(start())

    aside = Quarantine.objects.get()
    assert (run.state, run.quarantined_count, run.opened_count) == ("FINISHED", 1, 7)
    assert (aside.borrower_id, aside.error) == (accounts[3].borrower_id, "IntegrityError 23514")
    assert not Case.objects.filter(borrower=accounts[3].borrower).exists()
    assert run.chunks.filter(state="DEAD").count() == 1


@pytest.mark.django_db
def test_a_chunk_whose_workers_died_three_times_is_split(shanghai: Any) -> None:
    make_portfolio(territory=shanghai, size=4)
    make_version()
    run = start()
    EvaluationChunk.objects.update(state="LEASED", attempts=3, leased_until=AT - timedelta(seconds=1))

    chunks.work_chunk(run_id=run.pk, at=AT)

    assert sorted(run.chunks.values_list("state", flat=True)) == ["READY", "READY", "SPLIT"]
    assert work(run).opened_count == 4


@pytest.mark.django_db
def test_a_lease_that_holds_keeps_others_away_and_one_that_ended_does_not(shanghai: Any) -> None:
    make_portfolio(territory=shanghai)
    make_version()
    run = start()
    EvaluationChunk.objects.update(state="LEASED", epoch=1, attempts=1, leased_until=AT + chunks.LEASE)

    early, late = (chunks.work_chunk(run_id=run.pk, at=at) for at in (AT, LATER))

    assert (early, late) == (False, True)
    assert run.chunks.get().is_previewed


@pytest.mark.django_db
def test_a_worker_that_lost_its_chunk_writes_nothing(shanghai: Any) -> None:
    make_portfolio(territory=shanghai)
    make_version()
    run = start()
    claimed = preview_and_claim(run)
    EvaluationChunk.objects.update(epoch=9)  # another worker took it over while this one was stopped

    with pytest.raises(chunks.ChunkLost), transaction.atomic():
        chunks._evaluate(chunk=claimed, at=AT)

    assert (TriggerHit.objects.count(), Case.objects.count()) == (0, 0)
    assert not AuditEntry.objects.filter(action="evaluation.chunk_done").exists()


@pytest.mark.django_db
def test_without_the_epoch_check_a_worker_that_lost_its_chunk_would_write(
    shanghai: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control of the test before: it is the epoch check that refuses, nothing else."""
    make_portfolio(territory=shanghai)
    make_version()
    run = start()
    claimed = preview_and_claim(run)
    EvaluationChunk.objects.update(epoch=9)
    monkeypatch.setattr(chunks, "_own_row", lambda chunk: EvaluationChunk.objects.filter(pk=chunk.pk))

    with transaction.atomic():
        chunks._evaluate(chunk=claimed, at=AT)

    assert Case.objects.count() == 8


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("small_chunks")
def test_two_workers_at_once_share_the_chunks(shanghai: Any) -> None:
    make_portfolio(territory=shanghai, size=24)
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
    # Each of eight chunks twice, and the comparison with the limits once.
    assert sum(worked) == 2 * 8 + 1
    assert (Case.objects.count(), TriggerHit.objects.count()) == (24, 24)
    assert set(run.chunks.values_list("attempts", flat=True)) == {1}
