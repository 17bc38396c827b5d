"""What a crew member's own phone proves: that it signed, for whom, and when."""

from datetime import timedelta

import pytest

from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from tests.factories.phones import Phone
from tests.factories.visits import AT, TODAY, VISIT_AT, make_order, position
from visits.models import CheckIn, VisitOrder
from visits.services.agencies.devices import revoke_device
from visits.services.doorstep.attendance import check_in, check_out
from visits.services.doorstep.door_proofs import issue_ticket, prove

KNOCK = VISIT_AT + timedelta(minutes=5, microseconds=77)
LATER = KNOCK + timedelta(hours=3)


@pytest.fixture
def order(case, placement, pair, approver):
    return make_order(case=case, placement=placement, state="EN_ROUTE", approver=approver, pair=pair)


@pytest.fixture
def phones(pair, coordinator):
    return [Phone(member=member, coordinator=coordinator, at=AT) for member in pair]


def ticket(order, phone, at=KNOCK - timedelta(minutes=30), off=timedelta()):
    return issue_ticket(order=order, device=phone.device, device_at=at + off, actor=phone.device.member.user, at=at)


def proof_of(order, phone, text, *, signature=None, held=None, made=KNOCK, at=LATER, actor=None):
    return prove(
        order=order,
        device=phone.device,
        statement=text,
        signature=phone.sign(text) if signature is None else signature,
        ticket=ticket(order, phone) if held is None else held,
        device_at=made,
        actor=phone.device.member.user if actor is None else actor,
        at=at,
    )


def test_a_message_is_placed_between_its_ticket_and_its_receipt(order, phones):
    off = timedelta(minutes=4)
    held = ticket(order, phones[0], off=off)

    proof = proof_of(order, phones[0], "text", held=held, made=KNOCK + off)

    assert (proof.device, proof.happened_at) == (phones[0].device, KNOCK)
    assert proof.known_from == KNOCK - timedelta(minutes=30)


@pytest.mark.parametrize("signature", ["", "no base64", "AAAA", "another phone's"])
def test_a_foreign_or_broken_signature_is_refused(order, phones, signature):
    signature = Phone().sign("text") if signature == "another phone's" else signature
    with pytest.raises(InvalidInput) as refused:
        proof_of(order, phones[0], "text", signature=signature)

    assert refused.value.field == "signature"


def test_another_text_than_the_signed_one_is_refused(order, phones):
    with pytest.raises(InvalidInput):
        proof_of(order, phones[0], "text", signature=phones[0].sign("texT"))


def test_nobody_signs_with_a_colleagues_phone(order, phones, pair):
    with pytest.raises(NotAllowed):
        proof_of(order, phones[0], "text", actor=pair[1].user)
    with pytest.raises(NotAllowed):
        issue_ticket(order=order, device=phones[0].device, device_at=KNOCK, actor=pair[1].user, at=KNOCK)


def test_a_phone_that_waits_or_was_revoked_proves_nothing(order, phones, pair, coordinator):
    held = ticket(order, phones[0])
    revoke_device(device=phones[0].device, actor=coordinator, at=AT)
    waiting = Phone(member=pair[1], at=AT)
    phones[0].device.refresh_from_db()

    for phone in (phones[0], waiting):
        with pytest.raises(InvalidInput) as refused:
            proof_of(order, phone, "text", held=held)
        assert refused.value.field == "device"
        with pytest.raises(InvalidInput):
            ticket(order, phone)


def test_a_ticket_is_of_one_visit_and_one_phone(order, phones, case):
    other = ticket(order, phones[1])

    for held in (other, "", ticket(order, phones[0]) + "x"):
        with pytest.raises(InvalidInput) as refused:
            proof_of(order, phones[0], "text", held=held)
        assert refused.value.field == "ticket"


def test_a_phone_whose_clock_is_off_gets_no_ticket(order, phones):
    with pytest.raises(InvalidInput) as refused:
        ticket(order, phones[0], off=timedelta(minutes=5, seconds=1))

    assert refused.value.field == "device_at"


@pytest.mark.parametrize(
    ("made", "at"),
    [
        (KNOCK - timedelta(minutes=36), LATER),
        (LATER + timedelta(minutes=6), LATER),
        (KNOCK, KNOCK + timedelta(hours=11, minutes=31)),
    ],
)
def test_a_clock_that_was_set_or_a_ticket_that_is_old_proves_no_moment(order, phones, made, at):
    with pytest.raises(InvalidInput) as refused:
        proof_of(order, phones[0], "text", made=made, at=at)

    assert refused.value.field == "ticket"


def arrive(order, phones, *, made=KNOCK, at=LATER, badge="M1"):
    """Check both in by messages that were made at `made` and arrive at `at`; return what the last led to."""
    arrived = None
    for phone in phones:
        arrived = check_in(
            order=order,
            member=phone.device.member,
            position=position(at=made),
            badge_evidence_ref=badge,
            proof=proof_of(order, phone, "text", made=made, at=at),
            actor=phone.device.member.user,
            at=at,
        )
    return arrived


def test_a_crew_without_connection_arrives_at_the_moment_that_it_proves(order, phones):
    # Received after the announced window and in the evening: the rules are asked of the moment at the door.
    assert arrive(order, phones).opened

    order = VisitOrder.objects.get(pk=order.pk)
    kept = CheckIn.objects.filter(order=order)
    assert (order.state, set(kept.values_list("happened_at", "received_at"))) == ("CHECKED_IN", {(KNOCK, LATER)})
    assert set(kept.values_list("device", flat=True)) == {phone.device.pk for phone in phones}

    left = KNOCK + timedelta(minutes=20)
    out = check_out(
        order=order,
        member=phones[0].device.member,
        position=position(at=left),
        proof=proof_of(order, phones[0], "out", made=left),
        actor=phones[0].device.member.user,
        at=LATER,
    )
    assert out.happened_at == left


def test_without_a_proof_the_clock_of_the_server_counts(order, phones):
    member = phones[0].device.member
    with pytest.raises(InvalidInput):
        check_in(order=order, member=member, position=position(at=KNOCK), actor=member.user, at=LATER)


def test_a_moment_outside_of_the_announced_window_is_refused(order, phones):
    early = order.window_start - timedelta(minutes=6)

    with pytest.raises(InvalidInput) as refused:
        arrive(order, phones[:1], made=early)
    assert refused.value.field == "at"


def test_what_stops_visits_by_now_breaks_a_late_arrival_off(order, phones, case):
    case.borrower.flags.create(kind="BEREAVED", source="CALL", set_at=KNOCK + timedelta(hours=1))

    arrived = arrive(order, phones[:1])

    assert (arrived.opened, arrived.aborted) == (False, True)
    with pytest.raises(StateConflict):
        arrive(order, phones[1:])
    assert AT.date() >= TODAY
