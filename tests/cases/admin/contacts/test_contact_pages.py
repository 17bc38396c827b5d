"""Pages and buttons about contacts: an officer asks before a call, notes wishes and refusals, and sees breaches."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from cases.models import BorrowerFlag, ContactPermit, ContactSource, ContactStop, ContactWish
from tests.factories.casework import make_case
from tests.factories.contacts import ask, report
from tests.factories.portfolio import AT, make_account, make_borrower, make_phone, make_related


@pytest.fixture
def borrower(shanghai: Any) -> Any:
    return make_borrower(territory=shanghai)


@pytest.fixture(autouse=True)
def _clock() -> Any:
    with time_machine.travel(AT, tick=False):
        yield


def page(client: Client, user: Any, model: str, pk: Any) -> str:
    client.force_login(user)
    client.cookies["django_language"] = "en"
    return client.get(reverse(f"admin:cases_{model}_change", args=[pk])).content.decode()


def press(client: Client, user: Any, model: str, pk: int, button: str, **values: Any) -> Any:
    client.force_login(user)
    client.cookies["django_language"] = "en"
    address = reverse(f"admin:cases_{model}_{button}", args=[pk])
    return client.post(address, {"_form_submitted": "on", **values})


def test_an_officer_asks_before_a_call_and_is_told_every_clause(borrower: Any, officer: Any, client: Client) -> None:
    case = make_case(account=make_account(borrower=borrower), owner=officer)
    phone = make_phone(borrower=borrower)
    asked = {"channel": "VOICE", "purpose": "COLLECTION", "phone": phone.pk}

    yes = press(client, officer, "case", case.pk, "ask_permit", **asked).content.decode()
    BorrowerFlag.objects.create(borrower=borrower, kind="CEASE", source="CALL", set_at=AT)
    no = press(client, officer, "case", case.pk, "ask_permit", **asked).content.decode()
    without = press(client, officer, "case", case.pk, "ask_permit", channel="VOICE", purpose="COLLECTION")

    granted, refused = ContactPermit.objects.order_by("pk")
    assert (granted.state, granted.asked_by, granted.phone) == ("RESERVED", officer, phone)
    assert granted.reference in yes
    assert "until 10:15" in yes
    assert (refused.state, "Collection ceased: no contact for this purpose." in no) == ("REFUSED", True)
    assert "Name the number" in without.content.decode()
    # With the reference of the yes the call is recorded; nothing was wrong with it.
    press(
        client,
        officer,
        "case",
        case.pk,
        "record_contact",
        channel="VOICE",
        outcome="NO_ANSWER",
        permit_ref=granted.reference,
    )
    granted.refresh_from_db()
    assert granted.state == "USED"


def test_a_permit_is_given_back_on_its_page(borrower: Any, officer: Any, client: Client) -> None:
    permit = ask(borrower=borrower, actor=officer)

    press(client, officer, "contactpermit", permit.pk, "release")

    permit.refresh_from_db()
    assert permit.state == "RELEASED"


def test_the_page_of_a_refused_permit_explains_it(borrower: Any, officer: Any, client: Client) -> None:
    BorrowerFlag.objects.create(borrower=borrower, kind="CEASE", source="CALL", set_at=AT)
    related = make_related(borrower=borrower, name="王五六", number="13911112222")
    permit = ask(borrower=borrower, related=related, actor=officer)

    text = page(client, officer, "contactpermit", permit.pk)

    assert "Collection ceased: no contact for this purpose. (House rule: circumstances" in text
    assert ("王五六" in text, "13911112222" in text) == (False, False)


def test_breaches_stand_on_the_case_and_the_borrower(borrower: Any, officer: Any, client: Client) -> None:
    case = make_case(account=make_account(borrower=borrower), owner=officer)
    report(borrower=borrower, attempted_at=AT - timedelta(hours=11))

    for model, pk in (("case", case.pk), ("borrower", borrower.pk)):
        assert "In quiet hours" in page(client, officer, model, pk), model


def test_an_officer_notes_and_ends_a_wish_and_stops_a_number(borrower: Any, officer: Any, client: Client) -> None:
    related = make_related(borrower=borrower, number="13911112222")

    press(
        client,
        officer,
        "borrower",
        borrower.pk,
        "note_wish",
        kind="ALSO_THEN",
        opens="22:00",
        closes="23:00",
        last_day="2026-03-09",
        evidence_ref="REC-1",
    )
    wish = ContactWish.objects.get()
    press(client, officer, "borrower", borrower.pk, "end_wish", wish=wish.pk)
    press(client, officer, "borrower", borrower.pk, "note_stop", related=related.pk)

    wish.refresh_from_db()
    assert (wish.recorded_by, wish.ended_at) == (officer, AT)
    assert ContactStop.objects.get().related == related


def test_a_risk_manager_says_from_when_on_a_source_needs_permits(
    borrower: Any, risk_manager: Any, officer: Any, client: Client
) -> None:
    report(borrower=borrower, attempted_at=AT - timedelta(hours=11))
    source = ContactSource.objects.get()
    address = reverse("admin:cases_contactsource_change", args=[source.pk])

    client.force_login(risk_manager)
    listed = client.get(reverse("admin:cases_contactsource_changelist")).content.decode()
    client.post(address, {"permits_from": "2026-03-02"})
    client.force_login(officer)
    refused = client.post(address, {"permits_from": ""})

    source.refresh_from_db()
    assert f"?source__id__exact={source.pk}" in listed
    assert (str(source.permits_from), refused.status_code) == ("2026-03-02", 403)
