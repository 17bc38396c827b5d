"""How heavy contradictions are, and what decides them."""

from datetime import date
from decimal import Decimal

from visits.contradiction_enums import Origin, Subject
from visits.enums import DocumentKind
from visits.rules.contradictions.claims import Claim
from visits.rules.contradictions.weights import CONSEQUENCES, decider_of, weight_of


def claim(subject, source, **more):
    return Claim(subject=subject, source=source, ref=str(source), value="x", **more)


def weight(subject, left, right, **more):
    given = {"is_near": False, "times": Decimal(1), "has_base": False} | more
    return weight_of(left=claim(subject, left), right=claim(subject, right), **given)


def test_every_subject_has_a_consequence_and_a_document_that_decides():
    assert set(CONSEQUENCES) == set(Subject)
    assert all(each.deciders and 0 < each.weight <= 1 for each in CONSEQUENCES.values())


def test_what_others_keep_weighs_more_and_a_misreading_less():
    card, fund = DocumentKind.IDENTITY_CARD, DocumentKind.HOUSING_FUND
    assert weight(Subject.NAME, Origin.APPLICATION, card) == Decimal("0.70")
    assert weight(Subject.NAME, Origin.APPLICATION, fund) == Decimal("0.80")
    assert weight(Subject.NAME, Origin.APPLICATION, card, is_near=True) == Decimal("0.40")


def test_incomes_weigh_more_the_further_apart_they_are_and_bases_little():
    proof, bank = DocumentKind.INCOME_PROOF, DocumentKind.BANK_STATEMENT
    assert weight(Subject.INCOME, proof, Origin.APPLICATION, times=Decimal(2)) == Decimal("0.60")
    assert weight(Subject.INCOME, proof, bank, times=Decimal(10)) == Decimal("0.90")
    assert weight(Subject.INCOME, proof, Origin.APPLICATION, times=Decimal(5), has_base=True) == Decimal("0.40")


def test_an_application_of_more_than_a_year_ago_weighs_less():
    left = claim(Subject.EMPLOYER, Origin.APPLICATION, on=date(2024, 1, 1))
    right = claim(Subject.EMPLOYER, DocumentKind.INCOME_PROOF, on=date(2026, 1, 1))
    assert weight_of(left=left, right=right, is_near=False, times=Decimal(1), has_base=False) == Decimal("0.42")


def test_the_document_that_decides_is_neither_of_the_two_where_there_is_another():
    def decider(subject, left, right):
        return decider_of(left=claim(subject, left), right=claim(subject, right))

    assert decider(Subject.ID_NUMBER, Origin.APPLICATION, "IDENTITY_CARD") == "HOUSEHOLD_REGISTER"
    assert decider(Subject.HOME, "LEASE", "UTILITY_BILL") == "RESIDENCE_PERMIT"
    assert decider(Subject.EMPLOYER, Origin.APPLICATION, "INCOME_PROOF") == "SOCIAL_SECURITY"
    assert decider(Subject.VEHICLE, "VEHICLE_REGISTRATION", "VEHICLE_REGISTRATION") == "VEHICLE_REGISTRATION"
