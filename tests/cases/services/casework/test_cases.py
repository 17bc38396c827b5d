"""The daily work on a case: each step once, by those who may, told in the timeline and on the trail."""

from datetime import timedelta

import pytest
from django.db import connection

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import BorrowerFlag, Case, CaseEvent
from cases.services.casework.cases import (
    ask_for_visit,
    assign_case,
    bring_forward,
    close_case,
    hold_case,
    note_case,
    resume_case,
    resume_due,
)
from tests.factories.casework import AT, TODAY, make_case
from tests.factories.portfolio import make_overdue


@pytest.fixture
def case(shanghai):
    return make_case(account=make_overdue(territory=shanghai))


def test_assign_case_takes_an_open_case_into_work(case, officer):
    assign_case(case=case, owner=officer, actor=officer, at=AT)

    case.refresh_from_db()
    assert (case.stage, case.owner) == ("IN_WORK", officer)
    assert list(CaseEvent.objects.values_list("kind", "actor")) == [("ASSIGNED", officer.pk)]
    assert list(AuditEntry.objects.values_list("action", flat=True)) == ["case.assigned"]


def test_assign_case_to_another_keeps_the_stage(case, officer, person):
    Case.objects.filter(pk=case.pk).update(stage="DECIDED")

    assign_case(case=case, owner=person("CASE_OFFICER", name="second"), actor=officer, at=AT)

    case.refresh_from_db()
    assert (case.stage, case.owner.username) == ("DECIDED", "second")


def test_assign_case_refuses_an_owner_who_does_not_see_it(case, officer, person, chengdu):
    with pytest.raises(InvalidInput):
        assign_case(case=case, owner=person("CASE_OFFICER", name="far", territories=[chengdu]), actor=officer, at=AT)


@pytest.mark.parametrize("role", ["APPROVER", "DISPATCHER", "AUDITOR", "REVIEWER", "RISK_MANAGER"])
def test_hold_case_is_for_case_officers(case, person, role):
    with pytest.raises(NotAllowed):
        hold_case(case=case, until=TODAY + timedelta(days=5), reason="Ill", actor=person(role), at=AT)

    case.refresh_from_db()
    assert (case.stage, CaseEvent.objects.count(), AuditEntry.objects.count()) == ("OPEN", 0, 0)


def test_hold_case_withdraws_the_wish_for_a_visit_and_resume_ends_it(case, officer):
    ask_for_visit(case=case, by=TODAY + timedelta(days=7), actor=officer, at=AT)

    hold_case(case=case, until=TODAY + timedelta(days=5), reason="Waits for papers", actor=officer, at=AT)

    case.refresh_from_db()
    assert (case.stage, case.held_until, case.needs_visit_by) == ("ON_HOLD", TODAY + timedelta(days=5), None)
    resume_case(case=case, actor=officer, at=AT)
    case.refresh_from_db()
    assert (case.stage, case.held_until) == ("IN_WORK", None)


def test_hold_case_second_caller_loses(case, officer):
    stale = Case.objects.get(pk=case.pk)
    hold_case(case=case, until=TODAY + timedelta(days=5), reason="Ill", actor=officer, at=AT)

    with pytest.raises(StateConflict):
        hold_case(case=stale, until=TODAY + timedelta(days=9), reason="Ill", actor=officer, at=AT)

    assert Case.objects.get().held_until == TODAY + timedelta(days=5)


@pytest.mark.parametrize("days", [0, -1, 181])
def test_hold_case_ends_within_bounds(case, officer, days):
    with pytest.raises(InvalidInput):
        hold_case(case=case, until=TODAY + timedelta(days=days), reason="Ill", actor=officer, at=AT)


def test_resume_due_takes_up_what_waited_long_enough(case, officer):
    hold_case(case=case, until=TODAY + timedelta(days=5), reason="Ill", actor=officer, at=AT)

    assert resume_due(business_date=TODAY + timedelta(days=5), at=AT) == 0
    assert resume_due(business_date=TODAY + timedelta(days=6), at=AT) == 1
    assert resume_due(business_date=TODAY + timedelta(days=6), at=AT) == 0


def test_note_case_is_ciphertext_in_the_database(case, officer):
    note_case(case=case, text="王小明在医院", next_action_on=TODAY, actor=officer, at=AT)

    with connection.cursor() as cursor:
        cursor.execute("SELECT note, body::text FROM cases_caseevent")
        stored, body = cursor.fetchone()
    assert "王小明".encode() not in bytes(stored)
    assert "王小明" not in body
    assert CaseEvent.objects.get().note == "王小明在医院"
    assert "王小明" not in str(list(AuditEntry.objects.values_list("body", flat=True)))
    case.refresh_from_db()
    assert case.next_action_on == TODAY


def test_close_case_ends_everything_that_waited(case, officer):
    ask_for_visit(case=case, by=TODAY, actor=officer, at=AT)

    close_case(case=case, reason="SETTLED", actor=officer, at=AT)

    case.refresh_from_db()
    assert (case.stage, case.close_reason, case.closed_on, case.needs_visit_by) == ("CLOSED", "SETTLED", TODAY, None)
    with pytest.raises(StateConflict):
        close_case(case=case, reason="SETTLED", actor=officer, at=AT)
    with pytest.raises(StateConflict):
        assign_case(case=case, owner=officer, actor=officer, at=AT)


@pytest.mark.parametrize("stage", ["ON_HOLD", "VISITING", "CLOSED"])
def test_ask_for_visit_is_refused_where_none_may_be(case, officer, stage):
    closed_on = TODAY if stage == "CLOSED" else None
    Case.objects.filter(pk=case.pk).update(stage=stage, closed_on=closed_on)

    with pytest.raises(StateConflict):
        ask_for_visit(case=case, by=TODAY, actor=officer, at=AT)


def test_a_note_of_despair_protects_the_borrower_and_brings_the_case_forward(case, officer):
    note_case(case=case, text="电话里说不想活了", actor=officer, at=AT, next_action_on=TODAY + timedelta(days=9))

    case.refresh_from_db()
    assert case.next_action_on == TODAY
    assert list(BorrowerFlag.objects.values_list("kind", "source")) == [("SELF_HARM", "CALL")]
    assert CaseEvent.objects.get(kind="NOTE").body == {
        "next_action_on": TODAY.isoformat(),
        "action": "marked",
        "marks": {"SELF_HARM": 1},
    }


def test_a_note_is_marked_with_what_it_holds_and_stays_as_written(case, officer):
    note_case(case=case, text="邻居王五说要让他坐牢", actor=officer, at=AT)

    event = CaseEvent.objects.get(kind="NOTE")
    assert (event.body["marks"], event.note) == ({"CLAIM": 1, "HEARSAY": 1, "NAME": 1}, "邻居王五说要让他坐牢")
    assert not BorrowerFlag.objects.exists()


def test_bring_forward_lets_a_case_be_due_but_never_later_and_no_closed_one(case):
    for on, due in (
        (TODAY, TODAY),
        (TODAY + timedelta(days=1), TODAY),
        (TODAY - timedelta(days=1), TODAY - timedelta(days=1)),
    ):
        bring_forward(case_id=case.pk, on=on, at=AT)
        case.refresh_from_db()
        assert case.next_action_on == due

    Case.objects.filter(pk=case.pk).update(stage="CLOSED", closed_on=TODAY, next_action_on=None)
    bring_forward(case_id=case.pk, on=TODAY, at=AT)
    case.refresh_from_db()
    assert case.next_action_on is None
