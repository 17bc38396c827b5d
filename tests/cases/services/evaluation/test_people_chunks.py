"""Chunks of people come after all chunks of borrowers, are retried, split and set aside like them."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from backoffice.audit.models import AuditEntry
from cases.models import Borrower, Case, EvaluationChunk, Person, Quarantine
from cases.services.evaluation import borrower_ranges, chunks, people_chunks, run_control, runs
from cases.services.evaluation.people_chunks import halves_of
from tests.factories.people import merged_by_number
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, make_overdue
from tests.factories.runs import accept_all_cases, refuse_cases_of, start, work

LATER = AT + chunks.LEASE + timedelta(seconds=1)


@pytest.fixture(autouse=True)
def _small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(borrower_ranges, "SMALLEST_CHUNK", 2)
    monkeypatch.setattr(borrower_ranges, "CHUNKS_WANTED", 20)


def make_people(territory: Any, approver: Any, *, number: int) -> list[Borrower]:
    """Make people of two borrowers with a reason each; return the first borrower of each."""
    firsts = []
    for _each in range(number):
        pair = [make_overdue(territory=territory, outstanding_principal=60000).borrower for _one in range(2)]
        merged_by_number(*pair, approver=approver)
        firsts.append(pair[0])
    return firsts


@pytest.mark.django_db
def test_a_run_without_people_has_no_chunk_of_them_and_the_standing_job_never(shanghai: Any, approver: Any) -> None:
    make_version()
    make_overdue(territory=shanghai)
    with transaction.atomic():
        without = list(start().chunks.values_list("of_people", flat=True))
        transaction.set_rollback(True)
    make_people(shanghai, approver, number=1)

    found = {
        job: sorted(start(job=job).chunks.values_list("of_people", "is_previewed")) for job in ("TRIGGERS", "STANDING")
    }

    assert without == [False]
    assert found == {
        "TRIGGERS": [(False, False), (False, False), (True, True)],
        "STANDING": [(False, False), (False, False)],
    }


@pytest.mark.django_db
def test_people_wait_for_the_last_chunk_of_borrowers(shanghai: Any, approver: Any) -> None:
    make_version()
    make_people(shanghai, approver, number=1)
    make_overdue(territory=shanghai, outstanding_principal=60000)
    run = start()
    while run.chunks.filter(state="DONE").count() < 1:
        chunks.work_chunk(run_id=run.pk, at=AT)
    # Another worker has the other chunk of borrowers: the one of people is left alone meanwhile.
    run.chunks.filter(of_people=False, state="READY").update(state="LEASED", epoch=1, leased_until=LATER)

    early = chunks.work_chunk(run_id=run.pk, at=AT)
    settled = runs.settle_run(run_id=run.pk, at=AT)
    open_before = Case.objects.count()
    run.chunks.filter(state="LEASED").update(leased_until=AT - timedelta(seconds=1))
    finished = work(run)

    assert (early, settled, open_before) == (False, False, 0)
    assert (finished.state, finished.opened_count) == ("FINISHED", 2)
    assert AuditEntry.objects.filter(action="evaluation.chunk_done", body__of_people=True).count() == 1


@pytest.mark.django_db
def test_a_late_worker_of_people_writes_nothing(shanghai: Any, approver: Any) -> None:
    make_version()
    make_people(shanghai, approver, number=1)
    run = start()
    while run.chunks.filter(of_people=False).exclude(state="DONE").exists():
        chunks.work_chunk(run_id=run.pk, at=AT)
    claimed = chunks._claim(run_id=run.pk, at=AT)
    assert claimed is not None
    assert claimed[0].of_people
    EvaluationChunk.objects.filter(of_people=True).update(epoch=9)

    with pytest.raises(chunks.ChunkLost), transaction.atomic():
        chunks._evaluate(chunk=claimed[0], at=AT)

    assert not Case.objects.exists()


@pytest.mark.owner_rights
@pytest.mark.django_db
def test_a_person_who_fails_is_set_aside_and_judged_again_after_the_cause_is_gone(shanghai: Any, approver: Any) -> None:
    make_version()
    firsts = make_people(shanghai, approver, number=3)
    refuse_cases_of(borrower_id=firsts[1].pk)

    run = work(start())

    assert (run.state, run.opened_count, run.quarantined_count) == ("FINISHED", 2, 1)
    assert Quarantine.objects.get().borrower_id == firsts[1].pk
    accept_all_cases()
    run_control.retry_quarantined(run=run, borrower_ids=None, actor=None, at=AT)
    again = work(run)

    assert (again.state, again.opened_count, again.quarantined_count) == ("FINISHED", 3, 0)
    assert set(Case.objects.values_list("borrower_id", flat=True)) == {first.pk for first in firsts}


@pytest.mark.django_db
def test_ranges_cover_all_people_and_those_to_come(
    shanghai: Any, approver: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(people_chunks, "CHUNK_PEOPLE", 2)
    make_version()
    make_people(shanghai, approver, number=3)
    first, second, third = Person.objects.order_by("pk").values_list("pk", flat=True)

    ranges = start().chunks.filter(of_people=True).order_by("lower").values_list("lower", "upper")

    assert list(ranges) == [(first, third), (third, 2**62)]
    assert halves_of(lower=first, upper=2**62) == ((first, second, 1), (second, 2**62, 2))
    assert halves_of(lower=third, upper=2**62) == ()
