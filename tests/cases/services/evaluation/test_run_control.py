"""Runs in people's hands: halted, called off, released by somebody else, and the set-aside tried again."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, Missing, NotAllowed, SelfApproval, StateConflict
from cases.models import Account, BreakerLimit, Case, EvaluationChunk, EvaluationRun, Quarantine, TriggerHit
from cases.services.evaluation import borrower_ranges, chunks, run_control, wakeups
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_overdue
from tests.factories.runs import accept_all_cases, refuse_cases_of, start, work

STATES = ("RUNNING", "PAUSED", "HELD", "FINISHED", "FAILED", "CANCELLED")


@pytest.fixture
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(borrower_ranges, "SMALLEST_CHUNK", 2)


@pytest.fixture
def accounts(shanghai: Any, small_chunks: None) -> list[Account]:
    make_version()
    return [make_overdue(territory=shanghai, outstanding_principal=60000) for _ in range(8)]


@pytest.fixture
def tight(db: Any) -> None:
    BreakerLimit.objects.create(measure="OPENED", max_share="0.1", max_multiple=5, at_least=1, updated_at=AT)


def trail() -> list[str]:
    return [
        entry.action
        for entry in AuditEntry.objects.order_by("sequence")
        if "chunk" not in entry.action and entry.action != "evaluation.previewed"
    ]


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize(
    ("service", "sources", "role"),
    [
        ("pause_run", {"RUNNING"}, "RISK_MANAGER"),
        ("resume_run", {"PAUSED"}, "RISK_MANAGER"),
        ("cancel_run", {"RUNNING", "PAUSED", "HELD"}, "RISK_MANAGER"),
        ("release_run", {"HELD"}, "APPROVER"),
        ("refuse_held", {"HELD"}, "APPROVER"),
    ],
)
def test_each_step_starts_where_the_table_says_and_nowhere_else(
    accounts: Any, person: Any, state: str, service: str, sources: set[str], role: str
) -> None:
    run = start()
    EvaluationRun.objects.update(state=state)
    words = {"note": "known feed"} if service == "release_run" else {}

    if state in sources:
        getattr(run_control, service)(run=run, actor=person(role, all_territories=True), at=AT, **words)
        assert EvaluationRun.objects.get().state != state
    else:
        entries = AuditEntry.objects.count()
        with pytest.raises(StateConflict), transaction.atomic():
            getattr(run_control, service)(run=run, actor=person(role, all_territories=True), at=AT, **words)
        assert (EvaluationRun.objects.get().state, AuditEntry.objects.count()) == (state, entries)


@pytest.mark.parametrize("service", ["pause_run", "resume_run", "cancel_run", "refuse_held"])
def test_steps_are_for_their_roles_only(accounts: Any, officer: Any, service: str) -> None:
    run = start()
    EvaluationRun.objects.update(state="HELD" if service == "refuse_held" else "PAUSED")

    with pytest.raises(NotAllowed):
        getattr(run_control, service)(run=run, actor=officer, at=AT)
    assert trail() == ["evaluation.started"]


def test_paused_run_lets_a_chunk_end_and_takes_no_other(accounts: Any, risk_manager: Any) -> None:
    run = start()
    claimed = chunks._claim(run_id=run.pk, at=AT)
    assert claimed is not None

    run_control.pause_run(run=run, actor=risk_manager, at=AT)
    with transaction.atomic():
        chunks._evaluate(chunk=claimed[0], at=AT)

    assert chunks.work_chunk(run_id=run.pk, at=AT) is False
    assert wakeups.wake_for_unfinished(at=AT) == 0
    assert sorted(run.chunks.values_list("is_previewed", flat=True)) == [False, False, False, True]


def test_resumed_run_gives_what_an_undisturbed_one_gives(accounts: Any, risk_manager: Any) -> None:
    run = start()
    for _step in range(6):
        chunks.work_chunk(run_id=run.pk, at=AT)

    run_control.pause_run(run=run, actor=risk_manager, at=AT)
    run_control.resume_run(run=run, actor=risk_manager, at=AT)
    work(run)

    assert (run.state, run.account_count, run.hit_count, run.opened_count) == ("FINISHED", 8, 8, 8)
    assert trail() == ["evaluation.started", "evaluation.paused", "evaluation.resumed", "evaluation.finished"]


def test_cancelled_run_lets_nothing_through_of_a_worker_at_it(accounts: Any, risk_manager: Any) -> None:
    run = start()
    for _step in range(6):
        chunks.work_chunk(run_id=run.pk, at=AT)
    cases = Case.objects.count()
    claimed = chunks._claim(run_id=run.pk, at=AT)
    assert claimed is not None

    run_control.cancel_run(run=run, actor=risk_manager, at=AT)

    with pytest.raises(chunks.ChunkLost), transaction.atomic():
        chunks._evaluate(chunk=claimed[0], at=AT)
    assert 0 < cases == Case.objects.count()
    assert not run.chunks.filter(state__in=["READY", "LEASED"]).exists()
    assert EvaluationRun.objects.get().finished_at == AT


def test_held_run_has_written_no_hit_and_is_released_by_somebody_else(
    accounts: Any, tight: None, risk_manager: Any, general_approver: Any
) -> None:
    run = work(start(actor=risk_manager))
    assert (run.state, TriggerHit.objects.count(), Case.objects.count()) == ("HELD", 0, 0)

    run_control.release_run(run=run, note=" the feed doubled on purpose ", actor=general_approver, at=AT)
    work(run)

    assert (run.state, run.opened_count, run.released_by, run.release_note) == (
        "FINISHED",
        8,
        general_approver,
        "the feed doubled on purpose",
    )
    assert trail() == ["evaluation.started", "evaluation.held", "evaluation.released", "evaluation.finished"]


def test_nobody_releases_what_they_started(accounts: Any, tight: None, general_approver: Any) -> None:
    run = work(start())
    EvaluationRun.objects.update(started_by=general_approver)

    with pytest.raises(SelfApproval):
        run_control.release_run(run=run, note="fits", actor=general_approver, at=AT)
    assert EvaluationRun.objects.get().state == "HELD"


@pytest.mark.parametrize(("note", "error"), [("  ", InvalidInput), ("", InvalidInput)])
def test_release_asks_why(accounts: Any, tight: None, general_approver: Any, note: str, error: type[Exception]) -> None:
    run = work(start())

    with pytest.raises(error):
        run_control.release_run(run=run, note=note, actor=general_approver, at=AT)
    assert EvaluationRun.objects.get().state == "HELD"


def test_the_system_releases_nothing(accounts: Any, tight: None) -> None:
    run = work(start())

    with pytest.raises(NotAllowed):
        run_control.release_run(run=run, note="auto", actor=None, at=AT)


def test_second_approver_loses(accounts: Any, tight: None, person: Any) -> None:
    run = work(start())
    same = EvaluationRun.objects.get()

    run_control.release_run(run=run, note="fits", actor=person("APPROVER", name="one", all_territories=True), at=AT)

    with pytest.raises(StateConflict):
        run_control.refuse_held(run=same, actor=person("APPROVER", name="two", all_territories=True), at=AT)
    assert EvaluationRun.objects.get().state == "RUNNING"


def test_refused_run_has_changed_nothing_and_the_day_can_be_started_again(
    accounts: Any, tight: None, general_approver: Any
) -> None:
    run = work(start())

    run_control.refuse_held(run=run, actor=general_approver, at=AT)
    BreakerLimit.objects.update(max_share="1")
    again = work(start())

    assert (again.pk, again.state, again.opened_count, again.held_because) == (run.pk, "FINISHED", 8, [])


@pytest.mark.parametrize("service", ["resume_run", "release_run"])
def test_run_that_a_later_day_overtook_goes_on_no_more(accounts: Any, person: Any, service: str) -> None:
    run = start()
    EvaluationRun.objects.update(state="PAUSED" if service == "resume_run" else "HELD")
    work(start(business_date=TODAY + timedelta(days=1)))
    words = {"note": "x"} if service == "release_run" else {}
    actor = person("RISK_MANAGER" if service == "resume_run" else "APPROVER", all_territories=True)

    with pytest.raises(StateConflict, match="2026-03-03"):
        getattr(run_control, service)(run=run, actor=actor, at=AT, **words)


@pytest.mark.owner_rights
def test_set_aside_borrower_is_tried_again_alone_and_leaves_the_quarantine(accounts: Any, risk_manager: Any) -> None:
    sick = accounts[3].borrower_id
    refuse_cases_of(borrower_id=sick)
    run = work(start())
    assert (run.opened_count, run.quarantined_count) == (7, 1)
    accept_all_cases()

    chunks = run_control.retry_quarantined(run=run, borrower_ids=None, actor=risk_manager, at=AT)
    during = EvaluationRun.objects.get().state
    work(run)

    assert [(chunk.lower, chunk.upper) for chunk in chunks] == [(sick, sick + 1)]
    assert (during, run.state, run.opened_count, run.quarantined_count) == ("RUNNING", "FINISHED", 8, 0)
    assert Quarantine.objects.get().resolved_at == AT
    assert Case.objects.filter(borrower_id=sick).count() == 1
    # What was previewed is still the whole run's, for the median of nights to come: with them once more.
    assert (run.preview["effects"]["OPENED"], run.account_count) == (9, 9)


@pytest.mark.owner_rights
def test_borrower_who_fails_again_is_set_aside_again(accounts: Any, risk_manager: Any) -> None:
    refuse_cases_of(borrower_id=accounts[3].borrower_id)
    run = work(start())

    run_control.retry_quarantined(run=run, borrower_ids=[accounts[3].borrower_id], actor=risk_manager, at=AT)
    work(run)

    assert (run.state, run.quarantined_count, Quarantine.objects.get().resolved_at) == ("FINISHED", 1, None)


@pytest.mark.owner_rights
def test_retry_of_a_released_run_is_not_held_again(
    accounts: Any, tight: None, risk_manager: Any, general_approver: Any
) -> None:
    refuse_cases_of(borrower_id=accounts[3].borrower_id)
    run = work(start())
    run_control.release_run(run=run, note="fits", actor=general_approver, at=AT)
    work(run)
    accept_all_cases()

    run_control.retry_quarantined(run=run, borrower_ids=None, actor=risk_manager, at=AT)

    assert work(run).state == "FINISHED"


def test_retry_names_nobody_who_is_not_set_aside(accounts: Any, risk_manager: Any) -> None:
    run = work(start())

    for asked in (None, [], [accounts[0].borrower_id]):
        with pytest.raises(Missing):
            run_control.retry_quarantined(run=run, borrower_ids=asked, actor=risk_manager, at=AT)
    assert EvaluationRun.objects.get().state == "FINISHED"


@pytest.mark.owner_rights
def test_retry_is_refused_once_a_later_day_is_worked_and_that_day_resolves_it(accounts: Any, risk_manager: Any) -> None:
    refuse_cases_of(borrower_id=accounts[3].borrower_id)
    run = work(start())
    accept_all_cases()
    work(start(business_date=TODAY + timedelta(days=1)))

    with pytest.raises(StateConflict):
        run_control.retry_quarantined(run=run, borrower_ids=None, actor=risk_manager, at=AT)

    assert [run_control.resolve_overtaken(at=AT) for _again in range(2)] == [1, 0]
    assert Quarantine.objects.get().resolved_at == AT


@pytest.mark.owner_rights
def test_who_is_set_aside_by_the_later_day_too_stays_in_both_quarantines(accounts: Any) -> None:
    refuse_cases_of(borrower_id=accounts[3].borrower_id)
    work(start())
    work(start(business_date=TODAY + timedelta(days=1)))

    assert run_control.resolve_overtaken(at=AT) == 0
    assert Quarantine.objects.filter(resolved_at__isnull=True).count() == 2


def test_chunks_tell_how_long_they_took(accounts: Any) -> None:
    run = work(start())

    assert EvaluationChunk.objects.filter(run=run, worked_ms__isnull=True).count() == 0
