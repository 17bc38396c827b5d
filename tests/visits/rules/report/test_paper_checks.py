"""The papers of one report: by themselves, against the lender's borrower, and against each other."""

from datetime import date
from decimal import Decimal

import pytest

from tests.factories.papers import DOOR, ID_NUMBER, NAME, PAPERS, values_of
from visits.rules.report.paper_checks import Known, Paper, check_papers, is_sound, monthly_wages

ON = date(2026, 3, 4)
KNOWN = Known(name=NAME, id_number=ID_NUMBER, address=DOOR)


def paper(kind, *, verdict="CONSISTENT", section="IDENTITY", **changes):
    return Paper(section=section, kind=kind, verdict=verdict, values=values_of(kind, **changes))


def odd(*papers, known=KNOWN, at=-1):
    found = check_papers(papers=papers, known=known, on=ON).checks[at]
    return [(c.field, c.verdict.value, c.reason.value) for c in found if c.verdict.value != "CONSISTENT"]


@pytest.mark.parametrize("kind", PAPERS)
def test_a_paper_in_order_of_the_lenders_borrower_is_sound(kind):
    (checks,) = check_papers(papers=[paper(kind)], known=KNOWN, on=ON).checks

    assert is_sound(verdict="GENUINE_SEEN", checks=checks)


@pytest.mark.parametrize(
    ("kind", "changes", "found"),
    [
        ("IDENTITY_CARD", {"name": "张大三"}, [("name", "DIFFERENT", "UNLIKE_STATED")]),
        ("HOUSEHOLD_REGISTER", {"id_number": "999999200002290027"}, [("id_number", "DIFFERENT", "UNLIKE_STATED")]),
        ("MARRIAGE_CERTIFICATE", {"name": "张大三"}, [("name", "DIFFERENT", "UNLIKE_STATED")]),
        ("PROPERTY_DEED", {"owner_name": "张大三"}, [("owner_name", "DIFFERENT", "UNLIKE_STATED")]),
        ("LEASE", {"tenant_name": "张大三"}, [("tenant_name", "DIFFERENT", "UNLIKE_STATED")]),
        ("LEASE", {"address": "上海市黄浦区示范路8号302室"}, [("address", "DIFFERENT", "UNLIKE_STATED")]),
        ("LEASE", {"address": "黄浦区示范路8号 301"}, []),
        ("UTILITY_BILL", {"payer_name": "王房东"}, []),
        ("HARDSHIP_PROOF", {"name": "张老三"}, [("name", "DIFFERENT", "UNLIKE_STATED")]),
        ("HARDSHIP_PROOF", {"type": "DEATH", "name": "张老三"}, []),
    ],
)
def test_a_paper_of_somebody_or_somewhere_else_differs(kind, changes, found):
    assert odd(paper(kind, **changes)) == found


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("LEASE", {"address": "黄浦区示范路8号301"}),
        ("UTILITY_BILL", {"address": "上海市黄浦区示范路８号阳光小区301室"}),
        ("IDENTITY_CARD", {"name": "张 小三"}),
    ],
)
def test_another_spelling_of_what_the_lender_knows_is_the_same(kind, changes):
    assert odd(paper(kind, **changes)) == []


def test_one_street_and_number_in_two_cities_are_two_doors():
    found = odd(paper("LEASE", address="北京市东城区示范路8号301室"))
    assert found == [("address", "DIFFERENT", "UNLIKE_STATED")]


def test_the_employer_is_the_one_stated_when_applying_before_the_one_of_the_proof_of_income():
    other = Known(name=NAME, id_number=ID_NUMBER, address=DOOR, employer="另一家商贸公司")
    papers = (paper("INCOME_PROOF"), paper("SOCIAL_SECURITY"))

    assert odd(*papers) == []
    assert odd(*papers, known=other) == [("employer", "DIFFERENT", "UNLIKE_STATED")]


def test_what_the_lender_does_not_know_is_not_compared():
    assert odd(paper("LEASE", tenant_name="张大三", address="别处9号"), known=Known()) == []


def test_a_field_that_must_be_read_and_was_not_makes_the_paper_prove_nothing():
    found = check_papers(papers=[paper("LEASE", monthly_rent=None)], known=KNOWN, on=ON).checks[0]

    assert [(c.field, c.reason.value) for c in found if c.verdict == "NOT_SHOWN"] == [("monthly_rent", "FIELD_MISSING")]
    assert not is_sound(verdict="CONSISTENT", checks=found)


