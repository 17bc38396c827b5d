"""Cases of deceased people come back from their agency with their visits, for whichever borrower it was noted."""

from typing import Any

import pytest
import time_machine

from cases.models import BorrowerFlag
from tests.factories.people import merged_by_number
from tests.factories.visits import AT, TODAY, make_agency, make_case, make_order, make_placement
from visits import tasks
from visits.models import Placement, VisitOrder
from visits.services.agencies.deceased import recall_deceased


def test_a_case_of_a_deceased_person_comes_back(shanghai: Any, approver: Any, risk_manager: Any) -> None:
    agency = make_agency(territory=shanghai)
    cases = [make_case(territory=shanghai) for _each in range(3)]
    for case in cases:
        placement = make_placement(case=case, agency=agency)
        make_order(case=case, placement=placement, state="APPROVED", approver=approver)
    merged_by_number(cases[0].borrower, cases[1].borrower, approver=risk_manager)
    BorrowerFlag.objects.create(borrower=cases[1].borrower, kind="DECEASED", source="LETTER", set_at=AT)
    BorrowerFlag.objects.create(borrower=cases[2].borrower, kind="CEASE", source="LETTER", set_at=AT)

    counts = [recall_deceased(at=AT, business_date=TODAY) for _twice in range(2)]

    assert counts == [2, 0]
    states = dict(Placement.objects.values_list("case", "state"))
    assert states == {cases[0].pk: "RECALLED", cases[1].pk: "RECALLED", cases[2].pk: "ACTIVE"}
    orders = dict(VisitOrder.objects.values_list("case", "state"))
    assert orders == {cases[0].pk: "CANCELLED", cases[1].pk: "CANCELLED", cases[2].pk: "APPROVED"}


@pytest.mark.parametrize(
    "task",
    [lambda case: tasks.stand_down(borrowers=[case.borrower_id]), lambda _case: tasks.sweep_placements()],
    ids=["announced", "swept"],
)
def test_the_tasks_take_the_case_back(task: Any, shanghai: Any) -> None:
    agency, case = make_agency(territory=shanghai), make_case(territory=shanghai)
    make_placement(case=case, agency=agency)
    BorrowerFlag.objects.create(borrower=case.borrower, kind="DECEASED", source="LETTER", set_at=AT)

    with time_machine.travel(AT, tick=False):
        task(case)

    assert Placement.objects.get().state == "RECALLED"
