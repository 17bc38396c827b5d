from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import uscc

from backoffice.core.canonical.identity_numbers import check_character
from visits.enums import DocumentKind, DocumentVerdict
from visits.rules.report.documents import (
    IdentityFacts,
    agrees_independently,
    check_balance,
    check_bill_period,
    check_disability_certificate,
    check_identity_number,
    check_marriage_certificate,
    check_months,
    check_property_number,
    check_property_unit,
    check_uscc,
    check_vin,
    cross_check,
    cross_check_identity,
)

ON = date(2026, 11, 24)
CONSISTENT, DOUBTFUL = DocumentVerdict.CONSISTENT, DocumentVerdict.DOUBTFUL
DIFFERENT, NOT_SHOWN = DocumentVerdict.DIFFERENT, DocumentVerdict.NOT_SHOWN


def numbered(region: str, birth: str, sequence: str) -> str:
    body = region + birth + sequence
    return body + check_character(body=body)


@pytest.mark.parametrize(
    "number",
    [
        "999999199002290013",  # adds up, but 1990 had no 29 February
        "110105194912310021",
        "11010519491231002",
        "1101051949123100 2Z",
        numbered("000000", "19900101", "001"),
        numbered("110105", "20261125", "001"),
        numbered("110105", "18801231", "001"),
        numbered("110105", "19901301", "001"),
        "110105491331002",
        "²²²²²²²²²²²²²²²²²²",
        "",
    ],
)
def test_check_identity_number_doubts(number: str) -> None:
    assert check_identity_number(number=number, on=ON).verdict == DOUBTFUL


@pytest.mark.parametrize(
    "number", ["11010519491231002x", " 110105 19491231 002X ", "１１０１０５１９４９１２３１００２Ｘ"]
)
def test_check_identity_number_forgives_writing(number: str) -> None:
    assert check_identity_number(number=number, on=ON).verdict == CONSISTENT


@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        ("京(2019)朝阳区不动产权第0012345号", CONSISTENT),
        ("粤（２０２０）广州市不动产权第12345678号", CONSISTENT),
        ("京(2010)朝阳区不动产权第0012345号", DOUBTFUL),
        ("京房权证朝字第123456号", DOUBTFUL),
    ],
)
def test_check_property_number(number: str, verdict: DocumentVerdict) -> None:
    assert check_property_number(number=number).verdict == verdict


@pytest.mark.parametrize(
    ("code", "verdict"),
    [
        ("110105 001001 GB00001 F00010001", CONSISTENT),
        ("1101050010010000001000010001", CONSISTENT),
        ("110105001001GB00001F0001000", DOUBTFUL),
    ],
)
def test_check_property_unit(code: str, verdict: DocumentVerdict) -> None:
    assert check_property_unit(code=code).verdict == verdict


@pytest.mark.parametrize(
    ("vin", "verdict"),
    [
        ("1M8GDM9AXKP042788", CONSISTENT),
        ("11111111111111111", CONSISTENT),
        ("1M8GDM9A1KP042788", DOUBTFUL),
        ("1M8GDM9AXKP04278O", DOUBTFUL),
        ("1M8GDM9AXKP04278", DOUBTFUL),
    ],
)
def test_check_vin(vin: str, verdict: DocumentVerdict) -> None:
    assert check_vin(vin=vin).verdict == verdict


@settings(deadline=None)
@given(body=st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=18, max_size=18))
def test_check_uscc_agrees_with_the_library_on_the_check_character(body: str) -> None:
    expected = uscc.calc_check_digit(body[:17]) == body[17]

    assert (check_uscc(code=body).verdict == CONSISTENT) is expected


@settings(deadline=None)
@given(body=st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=17, max_size=17))
def test_check_uscc_accepts_the_library_s_check_character(body: str) -> None:
    assert check_uscc(code=body + uscc.calc_check_digit(body)).verdict == CONSISTENT


@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        ("11010519491231002X43", CONSISTENT),
        ("11010519491231002X43B1", CONSISTENT),
        ("11010519491231002X83", DOUBTFUL),
        ("11010519491231002X45", DOUBTFUL),
        ("11010519491231002143", DOUBTFUL),
    ],
)
def test_check_disability_certificate(number: str, verdict: DocumentVerdict) -> None:
    assert check_disability_certificate(number=number, on=ON).verdict == verdict


