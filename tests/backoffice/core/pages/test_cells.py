"""How values stand in lists and pages, edge values included."""

from decimal import Decimal

import pytest
from django.contrib import admin
from django.db import models
from django.utils.translation import override

from backoffice.access.models import AttemptCounter
from backoffice.core.pages.cells import chip, label, lines, linked, money, named, rate, share, tones, words
from cases.enums import CaseStage
from cases.models import Case
from tests.factories.casework import make_case
from tests.factories.portfolio import make_account, make_borrower

COLOURS = tones(CaseStage, success=["CLOSED"], warning=["ON_HOLD", "VISITING"])


@pytest.mark.parametrize(
    ("amount", "currency", "shown"),
    [
        (None, "CNY", "-"),
        (Decimal(0), "CNY", "CNY 0.00"),
        (Decimal("0.5"), "CNY", "CNY 0.50"),
        (Decimal("999.99"), "CNY", "CNY 999.99"),
        (Decimal("1000"), "CNY", "CNY 1,000.00"),
        (Decimal("-1234567.5"), "CNY", "CNY -1,234,567.50"),
        (Decimal("12.00"), "", "12.00"),
    ],
)
def test_money_is_grouped_alike_in_both_languages(amount, currency, shown):
    for language in ("zh-hans", "en"):
        with override(language):
            assert money(amount, currency) == shown


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [
        (None, "-"),
        (Decimal(0), "0.00%"),
        (Decimal("0.18"), "18.00%"),
        (Decimal("0.17505"), "17.50%"),
        (Decimal("1"), "100.00%"),
    ],
)
def test_a_rate_has_two_digits(fraction, shown):
    assert rate(fraction) == shown


@pytest.mark.parametrize(
    ("fraction", "shown"),
    [(None, "-"), (0.0, "0%"), (Decimal("0.8"), "80%"), (0.29, "29%"), (1, "100%"), (Decimal("0.996"), "100%")],
)
def test_a_share_is_whole_percent(fraction, shown):
    assert share(fraction) == shown


def test_tones_give_every_code_a_colour():
    assert set(COLOURS) == set(CaseStage.values)
    assert {code for code, colour in COLOURS.items() if colour != "default"} == {"CLOSED", "ON_HOLD", "VISITING"}
    assert (COLOURS["CLOSED"], COLOURS["VISITING"]) == ("success", "warning")


def test_a_chip_shows_the_words_of_its_code_in_the_readers_language():
    case = Case(stage="ON_HOLD")

    with override("en"):
        assert chip(case, "stage", COLOURS) == label("On hold", "warning")
    with override("zh-hans"):
        assert chip(case, "stage", COLOURS) == label(CaseStage.ON_HOLD.label, "warning")
    assert chip(Case(close_reason=""), "close_reason", {}) == "-"


def test_a_chip_of_an_unknown_code_shows_it_in_no_colour():
    assert chip(Case(stage="LATER"), "stage", COLOURS) == label("LATER")


def test_a_chip_shows_markup_as_text():
    assert "<script>" not in label("<script>")
    assert "&lt;script&gt;" in label("<script>")


def test_words_keep_the_order_and_show_an_unknown_code_as_it_is():
    with override("en"):
        assert words(["CLOSED", "LATER", "OPEN"], CaseStage) == "Closed, LATER, Open"
    assert words([], CaseStage) == "-"


def test_a_record_links_to_its_page_where_it_has_one(shanghai):
    case = make_case(account=make_account(borrower=make_borrower(territory=shanghai)))
    address = f"/admin/cases/case/{case.pk}/change/"

    assert linked(case) == f'<a href="{address}" class="text-link">{case}</a>'
    assert linked(case, "<b>") == f'<a href="{address}" class="text-link">&lt;b&gt;</a>'
    assert AttemptCounter not in admin.site._registry
    assert linked(AttemptCounter(pk=1), "none") == "none"
    assert linked(None) == "-"


def test_lines_show_each_sentence_and_no_markup_of_theirs():
    assert lines(["one", "<b>two</b>"]) == "<div>one</div><div>&lt;b&gt;two&lt;/b&gt;</div>"
    assert lines([]) == "-"


def test_a_person_is_named_without_a_link(officer):
    shown = named("owner", "owner")

    assert (shown(None, Case(owner=officer)), shown(None, Case(owner=None))) == ("case_officer", "-")
    assert shown.short_description == "owner"
    assert isinstance(Case._meta.get_field("owner"), models.ForeignKey)
