"""The timeline of a case as sentences."""

from datetime import timedelta

import pytest
from django.utils import translation

from cases.enums import CaseEventKind
from cases.models import CaseEvent
from cases.selectors.casework.timeline import SENTENCES, event_sentence, timeline
from cases.services.casework.cases import assign_case, hold_case, note_case
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import AT, TODAY, make_case, verify
from tests.factories.portfolio import make_overdue


@pytest.fixture
def case(shanghai):
    return make_case(account=make_overdue(territory=shanghai))


def test_timeline_lists_events_newest_first(case, officer):
    assign_case(case=case, owner=officer, actor=officer, at=AT)
    note_case(case=case, text="Called back", actor=officer, at=AT + timedelta(minutes=1))
    hold_case(case=case, until=TODAY + timedelta(days=5), reason="Papers", actor=officer, at=AT + timedelta(minutes=2))

    with translation.override("en"):
        lines = timeline(case=case)

    assert [(line.sentence, line.note, line.actor) for line in lines] == [
        ("Put on hold until March 7, 2026", "Papers", "case_officer"),
        ("Note", "Called back", "case_officer"),
        ("Assigned to case_officer", "", "case_officer"),
    ]


@pytest.mark.parametrize("number", [1, 3])
def test_timeline_takes_two_queries(case, officer, django_assert_num_queries, number):
    for _line in range(number):
        assign_case(case=case, owner=officer, actor=officer, at=AT)

    # events with their actors, names of owners
    with django_assert_num_queries(2):
        assert len(timeline(case=case)) == number


@pytest.mark.parametrize("kind", CaseEventKind.values)
def test_event_sentence_survives_every_kind_and_body(kind):
    for body in ({}, {"action": "unheard-of"}, {"action": "attempt"}, {"kind": "?", "reason": "?", "by": "2026-03-02"}):
        assert event_sentence(kind=kind, body=body, names={})


def test_every_event_that_the_services_write_has_its_sentence(case, approver):
    for decision in verify(case=case).decisions.all():
        approve_decision(decision=decision, actor=approver, at=AT)

    written = {(event.kind, event.body.get("action", "")) for event in CaseEvent.objects.all()}
    assert written
    assert written <= set(SENTENCES)
