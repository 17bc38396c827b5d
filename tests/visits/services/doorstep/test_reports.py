"""Handing in a report: every problem at once, each with its field, and what a conduct problem needs."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from backoffice.core.errors import InvalidInput
from tests.factories.visits import HOME, TODAY, VISIT_AT, draft, make_order, photos, position
from visits.models import VisitOrder, VisitReport
from visits.services.doorstep.attendance import check_in, check_out
from visits.services.doorstep.reports import ReportRefused, submit_report

KNOCK = VISIT_AT + timedelta(minutes=5)
OPENED = KNOCK + timedelta(seconds=60)
LEFT = OPENED + timedelta(minutes=30)
LATER = KNOCK + timedelta(hours=2)
STAY = timedelta(minutes=45)
SECOND = timedelta(seconds=1)


@pytest.fixture
def order(case, placement, pair, approver):
    return make_order(case=case, placement=placement, state="EN_ROUTE", approver=approver, pair=pair)


def at_door(**fields):
    """Return the times of a talk from the opening of the door to the end of the stay, with the other fields."""
    return {"contact_started_at": OPENED, "contact_ended_at": LEFT} | fields


def leave(order, pair, *, at):
    for member in pair:
        check_out(order=order, member=member, position=position(at=at), actor=member.user, at=at)


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
        "CONTACT_BEFORE_CHECK_IN",
        "NOT_CHECKED_OUT",
        "REASON_MISSING",
    }
    assert VisitOrder.objects.get(pk=order.pk).state == "CHECKED_IN"
    assert not VisitReport.objects.exists()


def test_a_conduct_problem_is_taken_only_with_its_incident(order, pair, coordinator):
    knock(order, pair)
    leave(order, pair, at=OPENED + STAY + SECOND)
    honest = at_door(media=[each for each, _content in photos()])

    with pytest.raises(ReportRefused) as refused:
        submit_report(order=order, draft=draft(**honest), actor=coordinator, at=LATER)
    report = submit_report(order=order, draft=draft(**honest, incident="借款人挽留"), actor=coordinator, at=LATER)

    assert [problem.code for problem in refused.value.problems] == ["STAYED_TOO_LONG"]
    assert report.incident_codes == ["STAYED_TOO_LONG"]
    assert (report.statement, report.version) == ("", 1)


def test_a_stay_of_exactly_the_limit_needs_no_words(order, pair, coordinator):
    knock(order, pair)
    leave(order, pair, at=OPENED + STAY)
    media = [each for each, _content in photos()]

    report = submit_report(order=order, draft=draft(**at_door(media=media)), actor=coordinator, at=LATER)

    assert report.incident_codes == []


@pytest.mark.parametrize(
    ("times", "code"),
    [
        ({"contact_started_at": OPENED - SECOND}, "CONTACT_BEFORE_CHECK_IN"),
        ({"contact_ended_at": LEFT + SECOND}, "CONTACT_AFTER_CHECK_OUT"),
    ],
)
def test_a_talk_outside_of_the_stay_is_taken_only_with_its_incident(times, code, order, pair, coordinator):
    knock(order, pair)
    leave(order, pair, at=LEFT)
    stated = at_door(media=[each for each, _content in photos()]) | times

    with pytest.raises(ReportRefused) as refused:
        submit_report(order=order, draft=draft(**stated), actor=coordinator, at=LATER)
    report = submit_report(order=order, draft=draft(**stated, incident="门口先打了招呼"), actor=coordinator, at=LATER)

    assert [problem.code for problem in refused.value.problems] == [code]
    assert report.incident_codes == [code]


def test_a_talk_past_the_window_of_the_notice_is_taken_only_with_its_incident(order, pair, coordinator):
    knock(order, pair)
    leave(order, pair, at=LEFT)
    VisitOrder.objects.filter(pk=order.pk).update(window_end=LEFT - SECOND)
    stated = at_door(media=[each for each, _content in photos()])

    with pytest.raises(ReportRefused) as refused:
        submit_report(order=order, draft=draft(**stated), actor=coordinator, at=LATER)

    assert [problem.code for problem in refused.value.problems] == ["CONTACT_OUTSIDE_WINDOW"]
    VisitOrder.objects.filter(pk=order.pk).update(window_end=LEFT)
    assert submit_report(order=order, draft=draft(**stated), actor=coordinator, at=LATER).incident_codes == []


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


def test_an_entry_without_recorded_consent_is_taken_with_its_incident_and_marked(order, pair, coordinator):
    knock(order, pair)
    leave(order, pair, at=LEFT)
    taken = photos()
    entered = at_door(media=[media for media, _content in taken], entered_home=True)

    with pytest.raises(ReportRefused) as refused:
        submit_report(order=order, draft=draft(**entered), actor=coordinator, at=LATER)
    report = submit_report(order=order, draft=draft(**entered, incident="下雨，被请进屋"), actor=coordinator, at=LATER)

    assert [(problem.field, problem.code) for problem in refused.value.problems] == [
        ("entry_consent_ref", "ENTRY_WITHOUT_CONSENT")
    ]
    assert (report.entered_home, report.entry_consent_ref, report.incident_codes) == (
        True,
        "",
        ["ENTRY_WITHOUT_CONSENT"],
    )


def test_the_database_keeps_no_entry_without_consent_or_incident(order):
    fields = {
        "order": order,
        "findings": ["F01"],
        "recommendation": "CLOSE",
        "submitted_at": LATER,
        "created_at": LATER,
    }
    VisitReport.objects.create(external_ref="R-told", entered_home=True, incident="x", **fields)

    with pytest.raises(IntegrityError, match="entry_has_consent_or_incident"), transaction.atomic():
        VisitReport.objects.create(external_ref="R-silent", version=2, entered_home=True, **fields)
