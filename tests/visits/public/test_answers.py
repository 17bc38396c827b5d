"""Answering on the page of a letter: without login, cookie or script, once for each form, in words that tell nothing."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile

from cases.models import BorrowerFlag, Complaint
from tests.factories.visits import AT, make_agency, make_case, make_member, make_order, make_placement, photo
from visits.models import LetterAnswer, VisitOrder
from visits.public.letter_forms import FORMS

ASKED_AT = AT + timedelta(hours=3)
# What may stand on no page that a stranger can see.
FORBIDDEN = (
    "催", "逾期", "欠", "债", "贷款", "还款", "借款", "金额", "利息", "罚", "信用",
    "debt", "loan", "borrow", "overdue", "arrear", "amount", "repay", "collect", "owe", "past due", "credit", "interest",
)  # fmt: skip


@pytest.fixture
def order(shanghai, approver):
    agency = make_agency(territory=shanghai)
    case = make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)
    return make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)


@pytest.fixture
def proof(order):
    return order.case.borrower.id_number[-4:]


@pytest.fixture
def page(client, order):
    return Page(client, order.letter_code)


class Page:
    """The page of one letter as a browser without scripts uses it."""

    def __init__(self, client, code):
        self.client, self.code = client, code

    def open(self, query="", at=ASKED_AT, language="en"):
        with time_machine.travel(at, tick=False):
            return self.client.get(f"/v/{self.code}{query}", headers={"accept-language": language})

    def form(self, do, at=ASKED_AT):
        return re.search(r'name="form" value="([^"]+)"', self.open(f"?do={do}", at).content.decode()).group(1)

    def send(self, do, *, form=None, at=ASKED_AT, language="en", headers=None, **fields):
        values = {"form": form or self.form(do, at), **fields}
        with time_machine.travel(at, tick=False):
            return self.client.post(
                f"/v/{self.code}?do={do}", values, headers={"accept-language": language} | (headers or {})
            )

    def follow(self, sent, language="en"):
        return self.open(sent["Location"], language=language)


def visible(response):
    """Return the words that a reader sees, and what a browser announces; signed numbers of answers and forms spell anything."""
    unseen = r"<style>.*?</style>|\?sent=[^&\"]*|<input type=\"hidden\"[^>]*>"
    return re.sub(unseen, "", response.content.decode(), flags=re.DOTALL)


FIELDS = {
    "decline": {},
    "other-time": {"day": "2026-03-05", "opens": "14", "closes": "17"},
    "paper": {"paper_kind": "RECEIPT"},
    "complaint": {"text": "态度恶劣"},
    "represented": {},
    "hospital": {},
    "bereaved": {},
    "not-here": {},
}


def fields(do):
    more = {"paper": SimpleUploadedFile("p.jpg", photo(seed=5))} if do == "paper" else {}
    return FIELDS[do] | more


@pytest.mark.parametrize("language", ["zh-CN", "en"])
@pytest.mark.parametrize("do", sorted(FORMS))
def test_no_page_on_the_way_says_a_word_that_a_stranger_may_not_read(page, order, proof, language, do):
    pages = [page.open(language=language), page.open(f"?do={do}", language=language)]
    pages.append(page.send(do, language=language, form="forged"))
    sent = page.send(do, language=language, digits=proof, **fields(do))
    pages += [page.follow(sent, language), page.open(language=language)]
    VisitOrder.objects.update(state="CANCELLED")
    late = page.send(do, language=language, **fields(do))
    pages.append(page.follow(late, language))

    assert [each.status_code for each in pages] == [200, 200, 422, 200, 404, 200]
    borrower = order.case.borrower
    for shown in map(visible, pages):
        found = [word for word in FORBIDDEN if word in shown.lower().replace(str(order.placement.agency.name), "")]
        assert found == [], shown
        for secret in (borrower.name, borrower.masked_name, order.address.line, str(order), str(order.case), "32000"):
            assert secret not in shown
    assert (sent.cookies, late.cookies) == ({}, {})


def test_what_a_stranger_sees_does_not_tell_whether_the_proof_was_right(client, shanghai, approver):
    seen = []
    for digits in ("", "0000", None):
        agency, case = make_agency(territory=shanghai, name="同一机构"), make_case(territory=shanghai)
        pair = make_member(agency=agency), make_member(agency=agency)
        placement = make_placement(case=case, agency=agency)
        order = make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)
        page = Page(client, order.letter_code)
        sent = page.send("decline", digits=case.borrower.id_number[-4:] if digits is None else digits)
        after = [visible(each) for each in (page.follow(sent), page.open(), page.open("?do=decline"))]
        seen.append([sent.status_code, *(re.sub(r"L\d{7}|(sent=|value=\")[^\"]+", "", text) for text in after)])

    assert [answer.proof for answer in LetterAnswer.objects.order_by("pk")] == ["NOT_GIVEN", "WRONG", "RIGHT"]
    assert seen[0] == seen[1] == seen[2]


def test_a_proven_decline_reaches_visit_and_borrower(page, order, proof):
    sent = page.send("decline", digits=proof, text="请勿上门")

    answer = LetterAnswer.objects.get()
    order.refresh_from_db()
    assert sent.status_code == 303
    assert (answer.kind, answer.proof, answer.text, answer.received_at) == ("DECLINE", "RIGHT", "请勿上门", ASKED_AT)
    assert (order.state, order.end_reason) == ("CANCELLED", "BORROWER_ASKED")
    assert BorrowerFlag.objects.get().kind == "OPTED_OUT_OF_VISITS"
    assert str(answer) in page.follow(sent).content.decode()


def test_sending_twice_going_back_and_reloading_do_no_harm(page, order, proof):
    form = page.form("decline")
    first = page.send("decline", form=form, digits=proof)
    again = page.send("decline", form=form, digits=proof)
    # Long after the form has gone stale it still leads to what it brought about.
    later = page.send("decline", form=form, digits=proof, at=ASKED_AT + timedelta(days=3))

    assert [each.status_code for each in (first, again, later)] == [303] * 3
    assert first["Location"] == again["Location"] == later["Location"]
    assert [page.follow(first).status_code for _reload in range(2)] == [200, 200]
    assert LetterAnswer.objects.count() == 1


@pytest.mark.parametrize("form", ["", "forged", "0e0c0a2e-0000-4000-8000-000000000000:1w:x"])
def test_a_form_that_this_page_did_not_show_is_shown_again_with_what_was_typed(page, order, form):
    sent = page.send("decline", form=form or " ", text="请勿上门")

    assert (sent.status_code, LetterAnswer.objects.count()) == (422, 0)
    assert "请勿上门" in sent.content.decode()
    assert "Please send it once more." in sent.content.decode()


def test_the_form_of_another_letter_is_not_taken(page, order):
    other = Page(page.client, "another-letter").form("decline")

    assert page.send("decline", form=other).status_code == 422
    assert LetterAnswer.objects.count() == 0


def test_a_form_is_taken_for_twelve_hours(page, order):
    form = page.form("decline")
    end = ASKED_AT + timedelta(hours=12)

    assert page.send("decline", form=form, at=end + timedelta(seconds=2)).status_code == 422
    assert page.send("decline", form=form, at=end - timedelta(seconds=2)).status_code == 303


def test_another_site_cannot_send_for_a_visitor(page, order):
    assert page.send("decline", headers={"sec-fetch-site": "cross-site"}).status_code == 400
    assert page.send("decline", headers={"sec-fetch-site": "same-site"}).status_code == 400
    assert LetterAnswer.objects.count() == 0
    # Pages without a referrer send the origin "null"; that is no reason to refuse.
    assert page.send("decline", headers={"sec-fetch-site": "same-origin", "origin": "null"}).status_code == 303


def test_a_wish_is_kept_as_instants_and_refused_with_words_where_nobody_comes(page, order, proof):
    refused = page.send("other-time", digits=proof, day="2026-03-05", opens="10", closes="11", text="下午也可以")
    assert (refused.status_code, LetterAnswer.objects.count()) == (422, 0)
    assert "Choose at least two hours" in refused.content.decode()
    assert "下午也可以" in refused.content.decode()
    assert 'value="2026-03-05"' in refused.content.decode()

    page.send("other-time", digits=proof, **FIELDS["other-time"])

    answer = LetterAnswer.objects.get()
    assert [f"{at:%Y-%m-%dT%H:%M}" for at in (answer.wished_from, answer.wished_until)] == [
        "2026-03-05T06:00",
        "2026-03-05T09:00",
    ]


def test_a_complaint_gives_its_number_its_day_and_the_way(page, order, settings):
    shown = page.follow(page.send("complaint", text="态度恶劣")).content.decode()

    complaint = Complaint.objects.get()
    assert str(complaint) in shown
    assert "2026-03-17" in shown
    assert settings.COMPLAINTS_PHONE in shown


def test_a_paper_that_is_none_is_refused_and_a_body_that_is_too_large_is_not_read(page, order):
    wrong = page.send("paper", paper_kind="RECEIPT", paper=SimpleUploadedFile("p.jpg", b"<html>"))
    assert (wrong.status_code, LetterAnswer.objects.count()) == (422, 0)

    with time_machine.travel(ASKED_AT, tick=False):
        large = page.client.post(f"/v/{page.code}?do=paper", b"", content_type="text/plain", CONTENT_LENGTH="99999999")
    assert large.status_code == 413


@pytest.mark.parametrize("code", ["unknown", "x" * 200])
def test_an_answer_to_no_letter_is_not_kept_and_says_so(client, order, code):
    sent = Page(client, code).send("decline")

    assert (sent.status_code, LetterAnswer.objects.count()) == (404, 0)
    assert "nothing was kept" in sent.content.decode()


@pytest.mark.parametrize("query", ["?sent=1", "?sent=x", "?sent=1:forged"])
def test_what_was_sent_is_shown_to_whoever_sent_it(page, order, query):
    page.send("decline")

    assert page.open(query).status_code == 400


def test_after_the_visit_the_words_say_that_it_is_a_message(page, order):
    VisitOrder.objects.update(state="REPORTED")

    assert "kept as a message" in page.follow(page.send("decline")).content.decode()


@pytest.mark.parametrize("method", ["put", "delete", "patch"])
def test_other_methods_are_none(client, order, method):
    assert getattr(client, method)(f"/v/{order.letter_code}").status_code == 405


def test_the_page_holds_no_script(page, order):
    assert "<script" not in page.open().content.decode()
