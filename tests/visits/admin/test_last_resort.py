"""The card of what was tried before a visit, on the pages of the visit and of the case."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from cases.models import ContactAttempt
from tests.factories import casework
from tests.factories.portfolio import make_address, make_overdue
from tests.factories.visits import make_agency, make_attempts, make_case, make_order, make_placement
from visits.models import VisitOrder


def a_case(territory: Any) -> Any:
    account = make_overdue(territory=territory)
    make_address(borrower=account.borrower)
    return casework.make_case(account=account)


@pytest.fixture
def order(shanghai: Any, approver: Any) -> Any:
    case = a_case(shanghai)
    make_attempts(borrower=case.borrower, at=timezone.now())
    placement = make_placement(case=case, agency=make_agency(territory=shanghai))
    return make_order(case=case, placement=placement, state="APPROVED", approver=approver)


def test_a_visit_shows_the_steps_and_contacts_before_it(order: Any, client: Any, approver: Any) -> None:
    client.force_login(approver)

    page = client.get(reverse("admin:visits_visitorder_change", args=[order.pk]), headers={"accept-language": "en"})

    text = page.content.decode()
    for words in ("Borrower last reached", "Days with failed calls in a row", "6 contacts in 90 days"):
        assert words in text
    assert "Record of the borrower" in text


def test_a_visit_that_has_ended_says_nothing_of_what_is_missing_today(order: Any, client: Any, approver: Any) -> None:
    VisitOrder.objects.filter(pk=order.pk).update(state="CANCELLED", ended_at=timezone.now())
    client.force_login(approver)

    page = client.get(reverse("admin:visits_visitorder_change", args=[order.pk]), headers={"accept-language": "en"})

    assert (page.status_code, "Borrower last reached" in page.content.decode()) == (200, False)


def test_more_contacts_than_are_listed_are_said(order: Any, client: Any, approver: Any) -> None:
    ContactAttempt.objects.bulk_create(
        ContactAttempt(
            borrower=order.case.borrower,
            external_ref=f"more-{number}",
            channel="VOICE",
            outcome="NO_ANSWER",
            attempted_at=timezone.now(),
            created_at=timezone.now(),
        )
        for number in range(7)
    )
    client.force_login(approver)

    page = client.get(reverse("admin:visits_visitorder_change", args=[order.pk]), headers={"accept-language": "en"})

    text = page.content.decode()
    assert ("13 contacts in 90 days" in text, "The newest 12 are shown." in text) == (True, True)


def test_a_case_without_a_visit_shows_what_is_missing_before_one(shanghai: Any, client: Any, officer: Any) -> None:
    case = a_case(shanghai)
    client.force_login(officer)

    page = client.get(reverse("admin:cases_case_change", args=[case.pk]), headers={"accept-language": "en"})

    assert "No contact was tried in 90 days." in page.content.decode()


def test_a_wish_of_the_borrower_is_entered_with_its_record(shanghai: Any, client: Any, officer: Any) -> None:
    case = make_case(territory=shanghai, is_tried=False)
    address = reverse("admin:visits_visitorder_request", args=[case.pk])
    asked = {"address": case.borrower.addresses.get().pk, "purposes": ["VERIFY_IDENTITY"], "reason": "电话约定"}
    client.force_login(officer)

    refused = client.post(address, asked | {"borrower_request_ref": " "}, headers={"accept-language": "en"})
    taken = client.post(address, asked | {"borrower_request_ref": "REC-2026-7"})

    assert "A visit is the last resort, and it is too early: 0 of 6 attempts" in refused.content.decode()
    order = case.visit_orders.get()
    assert (taken.status_code, order.borrower_request_ref, order.state) == (302, "REC-2026-7", "DRAFT")
