"""Papers, corrections, ends of reports, settlements and nights in any order, and two at one moment."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from backoffice.core.errors import DoorstepError, StateConflict
from cases.models import Borrower, SuspicionSignal
from tests.factories.papers import make_paper
from tests.factories.visits import VISIT_AT, make_agency, make_case, make_member, make_order, make_placement
from tests.visits.services.dispatch.test_at_once import at_once, during
from visits.models import Contradiction, ReportSection, VisitOrder, VisitReport
from visits.services.doorstep.contradictions import note_contradictions, recheck_contradictions
from visits.services.review.contradictions import settle_contradiction

NAMES = st.sampled_from(["张小三", "王小五", "李小六"])
SETTLED = {"CONFIRMED", "CLEARED"}


def make_report(case: Any, agency: Any, approver: Any, *names: str) -> VisitReport:
    pair = make_member(agency=agency), make_member(agency=agency)
    placement = case.placements.first() or make_placement(case=case, agency=agency)
    order = make_order(case=case, placement=placement, state="REPORTED", approver=approver, pair=pair)
    report = VisitReport.objects.create(
        order=order,
        external_ref=f"R{order.pk}",
        findings=["F01"],
        recommendation="CLOSE",
        submitted_at=VISIT_AT,
        created_at=VISIT_AT,
    )
    section = ReportSection.objects.create(
        report=report, section="IDENTITY", verdict="NOT_ESTABLISHED", confidence=Decimal("0.5")
    )
    for name in names:
        make_paper(section=section, kind="INCOME_PROOF", name=name)
    return report


class Sources(RuleBasedStateMachine):
    """One borrower. The model beside it: which names the papers that count show, and the lender's own."""

    territory: Any
    approver: Any
    officer: Any

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.at, self.lender, self.shown = VISIT_AT, "张小三", {}
        self.settled: dict[int, str] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize()
    def a_case_is_there(self) -> None:
        self.case, self.agency = make_case(territory=self.territory), make_agency(territory=self.territory)

    @rule(name=NAMES)
    def a_visit_shows_a_paper(self, name: str) -> None:
        orders = VisitOrder.objects.filter(case=self.case)
        orders.filter(state="REPORTED").update(state="VERIFIED", ended_at=self.at)
        orders.filter(state="RETURNED").update(state="CANCELLED", ended_at=self.at)
        report = make_report(self.case, self.agency, self.approver, name)
        self.shown[report.order_id] = name
        self.note()

    @rule()
    def the_last_report_is_returned(self) -> None:
        last = VisitOrder.objects.filter(case=self.case, state="REPORTED").first()
        if last is not None:
            last.state = "RETURNED"
            last.save()
            del self.shown[last.pk]
            self.note()

    @rule(name=NAMES)
    def the_lender_corrects_the_name_and_a_night_passes(self, name: str) -> None:
        self.at += timedelta(days=1)
        borrower = Borrower.objects.get(pk=self.case.borrower_id)
        borrower.name, borrower.updated_at = name, self.at
        borrower.save()
        self.lender = name
        recheck_contradictions(at=self.at)
        if not self.shown:
            self.note()

    @rule(wrong=st.sampled_from(["", "LEFT", "RIGHT"]))
    def somebody_settles_one(self, wrong: str) -> None:
        row = Contradiction.objects.filter(borrower=self.case.borrower_id).order_by("pk").last()
        if row is None:
            return
        try:
            settle_contradiction(contradiction=row, wrong=wrong, reason="已核对", actor=self.officer, at=self.at)
        except StateConflict:
            return
        self.settled[row.pk] = "CONFIRMED" if wrong else "CLEARED"

    @rule()
    def it_is_noted_again(self) -> None:
        self.note()

    def note(self) -> None:
        note_contradictions(borrower=self.case.borrower, actor=None, at=self.at)

    @invariant()
    def what_is_open_contradicts_and_has_an_open_signal(self) -> None:
        if not hasattr(self, "case"):
            return
        names = [self.lender, *self.shown.values()]
        rows = Contradiction.objects.filter(borrower=self.case.borrower_id).select_related("signal")
        for row in rows:
            assert (row.signal.cleared_on is None) == (row.state == "OPEN"), row.state
            assert row.state == self.settled.get(row.pk, row.state)
        pairs = sum(left != right for number, left in enumerate(names) for right in names[number + 1 :])
        # Each pair that differs is there once: open, or settled while both sources say what they say.
        found = rows.filter(state="OPEN").count()
        assert found <= pairs <= found + rows.filter(state__in=SETTLED).count()
        assert SuspicionSignal.objects.filter(borrower=self.case.borrower_id).count() == rows.count()


@pytest.mark.django_db
def test_contradictions_follow_from_what_sources_say_in_any_order(shanghai: Any, approver: Any, officer: Any) -> None:
    Sources.territory, Sources.approver, Sources.officer = shanghai, approver, officer
    run_state_machine_as_test(
        Sources,
        settings=settings(
            max_examples=30,
            stateful_step_count=8,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )


@pytest.mark.django_db(transaction=True)
def test_two_that_find_the_same_at_one_moment_write_it_once(shanghai: Any, approver: Any) -> None:
    case = make_case(territory=shanghai)
    make_report(case, make_agency(territory=shanghai), approver, "王小五")

    def note() -> Any:
        with transaction.atomic():
            return note_contradictions(borrower=case.borrower, actor=None, at=VISIT_AT)

    during(lambda: note_contradictions(borrower=case.borrower, actor=None, at=VISIT_AT), note)

    assert Contradiction.objects.count() == SuspicionSignal.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_settle_it_at_one_moment_the_second_is_told(shanghai: Any, approver: Any, person: Any) -> None:
    case = make_case(territory=shanghai)
    make_report(case, make_agency(territory=shanghai), approver, "王小五")
    with transaction.atomic():
        note_contradictions(borrower=case.borrower, actor=None, at=VISIT_AT)
    row = Contradiction.objects.get()
    people = person("CASE_OFFICER", name="one"), person("REVIEWER", name="two")

    met = at_once(
        *(
            lambda who=who, wrong=wrong: settle_contradiction(
                contradiction=row, wrong=wrong, reason="已核对", actor=who, at=VISIT_AT
            )
            for who, wrong in zip(people, ("LEFT", ""), strict=True)
        )
    )

    assert sum(isinstance(each, DoorstepError) for each in met) == 1
    row.refresh_from_db()
    assert row.settled_by in people
