"""Lines of a case's timeline."""

from datetime import date

import pytest

from cases.models import CaseEvent
from cases.services.casework.events import write_event, write_events
from tests.clear_text import tables_with
from tests.factories.casework import AT, make_case
from tests.factories.portfolio import make_overdue


@pytest.fixture
def case(shanghai):
    return make_case(account=make_overdue(territory=shanghai))


def test_write_event_seals_the_note(case, officer):
    event = write_event(case_id=case.pk, kind="NOTE", actor=officer, at=AT, note="Zheng Shi called")

    assert CaseEvent.objects.get(pk=event.pk).note == "Zheng Shi called"
    assert event.business_date == date(2026, 3, 2)
    assert tables_with("Zheng Shi") == []


def test_write_event_without_a_note_keeps_both_columns_empty(case):
    write_event(case_id=case.pk, kind="STAGE", actor=None, at=AT, body={"action": "resume"})

    assert CaseEvent.objects.values_list("note_ref", "note", "body").get() == (None, None, {"action": "resume"})


@pytest.mark.parametrize("number", [1, 3])
def test_write_events_takes_one_statement(shanghai, django_assert_num_queries, number):
    cases = [make_case(account=make_overdue(territory=shanghai)) for _one in range(number)]

    with django_assert_num_queries(1):
        write_events(kind="STAGE", actor=None, at=AT, events=[(case.pk, {"action": "resume"}) for case in cases])

    assert CaseEvent.objects.count() == number
