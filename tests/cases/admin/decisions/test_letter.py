"""Pages of letters about decisions: text, PDF in both languages, arrival, and who may see them."""

from datetime import timedelta

import pytest
from django.utils import timezone
from django.utils.html import escape

from cases.models import Decision, DecisionLetter, LetterDelivery
from cases.selectors.casework.letters import RELATED, UNDELIVERED_DAYS, letter_pdf, letter_text
from cases.services.decisions.complaints import receive_complaint
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_overdue
from tests.factories.requests import signed_in


@pytest.fixture
def letter(shanghai, approver):
    decision = make_decision(account=make_overdue(territory=shanghai), kind="FREEZE")
    approve_decision(decision=decision, actor=approver, at=AT, note="Read")
    return DecisionLetter.objects.select_related(*RELATED).get()


def page(user, address, language="en"):
    client = signed_in(user)
    client.cookies["django_language"] = language
    return client.get(address)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_pages_of_letter_and_decision_show_the_text_in_the_readers_language(letter, officer, language):
    printed = [escape(line) for line in letter_text(letter=letter, language=language).splitlines() if line]

    for address in (
        f"/admin/cases/decisionletter/{letter.pk}/change/",
        f"/admin/cases/decision/{letter.decision_id}/change/",
    ):
        shown = page(officer, address, language).content.decode()
        assert [line for line in printed if f"<div>{line}</div>" not in shown] == [], address
        assert f"/admin/cases/decisionletter/{letter.pk}/pdf/zh-hans/" in shown
        assert f"/admin/cases/decisionletter/{letter.pk}/pdf/en/" in shown


def test_a_proposal_has_no_letter_yet(shanghai, officer):
    decision = make_decision(account=make_overdue(territory=shanghai))

    answer = page(officer, f"/admin/cases/decision/{decision.pk}/change/")

    assert answer.status_code == 200
    assert "/pdf/" not in answer.content.decode()


@pytest.mark.parametrize(("language", "ends"), [("zh-hans", "zh"), ("en", "en")])
def test_a_pdf_is_saved_under_a_name_that_tells_nothing(letter, officer, language, ends):
    answer = page(officer, f"/admin/cases/decisionletter/{letter.pk}/pdf/{language}/")

    assert b"".join(answer.streaming_content) == letter_pdf(letter=letter, language=language)
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="letter-{letter}-{ends}.pdf"'
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.parametrize(
    ("role", "status"), [("CASE_OFFICER", 200), ("AUDITOR", 200), ("REVIEWER", 404), ("ADMINISTRATOR", 404)]
)
def test_a_pdf_is_for_who_may_see_letters(letter, person, role, status):
    reader = person(role, name="reader")

    assert page(reader, f"/admin/cases/decisionletter/{letter.pk}/pdf/en/").status_code == status


def test_a_pdf_of_another_territory_or_language_is_not_there(letter, person, chengdu, officer):
    stranger = person("CASE_OFFICER", name="stranger", territories=(chengdu,))

    assert page(stranger, f"/admin/cases/decisionletter/{letter.pk}/pdf/en/").status_code == 404
    assert page(officer, f"/admin/cases/decisionletter/{letter.pk}/pdf/fr/").status_code == 404


def test_an_officer_reports_what_became_of_a_letter_by_post(letter, officer):
    client = signed_in(officer)
    given = {"report": "RETURNED", "channel": "POST", "happened_at": "2026-03-05T09:30", "_form_submitted": "1"}

    answer = client.post(f"/admin/cases/decisionletter/{letter.pk}/report/", given)

    assert answer.status_code == 302
    delivery = LetterDelivery.objects.get()
    assert (delivery.report, delivery.channel, delivery.reported_by) == ("RETURNED", "POST", officer)
    assert timezone.localtime(delivery.happened_at).strftime("%Y-%m-%d %H:%M") == "2026-03-05 09:30"
    assert DecisionLetter.objects.get().state == "RETURNED"


def test_an_instant_before_the_letter_is_refused_in_the_dialog(letter, officer):
    given = {"report": "DELIVERED", "channel": "POST", "happened_at": "2026-03-01T09:30", "_form_submitted": "1"}

    answer = signed_in(officer).post(f"/admin/cases/decisionletter/{letter.pk}/report/", given)

    assert "该时间早于信函写成的时间" in answer.content.decode()
    assert LetterDelivery.objects.count() == 0


def test_who_may_not_report_has_no_button(letter, auditor):
    shown = page(auditor, f"/admin/cases/decisionletter/{letter.pk}/change/").content.decode()

    assert f"/admin/cases/decisionletter/{letter.pk}/report" not in shown
    assert signed_in(auditor).get(f"/admin/cases/decisionletter/{letter.pk}/report/").status_code == 403


def test_the_list_finds_what_did_not_arrive(letter, officer, approver):
    today = timezone.localdate()
    late = today - timedelta(days=UNDELIVERED_DAYS + 1)
    young = DecisionLetter.objects.create(
        decision=letter.decision,
        kind="ENDED",
        happened_on=today,
        facts=letter.facts,
        digest="0" * 64,
        created_at=AT,
        updated_at=AT,
    )
    old = DecisionLetter.objects.create(
        decision=letter.decision,
        kind="LIFTED",
        happened_on=late,
        facts=letter.facts,
        digest="1" * 64,
        created_at=AT,
        updated_at=AT,
    )
    DecisionLetter.objects.filter(pk=letter.pk).update(state="DELIVERED")

    everything = page(officer, "/admin/cases/decisionletter/")
    undelivered = page(officer, "/admin/cases/decisionletter/?arrival=late")

    assert {row.pk for row in everything.context["cl"].result_list} == {letter.pk, young.pk, old.pk}
    assert [row.pk for row in undelivered.context["cl"].result_list] == [old.pk]


def test_a_letter_is_found_by_its_number(letter, officer):
    found = page(officer, f"/admin/cases/decisionletter/?q={letter}")

    assert [row.pk for row in found.context["cl"].result_list] == [letter.pk]
    assert page(officer, "/admin/cases/decisionletter/?q=H9999999").context["cl"].result_list.count() == 0


@pytest.mark.parametrize("press", ["uphold", "reject"])
def test_the_answer_to_a_request_for_an_explanation_begins_with_the_letter(letter, press, person):
    complaint = receive_complaint(
        borrower=letter.decision.borrower,
        kind="EXPLANATION",
        subject="Why?",
        actor=None,
        at=AT,
        decision=letter.decision,
    )
    second = person("APPROVER", name="second")

    dialog = page(second, f"/admin/cases/complaint/{complaint.pk}/{press}/").content.decode()
    shown = page(second, f"/admin/cases/complaint/{complaint.pk}/change/").content.decode()

    assert "For now, no new money can be drawn from your account." in dialog
    assert "A person made this decision." in dialog
    printed = [escape(line) for line in letter_text(letter=letter, language="en").splitlines() if line]
    assert [line for line in printed if f"<div>{line}</div>" not in shown] == []


def test_the_answer_to_any_other_complaint_begins_empty(letter, person):
    complaint = receive_complaint(
        borrower=letter.decision.borrower, kind="APPEAL", subject="No", actor=None, at=AT, decision=letter.decision
    )

    dialog = page(person("APPROVER", name="second"), f"/admin/cases/complaint/{complaint.pk}/uphold/")

    assert "For now, no new money" not in dialog.content.decode()
    assert Decision.objects.get().state == "APPROVED"
