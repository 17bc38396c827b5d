"""Handing in a report: every problem at once, each with its field, and what a conduct problem needs."""

from datetime import timedelta
from decimal import Decimal

import pytest

from backoffice.core.errors import InvalidInput
from tests.factories.visits import HOME, TODAY, VISIT_AT, draft, make_order, photos, position
from visits.models import VisitOrder, VisitReport
from visits.services.doorstep.attendance import check_in, check_out
from visits.services.doorstep.reports import ReportRefused, submit_report

KNOCK = VISIT_AT + timedelta(minutes=5)


@pytest.fixture
def order(case, placement, pair, approver):
    return make_order(case=case, placement=placement, state="EN_ROUTE", approver=approver, pair=pair)


def knock(order, pair, *, at=KNOCK, seconds=60, second_place=HOME, **fields):
    """Check both in, the second `seconds` later."""
    check_in(order=order, member=pair[0], position=position(at=at), actor=pair[0].user, at=at)
    later = at + timedelta(seconds=seconds)
    return check_in(
        order=order,
        member=pair[1],
        position=position(at=later, place=second_place, **fields),
        badge_evidence_ref="M1",
        actor=pair[1].user,
        at=later,
    )


def test_a_report_is_refused_with_all_its_problems(order, pair, coordinator):
    knock(order, pair)
    bad = draft(
        media=[],
        person_met="FAMILY_ADULT",
        address_verdict="INVALID",
        identity_factors=1,
        attested_by_second=False,
        recommendation_reason="",
    )

    with pytest.raises(ReportRefused) as refused:
        submit_report(order=order, draft=bad, actor=coordinator, at=KNOCK + timedelta(hours=1))

    assert {problem.code for problem in refused.value.problems} == {
        "PERSON_MISMATCH",
        "ADDRESS_MISMATCH",
        "IDENTITY_NOT_CONFIRMED",
        "TOO_FEW_FACTORS",
        "TOO_FEW_PHOTOGRAPHS",
        "BADGE_MISSING",
        "ATTESTATION_MISSING",
        "NOT_CHECKED_OUT",
        "REASON_MISSING",
    }
    assert VisitOrder.objects.get(pk=order.pk).state == "CHECKED_IN"
    assert not VisitReport.objects.exists()


def test_a_conduct_problem_is_taken_only_with_its_incident(order, pair, coordinator):
    knock(order, pair)
    check_out(order=order, member=pair[0], position=position(at=KNOCK), actor=pair[0].user, at=KNOCK)
    media = [each for each, _content in photos()]
    too_long = {"media": media, "contact_ended_at": VISIT_AT + timedelta(minutes=60)}

    with pytest.raises(ReportRefused):
        submit_report(order=order, draft=draft(**too_long), actor=coordinator, at=KNOCK + timedelta(hours=2))
    report = submit_report(
        order=order, draft=draft(**too_long, incident="借款人挽留"), actor=coordinator, at=KNOCK + timedelta(hours=2)
    )

    assert report.incident_codes == ["STAYED_TOO_LONG"]
    assert (report.statement, report.version) == ("", 1)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"findings": ["F99"]}, "findings"),
        ({"observations": "长" * 501}, "observations"),
        ({"promised_amount": Decimal(5)}, "promised_amount"),
        ({"promised_amount": Decimal(5), "promised_for": TODAY}, "promised_for"),
        ({"contact_ended_at": KNOCK + timedelta(days=1)}, "contact_started_at"),
        ({"external_ref": ""}, "external_ref"),
    ],
)
def test_a_report_that_cannot_be_stored_is_refused_with_its_field(fields, field, order, pair, coordinator):
    knock(order, pair)

    with pytest.raises(InvalidInput) as refused:
        submit_report(order=order, draft=draft(**fields), actor=coordinator, at=KNOCK + timedelta(hours=1))

    assert refused.value.field == field
    assert VisitOrder.objects.get(pk=order.pk).state == "CHECKED_IN"
