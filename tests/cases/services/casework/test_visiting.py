"""Cases whose visits begin and end, many at once."""

import pytest
from django.db import transaction

from backoffice.core.errors import StateConflict
from cases.models import Case, CaseEvent
from cases.services.casework.visiting import end_visits, start_visits
from tests.factories.casework import AT, TODAY, make_case
from tests.factories.portfolio import make_overdue


@pytest.fixture
def cases(shanghai):
    stages = ("OPEN", "IN_WORK")
    return [make_case(account=make_overdue(territory=shanghai), stage=s, needs_visit_by=TODAY) for s in stages]


def orders(cases):
    return {case.pk: f"V{case.pk:07d}" for case in cases}


def test_start_visits_moves_every_case_and_withdraws_the_wish(cases, dispatcher):
    start_visits(orders=orders(cases), actor=dispatcher, at=AT)

    assert set(Case.objects.values_list("stage", "needs_visit_by")) == {("VISITING", None)}
    written = CaseEvent.objects.order_by("case").values_list("case_id", "kind", "body", "actor")
    assert list(written) == [
        (case.pk, "VISIT", {"action": "start_visit", "order": f"V{case.pk:07d}"}, dispatcher.pk) for case in cases
    ]


def test_start_visits_of_a_case_on_hold_moves_none(cases):
    Case.objects.filter(pk=cases[1].pk).update(stage="ON_HOLD", held_until=TODAY)

    with pytest.raises(StateConflict), transaction.atomic():
        start_visits(orders=orders(cases), actor=None, at=AT)

    assert list(Case.objects.order_by("pk").values_list("stage", flat=True)) == ["OPEN", "ON_HOLD"]
    assert CaseEvent.objects.count() == 0


def test_end_visits_puts_back_only_cases_with_a_visit_and_writes_every_line(cases):
    Case.objects.filter(pk=cases[0].pk).update(stage="VISITING")
    Case.objects.filter(pk=cases[1].pk).update(stage="ON_HOLD", held_until=TODAY)

    end_visits(orders=orders(cases), outcome="CANCELLED", actor=None, at=AT)

    assert list(Case.objects.order_by("pk").values_list("stage", flat=True)) == ["IN_WORK", "ON_HOLD"]
    assert [event.body["outcome"] for event in CaseEvent.objects.all()] == ["CANCELLED", "CANCELLED"]