def test_a_paper_of_which_nothing_was_read_proves_nothing():
    empty = Paper(section="IDENTITY", kind="IDENTITY_CARD", verdict="GENUINE_SEEN")

    (checks,) = check_papers(papers=[empty], known=KNOWN, on=ON).checks

    assert [(c.field, c.verdict.value, c.reason.value) for c in checks] == [("", "NOT_SHOWN", "NOTHING_READ")]
    assert not is_sound(verdict="GENUINE_SEEN", checks=checks)


@pytest.mark.parametrize("verdict", ["DOUBTFUL", "DIFFERENT", "OUT_OF_DATE", "UNREADABLE", "NOT_SHOWN"])
def test_a_paper_that_the_crew_itself_doubts_proves_nothing(verdict):
    (checks,) = check_papers(papers=[paper("LEASE")], known=KNOWN, on=ON).checks

    assert not is_sound(verdict=verdict, checks=checks)


@pytest.mark.parametrize(
    ("changes", "sound"),
    [
        ({}, True),
        ({"ends_on": "2026-03-01"}, False),
        ({"tenant_name": "张大三"}, False),
        ({"starts_on": "2026-03-09"}, False),
    ],
)
def test_a_check_that_doubts_takes_the_proof_away(changes, sound):
    (checks,) = check_papers(papers=[paper("LEASE", **changes)], known=KNOWN, on=ON).checks

    assert is_sound(verdict="CONSISTENT", checks=checks) == sound


def test_an_independent_source_confirms_unless_another_source_denies():
    card, fund = paper("IDENTITY_CARD"), paper("HOUSING_FUND")
    other = paper("HOUSEHOLD_REGISTER", id_number="999999200002290027")

    found = [check_papers(papers=each, known=KNOWN, on=ON) for each in ([card], [card, fund], [card, fund, other])]

    assert [each.confirmed_independently for each in found] == [False, True, False]


def test_the_passport_number_of_a_foreigner_is_compared_and_not_added_up():
    known = Known(name="J. Doe", id_number="E12345678", is_resident=False)

    assert odd(paper("SOCIAL_SECURITY", name="J. Doe", id_number="E12345678"), known=known) == []
    assert [each[0] for each in odd(paper("SOCIAL_SECURITY", name="J. Doe", id_number="E12345679"), known=known)] == [
        "id_number",
        "id_number",
    ]


def test_the_employer_of_the_contributions_is_the_one_of_the_income_proof():
    social = paper("SOCIAL_SECURITY", employer="别家公司")

    assert odd(paper("INCOME_PROOF"), social) == [("employer", "DIFFERENT", "UNLIKE_STATED")]
    assert odd(social) == []
    # A legal form is no other employer, and a firm that pays for others says nothing.
    assert odd(paper("INCOME_PROOF"), paper("SOCIAL_SECURITY", employer="示例制造")) == []
    assert odd(paper("INCOME_PROOF"), paper("SOCIAL_SECURITY", employer="样本人力资源有限公司")) == []


def test_more_income_than_wages_on_the_statement_is_asked_about():
    flow = paper("BANK_STATEMENT")

    assert odd(flow, paper("INCOME_PROOF", monthly_income="11000.00", gross=None)) == [
        ("monthly_income", "DOUBTFUL", "INCOME_ABOVE_FLOW")
    ]
    assert odd(flow, paper("INCOME_PROOF", monthly_income="10000.00", gross=None)) == []


def test_contributions_on_far_more_than_the_proven_income_are_asked_about():
    income = paper("INCOME_PROOF")

    assert odd(income, paper("SOCIAL_SECURITY", base="12000.01")) == [("base", "DOUBTFUL", "BASE_ABOVE_INCOME")]
    assert odd(income, paper("SOCIAL_SECURITY", base="12000.00")) == []


def test_wages_are_counted_by_month_of_the_period():
    assert monthly_wages(papers=[paper("LEASE"), paper("BANK_STATEMENT")]) == Decimal("8000.00")
    assert monthly_wages(papers=[paper("BANK_STATEMENT", wages=None)]) is None
