"""How far a planning run is, measured by its phase and the clock."""

from datetime import timedelta

import pytest

from tests.factories.visits import AT, make_order
from visits.models import LetterDue, PlanningOrder, PlanningRun
from visits.selectors.planning_progress import planning_progress


def run(territory, **fields):
    values = {"day": AT.date(), "territory": territory, "seconds": 30, "requested_at": AT, "updated_at": AT} | fields
    return PlanningRun.objects.create(**values)


@pytest.mark.parametrize(
    ("fields", "after", "percent", "seconds"),
    [
        ({"state": "WAITING"}, 0, 0, None),
        ({"state": "RUNNING", "phase": "FACTS"}, 1, 5, None),
        ({"state": "RUNNING", "phase": "SEARCH", "search_began_at": AT}, 10, 34, 10),
        # The search ends by its own clock; a late page shows no more than the whole of it.
        ({"state": "RUNNING", "phase": "SEARCH", "search_began_at": AT}, 99, 92, 30),
        ({"state": "RUNNING", "phase": "WRITING", "search_began_at": AT}, 31, 92, 30),
        ({"state": "FINISHED", "search_began_at": AT, "finished_at": AT + timedelta(seconds=12)}, 99, 100, 12),
        ({"state": "FAILED", "finished_at": AT}, 99, 0, None),
    ],
)
def test_the_bar_follows_phase_and_clock(shanghai, fields, after, percent, seconds):
    view = planning_progress(run=run(shanghai, **fields), at=AT + timedelta(seconds=after))

    assert (view.percent, view.seconds) == (percent, seconds)
    assert view.is_live is (fields["state"] in ("WAITING", "RUNNING"))


def test_a_run_is_silent_when_nobody_begins_it_or_its_worker_is_lost(shanghai):
    waiting = run(shanghai)
    lost = run(shanghai, state="RUNNING", leased_until=AT)
    minute, instant = timedelta(minutes=1), timedelta(microseconds=1)

    silent = [
        planning_progress(run=each, at=at).is_silent
        for each, at in ((waiting, AT + minute), (waiting, AT + minute + instant), (lost, AT), (lost, AT + instant))
    ]

    assert silent == [False, True, False, True]


def test_the_letters_of_the_planned_visits_are_counted_until_all_are_made(shanghai, case, placement, pair, approver):
    order = make_order(case=case, placement=placement, state="SCHEDULED", approver=approver, pair=pair)
    ended = run(shanghai, state="FINISHED", finished_at=AT)
    PlanningOrder.objects.create(run=ended, order=order, outcome="PLANNED")
    LetterDue.objects.create(order=order, state="MADE", created_at=AT - timedelta(days=1), updated_at=AT)
    LetterDue.objects.create(order=order, state="DROPPED", created_at=AT, updated_at=AT)
    LetterDue.objects.create(order=order, state="MADE", created_at=AT, updated_at=AT)
    due = LetterDue.objects.create(order=order, created_at=AT, updated_at=AT)

    view = planning_progress(run=ended, at=AT)
    assert (view.letters_total, view.letters_percent, view.is_live) == (2, 50, True)
    due.delete()

    view = planning_progress(run=ended, at=AT)
    assert (view.letters_total, view.letters_percent, view.is_live) == (1, 100, False)
    assert planning_progress(run=run(shanghai, state="FAILED", finished_at=AT), at=AT).letters_percent == 100
