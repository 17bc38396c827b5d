"""How much may be waived, and under which condition."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.core.errors import InvalidInput
from cases.rules.waivers import (
    NOTHING_KNOWN,
    KnownParts,
    WaiverWish,
    leaves_arrears,
    period_end,
    rounded_down,
    waiver_codes,
    waiver_terms,
    waives_above,
)

DAY = date(2026, 3, 2)


def ask(part="PENALTY", due="800", arrears="32000", currency="CNY", **fields):
    values = {"evidence_ref": "S1", "settle_by": DAY + timedelta(days=20)} | fields
    wish = WaiverWish(part=part, due=Decimal(due), **values)
    return waiver_terms(wish=wish, arrears=Decimal(arrears), currency=currency)


def codes(terms, *, arrears="32000", known=NOTHING_KNOWN, on=DAY):
    return list(waiver_codes(terms=terms, arrears=Decimal(arrears), known=known, on=on))


def test_waiver_terms_take_the_most_of_a_part_and_all_the_rest():
    assert ask() == {
        "part": "PENALTY",
        "due": "800.00",
        "amount": "800.00",
        "pay": "31200.00",
        "settle_by": "2026-03-22",
    }
    assert ask("INTEREST", "100.01")["amount"] == "50.00"
    assert ask("INTEREST", "101", currency="JPY")["amount"] == "50"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"part": "PRINCIPAL"}, "part"),
        ({"evidence_ref": "  "}, "evidence_ref"),
        ({"due": "32000.01"}, "due"),
        ({"due": "0"}, "due"),
        ({"due": "0.001"}, "due"),
        ({"due": "NaN"}, "due"),
        ({"amount": Decimal(-1)}, "amount"),
        ({"pay": Decimal(0)}, "pay"),
        ({"due": "10.5", "currency": "JPY"}, "due"),
    ],
)
def test_waiver_terms_refuse_what_says_nothing(fields, field):
    with pytest.raises(InvalidInput) as refusal:
        ask(**fields)

    assert refusal.value.field == field


def test_waiver_terms_of_principal_say_that_the_committee_waives_it():
    with pytest.raises(InvalidInput, match=r"委员会|committee"):
        ask("PRINCIPAL")


@pytest.mark.parametrize(
    ("terms", "now", "found"),
    [
        ({}, {}, []),
        ({"due": "32000.01", "arrears": "33000", "amount": Decimal(1), "pay": Decimal(1)}, {}, ["MORE_THAN_DUE"]),
        ({}, {"known": KnownParts(penalty=Decimal("799.99"))}, ["MORE_THAN_DUE"]),
        ({}, {"known": KnownParts(penalty=Decimal(800), interest=Decimal(1))}, []),
        ({"amount": Decimal("800.01"), "pay": Decimal(1)}, {}, ["WAIVED_TOO_MUCH"]),
        ({"part": "INTEREST", "amount": Decimal("400.01"), "pay": Decimal(1)}, {}, ["WAIVED_TOO_MUCH"]),
        ({"part": "INTEREST", "amount": Decimal(400)}, {}, []),
        ({}, {"arrears": "31999.99"}, ["PAYS_TOO_MUCH"]),
        ({}, {"on": DAY + timedelta(days=20)}, []),
        ({}, {"on": DAY + timedelta(days=21)}, ["DAY_OUT_OF_RANGE"]),
        ({"settle_by": DAY + timedelta(days=31)}, {}, []),
        ({"settle_by": DAY + timedelta(days=32)}, {}, ["DAY_OUT_OF_RANGE"]),
    ],
)
def test_waiver_codes_say_what_does_not_fit(terms, now, found):
    assert codes(ask(**terms), **now) == found


def test_waives_above_is_about_interest_alone():
    assert waives_above(terms=ask("INTEREST", "100", amount=Decimal("30.01")), share=Decimal("0.30"))
    assert not waives_above(terms=ask("INTEREST", "100", amount=Decimal(30)), share=Decimal("0.30"))
    assert not waives_above(terms=ask("PENALTY", "100"), share=Decimal("0.30"))


def test_leaves_arrears_where_less_than_the_rest_is_asked_for():
    assert not leaves_arrears(terms=ask(), arrears=Decimal(32000))
    assert leaves_arrears(terms=ask(pay=Decimal("31199.99")), arrears=Decimal(32000))


@given(amount=st.decimals(min_value=0, max_value=10**9, places=5), currency=st.sampled_from(["CNY", "JPY", "KWD"]))
def test_rounded_down_is_never_more(amount, currency):
    down = rounded_down(amount, currency)

    assert down <= amount < down + Decimal(1)


@pytest.mark.parametrize(
    ("starts_on", "period", "ends_on"),
    [
        (date(2026, 2, 1), "MONTH", date(2026, 2, 28)),
        (date(2026, 12, 1), "MONTH", date(2026, 12, 31)),
        (date(2026, 11, 1), "QUARTER", date(2027, 1, 31)),
        (date(2026, 10, 1), "QUARTER", date(2026, 12, 31)),
    ],
)
def test_period_end_is_the_last_day_of_the_month_or_quarter(starts_on, period, ends_on):
    assert period_end(starts_on=starts_on, period=period) == ends_on
