"""One visit from the case's word to the verification, through every service in turn."""

from datetime import timedelta
from decimal import Decimal

from backoffice.audit.verifier import verify_chain
from backoffice.outbox.models import OutboxEvent
from cases.models import CaseEvent, ContactAttempt, PromiseToPay, Verification
from tests.factories.visits import AT as MORNING
from tests.factories.visits import HOME, TODAY, VISIT_AT, draft, make_letters, photos, position, read_waiting, stored
from visits.models import Evidence, VisitOrder
from visits.services.agencies.placement import place_case
from visits.services.dispatch.orders import (
    CrewPair,
    accept_visit,
    approve_visit,
    depart,
    request_visit,
    schedule_visits,
)
from visits.services.doorstep.attendance import check_in, check_out, submit_report
from visits.services.doorstep.evidence import Device, attach_evidence
from visits.services.review.review import review_report

# People press buttons at instants with a fraction of a second.
AT = MORNING + timedelta(microseconds=345_678)


def test_a_visit_from_the_case_to_its_verification(
    case, agency, pair, coordinator, officer, approver, dispatcher, reviewer
):
    lead, second = pair
    placed = place_case(case=case, agency=agency, actor=dispatcher, at=AT, business_date=TODAY)
    order = request_visit(
        case=case,
        address=case.borrower.addresses.get(),
        purposes=["VERIFY_IDENTITY", "CONFIRM_RESIDENCE"],
        reason="失联",
        actor=officer,
        at=AT,
        business_date=TODAY,
    )
    approve_visit(order=order, actor=approver, at=AT)
    plan = schedule_visits(
        orders=[order],
        crews=[CrewPair(lead=lead, second=second, latitude=HOME[0], longitude=HOME[1])],
        day=VISIT_AT.date(),
        actor=dispatcher,
        at=AT,
        seconds=1,
        seed=1,
    )
    assert [each.pk for each in plan.scheduled] == [order.pk], plan.refused
    make_letters(at=AT)
    order = VisitOrder.objects.get(pk=order.pk)
    accept_visit(order=order, actor=coordinator, at=AT + timedelta(hours=1))
    knock_at = order.planned_arrival_at + timedelta(seconds=5, microseconds=250_001)
    depart(order=order, actor=lead.user, at=knock_at - timedelta(minutes=40))
    first = check_in(order=order, member=lead, position=position(at=knock_at), actor=lead.user, at=knock_at)
    both = check_in(
        order=order,
        member=second,
        position=position(at=knock_at),
        badge_evidence_ref="M-badge",
        actor=second.user,
        at=knock_at + timedelta(minutes=1),
    )
    for member in pair:
        check_out(
            order=order,
            member=member,
            position=position(at=knock_at + timedelta(minutes=25)),
            actor=member.user,
            at=knock_at + timedelta(minutes=25),
        )
    pictures = photos(taken_at=knock_at + timedelta(minutes=3))
    done_at = knock_at + timedelta(hours=2)
    report = submit_report(
        order=order,
        draft=draft(
            media=[media for media, _content in pictures],
            contact_started_at=knock_at + timedelta(minutes=2),
            contact_ended_at=knock_at + timedelta(minutes=20),
            promised_amount=Decimal("3000"),
            promised_for=TODAY + timedelta(days=10),
        ),
        actor=coordinator,
        at=done_at,
    )
    for media, content in pictures:
        attach_evidence(
            report=report,
            kind=media.kind,
            content=content,
            external_ref=media.ref,
            device=Device(at=done_at),
            uploaded_by=lead,
            actor=coordinator,
            at=done_at,
        )
    read_waiting(at=done_at)
    review_report(report=report, verdict="ACCEPTED", quality_score=92, note="", actor=reviewer, at=done_at)

    order = VisitOrder.objects.get(pk=order.pk)
    case.refresh_from_db()
    verification = Verification.objects.get(source_ref=str(order))
    contact = ContactAttempt.objects.get(channel="VISIT")
    promise = PromiseToPay.objects.get(borrower=case.borrower)
    address = case.borrower.addresses.get()
    # One agency alone keeps no share of a territory; that is said.
    assert len(placed.warnings) == 1
    assert (first.opened, both.opened) == (False, True)
    assert (order.state, order.fee) == ("VERIFIED", Decimal("220.00"))
    assert case.stage in ("VERIFIED", "DECIDED")
    assert dict(verification.facts.exclude(verdict="NOT_ESTABLISHED").values_list("section", "verdict")) == {
        "IDENTITY": "CONFIRMED",
        "CAPACITY": "PARTLY_ABLE",
        "RESIDENCE": "CONFIRMED",
    }
    assert (verification.right_party_met, verification.cooperative) == (True, True)
    # All photographs are at 100, so the crew's confidence stands.
    assert set(Evidence.objects.values_list("trust_score", flat=True)) == {100}
    assert verification.facts.get(section="IDENTITY").confidence == Decimal("0.90")
    assert (contact.outcome, contact.right_party, contact.cost) == ("RIGHT_PARTY", True, Decimal("220"))
    assert (promise.amount, promise.channel, promise.state) == (Decimal("3000"), "VISIT", "OPEN")
    assert (address.verdict, address.last_verified_on) == ("VALID", VISIT_AT.date())
    assert stored(order.letter_file.name)[:5] == b"%PDF-"
    assert OutboxEvent.objects.get(topic="visit.notice").payload["borrower"] == case.borrower.external_ref
    actions = list(
        CaseEvent.objects.filter(case=case, kind="VISIT").order_by("pk").values_list("body__action", flat=True)
    )
    assert actions == [
        "place",
        "request",
        "approve",
        "start_visit",
        "schedule",
        "accept",
        "depart",
        "check_in",
        "report",
        "review",
    ]
    assert verify_chain().ok
