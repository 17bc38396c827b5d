"""The page behind the code: it says whether the letter is genuine, and nothing else about anybody."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache

from backoffice.core.errors import StateConflict
from tests.factories.visits import AT, VISIT_AT, make_agency, make_case, make_member, make_order, make_placement
from visits.enums import VisitState
from visits.models import VisitOrder
from visits.rules.conduct.policy import PolicyLoosened
from visits.services.agencies.placement import recall_placement


@pytest.fixture(autouse=True)
def _fresh_counts():
    cache.clear()


@pytest.fixture
def order(shanghai, approver):
    agency = make_agency(territory=shanghai)
    case = make_case(territory=shanghai)
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = make_placement(case=case, agency=agency)
    return make_order(case=case, placement=placement, state="ACCEPTED", approver=approver, pair=pair)


def ask(client, code, at=VISIT_AT, query="", **headers):
    with time_machine.travel(at, tick=False):
        return client.get(f"/v/{code}{query}", headers=headers)


@pytest.mark.parametrize(
    ("language", "said", "purpose"),
    [("zh-CN", "此函真实有效", "核对居住地址"), ("en", "This letter is genuine.", "Confirm your address")],
)
def test_a_genuine_letter_is_confirmed_with_agency_badges_and_hours(client, order, settings, language, said, purpose):
    page = ask(client, order.letter_code, **{"accept-language": language})

    text = page.content.decode()
    assert page.status_code == 200
    for shown in (
        settings.LENDER_NAME,
        order.placement.agency.name,
        order.lead.external_ref,
        order.second.external_ref,
        "2026-03-04 10:30–12:30",
        settings.COMPLAINTS_PHONE,
        said,
        purpose,
    ):
        assert shown in text


def test_a_link_changes_the_language_and_keeps_it(client, order):
    page = ask(client, order.letter_code, **{"accept-language": "zh-CN"}).content.decode()
    assert 'href="?lang=en"' in page

    english = ask(client, order.letter_code, query="?lang=en", **{"accept-language": "zh-CN"})

    assert "This letter is genuine." in english.content.decode()
    assert 'href="?do=decline&amp;lang=en"' in english.content.decode()
    assert (english["Content-Language"], english.cookies) == ("en", {})


def test_a_letter_is_genuine_from_the_notice_on(client, order):
    VisitOrder.objects.update(notice_sent_at=AT)

    assert ask(client, order.letter_code, at=AT - timedelta(microseconds=1)).status_code == 404
    assert ask(client, order.letter_code, at=AT).status_code == 200


def test_the_page_says_nothing_of_borrower_debt_or_address(client, order):
    text = ask(client, order.letter_code).content.decode()

    borrower = order.case.borrower
    for secret in (
        borrower.name,
        borrower.masked_name,
        borrower.external_ref,
        order.address.line,
        order.address.masked_line,
        order.lead.name,
        str(order),
        str(order.case),
        "32000",
        "40000",
        "欠",
        "债",
        "逾期",
        "贷款",
        "催",
        "还款",
        "debt",
        "loan",
        "overdue",
        "arrears",
        "repay",
    ):
        assert secret not in text


@pytest.mark.parametrize("code", [None, "nonsense", "x" * 33, "%00", "'; --"])
def test_the_page_sets_no_cookie_and_is_not_kept_or_indexed(client, order, code):
    page = ask(client, code or order.letter_code)

    assert page.cookies == {}
    assert page["Cache-Control"] == "no-store"
    assert page["X-Robots-Tag"] == "noindex, nofollow"
    assert page["Referrer-Policy"] == "no-referrer"


def test_all_codes_that_are_not_genuine_look_the_same(client, order):
    unknown = ask(client, "nonsense")
    too_long = ask(client, "x" * 200)
    day_after = ask(client, order.letter_code, at=VISIT_AT + timedelta(days=1))

    assert {page.status_code for page in (unknown, too_long, day_after)} == {404}
    assert unknown.content == too_long.content == day_after.content
    assert "未查到有效函件" in unknown.content.decode()
    # The form of an answer says nothing about the code either.
    forms = [ask(client, code, query="?do=decline").content.decode() for code in ("nonsense", order.letter_code)]
    assert len({re.sub('name="form" value="[^"]+"', "", form) for form in forms}) == 1


def test_a_letter_is_genuine_only_while_the_visit_is_ahead_or_on(client, order):
    for state in VisitState.values:
        VisitOrder.objects.filter(pk=order.pk).update(state=state)

        expected = 200 if state in ("SCHEDULED", "ACCEPTED", "EN_ROUTE", "CHECKED_IN") else 404
        assert ask(client, order.letter_code).status_code == expected, state


def test_a_recalled_placement_makes_the_letter_void_at_once(client, order):
    VisitOrder.objects.filter(pk=order.pk).update(state="CHECKED_IN")
    recall_placement(placement=order.placement, reason="x", actor=None, at=AT, business_date=AT.date())

    assert ask(client, order.letter_code).status_code == 404
    with pytest.raises(StateConflict):
        recall_placement(placement=order.placement, reason="x", actor=None, at=AT, business_date=AT.date())


def test_the_operators_own_limit_shortens_the_mandate_but_cannot_lengthen_it(client, order, settings):
    settings.CONDUCT = {"CN": {"mandate_max_days": 1}}
    assert ask(client, order.letter_code).status_code == 404

    settings.CONDUCT = {"CN": {"mandate_max_days": 91}}
    with pytest.raises(PolicyLoosened):
        ask(client, order.letter_code)
