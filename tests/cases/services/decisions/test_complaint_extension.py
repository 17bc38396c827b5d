"""An answer is put off once, in time, by somebody who took no part, and the borrower is told why."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from backoffice.outbox.models import OutboxEvent
from cases.models import Complaint
from cases.services.decisions.complaint_extension import put_off_answer
from cases.services.decisions.complaints import answer_complaint, receive_complaint
from tests.clear_text import tables_with
from tests.factories.casework import AT, TODAY
from tests.factories.portfolio import make_overdue
from tests.factories.requests import post

REASON = "We wait for the recording of the agency"


@pytest.fixture
def complaint(shanghai: Any, officer: Any) -> Any:
    account = make_overdue(territory=shanghai)
    return receive_complaint(borrower=account.borrower, kind="DISPUTE", subject="Paid", actor=officer, at=AT)


def put_off(complaint: Any, actor: Any, *, at: Any = AT, reason: str = REASON) -> Any:
    return put_off_answer(complaint=complaint, reason=reason, actor=actor, at=at)


def test_the_answer_is_put_off_to_the_thirtieth_day_and_the_borrower_is_told(complaint, approver):
    put_off(complaint, approver, at=AT + timedelta(days=10))

    kept = Complaint.objects.get()
    assert (kept.answer_due_on, kept.extended_by, kept.state) == (TODAY + timedelta(days=30), approver, "RECEIVED")
    assert kept.extension_reason == REASON
    assert tables_with(REASON) == []
    event = OutboxEvent.objects.get(topic="complaint.put_off")
    assert event.payload == {
        "complaint": kept.pk,
        "borrower": kept.borrower.external_ref,
        "answer_due_on": (TODAY + timedelta(days=30)).isoformat(),
    }
    assert AuditEntry.objects.filter(action="complaint.put_off", actor_id=approver.pk).exists()
    answer_complaint(complaint=kept, upheld=True, answer="You are right", actor=approver, at=AT + timedelta(days=29))


def test_it_is_put_off_once_and_not_after_its_day_or_its_answer(complaint, approver, person):
    with pytest.raises(StateConflict):
        put_off(complaint, approver, at=AT + timedelta(days=16))
    put_off(complaint, approver, at=AT + timedelta(days=15))
    with pytest.raises(StateConflict):
        put_off(complaint, person("APPROVER", name="second"), at=AT + timedelta(days=16))
    answer_complaint(complaint=complaint, upheld=False, answer="It was not", actor=approver, at=AT)
    with pytest.raises(StateConflict):
        put_off(complaint, approver)


def test_a_wish_for_an_explanation_is_not_put_off(shanghai, officer, approver):
    borrower = make_overdue(territory=shanghai).borrower
    wish = receive_complaint(borrower=borrower, kind="EXPLANATION", subject="Why", actor=officer, at=AT)

    with pytest.raises(StateConflict):
        put_off(wish, approver)


def test_who_received_it_or_may_not_decide_puts_nothing_off(complaint, officer, dispatcher, approver):
    for actor in (officer, dispatcher):
        with pytest.raises(NotAllowed):
            put_off(complaint, actor)
    put_off(complaint, approver)
    with pytest.raises(IntegrityError), transaction.atomic():
        Complaint.objects.update(extended_by=officer)


@pytest.mark.parametrize("reason", [" ", "or we go to the police"])
def test_the_reason_is_needed_and_may_go_out(complaint, approver, reason):
    with pytest.raises(InvalidInput):
        put_off(complaint, approver, reason=reason)
    assert Complaint.objects.get().extended_at is None


def test_over_rest(complaint, approver, time_machine):
    time_machine.move_to(AT, tick=False)

    answer = post(approver, f"/api/v1/complaints/{complaint.pk}/put-off/", {"reason": REASON})

    assert answer.status_code == 200
    assert (answer.json()["extension_reason"], answer.json()["answer_due_on"]) == (REASON, "2026-04-01")
