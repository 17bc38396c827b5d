"""What the values of one paper say of themselves: one planted flaw at a time in a paper that is in order."""

from datetime import date

import pytest

from backoffice.core.canonical.identity_numbers import check_character
from tests.factories.papers import PAPERS, values_of
from visits.enums import DocumentVerdict
from visits.rules.report.paper_kinds import amount, amounts, check_kind, day, text

ON = date(2026, 3, 4)


def born(birth: str) -> str:
    body = f"999999{birth}123"
    return body + check_character(body=body)


def odd(kind, **changes):
    return [
        (check.field, check.verdict.value, check.reason.value)
        for check in check_kind(kind=kind, values=values_of(kind, **changes), on=ON)
        if check.verdict != DocumentVerdict.CONSISTENT
    ]


@pytest.mark.parametrize("kind", PAPERS)
def test_a_paper_that_is_in_order_raises_nothing(kind):
    assert odd(kind) == []


@pytest.mark.parametrize(
    ("kind", "changes", "found"),
    [
        ("IDENTITY_CARD", {"id_number": "999999199002290013"}, [("id_number", "DOUBTFUL", "NO_SUCH_BIRTHDAY")]),
        ("IDENTITY_CARD", {"id_number": "999999198501011231"}, [("id_number", "DOUBTFUL", "WRONG_CHECK_DIGIT")]),
        (
            "IDENTITY_CARD",
            {"valid_from": "2006-03-03", "valid_until": "2016-03-03"},
            [("valid_until", "OUT_OF_DATE", "LAPSED")],
        ),
        ("IDENTITY_CARD", {"valid_until": "2030-05-06"}, [("valid_until", "DOUBTFUL", "TERM_UNLIKE_AGE")]),
        ("IDENTITY_CARD", {"valid_until": None}, [("valid_until", "DOUBTFUL", "TERM_UNLIKE_AGE")]),
        (
            "IDENTITY_CARD",
            {"valid_from": "2026-03-05", "valid_until": "2046-03-05"},
            [("valid_from", "DOUBTFUL", "IN_FUTURE")],
        ),
        ("HOUSEHOLD_REGISTER", {"moved_out_on": "2025-01-01"}, [("moved_out_on", "OUT_OF_DATE", "MOVED_AWAY")]),
        ("HOUSEHOLD_REGISTER", {"moved_out_on": "2026-03-05"}, [("moved_out_on", "DOUBTFUL", "IN_FUTURE")]),
        ("MARRIAGE_CERTIFICATE", {"number": "K310101-2015-000123"}, [("number", "DOUBTFUL", "NOT_A_MARRIAGE_NUMBER")]),
        ("MARRIAGE_CERTIFICATE", {"issued_on": "2016-06-01"}, [("number", "DOUBTFUL", "YEAR_DIFFERS")]),
        (
            "MARRIAGE_CERTIFICATE",
            {"spouse_id_number": "99999919850101123X"},
            [("spouse_id_number", "DOUBTFUL", "SAME_PERSON_TWICE")],
        ),
        ("RESIDENCE_PERMIT", {"endorsed_until": "2026-03-03"}, [("endorsed_until", "OUT_OF_DATE", "LAPSED")]),
        ("PROPERTY_DEED", {"number": "房权证第123号"}, [("number", "DOUBTFUL", "NOT_A_DEED_NUMBER")]),
        ("PROPERTY_DEED", {"unit_number": "310115001001GB00001"}, [("unit_number", "DOUBTFUL", "NOT_A_UNIT_CODE")]),
        ("PROPERTY_DEED", {"term_until": "2020-01-01"}, [("term_until", "OUT_OF_DATE", "LAPSED")]),
        ("PROPERTY_DEED", {"encumbrance": "SEIZED"}, [("encumbrance", "DOUBTFUL", "SEIZED")]),
        ("PROPERTY_DEED", {"encumbrance": "MORTGAGED"}, []),
        ("VEHICLE_REGISTRATION", {"vin": "1HGCM82633A004353"}, [("vin", "DOUBTFUL", "WRONG_VIN_DIGIT")]),
        ("VEHICLE_REGISTRATION", {"vin": "1HGCM82633A0O4352"}, [("vin", "DOUBTFUL", "NOT_A_VIN")]),
        ("VEHICLE_REGISTRATION", {"inspected_until": "2026-03-03"}, [("inspected_until", "OUT_OF_DATE", "LAPSED")]),
        ("SOCIAL_SECURITY", {"months": ["2025-12", "2026-02"]}, [("months", "DOUBTFUL", "MONTHS_MISSING")]),
        ("SOCIAL_SECURITY", {"months": ["2025-11"]}, [("months", "OUT_OF_DATE", "TOO_OLD")]),
        ("SOCIAL_SECURITY", {"months": ["2025-12"]}, []),
        ("SOCIAL_SECURITY", {"months": ["2026-04"]}, [("months", "DOUBTFUL", "IN_FUTURE")]),
        ("HOUSING_FUND", {"deposit": "900.00"}, [("deposit", "DOUBTFUL", "DEPOSIT_UNLIKE_BASE")]),
        ("HOUSING_FUND", {"deposit": "560.00"}, []),
        ("HOUSING_FUND", {"account_state": "SEALED"}, [("account_state", "OUT_OF_DATE", "ACCOUNT_CLOSED")]),
        (
            "UTILITY_BILL",
            {"period_start": None, "period_end": "2025-12-01"},
            [("period_end", "OUT_OF_DATE", "TOO_OLD")],
        ),
        ("UTILITY_BILL", {"period_start": "2026-02-11"}, [("period_end", "DOUBTFUL", "ENDS_BEFORE_IT_BEGINS")]),
        ("LEASE", {"ends_on": "2026-03-03"}, [("ends_on", "OUT_OF_DATE", "LAPSED")]),
        ("LEASE", {"ends_on": "2026-03-04"}, []),
        ("LEASE", {"starts_on": "2026-03-05"}, [("starts_on", "DOUBTFUL", "NOT_BEGUN")]),
        ("LEASE", {"ends_on": "2046-01-01"}, [("ends_on", "DOUBTFUL", "TERM_TOO_LONG")]),
        ("INCOME_PROOF", {"deductions": "1000.00"}, [("monthly_income", "DOUBTFUL", "INCOME_DOES_NOT_ADD_UP")]),
        ("INCOME_PROOF", {"employer_code": "91310000X"}, [("employer_code", "DOUBTFUL", "NOT_A_CREDIT_CODE")]),
        ("INCOME_PROOF", {"issued_on": "2025-12-01"}, [("issued_on", "OUT_OF_DATE", "TOO_OLD")]),
        ("INCOME_PROOF", {"issued_on": "2026-03-05"}, [("issued_on", "DOUBTFUL", "IN_FUTURE")]),
        ("BANK_STATEMENT", {"closing": "15220.16"}, [("closing", "DOUBTFUL", "AMOUNTS_DO_NOT_ADD_UP")]),
        ("BANK_STATEMENT", {"wages": ["9000.00"]}, [("wages", "DOUBTFUL", "WAGE_NOT_IN_FLOW")]),
        ("BANK_STATEMENT", {"wages": ["8000.00"] * 4}, [("wages", "DOUBTFUL", "WAGE_NOT_IN_FLOW")]),
        (
            "HARDSHIP_PROOF",
            {"type": "DISABILITY", "number": "99999919850101123X99"},
            [("number", "DOUBTFUL", "NOT_A_DISABILITY_NUMBER")],
        ),
        ("HARDSHIP_PROOF", {"type": "DISABILITY", "number": "99999919850101123X42"}, []),
        ("HARDSHIP_PROOF", {"issued_on": "2026-03-05"}, [("issued_on", "DOUBTFUL", "IN_FUTURE")]),
    ],
)
def test_one_planted_flaw_is_found_and_nothing_else(kind, changes, found):
    assert odd(kind, **changes) == found


