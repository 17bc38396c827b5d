"""Answers to letters on the pages of those who handle them: the list, the case, the order, the day's plan, the paper."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.urls import reverse

from backoffice.audit.models import AccessEntry
from tests.factories.policy import make_version
from tests.factories.visits import AT, VISIT_AT, make_agency, make_case, make_member, make_order, make_placement, photo
from visits.models import LetterAnswer, VisitOrder
from visits.services.answers.papers import read_paper
from visits.services.answers.receiving import GivenAnswer, receive_answer


@pytest.fixture
def order(shanghai, approver):
    agency = make_agency(territory=shanghai)
    # The pages name the case's reasons by the titles of the policy's rules.
    case = make_case(territory=shanghai, policy_version=make_version())
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)
    return make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)


@pytest.fixture
def answer(order):
    def send(kind="DECLINE", **fields):
        given = GivenAnswer(kind=kind, form_ref=uuid4(), **fields)
        return receive_answer(code=order.letter_code, given=given, at=AT + timedelta(hours=3))

    return send


def page(name, *args):
    return reverse(f"admin:visits_{name}", args=args)


def test_an_officer_finds_the_answer_on_home_page_list_and_case_and_handles_it(client, officer, order, answer):
    claim = answer(text="我妈妈病了")
    client.force_login(officer)
    assert f"{page('letteranswer_changelist')}?handled_at__isnull=True" in client.get("/admin/").content.decode()
    assert str(claim) in client.get(page("letteranswer_changelist"), {"handled": "no"}).content.decode()
    assert str(claim) in client.get(reverse("admin:cases_case_change", args=[order.case_id])).content.decode()
    assert "我妈妈病了" in client.get(page("letteranswer_change", claim.pk)).content.decode()

    client.post(
        page("letteranswer_handle", claim.pk), {"_form_submitted": "on", "outcome": "CONFIRMED", "done": "已致电"}
    )

    claim.refresh_from_db()
    assert (claim.outcome, claim.handled_by) == ("CONFIRMED", officer)
    assert VisitOrder.objects.get().state == "CANCELLED"
    # The timeline still names it; the panel no longer leads to it.
    case_page = client.get(reverse("admin:cases_case_change", args=[order.case_id])).content.decode()
    assert page("letteranswer_change", claim.pk) not in case_page
    assert (
        page("letteranswer_handle", claim.pk) not in client.get(page("letteranswer_change", claim.pk)).content.decode()
    )


def test_a_dispatcher_sees_the_wish_on_the_order_and_on_the_days_plan(client, dispatcher, order, answer):
    opens = VISIT_AT + timedelta(days=1)
    answer("OTHER_TIME", wished_from=opens, wished_until=opens + timedelta(hours=3))
    client.force_login(dispatcher)
    client.cookies["django_language"] = "en"

    assert "10:30–13:30" in client.get(page("visitorder_change", order.pk)).content.decode()
    plan = client.post(page("visitorder_changelist"), {"action": "plan_selected", "_selected_action": [order.pk]})
    assert "asked for" in plan.content.decode()
    assert "10:30–13:30" in plan.content.decode()


def test_who_does_not_handle_answers_reads_no_words_and_no_paper(client, auditor, order, answer):
    sent = answer("PAPER", text="我妈妈病了", paper=photo(seed=1), paper_kind="HOSPITAL")
    read_paper(answer_id=sent.pk, at=AT)
    client.force_login(auditor)

    shown = client.get(page("letteranswer_change", sent.pk))
    assert shown.status_code == 200
    assert "我妈妈病了" not in shown.content.decode()
    assert client.get(page("letteranswer_preview", sent.pk)).status_code == 404
    assert client.get(page("letteranswer_file", sent.pk)).status_code == 404


def test_a_paper_is_shown_as_its_copy_and_the_original_is_saved_and_both_are_logged(client, officer, order, answer):
    content = photo(seed=1)
    sent = answer("PAPER", paper=content, paper_kind="RECEIPT")
    client.force_login(officer)
    assert client.get(page("letteranswer_preview", sent.pk)).status_code == 404
    read_paper(answer_id=sent.pk, at=AT)

    shown = client.get(page("letteranswer_preview", sent.pk))
    saved = client.get(page("letteranswer_file", sent.pk))

    assert (shown["Content-Type"], shown.content != content) == ("image/jpeg", True)
    assert b"".join(saved.streaming_content) == content
    assert saved["Content-Disposition"] == f'attachment; filename="{sent}.jpg"'
    logged = AccessEntry.objects.filter(subject_type="visits.letteranswer").order_by("pk")
    assert [(entry.actor_id, entry.fields, entry.purpose) for entry in logged] == [
        (officer.pk, ["paper"], "VERIFICATION")
    ] * 2


def test_outside_firms_see_no_answers(client, order, answer):
    answer(text="x")
    client.force_login(order.lead.user)

    assert client.get(page("letteranswer_changelist")).status_code == 403
    assert LetterAnswer.objects.visible_to(order.lead.user).count() == 0


def test_rest_lists_answers_without_words_and_notes_that_one_is_handled(client, officer, order, answer):
    claim = answer(text="我妈妈病了")
    client.force_login(officer)

    listed = client.get("/api/v1/letter-answers/", {"handled": "false"}).json()["results"]
    assert [(row["number"], row["kind"], row["proof"], row["holds"]) for row in listed] == [
        (str(claim), "DECLINE", "NOT_GIVEN", True)
    ]
    assert "我妈妈病了" not in str(listed)
    handled = client.post(
        f"/api/v1/letter-answers/{claim.pk}/handle/",
        {"outcome": "SET_ASIDE", "done": "未联系上，非本人"},
        content_type="application/json",
    )

    assert (handled.status_code, handled.json()["outcome"]) == (200, "SET_ASIDE")
    assert client.get("/api/v1/letter-answers/", {"handled": "false"}).json()["results"] == []
    assert len(client.get("/api/v1/letter-answers/", {"handled": "true"}).json()["results"]) == 1
