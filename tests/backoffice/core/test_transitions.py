"""One door for each status: a table of steps, and one guarded UPDATE that carries a step out."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.db import connection, transaction

from backoffice.core.errors import NotAllowed, StateConflict
from backoffice.core.transitions import Lifecycle, Transition, may, move, move_all
from cases.models import Case
from tests.factories.casework import make_case
from tests.factories.portfolio import TODAY, make_account, make_borrower

BEGIN = Transition(
    action="begin", sources=frozenset({"OPEN"}), target="IN_WORK", permission="cases.work_case", label="Begin"
)
CLOSE = Transition(
    action="close",
    sources=frozenset({"OPEN", "IN_WORK"}),
    target="CLOSED",
    permission="cases.approve_decision",
    label="Close",
)
LIFECYCLE = Lifecycle(name="case", field="stage", transitions=(BEGIN, CLOSE))


@pytest.fixture
def case(shanghai):
    return make_case(account=make_account(borrower=make_borrower(territory=shanghai)))


def stored(case):
    return Case.objects.values().get(pk=case.pk)


def test_a_step_writes_state_changes_and_time_in_one_statement(case, officer, at, django_assert_num_queries):
    later = at + timedelta(microseconds=1)
    before = stored(case)

    with django_assert_num_queries(1):
        step = move(
            record=case,
            lifecycle=LIFECYCLE,
            action="begin",
            actor=officer,
            at=later,
            owner=officer,
            next_action_on=TODAY,
        )

    assert step == BEGIN
    assert stored(case) == before | {
        "stage": "IN_WORK",
        "owner_id": officer.pk,
        "next_action_on": TODAY,
        "updated_at": later,
    }
    assert (case.stage, case.owner, case.next_action_on, case.updated_at) == ("IN_WORK", officer, TODAY, later)


def test_a_step_without_its_permission_changes_nothing(case, officer, at):
    before = stored(case)

    with pytest.raises(NotAllowed):
        move(record=case, lifecycle=LIFECYCLE, action="close", actor=officer, at=at)

    assert (stored(case), case.stage) == (before, "OPEN")


def test_a_step_from_another_state_changes_nothing(case, officer, at):
    # Read before somebody else closed the case.
    Case.objects.filter(pk=case.pk).update(stage="CLOSED", closed_on=TODAY)
    before = stored(case)

    with pytest.raises(StateConflict):
        move(record=case, lifecycle=LIFECYCLE, action="begin", actor=officer, at=at, owner=officer)

    assert stored(case) == before
    assert (case.stage, case.owner) == ("OPEN", None)


def test_a_record_that_is_gone_is_a_conflict(officer, at):
    with pytest.raises(StateConflict):
        move(record=Case(pk=987_654_321), lifecycle=LIFECYCLE, action="begin", actor=officer, at=at)


def test_the_system_needs_no_permission(case, at):
    move(record=case, lifecycle=LIFECYCLE, action="close", actor=None, at=at, closed_on=TODAY)

    assert (stored(case)["stage"], stored(case)["closed_on"]) == ("CLOSED", TODAY)


def test_many_records_move_at_once_and_others_stay(shanghai, at):
    cases = [make_case(account=make_account(borrower=make_borrower(territory=shanghai))) for _each in range(4)]
    first, second, closed, not_asked = cases
    Case.objects.filter(pk=closed.pk).update(stage="CLOSED", closed_on=TODAY)

    moved = move_all(
        rows=Case.objects.filter(pk__in=[first.pk, second.pk, closed.pk]),
        lifecycle=LIFECYCLE,
        action="begin",
        at=at + timedelta(seconds=1),
        next_action_on=TODAY,
    )

    assert moved == 2
    assert [(stored(each)["stage"], stored(each)["next_action_on"]) for each in (first, second, closed, not_asked)] == [
        ("IN_WORK", TODAY),
        ("IN_WORK", TODAY),
        ("CLOSED", None),
        ("OPEN", None),
    ]


@pytest.mark.django_db(transaction=True)
def test_nothing_moves_outside_of_a_transaction(case, officer, at):
    before = stored(case)

    with pytest.raises(RuntimeError, match="inside a transaction"):
        move(record=case, lifecycle=LIFECYCLE, action="begin", actor=officer, at=at)
    with pytest.raises(RuntimeError, match="inside a transaction"):
        move_all(rows=Case.objects.all(), lifecycle=LIFECYCLE, action="begin", at=at)

    assert stored(case) == before


@pytest.mark.django_db(transaction=True)
def test_of_two_people_at_the_same_moment_one_loses(case, officer, at):
    start = Barrier(2)

    def press(_number):
        try:
            start.wait(timeout=10)
            with transaction.atomic():
                move(record=Case.objects.get(pk=case.pk), lifecycle=LIFECYCLE, action="begin", actor=officer, at=at)
        except StateConflict:
            return "lost"
        finally:
            connection.close()
        return "won"

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(press, range(2))) == ["lost", "won"]


def test_an_unknown_step_is_a_defect(case, at):
    with pytest.raises(KeyError, match="case has no action 'fly'"):
        move(record=case, lifecycle=LIFECYCLE, action="fly", actor=None, at=at)


def test_the_open_steps_are_those_of_the_state_and_of_the_person(officer, approver, auditor):
    found = {
        (user.role, state): [step.action for step in LIFECYCLE.open_to(user=user, state=state)]
        for user in (officer, approver, auditor)
        for state in ("OPEN", "IN_WORK", "CLOSED")
    }

    assert found == {
        ("CASE_OFFICER", "OPEN"): ["begin"],
        ("CASE_OFFICER", "IN_WORK"): [],
        ("CASE_OFFICER", "CLOSED"): [],
        ("APPROVER", "OPEN"): ["close"],
        ("APPROVER", "IN_WORK"): ["close"],
        ("APPROVER", "CLOSED"): [],
        ("AUDITOR", "OPEN"): [],
        ("AUDITOR", "IN_WORK"): [],
        ("AUDITOR", "CLOSED"): [],
    }


def test_may_passes_the_holder_and_the_system_and_refuses_others(officer, person):
    may(actor=officer, permission="cases.work_case")
    may(actor=None, permission="cases.work_case")
    for actor in (person("AUDITOR"), person("MACHINE"), person("CASE_OFFICER", name="gone", is_active=False)):
        with pytest.raises(NotAllowed):
            may(actor=actor, permission="cases.work_case")
