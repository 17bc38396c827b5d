"""Visits, builds, disputes, answers and approvals in any order: each part of a visit is paid once, by two people."""

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from backoffice.core.errors import InvalidInput, SelfApproval, StateConflict
from tests.factories.statements import make_done
from tests.factories.visits import AT, make_agency, make_coordinator, make_member
from visits.models import AgencyStatement, StatementLine, VisitOrder
from visits.services.agencies.statement_building import build_statements
from visits.services.agencies.statement_disputes import dispute_line, reject_dispute, uphold_dispute
from visits.services.agencies.statements import (
    accept_statement,
    approve_statement,
    mark_statement_paid,
    send_statement,
    take_back_statement,
)

MONTHS = (date(2025, 12, 1), date(2026, 1, 1), date(2026, 2, 1))
TODAY = date(2026, 3, 2)
PARTS = {"PER_VISIT": Decimal("120.00"), "TRAVEL": Decimal("20.00"), "PER_ACCEPTED_REPORT": Decimal("80.00")}
PICK = st.integers(0, 999)


class Statements(RuleBasedStateMachine):
    """One agency, three months. The model beside it: which parts of which visits are owed, and what was approved."""

    territory: Any
    users: tuple[Any, Any, Any]

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.at = AT
        self.agency = make_agency(territory=self.territory)
        self.pair = make_member(agency=self.agency), make_member(agency=self.agency)
        self.coordinator = make_coordinator(agency=self.agency)
        self.owed: dict[tuple[int, str], date] = {}
        self.approved: dict[int, list[Any]] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def now(self) -> Any:
        self.at += timedelta(minutes=1)
        return self.at

    def pick(self, number: int, **states: Any) -> Any:
        found = list(AgencyStatement.objects.filter(**states).order_by("pk"))
        return found[number % len(found)] if found else None

    def lines(self, statement: AgencyStatement) -> list[Any]:
        rows = StatementLine.objects.filter(statement=statement).order_by("pk")
        return list(rows.values_list("order", "basis", "amount", "currency", "state"))

    @rule(
        month=st.sampled_from(MONTHS), day=st.integers(0, 27), kind=st.sampled_from(("VERIFIED", "ABORTED", "UNPAID"))
    )
    def a_visit_ends(self, month: date, day: int, kind: str) -> None:
        order = make_done(
            agency=self.agency,
            pair=self.pair,
            territory=self.territory,
            approver=self.users[2],
            day=month + timedelta(days=day),
            state="VERIFIED" if kind == "VERIFIED" else "ABORTED",
            fee={"VERIFIED": "220.00", "ABORTED": "140.00", "UNPAID": None}[kind],
        )
        if kind != "UNPAID":
            parts = [basis for basis in PARTS if kind == "VERIFIED" or basis != "PER_ACCEPTED_REPORT"]
            self.owed |= dict.fromkeys(((order.pk, basis) for basis in parts), month)

    @rule(which=PICK)
    def a_broken_off_visit_is_reported_and_accepted(self, which: int) -> None:
        broken = list(VisitOrder.objects.filter(state="ABORTED", fee__isnull=False).order_by("pk"))
        if broken:
            order = broken[which % len(broken)]
            VisitOrder.objects.filter(pk=order.pk).update(state="VERIFIED", fee=Decimal("220.00"))
            self.owed[order.pk, "PER_ACCEPTED_REPORT"] = self.owed[order.pk, "TRAVEL"]

    @rule(month=st.sampled_from(MONTHS), again=st.booleans())
    def build(self, month: date, again: bool) -> None:
        drafts = {s.pk: self.lines(s) for s in AgencyStatement.objects.exclude(state="DRAFT")}
        for _time in range(1 + again):
            build_statements(month=month, business_date=TODAY, at=self.now())
        assert {s.pk: self.lines(s) for s in AgencyStatement.objects.filter(pk__in=drafts)} == drafts
        draft = AgencyStatement.objects.filter(month=month, state="DRAFT").exists()
        waiting = set(
            AgencyStatement.objects.filter(state="DRAFT").exclude(month=month).values_list("month", flat=True)
        )
        listed = set(StatementLine.objects.values_list("order", "basis"))
        missing = {part for part, done in self.owed.items() if done <= month and done not in waiting} - listed
        assert not draft or not missing
        if not AgencyStatement.objects.filter(month=month).exists():
            assert not missing

    @rule(which=PICK, by=st.sampled_from((0, 1)))
    def send(self, which: int, by: int) -> None:
        statement = self.pick(which, state="DRAFT")
        if statement is None:
            return
        try:
            send_statement(statement=statement, actor=self.users[by], at=self.now(), business_date=TODAY)
        except InvalidInput:
            assert not self.lines(statement)

    @rule(which=PICK, line=PICK)
    def dispute(self, which: int, line: int) -> None:
        statement = self.pick(which)
        lines = list(StatementLine.objects.filter(statement=statement).order_by("pk")) if statement else []
        if not lines:
            return
        row = lines[line % len(lines)]
        may = statement.state == "SENT" and row.state == "BUILT"
        try:
            with transaction.atomic():
                dispute_line(line=row, reason="not so", actor=self.coordinator, at=self.now())
        except StateConflict:
            assert not may
        else:
            assert may

    @rule(which=PICK, by=st.sampled_from((0, 1)), amount=st.sampled_from((None, "0", "55.50", "120.00")))
    def answer(self, which: int, by: int, amount: str | None) -> None:
        disputed = list(StatementLine.objects.filter(state="DISPUTED").order_by("pk"))
        if not disputed:
            return
        line = disputed[which % len(disputed)]
        asked: Any = {"line": line, "answer": "we looked", "actor": self.users[by], "at": self.now()}
        if amount is None:
            reject_dispute(**asked)
            return
        try:
            with transaction.atomic():
                uphold_dispute(**asked, amount=Decimal(amount))
        except InvalidInput:
            assert Decimal(amount) == line.amount

    @rule(which=PICK)
    def accept(self, which: int) -> None:
        statement = self.pick(which)
        if statement is None:
            return
        may = statement.state == "SENT" and not statement.open_disputes
        try:
            with transaction.atomic():
                accept_statement(statement=statement, actor=self.coordinator, at=self.now())
        except (InvalidInput, StateConflict):
            assert not may
        else:
            assert may

    @rule(which=PICK, by=st.sampled_from((0, 1)))
    def take_back(self, which: int, by: int) -> None:
        statement = self.pick(which, state__in=("SENT", "ACCEPTED"), open_disputes=0)
        if statement is not None:
            take_back_statement(statement=statement, reason="wrong price", actor=self.users[by], at=self.now())

    @rule(which=PICK, by=st.sampled_from((0, 1, 2)), late=st.booleans())
    def approve(self, which: int, by: int, late: bool) -> None:
        statement = self.pick(which)
        if statement is None:
            return
        actor = self.users[by]
        took_part = {statement.prepared_by_id, *statement.lines.values_list("answered_by", flat=True)}
        is_due = statement.state == "ACCEPTED" or (statement.state == "SENT" and late)
        try:
            with transaction.atomic():
                approve_statement(
                    statement=statement,
                    actor=actor,
                    at=self.now(),
                    business_date=TODAY + timedelta(days=11 if late else 10),
                )
        except SelfApproval:
            assert actor.pk in took_part
        except (InvalidInput, StateConflict):
            assert not is_due or statement.open_disputes
        else:
            assert is_due
            assert actor.pk not in took_part
            self.approved[statement.pk] = self.lines(statement)

    @rule(which=PICK)
    def pay(self, which: int) -> None:
        statement = self.pick(which, state="APPROVED")
        if statement is not None:
            mark_statement_paid(
                statement=statement,
                paid_on=TODAY,
                payment_ref="PAY-1",
                actor=self.users[0],
                at=self.now(),
                business_date=TODAY,
            )

    @invariant()
    def what_was_approved_stays(self) -> None:
        for pk, lines in self.approved.items():
            assert self.lines(AgencyStatement(pk=pk)) == lines
            assert not any(state == "DISPUTED" for *_rest, state in lines)

    @invariant()
    def lines_are_what_is_owed_at_its_price(self) -> None:
        for order, basis, amount, currency, state in StatementLine.objects.values_list(
            "order", "basis", "amount", "currency", "state"
        ):
            assert (order, basis) in self.owed
            assert amount == PARTS[basis] or state == "UPHELD"
            assert currency == "CNY"

    @invariant()
    def disputes_are_counted(self) -> None:
        for statement in AgencyStatement.objects.all():
            assert statement.open_disputes == statement.lines.filter(state="DISPUTED").count()


def test_each_part_of_a_visit_is_paid_once_whatever_happens_first(
    shanghai: Any, person: Any, risk_manager: Any
) -> None:
    Statements.territory = shanghai
    second = person("RISK_MANAGER", name="second")
    Statements.users = (risk_manager, second, person("APPROVER", all_territories=True))
    # The two who prepare may not approve by their role; they are given the permission, so that only the rule stops them.
    for user in (risk_manager, second):
        user.has_perm = lambda permission, obj=None: True

    run_state_machine_as_test(
        Statements,
        settings=settings(
            max_examples=25, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
