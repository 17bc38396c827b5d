"""The letter: a PDF of fixed bytes that names both firms, masks the borrower and holds no amount."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings

from backoffice.core.errors import StateConflict
from cases.rules.wording.scan import scan
from cases.rules.wording.word_lists import word_lists
from tests.factories.visits import AT, make_order, stored
from visits.models import VisitOrder
from visits.services.dispatch.letters import PURPOSE_WORDS, _letter_data, issue_letter, render_letter


@pytest.fixture
def order(case, placement, pair, approver):
    return make_order(case=case, placement=placement, state="SCHEDULED", approver=approver, pair=pair)


def test_a_letter_is_a_pdf_whose_hash_is_kept(order, dispatcher):
    order = issue_letter(order=order, actor=dispatcher, at=AT)

    content = stored(order.letter_file.name)
    assert content.startswith(b"%PDF-")
    assert len(content) > 20_000
    assert hashlib.sha256(content).hexdigest() == order.letter_sha256
    assert str(order) not in order.letter_file.name


def test_a_letter_is_issued_at_an_instant_with_a_fraction_of_a_second(order, dispatcher):
    order = issue_letter(order=order, actor=dispatcher, at=AT.replace(microsecond=123_456))

    content = stored(order.letter_file.name)
    assert content.startswith(b"%PDF-")
    assert render_letter(order=VisitOrder.objects.get(pk=order.pk)) == content


def test_the_same_order_gives_the_same_bytes_and_another_code_others(order, dispatcher):
    order = issue_letter(order=order, actor=dispatcher, at=AT)

    assert render_letter(order=order) == render_letter(order=VisitOrder.objects.get(pk=order.pk))
    again = issue_letter(order=order, actor=dispatcher, at=AT)
    assert again.letter_code != order.letter_code
    assert again.letter_sha256 != order.letter_sha256


def test_a_letter_says_who_for_whom_and_how_long_but_nothing_of_the_debt(order, pair, settings):
    settings.PUBLIC_URL = "https://letters.example"
    data = _letter_data(order=order)

    assert (data["lender"], data["agency"]) == (settings.LENDER_NAME, order.placement.agency.name)
    assert data["addressee"] == "张*三"
    assert data["crew"] == [{"badge": member.external_ref, "name": "李*明"} for member in pair]
    assert data["url"] == f"https://letters.example/v/{order.letter_code}"
    assert (data["visit_on"], data["visit_from"], data["visit_to"]) == ("2026-03-04", "10:30", "12:30")
    text = str(data)
    for secret in (
        "张小三",
        "32000",
        "40000",
        "示范路",
        "99999919850101123X",
        "逾期",
        "欠款",
        "催收",
        "arrears",
        "debt",
    ):
        assert secret not in text


def test_a_mandate_lasts_ninety_days_and_never_longer_than_the_placement(order):
    assert _letter_data(order=order)["valid_until"] == "2026-05-31"
    order.placement.term_ends_on = AT.date() + timedelta(days=20)
    assert _letter_data(order=order)["valid_until"] == "2026-03-22"


def test_no_letter_is_issued_for_a_visit_that_is_under_way_or_over(case, placement, pair, approver, dispatcher):
    order = make_order(case=case, placement=placement, state="EN_ROUTE", approver=approver, pair=pair)

    with pytest.raises(StateConflict):
        issue_letter(order=order, actor=dispatcher, at=AT)

    assert VisitOrder.objects.get(pk=order.pk).letter_sha256 == ""


@pytest.mark.parametrize("page", ["letters/mandate.typ", "visits/letter.html"])
def test_the_words_of_what_a_stranger_may_read_tell_of_no_debt_and_threaten_nobody(page):
    text = (Path(settings.BASE_DIR) / "visits" / "templates" / page).read_text(encoding="utf-8")
    # The names of values are not printed.
    printed = re.sub(r"{%.*?%}|{{.*?}}|#?d\.\w+", "", text)

    found = scan(text=printed, words=word_lists(), debt=True)

    assert [printed[each.start : each.end] for each in found] == []


def test_the_purposes_that_a_letter_names_tell_of_no_debt():
    text = str(PURPOSE_WORDS)

    assert scan(text=text, words=word_lists(), debt=True) == ()
