"""Values of papers: each of its type, within its bounds, or a problem in words that does not repeat it."""

from decimal import Decimal

import pytest
from django.utils.translation import override

from tests.factories.papers import PAPERS, fields_of
from visits.rules.report.paper_values import read_fields, text_of, values_of


@pytest.mark.parametrize("kind", PAPERS)
def test_a_paper_that_is_in_order_is_read_without_problems_and_comes_back_from_its_text(kind):
    read = read_fields(kind=kind, given=PAPERS[kind])

    assert not read.problems
    assert values_of(text=text_of(values=read.values)) == dict(read.values)
    assert set(read.values) == set(PAPERS[kind])


@pytest.mark.parametrize(
    ("kind", "name", "given", "kept"),
    [
        ("IDENTITY_CARD", "name", "  张小三 ", "张小三"),
        ("IDENTITY_CARD", "id_number", "999999 19850101 123x", "99999919850101123X"),
        ("LEASE", "monthly_rent", "3200", "3200.00"),
        ("LEASE", "monthly_rent", 3200, "3200.00"),
        ("LEASE", "monthly_rent", Decimal("3200.5"), "3200.50"),
        ("BANK_STATEMENT", "amounts", ["-1", "2.50"], ["-1.00", "2.50"]),
        ("SOCIAL_SECURITY", "months", ["2026-02", "2026-01", "2026-02"], ["2026-01", "2026-02"]),
        ("HOUSING_FUND", "ratio_percent", "24", "24.00"),
        ("HARDSHIP_PROOF", "type", "DEATH", "DEATH"),
    ],
)
def test_a_value_is_kept_in_one_form(kind, name, given, kept):
    read = read_fields(kind=kind, given={name: given})

    assert (dict(read.values), dict(read.problems)) == ({name: kept}, {})


@pytest.mark.parametrize(
    ("kind", "name", "given"),
    [
        ("IDENTITY_CARD", "name", 7),
        ("IDENTITY_CARD", "name", "张\n小三"),
        ("IDENTITY_CARD", "name", "张" * 81),
        ("IDENTITY_CARD", "id_number", "99999"),
        ("IDENTITY_CARD", "id_number", "9" * 21),
        ("IDENTITY_CARD", "id_number", "9999<script>"),
        ("IDENTITY_CARD", "valid_from", "2026-02-30"),
        ("IDENTITY_CARD", "valid_from", "20260203"),
        ("IDENTITY_CARD", "valid_from", "1899-12-31"),
        ("LEASE", "monthly_rent", "-1"),
        ("LEASE", "monthly_rent", "1.005"),
        ("LEASE", "monthly_rent", "NaN"),
        ("LEASE", "monthly_rent", "1e400"),
        ("LEASE", "monthly_rent", True),
        ("LEASE", "monthly_rent", 3200.5),
        ("LEASE", "monthly_rent", {"a": 1}),
        ("HOUSING_FUND", "ratio_percent", "24.01"),
        ("BANK_STATEMENT", "amounts", "7,7"),
        ("BANK_STATEMENT", "amounts", ["1"] * 501),
        ("BANK_STATEMENT", "amounts", ["x"]),
        ("SOCIAL_SECURITY", "months", ["2026-13"]),
        ("SOCIAL_SECURITY", "months", ["1026-01"]),
        ("SOCIAL_SECURITY", "months", ["2026-01"] * 61),
        ("SOCIAL_SECURITY", "months", [202601]),
        ("HARDSHIP_PROOF", "type", "death"),
        ("HARDSHIP_PROOF", "type", ["DEATH"]),
    ],
)
def test_a_value_that_does_not_fit_is_a_problem_of_its_field_and_is_not_repeated(kind, name, given):
    read = read_fields(kind=kind, given={name: given})

    assert (dict(read.values), set(read.problems)) == ({}, {name})
    with override("en"):
        assert str(given) not in str(read.problems[name])


def test_a_field_that_the_paper_does_not_have_is_named():
    read = read_fields(kind="LEASE", given=fields_of("LEASE") | {"vin": "1HGCM82633A004352"})

    assert set(read.problems) == {"vin"}
    with override("en"):
        assert str(read.problems["vin"]) == "This kind of paper has no such field."


@pytest.mark.parametrize("empty", [None, "", []])
def test_an_empty_value_counts_as_not_given(empty):
    read = read_fields(kind="LEASE", given={"filing_number": empty})

    assert (dict(read.values), dict(read.problems)) == ({}, {})


def test_nothing_read_is_an_empty_text_and_back():
    assert (text_of(values={}), values_of(text=""), values_of(text=None)) == ("", {}, {})
