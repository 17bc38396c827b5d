"""Complaints on their page: put off, and received once more."""

from typing import Any

import pytest
from django.urls import reverse

from cases.models import Complaint
from cases.services.decisions.complaints import answer_complaint, receive_complaint
from tests.factories.casework import AT
from tests.factories.portfolio import make_overdue
from tests.factories.requests import signed_in

SUBMIT = {"_form_submitted": "on"}


@pytest.fixture(autouse=True)
def _clock(time_machine: Any) -> None:
    time_machine.move_to(AT, tick=False)


@pytest.fixture
def complaint(shanghai: Any, officer: Any) -> Any:
    borrower = make_overdue(territory=shanghai).borrower
    return receive_complaint(borrower=borrower, kind="COMPLAINT", subject="Called at night", actor=officer, at=AT)


def page_of(name: str, complaint: Complaint) -> str:
    return reverse(f"admin:cases_complaint_{name}", args=[complaint.pk])


def test_an_approver_puts_the_answer_off_and_the_page_says_why(complaint, approver):
    client = signed_in(approver)
    assert page_of("put_off", complaint) in client.get(page_of("change", complaint)).content.decode()

    done = client.post(page_of("put_off", complaint), SUBMIT | {"reason": "The recording is asked for"})

    assert done.status_code == 302
    page = client.get(page_of("change", complaint)).content.decode()
    assert "The recording is asked for" in page
    again = client.post(page_of("put_off", complaint), SUBMIT | {"reason": "Once more"})
    assert (again.status_code, Complaint.objects.get().extension_reason) == (200, "The recording is asked for")


def test_an_officer_receives_it_once_more_and_both_pages_lead_to_each_other(complaint, officer, approver):
    client = signed_in(officer)
    assert page_of("reopen", complaint) not in client.get(page_of("change", complaint)).content.decode()
    answer_complaint(complaint=complaint, upheld=False, answer="It was at noon", actor=approver, at=AT)

    done = client.post(page_of("reopen", complaint), SUBMIT | {"subject": "It was at night"})

    again = Complaint.objects.get(reopens=complaint)
    assert done["Location"] == page_of("change", again)
    assert page_of("change", complaint) in client.get(page_of("change", again)).content.decode()
    assert page_of("change", again) in client.get(page_of("change", complaint)).content.decode()


def test_a_wish_for_an_explanation_offers_no_delay(shanghai, officer, approver):
    borrower = make_overdue(territory=shanghai).borrower
    wish = receive_complaint(borrower=borrower, kind="EXPLANATION", subject="Why", actor=officer, at=AT)

    page = signed_in(approver).get(page_of("change", wish)).content.decode()

    assert page_of("uphold", wish) in page
    assert page_of("put_off", wish) not in page
