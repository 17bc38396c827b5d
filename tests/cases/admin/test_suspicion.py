"""Suspicion signals on the page of a case, in their list, answered by a button and through REST."""

import pytest
import time_machine
from django.urls import reverse

from cases.models import SuspicionSignal
from tests.cases.services.casework.test_suspicion import make_signal
from tests.factories.casework import AT, TODAY, fact, make_case, verify
from tests.factories.portfolio import make_overdue
from tests.factories.requests import post, signed_in


@pytest.fixture
def case(shanghai):
    return make_case(account=make_overdue(territory=shanghai))


def button_of(signal):
    return reverse("admin:cases_suspicionsignal_answer", args=[signal.pk])


def page(name, *args):
    return reverse(f"admin:{name}", args=args)


def test_the_case_shows_open_signals_and_what_was_found_of_others(client, officer, case):
    make_signal(case.borrower)
    make_signal(case.borrower, kind="FALSE_EMPLOYER", source="CONTRADICTION:APPLICATION/INCOME_PROOF")
    verification = verify(case=case, facts=(fact("IDENTITY", "REFUTED"),))
    client.force_login(officer)
    client.cookies["django_language"] = "en"

    shown = client.get(page("cases_case_change", case.pk)).content.decode()

    assert "Signs that stated facts do not fit" in shown
    for words in ("What was stated is not so", verification.source_ref, "Two sources differ", "Open"):
        assert words in shown
    assert "CONTRADICTION:" not in shown


@time_machine.travel(AT, tick=False)
def test_an_officer_answers_by_the_button_and_it_is_gone(client, officer, case):
    signal = make_signal(case.borrower)
    client.force_login(officer)
    address = page("cases_suspicionsignal_change", signal.pk)
    assert button_of(signal) in client.get(address).content.decode()

    client.post(button_of(signal), {"_form_submitted": "on", "answer": "CLEARED", "reason": "已电话核实"})

    signal.refresh_from_db()
    assert (signal.answer, signal.answered_by, signal.cleared_on) == ("CLEARED", officer, TODAY)
    shown = client.get(address).content.decode()
    assert button_of(signal) not in shown
    assert "已电话核实" in shown


def test_the_signal_of_a_contradiction_has_no_button_and_the_refusal_stands_in_the_dialog(client, officer, case):
    signal = make_signal(case.borrower, source="CONTRADICTION:APPLICATION/LEASE")
    client.force_login(officer)

    assert button_of(signal) not in client.get(page("cases_suspicionsignal_change", signal.pk)).content.decode()
    refused = client.post(
        button_of(signal), {"_form_submitted": "on", "answer": "CLEARED", "reason": "已核对"}
    ).content.decode()

    assert "请在矛盾处结案" in refused
    assert SuspicionSignal.objects.get().answer == ""


def test_rest_lists_filters_and_answers(officer, case):
    make_signal(case.borrower)
    signal = make_signal(case.borrower, kind="DOCUMENT_DOUBTFUL")

    found = signed_in(officer).get("/api/v1/suspicion-signals/?kind=DOCUMENT_DOUBTFUL&ended=false").json()["results"]
    assert [each["id"] for each in found] == [signal.pk]
    answer = post(
        officer, f"/api/v1/suspicion-signals/{signal.pk}/answer/", {"answer": "CONFIRMED", "reason": "公章系伪造"}
    )

    assert answer.status_code == 200, answer.json()
    assert (answer.json()["answer"], answer.json()["answered_by"]) == ("CONFIRMED", officer.username)
    again = post(officer, f"/api/v1/suspicion-signals/{signal.pk}/answer/", {"answer": "CLEARED", "reason": "x"})
    assert again.status_code == 409


def test_the_list_is_narrowed_to_what_is_open_or_how_it_ended(client, officer, case):
    ended = {"open": {}, "ended": {"cleared_on": TODAY}, "CLEARED": {"cleared_on": TODAY, "answer": "CLEARED"}}
    made = {state: make_signal(case.borrower, **fields) for state, fields in ended.items()}
    client.force_login(officer)

    for state, signal in made.items():
        shown = client.get(page("cases_suspicionsignal_changelist"), {"state": state}).context["cl"].result_list
        assert list(shown) == [signal], state
    assert len(client.get(page("cases_suspicionsignal_changelist")).context["cl"].result_list) == 3