@pytest.mark.parametrize(
    ("number", "verdict"),
    [("J110105-2019-000123", CONSISTENT), ("L110105-2027-000123", DOUBTFUL), ("M110105-2019-000123", DOUBTFUL)],
)
def test_check_marriage_certificate(number: str, verdict: DocumentVerdict) -> None:
    assert check_marriage_certificate(number=number, on=ON).verdict == verdict


@pytest.mark.parametrize(
    ("period_end", "verdict"),
    [
        (date(2026, 8, 24), CONSISTENT),
        (date(2026, 8, 23), DocumentVerdict.OUT_OF_DATE),
        (date(2026, 11, 25), DOUBTFUL),
    ],
)
def test_check_bill_period(period_end: date, verdict: DocumentVerdict) -> None:
    assert check_bill_period(period_end=period_end, on=ON).verdict == verdict


def test_check_months_finds_gaps_over_the_turn_of_the_year() -> None:
    whole = [date(2025, 11, 3), date(2025, 12, 1), date(2026, 1, 31)]

    assert check_months(months=whole).verdict == CONSISTENT
    assert check_months(months=whole[::2]).verdict == DOUBTFUL
    assert check_months(months=[]).verdict == NOT_SHOWN


def test_check_balance_is_exact_to_the_cent() -> None:
    amounts = [Decimal("0.10"), Decimal("0.20"), Decimal("-5.00")]

    assert check_balance(opening=Decimal("10.00"), amounts=amounts, closing=Decimal("5.30")).verdict == CONSISTENT
    assert check_balance(opening=Decimal("10.00"), amounts=amounts, closing=Decimal("5.31")).verdict == DOUBTFUL


def test_cross_check_compares_each_stated_field() -> None:
    stated = {"name": "买买提·吐尔逊", "id_number": "11010519491231002X", "employer": "甲公司", "address": "人民路1号"}
    shown = {"name": " 买买提•吐尔逊", "id_number": "110105491231002", "employer": "乙公司", "address": " "}

    checks = cross_check(stated=stated, shown=shown)

    assert [(check.field, check.verdict) for check in checks] == [
        ("name", CONSISTENT),
        ("id_number", CONSISTENT),
        ("employer", DIFFERENT),
        ("address", NOT_SHOWN),
    ]
    personal = {*stated.values(), shown["name"].strip(), shown["id_number"], shown["employer"]}
    assert not any(value in str(check.reason) for check in checks for value in personal)


STATED = IdentityFacts(name="张三", id_number="99999919850101123X", employer="甲公司")


def test_cross_check_identity_asks_four_sources() -> None:
    card = IdentityFacts(name="张三", id_number="99999919850101123X")
    fund = IdentityFacts(name="张三", id_number="99999919850101123x", employer="乙公司")

    checks = cross_check_identity(
        stated=STATED, sources={DocumentKind.IDENTITY_CARD: card, DocumentKind.HOUSING_FUND: fund}
    )

    assert [(check.field, check.verdict) for check in checks] == [
        ("IDENTITY_CARD.name", CONSISTENT),
        ("IDENTITY_CARD.id_number", CONSISTENT),
        ("HOUSEHOLD_REGISTER", NOT_SHOWN),
        ("SOCIAL_SECURITY", NOT_SHOWN),
        ("HOUSING_FUND.name", CONSISTENT),
        ("HOUSING_FUND.id_number", CONSISTENT),
        ("HOUSING_FUND.employer", DIFFERENT),
    ]
    assert agrees_independently(checks=checks)


@pytest.mark.parametrize(
    ("sources", "agrees"),
    [
        ({}, False),
        ({DocumentKind.IDENTITY_CARD: STATED}, False),
        ({DocumentKind.SOCIAL_SECURITY: STATED}, True),
        ({DocumentKind.SOCIAL_SECURITY: STATED, DocumentKind.IDENTITY_CARD: IdentityFacts(id_number="1")}, False),
        ({DocumentKind.SOCIAL_SECURITY: IdentityFacts(name="张三")}, False),
    ],
)
def test_agrees_independently(sources: dict[DocumentKind, IdentityFacts], agrees: bool) -> None:
    assert agrees_independently(checks=cross_check_identity(stated=STATED, sources=sources)) is agrees


def test_no_verdict_says_forged() -> None:
    assert set(DocumentVerdict.values) == {
        "GENUINE_SEEN",
        "CONSISTENT",
        "DIFFERENT",
        "DOUBTFUL",
        "OUT_OF_DATE",
        "UNREADABLE",
        "NOT_SHOWN",
    }
