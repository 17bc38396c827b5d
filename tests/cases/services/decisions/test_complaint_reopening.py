"""Who does not accept an answer is heard once more, by yet another person."""

from datetime import timedelta
from typing import Any

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import BorrowerFlag, Complaint
from cases.services.decisions.complaint_reopening import reopen_complaint
from cases.services.decisions.complaints import answer_complaint, receive_complaint
from tests.factories.casework import AT, TODAY, make_case, make_decision
from tests.factories.portfolio import make_overdue
from tests.factories.requests import post

SAID = "The freeze was wrong all the same"


@pytest.fixture
def answered(shanghai: Any, officer: Any, approver: Any) -> Any:
    account = make_overdue(territory=shanghai)
    decision = make_decision(account=account, kind="FREEZE", case=make_case(account=account))
    complaint = receive_complaint(
        borrower=account.borrower, kind="APPEAL", subject="Wrong", decision=decision, actor=officer, at=AT
    )
    return answer_complaint(complaint=complaint, upheld=False, answer="It was right", actor=approver, at=AT)


def reopen(complaint: Any, actor: Any, *, at: Any = AT, subject: str = SAID) -> Any:
    return reopen_complaint(complaint=complaint, subject=subject, actor=actor, at=at)


def test_the_new_one_is_about_the_same_and_pauses_it_again(answered, person):
    assert not BorrowerFlag.objects.filter(cleared_at=None).exists()

    again = reopen(answered, person("CASE_OFFICER", name="second officer"), at=AT + timedelta(days=60))

    assert (again.kind, again.decision, again.case, again.reopens) == (
        "APPEAL",
        answered.decision,
        answered.case,
        answered,
    )
    assert (again.subject, again.answer_due_on) == (SAID, TODAY + timedelta(days=75))
    assert BorrowerFlag.objects.filter(cleared_at=None).exists()
    answered.refresh_from_db()
    assert (answered.state, answered.answer) == ("REJECTED", "It was right")


def test_yet_another_person_answers_it(answered, officer, approver, person):
    again = reopen(answered, person("CASE_OFFICER", name="second officer"))

    for actor in (approver, officer):
        with pytest.raises(NotAllowed):
            answer_complaint(complaint=again, upheld=True, answer="You were right", actor=actor, at=AT)
    answer_complaint(
        complaint=again, upheld=True, answer="You were right", actor=person("APPROVER", name="third"), at=AT
    )
    answered.decision.refresh_from_db()
    assert answered.decision.state == "REJECTED"


def test_it_is_reopened_once_after_its_answer_and_within_sixty_days(answered, officer, shanghai):
    with pytest.raises(StateConflict):
        reopen(answered, officer, at=AT + timedelta(days=61))
    again = reopen(answered, officer)
    for each in (answered, again):
        with pytest.raises(StateConflict):
            reopen(each, officer)
    assert Complaint.objects.count() == 2


def test_what_the_borrower_says_is_needed_and_heard_by_who_may(answered, officer, approver):
    with pytest.raises(InvalidInput):
        reopen(answered, officer, subject=" ")
    with pytest.raises(NotAllowed):
        reopen(answered, approver)


def test_over_rest(answered, officer, time_machine):
    time_machine.move_to(AT, tick=False)
    answer = post(officer, f"/api/v1/complaints/{answered.pk}/reopen/", {"subject": SAID})

    assert (answer.status_code, answer.json()["reopens"]) == (201, answered.pk)
    again = post(officer, f"/api/v1/complaints/{answered.pk}/reopen/", {"subject": SAID})
    assert again.status_code == 409