@pytest.mark.parametrize(
    ("birth", "begins", "ends", "fits"),
    [
        ("20110101", "2025-01-01", "2030-01-01", True),  # 14 years old: five years
        ("20090101", "2025-01-01", "2035-01-01", True),  # 16: ten
        ("19990102", "2025-01-01", "2035-01-01", True),  # one day before 26: ten
        ("19990101", "2025-01-01", "2035-01-01", False),
        ("19790102", "2025-01-01", "2045-01-01", True),  # one day before 46: twenty
        ("19790101", "2025-01-01", None, True),  # 46: for life
        ("19790101", "2025-01-01", "2045-01-01", False),
        ("19850101", "2020-02-29", "2040-02-28", True),
    ],
)
def test_a_card_counts_as_long_as_the_age_of_its_holder_says(birth, begins, ends, fits):
    found = odd("IDENTITY_CARD", id_number=born(birth), valid_from=begins, valid_until=ends)

    assert (found == []) == fits


def test_a_permit_of_hong_kong_has_no_term_by_age():
    body = "81000019850101123"
    found = odd("IDENTITY_CARD", id_number=body + check_character(body=body), valid_until="2030-05-06")

    assert found == []


def test_a_paper_without_values_says_nothing():
    assert all(check_kind(kind=kind, values={}, on=ON) == () for kind in PAPERS)


def test_values_are_read_by_their_type_and_missing_ones_are_nothing():
    values = values_of("BANK_STATEMENT")

    assert (str(amount(values, "opening")), len(amounts(values, "wages")), day(values, "period_end")) == (
        "820.15",
        3,
        date(2026, 2, 28),
    )
    assert (amount({}, "opening"), amounts({}, "wages"), day({}, "period_end"), text({}, "name")) == (
        None,
        (),
        None,
        "",
    )
