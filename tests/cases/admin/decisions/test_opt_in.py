"""The borrower's answer to a raised limit on the page of its decision."""

from typing import Any

import pytest
from django.urls import reverse

from cases.models import OptInAnswer
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_overdue, pay_up
from tests.factories.requests import signed_in


@pytest.fixture
def raised(shanghai: Any, approver: Any) -> Any:
    account = make_overdue(territory=shanghai)
    pay_up(account)
    decision = make_decision(account=account, kind="LIMIT_INCREASE")
    approve_decision(decision=decision, actor=approver, at=AT)
    return decision


def test_an_officer_records_the_answer_and_the_page_shows_it(raised, officer):
    client = signed_in(officer)
    page, door = (reverse(f"admin:cases_decision_{name}", args=[raised.pk]) for name in ("change", "answer_offer"))
    assert door in client.get(page).content.decode()

    done = client.post(door, {"_form_submitted": "on", "answer": "declined", "evidence_ref": "REC-9"})

    assert done.status_code == 302
    assert OptInAnswer.objects.get().accepted is False
    shown = client.get(page).content.decode()
    assert ("REC-9" in shown, door in shown) == (True, False)


def test_the_button_is_not_offered_where_nothing_can_be_answered(shanghai, approver, officer):
    account = make_overdue(territory=shanghai)
    decision = make_decision(account=account, kind="FREEZE")
    approve_decision(decision=decision, actor=approver, at=AT, note="overdue")

    page = signed_in(officer).get(reverse("admin:cases_decision_change", args=[decision.pk])).content.decode()

    assert reverse("admin:cases_decision_answer_offer", args=[decision.pk]) not in page


def test_approvers_record_no_answers(raised, approver):
    door = reverse("admin:cases_decision_answer_offer", args=[raised.pk])

    assert signed_in(approver).post(door, {"_form_submitted": "on"}).status_code == 403
