"""Runs: started, resumed, repeated, cancelled by a later date, and finished with their totals."""

from datetime import timedelta
from typing import Any

import pytest

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, Missing, StateConflict
from cases.models import Case, Quarantine, TriggerHit
from cases.services.evaluation import borrower_ranges, chunks, runs
from cases.services.policies import versions
from tests.factories.policy import make_rule, make_version, policy_body
from tests.factories.portfolio import AT, TODAY
from tests.factories.runs import accept_all_cases, make_portfolio, refuse_cases_of, start, work


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(borrower_ranges, "SMALLEST_CHUNK", 2)


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
    make_portfolio(territory=shanghai)
    make_version()

    run = work(start())

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
    make_portfolio(territory=shanghai)
    make_version()
    first = work(start())

    again = work(start())

    assert (again.pk, again.passes, again.hit_count, again.opened_count) == (first.pk, 2, 8, 0)
    assert (Case.objects.count(), TriggerHit.objects.count()) == (8, 8)


@pytest.mark.django_db
def test_start_run_on_a_running_day_resumes_it(shanghai: Any) -> None:
    make_portfolio(territory=shanghai)
    make_version()
    run = start()
    chunks = set(run.chunks.values_list("pk", flat=True))

    again = start()

    assert (again.pk, again.passes, set(again.chunks.values_list("pk", flat=True))) == (run.pk, 1, chunks)


@pytest.mark.django_db
def test_start_run_refuses_a_day_before_the_last_one(shanghai: Any) -> None:
    make_portfolio(territory=shanghai)
    make_version()
    work(start())

    with pytest.raises(StateConflict, match="2026-03-02"):
        start(business_date=TODAY - timedelta(days=1))


@pytest.mark.django_db
def test_start_run_cancels_an_unfinished_run_of_an_older_day(shanghai: Any) -> None:
    make_portfolio(territory=shanghai)
    make_version()
    older = start()

    start(business_date=TODAY + timedelta(days=1))

    older.refresh_from_db()
    assert older.state == "CANCELLED"
    assert not chunks.work_chunk(run_id=older.pk, at=AT)


@pytest.mark.owner_rights
@pytest.mark.django_db
def test_the_next_pass_resolves_who_was_set_aside(shanghai: Any) -> None:
    accounts = make_portfolio(territory=shanghai, size=2)
    make_version()
    refuse_cases_of(borrower_id=accounts[0].borrower_id)
    work(start())
    accept_all_cases()

    run = work(start())

    assert (run.quarantined_count, Case.objects.count()) == (0, 2)
    assert Quarantine.objects.get().resolved_at is not None


@pytest.mark.django_db
@pytest.mark.usefixtures("small_chunks")
@pytest.mark.parametrize("worked_before", [0, 3, 6])
def test_a_policy_activated_during_a_run_counts_from_the_next_one(
    shanghai: Any, risk_manager: Any, general_approver: Any, worked_before: int
) -> None:
    accounts = make_portfolio(territory=shanghai)
    before = make_version(rules=[make_rule(value="10000")])
    run = start()
    for _chunk in range(worked_before):
        assert chunks.work_chunk(run_id=run.pk, at=AT)
    after = versions.draft_version(
        body=policy_body(rules=[make_rule(code="NOBODY", value="900000")]), note="", actor=risk_manager, at=AT
    )
    after = versions.submit_version(version=after, actor=risk_manager, at=AT)
    after = versions.approve_version(version=after, actor=general_approver, at=AT)
    tomorrow = TODAY + timedelta(days=1)

    versions.activate_version(
        version=after, effective_from=tomorrow, business_date=tomorrow, actor=general_approver, at=AT
    )
    work(run)

    assert run.policy_version == before
    hits = TriggerHit.objects.filter(left_on=None).values_list("account_id", "rule", "policy_version_id")
    assert sorted(hits) == [(account.pk, "LARGE_ARREARS", before.pk) for account in accounts]
    work(start(business_date=tomorrow))
    assert not TriggerHit.objects.filter(left_on=None).exists()


@pytest.mark.django_db
def test_dry_run_counts_and_writes_nothing(shanghai: Any) -> None:
    make_portfolio(territory=shanghai)
    version = make_version(state="DRAFT", rules=[make_rule()])

    counted = runs.dry_run(business_date=TODAY, version=version, at=AT)

    assert counted == runs.DryRun(accounts=8, hits=8, opened=8, closed=0)
    assert (TriggerHit.objects.count(), Case.objects.count()) == (0, 0)
