"""What the page of a run shows: pace, phases, chunks by state, and the quarantine that a person may see."""

from datetime import timedelta
from typing import Any

import pytest

from cases.models import EvaluationRun, Quarantine
from cases.selectors.runs.views import PREVIEWED, STILL_AFTER, get_run_view, pace
from cases.services.evaluation import borrower_ranges, chunks
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, make_borrower
from tests.factories.runs import make_portfolio, start, work


@pytest.fixture
def run(shanghai: Any, monkeypatch: pytest.MonkeyPatch) -> EvaluationRun:
    monkeypatch.setattr(borrower_ranges, "SMALLEST_CHUNK", 2)
    make_version()
    make_portfolio(territory=shanghai, size=4)
    return start()


def moments(*ends: tuple[int, int, int | None]) -> list[Any]:
    return [(AT + timedelta(seconds=second), accounts, ms) for second, accounts, ms in ends]


@pytest.mark.parametrize(
    ("ended", "expected"),
    [
        ([], None),
        ([(0, 100, 2000)], 50.0),  # one chunk: its own milliseconds of work
        ([(0, 100, None)], None),
        ([(0, 100, 1000), (0, 100, 1000)], 100.0),  # both at the same instant
        ([(0, 999, 10), (10, 100, 10), (20, 100, 10)], 10.0),  # the first only marks the beginning
        ([(20, 100, 10), (0, 999, 10), (10, 100, 10)], 10.0),
    ],
)
def test_pace_is_accounts_a_second(ended: list[tuple[int, int, int | None]], expected: float | None) -> None:
    assert pace(moments=moments(*ended)) == expected


def test_chunks_are_counted_by_what_is_left_to_do(run: EvaluationRun, auditor: Any) -> None:
    seen = []
    for _step in range(4):
        view = get_run_view(run=EvaluationRun.objects.get(), user=auditor, at=AT)
        seen.append((view.chunks["READY"], view.chunks[PREVIEWED], [phase.percent for phase in view.phases]))
        chunks.work_chunk(run_id=run.pk, at=AT)

    assert seen == [(2, 0, [0, 0]), (1, 1, [50, 0]), (0, 2, [100, 0]), (0, 2, [100, 0])]


def test_finished_run_has_its_totals_and_is_not_live(run: EvaluationRun, auditor: Any) -> None:
    view = get_run_view(run=work(run), user=auditor, at=AT)

    assert (view.is_live, view.is_still, view.accounts, view.totals["opened"]) == (False, False, 4, 4)


@pytest.mark.parametrize(("waited", "is_still"), [(STILL_AFTER, False), (STILL_AFTER + timedelta(seconds=1), True)])
def test_running_run_without_a_change_is_still(
    run: EvaluationRun, auditor: Any, waited: timedelta, is_still: bool
) -> None:
    assert get_run_view(run=run, user=auditor, at=AT + waited).is_still is is_still


def test_quarantine_is_that_of_the_territories_of_the_person(
    run: EvaluationRun, person: Any, auditor: Any, shanghai: Any, chengdu: Any
) -> None:
    here, there = make_borrower(territory=shanghai), make_borrower(territory=chengdu)
    for borrower_id in (here.pk, there.pk, 10**12):
        Quarantine.objects.create(run=run, borrower_id=borrower_id, error="x", created_at=AT)

    def seen(user: Any) -> list[tuple[int, bool]]:
        view = get_run_view(run=run, user=user, at=AT)
        assert view.aside_count == len(view.aside)
        return [(row.borrower_id, row.has_visible_borrower) for row in view.aside]  # type: ignore[attr-defined]

    assert seen(person("APPROVER")) == [(here.pk, True)]
    # The row outlives its borrower; without one there is no page to link to.
    assert seen(auditor) == [(here.pk, True), (there.pk, True), (10**12, False)]
