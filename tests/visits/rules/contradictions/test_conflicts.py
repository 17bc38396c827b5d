"""One borrower whose sources agree in many spellings, and the contradictions that are planted among them."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from cases.enums import SignalKind, Verdict
from visits.contradiction_enums import Origin, Subject
from visits.enums import DocumentKind, DocumentVerdict
from visits.rules.comparison.matching import Match
from visits.rules.contradictions.claims import (
    ALIVE,
    Claim,
    ShownPaper,
    Stated,
    claims_of_application,
    claims_of_papers,
    spouses,
)
from visits.rules.contradictions.conflicts import compare_claims, find_conflicts
from visits.rules.report.paper_checks import Paper

ON = date(2026, 11, 20)
NAME, NUMBER = "阿依古丽·买买提", "110101199003074610"
HOME = "浙江省杭州市西湖区文三路100号阳光小区3号楼2单元501室"
MONTHS = ["2026-08", "2026-09", "2026-10"]
STATED = Stated(
    ref="borrower:1",
    name=NAME,
    id_number=NUMBER,
    homes=(HOME,),
    registered=("湖南省长沙市岳麓区李家村3组12号",),
    employer="杭州示例制造有限公司",
    monthly_income=Decimal(9000),
    stated_on=date(2026, 6, 1),
)
# The same facts as thirteen papers have them, each in another usual spelling.
PAPERS = {
    DocumentKind.IDENTITY_CARD: {
        "name": "阿依古丽•买买提",
        "id_number": "１１０１０１１９９００３０７４６１０",
        "address": "长沙市岳麓区李家村三组12号",
        "valid_from": "2020-01-01",
    },
    DocumentKind.HOUSEHOLD_REGISTER: {
        "name": "阿依古丽 买买提",
        "id_number": NUMBER,
        "address": "湖南长沙岳麓区李家村3组12号",
    },
    DocumentKind.MARRIAGE_CERTIFICATE: {"name": NAME, "id_number": NUMBER, "spouse_name": "艾力", "number": "J1"},
    DocumentKind.RESIDENCE_PERMIT: {
        "name": NAME,
        "id_number": NUMBER,
        "address": "杭州西湖区文三路100号3幢2-501",
        "endorsed_until": "2027-01-01",
    },
    DocumentKind.SOCIAL_SECURITY: {
        "name": NAME,
        "id_number": NUMBER,
        "employer": "示例制造",
        "months": MONTHS,
        "base": "6000.00",
    },
    DocumentKind.HOUSING_FUND: {
        "name": NAME,
        "id_number": NUMBER,
        "employer": "示例制造（杭州）有限责任公司",
        "months": MONTHS,
        "base": "8000.00",
    },
    DocumentKind.UTILITY_BILL: {
        "address": "杭州市西湖区阳光小区３栋２单元５０１",
        "period_end": "2026-10-31",
        "payer_name": "房东",
    },
    DocumentKind.LEASE: {
        "tenant_name": "艾力",
        "address": "501室,2单元,3号楼,阳光小区,西湖区,杭州市",
        "starts_on": "2026-01-01",
        "ends_on": "2026-12-31",
        "monthly_rent": "3000.00",
    },
    DocumentKind.INCOME_PROOF: {
        "name": NAME,
        "employer": "浙江省杭州市示例制造有限公司",
        "monthly_income": "8500.00",
        "issued_on": "2026-11-01",
    },
    DocumentKind.BANK_STATEMENT: {
        "name": NAME,
        "period_start": "2026-08-01",
        "period_end": "2026-10-31",
        "wages": ["7900.00", "8100.00", "8000.00"],
        "amounts": ["7900.00", "8100.00", "8000.00", "-5000.00"],
    },
    DocumentKind.PROPERTY_DEED: {"owner_name": "艾力", "number": "浙2020", "address": "杭州市西湖区翠苑路1号"},
    DocumentKind.VEHICLE_REGISTRATION: {"owner_name": NAME, "plate": "浙A12345", "vin": "LSVAA49J132047371"},
    DocumentKind.HARDSHIP_PROOF: {"type": "DIAGNOSIS", "name": "母亲", "issued_on": "2026-10-01"},
}
OTHER_HOME = "浙江省杭州市滨江区江南大道5号"


def conflicts(papers=PAPERS, stated=STATED, more=()):
    shown = [
        ShownPaper(
            ref=f"paper:{number}",
            paper=Paper(section="IDENTITY", kind=kind, verdict=DocumentVerdict.GENUINE_SEEN, values=values),
            on=ON,
        )
        for number, (kind, values) in enumerate(papers.items())
    ]
    claims = (*claims_of_application(stated=stated), *claims_of_papers(papers=shown), *more)
    return find_conflicts(claims=claims, spouse_names=spouses(papers=shown))


def changed(kind, **values):
    return PAPERS | {kind: PAPERS[kind] | values}


def pairs(found):
    return {(each.subject, frozenset({each.left.source, each.right.source})) for each in found}


def test_sources_that_agree_in_other_words_contradict_nothing():
    assert conflicts() == ()


@pytest.mark.parametrize(
    ("papers", "subject", "against"),
    [
        (changed(DocumentKind.IDENTITY_CARD, id_number="110101199003074629"), Subject.ID_NUMBER, Origin.APPLICATION),
        (changed(DocumentKind.SOCIAL_SECURITY, name="王五"), Subject.NAME, DocumentKind.IDENTITY_CARD),
        (
            changed(DocumentKind.HOUSEHOLD_REGISTER, address="四川省成都市武侯区一环路1号"),
            Subject.REGISTERED,
            DocumentKind.IDENTITY_CARD,
        ),
        (changed(DocumentKind.RESIDENCE_PERMIT, address=OTHER_HOME), Subject.HOME, Origin.APPLICATION),
        (
            changed(DocumentKind.UTILITY_BILL, address="杭州市西湖区阳光小区4栋2单元501"),
            Subject.HOME,
            DocumentKind.LEASE,
        ),
        (changed(DocumentKind.LEASE, address=OTHER_HOME), Subject.HOME, DocumentKind.UTILITY_BILL),
        (changed(DocumentKind.LEASE, tenant_name="王五"), Subject.NAME, Origin.APPLICATION),
        (changed(DocumentKind.LEASE, monthly_rent="9500.00"), Subject.RENT, Origin.APPLICATION),
        (changed(DocumentKind.SOCIAL_SECURITY, employer="样本物流有限公司"), Subject.EMPLOYER, Origin.APPLICATION),
        (
            changed(DocumentKind.HOUSING_FUND, employer="样本物流有限公司"),
            Subject.EMPLOYER,
            DocumentKind.SOCIAL_SECURITY,
        ),
        (changed(DocumentKind.INCOME_PROOF, employer="示例贸易有限公司"), Subject.EMPLOYER, DocumentKind.HOUSING_FUND),
        (changed(DocumentKind.INCOME_PROOF, monthly_income="26000.00"), Subject.INCOME, DocumentKind.BANK_STATEMENT),
        (changed(DocumentKind.SOCIAL_SECURITY, base="30000.00"), Subject.INCOME, Origin.APPLICATION),
        (changed(DocumentKind.HOUSING_FUND, base="2500.00"), Subject.INCOME, Origin.APPLICATION),
        (
            changed(DocumentKind.BANK_STATEMENT, wages=["3000.00", "3000.00", "3000.00"]),
            Subject.INCOME,
            DocumentKind.INCOME_PROOF,
        ),
        (
            changed(DocumentKind.BANK_STATEMENT, wages=[], amounts=["1500.00", "900.00"]),
            Subject.INCOME,
            Origin.APPLICATION,
        ),
        (changed(DocumentKind.BANK_STATEMENT, name="王五"), Subject.NAME, DocumentKind.SOCIAL_SECURITY),
        (changed(DocumentKind.VEHICLE_REGISTRATION, owner_name="王五"), Subject.TITLE, Origin.APPLICATION),
        (changed(DocumentKind.PROPERTY_DEED, owner_name="王五"), Subject.TITLE, Origin.APPLICATION),
        (
            changed(DocumentKind.HARDSHIP_PROOF, type="UNEMPLOYMENT", name=NAME, issued_on="2026-06-01"),
            Subject.WORK,
            DocumentKind.SOCIAL_SECURITY,
        ),
    ],
)
def test_a_planted_contradiction_is_found_and_no_other_subject_is_named(papers, subject, against):
    found = conflicts(papers)
    assert any(each[0] == subject and against in each[1] for each in pairs(found))
    assert {each.subject for each in found} == {subject}


def test_a_visit_and_an_earlier_verification_and_a_position_are_sources_too():
    def verdict(source, ref, value):
        return Claim(subject=Subject.IDENTITY_VERDICT, source=source, ref=ref, value=str(value), on=ON)

    more = (
        verdict(Origin.EARLIER_VERIFICATION, "verification:1", Verdict.CONFIRMED),
        verdict(Origin.VISIT, "report:2", Verdict.REFUTED),
        Claim(subject=Subject.PLACE, source=Origin.APPLICATION, ref="address:1", value="30.2741,120.1551"),
        Claim(
            subject=Subject.PLACE,
            source=Origin.POSITION,
            ref="check-in:1",
            value="30.2941,120.1551",
            amount=Decimal(20),
        ),
    )
    assert {each.subject for each in conflicts(more=more)} == {Subject.IDENTITY_VERDICT, Subject.PLACE}
    near = replace(more[3], value="30.2745,120.1551")
    assert {each.subject for each in conflicts(more=(*more[:3], near))} == {Subject.IDENTITY_VERDICT}


def test_a_death_certificate_in_the_borrowers_own_name_contradicts_that_they_were_met():
    met = Claim(subject=Subject.LIFE, source=Origin.VISIT, ref="report:2", value=ALIVE, key=NAME, on=ON)
    own = changed(DocumentKind.HARDSHIP_PROOF, type="DEATH", name=NAME)
    assert [each.subject for each in conflicts(own, more=(met,))] == [Subject.LIFE]
    fathers = changed(DocumentKind.HARDSHIP_PROOF, type="DEATH", name="买买提")
    assert conflicts(fathers, more=(met,)) == ()


@pytest.mark.parametrize(
    "papers",
    [
        # Moved, changed the employer or the wage since: sources of two times do not contradict each other.
        changed(DocumentKind.UTILITY_BILL, address=OTHER_HOME, period_end="2026-01-31"),
        changed(DocumentKind.LEASE, address=OTHER_HOME, ends_on="2026-05-31"),
        changed(DocumentKind.RESIDENCE_PERMIT, address=OTHER_HOME, endorsed_until="2025-05-31"),
        # Paid for by a firm that pays for others; the account of an employer that was left.
        changed(DocumentKind.SOCIAL_SECURITY, employer="浙江样本人力资源服务有限公司"),
        changed(DocumentKind.HOUSING_FUND, employer="样本物流有限公司", account_state="SEALED"),
        # A bill is often the landlord's; a deed of another flat says nothing of where they live.
        changed(DocumentKind.UTILITY_BILL, payer_name="王五"),
        changed(DocumentKind.PROPERTY_DEED, address=OTHER_HOME),
        # Registered as unemployed after the last month that was paid.
        changed(DocumentKind.HARDSHIP_PROOF, type="UNEMPLOYMENT", name=NAME, issued_on="2026-11-15"),
        # Somebody else's illness, and no income known.
        changed(DocumentKind.HARDSHIP_PROOF, type="DIAGNOSIS", name="王五"),
        changed(DocumentKind.BANK_STATEMENT, wages=[], amounts=["9000.00", "9000.00", "9000.00", "400.00"]),
    ],
)
def test_what_life_explains_is_no_contradiction(papers):
    assert conflicts(papers) == ()


def test_one_of_two_stated_homes_is_enough():
    two = replace(STATED, homes=(OTHER_HOME, HOME))
    assert conflicts(stated=two) == ()
    neither = replace(STATED, homes=(OTHER_HOME, "上海市徐汇区漕溪路1号"))
    found = conflicts(stated=neither)
    # One contradiction for each source, not one for each home.
    assert len(found) == 3
    assert {each.subject for each in found} == {Subject.HOME}


def test_two_customer_numbers_of_one_person_contradict_each_other_only_where_both_were_stated_at_one_time():
    def two(**more):
        other = replace(STATED, ref="borrower:2", homes=(OTHER_HOME,), employer="样本物流有限公司", **more)
        claims = (*claims_of_application(stated=STATED), *claims_of_application(stated=other))
        return {each.subject for each in find_conflicts(claims=claims)}

    # Addresses have no day.
    assert two() == {Subject.EMPLOYER}
    assert two(stated_on=date(2025, 6, 1)) == set()
    assert two(stated_on=None) == set()


def test_a_contradiction_names_its_sign_its_weight_and_the_document_that_would_decide():
    by_pair = {
        frozenset({each.left.source, each.right.source}): each
        for each in conflicts(changed(DocumentKind.SOCIAL_SECURITY, employer="样本物流有限公司"))
    }
    found = by_pair[frozenset({Origin.APPLICATION, DocumentKind.SOCIAL_SECURITY})]
    assert found.signal == SignalKind.FALSE_EMPLOYER
    assert found.weight == Decimal("0.70")
    # Not one of the two that contradict each other.
    assert found.decider == DocumentKind.HOUSING_FUND


def test_a_plate_of_two_vehicles_and_a_certificate_of_two_properties():
    shown = [
        ShownPaper(ref=f"paper:{n}", on=ON, paper=Paper(section="CAPACITY", kind=kind, verdict="", values=values))
        for n, (kind, values) in enumerate(
            [
                (DocumentKind.VEHICLE_REGISTRATION, {"plate": "浙A12345", "vin": "LSVAA49J132047371"}),
                (DocumentKind.VEHICLE_REGISTRATION, {"plate": "浙a 12345", "vin": "LSVAA49J132047372"}),
                (DocumentKind.PROPERTY_DEED, {"number": "浙2020", "address": HOME}),
                (DocumentKind.PROPERTY_DEED, {"number": "浙2020", "address": OTHER_HOME}),
                (DocumentKind.PROPERTY_DEED, {"number": "浙2021", "address": OTHER_HOME}),
            ]
        )
    ]
    found = find_conflicts(claims=claims_of_papers(papers=shown))
    assert {each.subject for each in found} == {Subject.VEHICLE, Subject.PROPERTY}
    assert len(found) == 2


def test_claims_of_subjects_that_are_not_compared_are_left_open():
    name = Claim(subject=Subject.NAME, source=Origin.APPLICATION, ref="a", value="张三")
    home = Claim(subject=Subject.HOME, source=Origin.APPLICATION, ref="b", value=HOME)
    assert compare_claims(left=name, right=home) == Match.UNKNOWN
