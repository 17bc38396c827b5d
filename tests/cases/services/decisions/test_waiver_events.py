"""What the core is told of waivers, and its answers: late, twice, wrong, refused."""

import pytest
from django.db import transaction

from backoffice.core.errors import InvalidInput, Missing, NotAllowed, StateConflict
from backoffice.outbox.models import OutboxEvent, WebhookDelivery
from cases.models import Decision, Waiver
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.waiver_events import (
    GRANTED,
    acknowledge_waiver,
    announce_waivers,
    effect_key,
    held_value,
    instruct_waiver_again,
    mark_waivers_sent,
)
from cases.services.decisions.waivers import follow_waivers
from tests.factories.casework import AT, TODAY
from tests.factories.concessions import make_budget, pay, propose_waiver
from tests.factories.outbox import make_endpoint
from tests.factories.portfolio import make_overdue


@pytest.fixture
def earned(shanghai, person, officer, approver):
    make_budget(set_by=person("RISK_MANAGER"), confirmed_by=approver)
    account = make_overdue(territory=shanghai)
    approve_decision(decision=propose_waiver(account=account, officer=officer), actor=approver, at=AT)
    pay(account=account, amount="31200", on=TODAY)
    follow_waivers(business_date=TODAY, at=AT)
    return Waiver.objects.get()


def answer(waiver, *, version=1, accepted=True, **fields):
    key = f"waiver-{waiver.pk}-{version}"
    return acknowledge_waiver(effect_key=key, accepted=accepted, actor=None, at=AT, **fields)


def state():
    waiver = Waiver.objects.select_related("decision").get()
    return waiver.decision.state, waiver.answered_value, waiver.refused_reason, waiver.acknowledged_at


def test_acknowledge_waiver_puts_its_decision_in_force_and_gives_the_case_back(earned):
    answer(earned, value="800")

    assert state() == ("ACKNOWLEDGED", "800.00", "", AT)
    assert earned.decision.case.stage == "IN_WORK"
    answer(earned, value="800")
    with pytest.raises(StateConflict):
        answer(earned, accepted=False, refused_reason="no")


def test_acknowledge_waiver_with_another_amount_waits(earned):
    answer(earned, value="80")

    assert state() == ("APPROVED", "80.00", "", None)


def test_acknowledge_waiver_refused_stands_until_the_core_agrees(earned):
    answer(earned, accepted=False, refused_reason="closing")
    assert state() == ("APPROVED", "", "closing", None)

    answer(earned, value="800.00")

    assert state() == ("ACKNOWLEDGED", "800.00", "", AT)


def test_acknowledge_waiver_of_an_older_instruction_changes_nothing(earned, approver):
    instruct_waiver_again(waiver=earned, actor=approver, at=AT)

    answer(earned, version=1, value="800")

    assert state() == ("APPROVED", "", "", None)
    answer(earned, version=2, value="800")
    assert state()[0] == "ACKNOWLEDGED"


@pytest.mark.parametrize(
    "key", ["", "waiver", "waiver-1", "waiver-x-1", "waiver-{pk}-0", "waiver-{pk}-2", "12-LIMIT-3"]
)
def test_acknowledge_waiver_of_no_instruction_is_missing(earned, key):
    with pytest.raises(Missing):
        acknowledge_waiver(effect_key=key.format(pk=earned.pk), accepted=True, value="1", actor=None, at=AT)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"value": ""}, "value"),
        ({"value": "NaN"}, "value"),
        ({"value": "1e15"}, "value"),
        ({"accepted": False, "refused_reason": " "}, "refused_reason"),
    ],
)
def test_acknowledge_waiver_refuses_an_answer_without_content(earned, fields, field):
    with pytest.raises(InvalidInput) as refusal:
        answer(earned, **fields)

    assert (refusal.value.field, state()[3]) == (field, None)


def test_instruct_waiver_again_is_for_approvers_and_for_what_is_open(earned, officer, approver):
    with pytest.raises(NotAllowed):
        instruct_waiver_again(waiver=earned, actor=officer, at=AT)
    answer(earned, value="800")
    with pytest.raises(StateConflict):
        instruct_waiver_again(waiver=earned, actor=approver, at=AT)

    assert OutboxEvent.objects.filter(topic=GRANTED).count() == 1


def test_mark_waivers_sent_waits_for_an_endpoint_that_took_it(earned):
    assert mark_waivers_sent(at=AT) == 0
    event = OutboxEvent.objects.get(topic=GRANTED)
    delivery = WebhookDelivery.objects.create(event=event, endpoint=make_endpoint(topics=(GRANTED,)), due_at=AT)
    assert mark_waivers_sent(at=AT) == 0
    WebhookDelivery.objects.filter(pk=delivery.pk).update(state="DELIVERED", delivered_at=AT)

    assert mark_waivers_sent(at=AT) == 1

    assert Decision.objects.get(kind="WAIVER").state == "SENT"
    assert mark_waivers_sent(at=AT) == 0


def test_announce_waivers_of_none_tells_nothing(earned, django_assert_num_queries):
    with transaction.atomic(), django_assert_num_queries(0):
        announce_waivers(waivers=[], topic=GRANTED, at=AT)

    assert (effect_key(earned), held_value(earned)) == (f"waiver-{earned.pk}-1", "800.00")
