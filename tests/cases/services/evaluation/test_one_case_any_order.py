"""Nights, re-evaluations, merges, undone merges and closed cases in any order: a person never has two open cases."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from backoffice.core.errors import InvalidInput, StateConflict
from cases.models import Account, Borrower, Case, CaseEvent, DueEvaluation, PersonMerge, TriggerHit
from cases.services.casework.cases import close_case
from cases.services.casework.reevaluation import mark_for_reevaluation
from cases.services.evaluation import borrower_ranges, chunks, runs
from cases.services.evaluation.reevaluation import reevaluate_due
from cases.services.merges.decisions import approve_merge, suggest_merge, undo_merge
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import AT, TODAY, make_overdue

PICK = st.integers(0, 999)
# Days past due of an account without a reason, with one, and with a second one of a higher priority.
STANDINGS = {0: None, 95: 2, 150: 1}


class OneCase(RuleBasedStateMachine):
    """Five borrowers in three chunks. The model: the reasons that the accounts give, and who is one person."""

    territory: Any
    officer: Any
    users: tuple[Any, Any, Any]

    def __init__(self) -> None:
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.at, self.day = AT, TODAY

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    def now(self) -> datetime:
        self.at += timedelta(seconds=61, microseconds=7)
        return self.at

    @initialize(standings=st.lists(st.sampled_from(sorted(STANDINGS)), min_size=5, max_size=5))
    def begin(self, standings: list[int]) -> None:
        make_version(
            rules=[make_rule(), make_rule(code="OLD", feature="days_past_due", value=120, priority=1)],
        )
        for days in standings:
            account = make_overdue(territory=self.territory, outstanding_principal=Decimal(60000))
            self.set_days(account, days)
        self.night()

    def set_days(self, account: Account, days: int) -> None:
        arrears = Decimal(32000) if days else Decimal(0)
        Account.objects.filter(pk=account.pk).update(days_past_due=days, arrears_amount=arrears, as_of=self.day)

    def pick(self, rows: Any, number: int) -> Any:
        found = list(rows.order_by("pk"))
        return found[number % len(found)] if found else None

    def wanted(self) -> dict[int, int]:
        """Return the highest priority of each person that has a reason."""
        found: dict[int, int] = {}
        for key, days in Account.objects.values_list("borrower__person_key", "days_past_due"):
            # Days past due go on counting from the day of the figures.
            priority = STANDINGS[days]
            if priority is not None:
                found[key] = min(priority, found.get(key, 9))
        return found

    def found(self) -> dict[int, int]:
        return dict(Case.objects.open().values_list("borrower__person_key", "priority"))

    def rows(self) -> list[list[Any]]:
        return [list(model.objects.order_by("pk").values()) for model in (Case, CaseEvent, TriggerHit)]

    def work(self, run: Any, *, most: int = 999) -> None:
        for _chunk in range(most):
            if not chunks.work_chunk(run_id=run.pk, at=self.now()):
                break
        runs.settle_run(run_id=run.pk, at=self.now())

    def start(self) -> Any:
        return runs.start_run(job="TRIGGERS", business_date=self.day, at=self.now())

    def night(self) -> None:
        Account.objects.update(as_of=self.day)
        self.work(self.start())
        assert self.found() == self.wanted()

    @rule()
    def next_night_and_the_same_again(self) -> None:
        self.day += timedelta(days=1)
        self.at += timedelta(days=1)
        self.night()
        before = self.rows()
        self.work(self.start())
        assert self.rows() == before

    @rule(which=PICK, days=st.sampled_from(sorted(STANDINGS)))
    def figures_change(self, which: int, days: int) -> None:
        self.set_days(self.pick(Account.objects.all(), which), days)

    @rule(which=PICK, days=st.sampled_from(sorted(STANDINGS)))
    def figures_change_and_the_borrower_is_judged(self, which: int, days: int) -> None:
        account = self.pick(Account.objects.all(), which)
        self.set_days(account, days)
        # The person's other borrowers are judged by what was found of them last: all are marked.
        borrowers = Borrower.objects.all().of_person_of(account.borrower)
        mark_for_reevaluation(borrowers=[borrower.pk for borrower in borrowers], at=self.now())
        self.judge_due()
        key = account.borrower.person_key
        assert self.found().get(key) == self.wanted().get(key)

    def judge_due(self) -> None:
        reevaluate_due(business_date=self.day, at=self.now() + timedelta(seconds=30))
        assert not DueEvaluation.objects.exists()

    @rule(which=PICK)
    def close_by_hand(self, which: int) -> None:
        case = self.pick(Case.objects.open(), which)
        if case is not None:
            close_case(case=case, reason="SETTLED", actor=self.officer, at=self.now())

    @rule(first=PICK, second=PICK)
    def merge(self, first: int, second: int) -> None:
        one, other = self.pick(Borrower.objects.all(), first), self.pick(Borrower.objects.all(), second)
        try:
            with transaction.atomic():
                asked = suggest_merge(
                    borrower=one,
                    other_ref=other.external_ref,
                    ground="DOCUMENT_SEEN",
                    actor=self.users[0],
                    at=self.now(),
                )
                approve_merge(merge=asked, actor=self.users[1], at=self.now())
        except (InvalidInput, StateConflict):
            pass

    @rule(which=PICK)
    def undo(self, which: int) -> None:
        merge = self.pick(PersonMerge.objects.filter(state="APPROVED"), which)
        if merge is not None:
            undo_merge(merge=merge, actor=self.users[2], at=self.now())

    @rule(first=PICK, second=PICK, done=st.integers(0, 12), undoes=st.booleans())
    def merge_in_the_middle_of_a_night(self, first: int, second: int, done: int, undoes: bool) -> None:
        self.day += timedelta(days=1)
        self.at += timedelta(days=1)
        Account.objects.update(as_of=self.day)
        run = self.start()
        self.work(run, most=done)
        if undoes:
            self.undo(first)
        else:
            self.merge(first, second)
        self.work(run)
        self.judge_due()
        assert self.found() == self.wanted()

    @invariant()
    def nobody_has_two_open_cases(self) -> None:
        keys = list(Case.objects.open().values_list("borrower__person_key", flat=True))
        assert len(keys) == len(set(keys))

    @invariant()
    def every_case_has_the_person_of_its_borrower(self) -> None:
        rows = Case.objects.values_list("person_id", "borrower__person_id")
        assert all(own == of_borrower for own, of_borrower in rows)


@pytest.mark.django_db
def test_a_person_has_one_open_case_in_any_order(
    shanghai: Any, person: Any, officer: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(borrower_ranges, "SMALLEST_CHUNK", 2)
    monkeypatch.setattr(borrower_ranges, "CHUNKS_WANTED", 5)
    users = tuple(person("RISK_MANAGER", name=f"decider-{number}") for number in range(3))
    machine = type("OneCaseOfShanghai", (OneCase,), {"territory": shanghai, "users": users, "officer": officer})

    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=6,
            stateful_step_count=8,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
