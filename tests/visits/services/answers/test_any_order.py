"""Notices, answers, crews, officers and the clock in any order: nobody is visited who said no, or has not been heard."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from backoffice.core.errors import DoorstepError
from cases.models import BorrowerFlag, CaseEvent, Complaint
from tests.factories.visits import (
    AT,
    TODAY,
    make_agency,
    make_case,
    make_member,
    make_order,
    make_placement,
    photo,
    position,
)
from visits.enums import LetterAnswerKind
from visits.models import LetterAnswer, VisitOrder
from visits.rules.conduct.answers import IN_TIME, UNDER_WAY
from visits.rules.lifecycle import BEFORE_DOOR
from visits.selectors.conduct import local_time
from visits.services.answers.handling import handle_answer
from visits.services.answers.receiving import GivenAnswer, receive_answer
from visits.services.dispatch.orders import accept_visit, cancel_visit, depart
from visits.services.dispatch.scheduling import assign_crew
from visits.services.doorstep.attendance import check_in
from visits.services.orders.automatic_endings import stand_down_visits

PICK = st.integers(0, 99)
KINDS = st.sampled_from(LetterAnswerKind.values)


class Letters(RuleBasedStateMachine):
    """One borrower, one agency, one visit after another. The model beside it: whether a proven decline came in time."""

    territory: Any
    approver: Any
    officer: Any

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.at = AT
        self.has_declined = False
        self.codes: list[str] = []
        self.sent: list[tuple[str, GivenAnswer, int]] = []

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize()
    def begin(self) -> None:
        agency = make_agency(territory=self.territory)
        self.case = make_case(territory=self.territory)
        self.pair = make_member(agency=agency), make_member(agency=agency)
        self.placement = make_placement(case=self.case, agency=agency, term_ends_on=TODAY + timedelta(days=400))
        self.proof = self.case.borrower.id_number[-4:]
        self.add_order()

    def add_order(self) -> None:
        make_order(
            case=self.case,
            placement=self.placement,
            state="APPROVED",
            approver=self.approver,
            approved_at=self.at,
            valid_until=local_time(self.at).date() + timedelta(days=14),
        )

    @property
    def order(self) -> VisitOrder:
        found: VisitOrder = VisitOrder.objects.select_related("case__borrower").latest("pk")
        return found

    def tried(self, work: Any) -> Any:
        """Do it in a transaction of its own; a refusal is one of the things that may happen."""
        self.at += timedelta(seconds=1)
        try:
            with transaction.atomic():
                return work()
        except DoorstepError as refusal:
            return refusal

    @rule(hours=st.integers(1, 240))
    def let_time_pass(self, hours: int) -> None:
        self.at += timedelta(hours=hours)

    @precondition(lambda self: self.order.state not in IN_TIME)
    @rule()
    def ask_for_another_visit(self) -> None:
        self.add_order()

    @precondition(lambda self: self.order.state == "APPROVED")
    @rule()
    def give_notice(self) -> None:
        morning = local_time(self.at + timedelta(days=2)).replace(hour=10, minute=30)
        lead, second = self.pair
        order = self.tried(
            lambda: assign_crew(order=self.order, lead=lead, second=second, starts_at=morning, actor=None, at=self.at)
        )
        if isinstance(order, VisitOrder):
            self.codes.append(order.letter_code or "")

    @precondition(lambda self: self.order.state == "SCHEDULED")
    @rule()
    def accept(self) -> None:
        self.tried(lambda: accept_visit(order=self.order, actor=None, at=self.at))

    @precondition(lambda self: self.order.state == "ACCEPTED")
    @rule()
    def set_out(self) -> None:
        self.tried(lambda: depart(order=self.order, actor=None, at=self.at))

    @precondition(lambda self: self.order.state == "EN_ROUTE")
    @rule()
    def knock(self) -> None:
        order = self.order
        assert order.planned_arrival_at is not None
        self.at = max(self.at, order.planned_arrival_at + timedelta(minutes=1))
        arrived = None
        for member in self.pair:
            arrived = self.tried(
                lambda member=member: check_in(
                    order=self.order,
                    member=member,
                    position=position(at=self.at),
                    badge_evidence_ref="M1",
                    actor=None,
                    at=self.at,
                )
            )
        if getattr(arrived, "opened", False):
            assert not self.has_declined
            assert not LetterAnswer.objects.filter(holds=True, handled_at__isnull=True).exists()
            assert not Complaint.objects.filter(answered_at__isnull=True).exists()

    @precondition(lambda self: self.order.state in UNDER_WAY & BEFORE_DOOR)
    @rule()
    def call_off(self) -> None:
        self.tried(lambda: cancel_visit(order=self.order, reason="NOT_NEEDED", actor=None, at=self.at))

    @precondition(lambda self: self.codes)
    @rule(kind=KINDS, proven=st.booleans(), pick=PICK, by_video=st.booleans())
    def answer(self, kind: str, proven: bool, pick: int, by_video: bool) -> None:
        code = self.codes[pick % len(self.codes)]
        opens = local_time(self.at + timedelta(days=2)).replace(hour=14, minute=0)
        fields: dict[str, Any] = {"text": "请核对"}
        if kind == "OTHER_TIME":
            fields |= {"wished_from": opens, "wished_until": opens + timedelta(hours=3), "by_video": by_video}
        if kind == "PAPER":
            fields |= {"paper": photo(seed=1), "paper_kind": "RECEIPT"}
        given = GivenAnswer(kind=kind, form_ref=uuid4(), digits=self.proof if proven else "", **fields)
        received = self.tried(lambda: receive_answer(code=code, given=given, at=self.at))
        if not isinstance(received, LetterAnswer):
            # A code of which the order has another letter by now, and by which nobody answered; or a holiday.
            return
        self.sent.append((code, given, received.pk))
        if kind == "DECLINE" and proven and not received.is_late:
            self.has_declined = True

    @precondition(lambda self: self.sent)
    @rule(pick=PICK)
    def send_again(self, pick: int) -> None:
        code, given, pk = self.sent[pick % len(self.sent)]
        before = (LetterAnswer.objects.count(), CaseEvent.objects.count(), Complaint.objects.count(), self.order.state)

        again = receive_answer(code=code, given=given, at=self.at)

        after = (LetterAnswer.objects.count(), CaseEvent.objects.count(), Complaint.objects.count(), self.order.state)
        assert again is not None
        assert (again.pk, after) == (pk, before)

    @rule(pick=PICK, holds=st.booleans())
    def handle(self, pick: int, holds: bool) -> None:
        found = list(LetterAnswer.objects.filter(handled_at__isnull=True).order_by("pk"))
        if not found:
            return
        answer = found[pick % len(found)]
        outcome = "CONFIRMED" if holds else "SET_ASIDE"
        self.tried(lambda: handle_answer(answer=answer, outcome=outcome, done="已核实", actor=self.officer, at=self.at))
        if answer.kind == "DECLINE" and holds:
            self.has_declined = True

    @rule()
    def stand_down(self) -> None:
        self.tried(lambda: stand_down_visits(at=self.at))

    @invariant()
    def nobody_is_on_the_way_to_whom_said_no_or_was_not_heard(self) -> None:
        under_way = VisitOrder.objects.filter(state__in=UNDER_WAY)
        if self.has_declined:
            assert BorrowerFlag.objects.filter(kind="OPTED_OUT_OF_VISITS", cleared_at__isnull=True).exists()
        waits = LetterAnswer.objects.filter(holds=True, handled_at__isnull=True).exists()
        if waits:
            assert not under_way.exists()
        # A declined visit is over at once; one that a person confirmed late is ended by the task after the commit.
        if self.has_declined and not LetterAnswer.objects.filter(kind="DECLINE", handled_at__isnull=False).exists():
            assert not under_way.exists()


def test_answers_crews_and_officers_in_any_order(shanghai: Any, approver: Any, officer: Any) -> None:
    machine = type("LettersOfShanghai", (Letters,), {"territory": shanghai, "approver": approver, "officer": officer})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
