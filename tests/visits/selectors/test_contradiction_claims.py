"""What all sources say of one person, and which reports and verifications count."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from tests.factories.casework import fact, verify
from tests.factories.papers import make_paper
from tests.factories.visits import VISIT_AT, make_order
from visits.contradiction_enums import Subject
from visits.models import ReportSection, VisitOrder, VisitReport
from visits.rules.contradictions.conflicts import find_conflicts
from visits.selectors.contradiction_claims import claims_of_person

ON = VISIT_AT.date()


@pytest.fixture
def make_report(case, placement, approver, pair):
    def make(*kinds, state="REPORTED", verdict="CONFIRMED", version=1, order=None):
        order = order or make_order(case=case, placement=placement, state=state, approver=approver, pair=pair)
        report = VisitReport.objects.create(
            order=order,
            version=version,
            external_ref=f"R{order.pk}-{version}",
            findings=["F01"],
            person_met="BORROWER",
            recommendation="CLOSE",
            submitted_at=VISIT_AT,
            created_at=VISIT_AT,
        )
        section = ReportSection.objects.create(
            report=report, section="RESIDENCE", verdict=verdict, confidence=Decimal("0.9")
        )
        for kind in kinds:
            make_paper(section=section, kind=kind)
        return report

    return make


def found(case, on=ON):
    theirs = claims_of_person(borrower=case.borrower, on=on)
    return {(claim.source, claim.subject) for claim in theirs.claims}


def test_the_lender_and_the_papers_of_the_newest_version_are_sources(case, make_report):
    first = make_report("LEASE")
    make_report("UTILITY_BILL", version=2, order=first.order)
    sources = {source for source, _subject in found(case)}
    assert {"APPLICATION", "UTILITY_BILL", "VISIT"} <= sources
    assert "LEASE" not in sources


@pytest.mark.parametrize("state", ["RETURNED", "ABORTED"])
def test_a_report_that_does_not_count_says_nothing(case, make_report, state):
    make_report("LEASE", state=state)
    assert {source for source, _subject in found(case)} == {"APPLICATION"}


def test_an_earlier_verification_counts_until_its_last_day(case):
    verify(case=case, facts=[fact("IDENTITY", "CONFIRMED")], verified_on=date(2026, 3, 1))
    assert ("EARLIER_VERIFICATION", Subject.IDENTITY_VERDICT) in found(case)
    assert ("EARLIER_VERIFICATION", Subject.IDENTITY_VERDICT) not in found(case, on=ON + timedelta(days=800))


def test_a_verdict_keeps_its_name_when_a_newer_visit_comes(case, make_report, coordinator):
    first = make_report()
    own = [claim for claim in claims_of_person(borrower=case.borrower, on=ON).claims if claim.source == "VISIT"]
    assert {claim.ref for claim in own} == {f"visit:{first.order}"}

    VisitOrder.objects.filter(pk=first.order_id).update(state="VERIFIED", ended_at=VISIT_AT)
    verify(case=case, source="VISIT", source_ref=str(first.order), facts=[fact("RESIDENCE", "CONFIRMED")])
    make_report(verdict="REFUTED")

    claims = claims_of_person(borrower=case.borrower, on=ON).claims
    assert {c.ref for c in claims if c.source == "EARLIER_VERIFICATION"} == {f"visit:{first.order}"}
    assert [each.subject for each in find_conflicts(claims=claims)] == [Subject.RESIDENCE_VERDICT]


def test_a_borrower_who_was_met_at_a_confirmed_home_gives_no_place_without_a_check_in(case, make_report):
    make_report()
    assert ("VISIT", Subject.LIFE) in found(case)
    assert not {claim for claim in found(case) if claim[1] == Subject.PLACE}
