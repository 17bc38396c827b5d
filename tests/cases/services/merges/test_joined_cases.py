"""A merge keeps one of the open cases, and says so; undoing it leaves the case where it is."""

from datetime import timedelta
from threading import Thread
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction

from backoffice.audit.models import AuditEntry
from cases.enums import CaseStage
from cases.models import Borrower, Case, CaseEvent, DueEvaluation, EvaluationRun, PersonMerge
from cases.rules.lifecycle import OPEN_STAGES
from cases.services.casework.reevaluation import mark_for_reevaluation
from cases.services.evaluation import chunks, runs
from cases.services.evaluation.reevaluation import reevaluate_due
from cases.services.merges.decisions import approve_merge, suggest_merge, undo_merge
from cases.services.merges.joined_cases import MOST_ADVANCED
from tests.factories.casework import make_case
from tests.factories.people import merged_by_number
from tests.factories.policy import make_version
from tests.factories.portfolio import AT, TODAY, make_borrower, make_overdue

LATER = AT + timedelta(hours=3, microseconds=7)


@pytest.fixture
def second(person: Any) -> Any:
    return person("RISK_MANAGER", name="second")


def suggestion(one: Borrower, other: Borrower, *, actor: Any) -> PersonMerge:
    return suggest_merge(borrower=one, other_ref=other.external_ref, ground="DOCUMENT_SEEN", actor=actor, at=AT)


def cases_of(*accounts: Any, **fields: Any) -> list[Case]:
    return [make_case(account=account, **fields) for account in accounts]


def test_the_stages_are_all_ranked() -> None:
    assert len(MOST_ADVANCED) == len(set(MOST_ADVANCED))
    assert set(MOST_ADVANCED) == OPEN_STAGES


@pytest.mark.django_db
def test_the_most_advanced_case_is_kept_and_takes_over_what_was_agreed(
    shanghai: Any, risk_manager: Any, second: Any, officer: Any
) -> None:
    accounts = [make_overdue(territory=shanghai) for _each in range(3)]
    early = make_case(account=accounts[0], priority=1, grade="A", needs_visit_by=TODAY, next_action_on=TODAY)
    kept = make_case(account=accounts[1], stage="VERIFIED", needs_visit_by=TODAY + timedelta(days=3))
    other = make_case(account=accounts[2], stage="IN_WORK", owner=officer, sla_due_on=TODAY)
    one, two, three = (account.borrower for account in accounts)
    approve_merge(merge=suggestion(one, two, actor=second), actor=risk_manager, at=LATER)

    approve_merge(merge=suggestion(two, three, actor=second), actor=risk_manager, at=LATER)

    person = Borrower.objects.get(pk=one.pk).person_id
    fields = ("stage", "close_reason", "person", "owner", "grade", "priority", "needs_visit_by", "next_action_on")
    assert list(Case.objects.order_by("pk").values_list(*fields)) == [
        ("CLOSED", "JOINED", person, None, "A", 1, None, None),
        ("VERIFIED", "", person, officer.pk, "A", 1, TODAY, TODAY),
        ("CLOSED", "JOINED", person, officer.pk, "C", 3, None, None),
    ]
    assert Case.objects.get(pk=kept.pk).sla_due_on == TODAY
    assert list(CaseEvent.objects.order_by("pk").values_list("case", "kind", "actor", "body")) == [
        (early.pk, "CLOSED", risk_manager.pk, {"action": "join", "reason": "JOINED", "case": kept.pk}),
        (kept.pk, "STAGE", risk_manager.pk, {"action": "join", "case": early.pk}),
        (other.pk, "CLOSED", risk_manager.pk, {"action": "join", "reason": "JOINED", "case": kept.pk}),
        (kept.pk, "STAGE", risk_manager.pk, {"action": "join", "case": other.pk}),
    ]
    assert list(
        AuditEntry.objects.filter(action__in=("case.closed", "case.joined"))
        .order_by("sequence")
        .values_list("action", "subject_id", "body")
    ) == [
        ("case.closed", str(early.pk), {"reason": "JOINED", "case": kept.pk}),
        (
            "case.joined",
            str(kept.pk),
            {"cases": [early.pk], "owner": None, "needs_visit_by": TODAY.isoformat()},
        ),
        ("case.closed", str(other.pk), {"reason": "JOINED", "case": kept.pk}),
        (
            "case.joined",
            str(kept.pk),
            {"cases": [other.pk], "owner": officer.pk, "needs_visit_by": TODAY.isoformat()},
        ),
    ]
    assert set(DueEvaluation.objects.values_list("borrower_id", flat=True)) == {one.pk, two.pk, three.pk}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "then", "kept"),
    [
        ({"stage": "OPEN"}, {"stage": "IN_WORK"}, 1),
        ({"stage": "VISITING"}, {"stage": "IN_WORK", "priority": 1}, 0),
        ({"priority": 3}, {"priority": 2}, 1),
        ({}, {}, 0),
        ({"stage": "OPEN", "priority": 1}, {"stage": "ON_HOLD"}, 1),
    ],
)
def test_the_case_is_kept_by_stage_then_priority_then_number(
    shanghai: Any, risk_manager: Any, first: dict[str, Any], then: dict[str, Any], kept: int
) -> None:
    accounts = [make_overdue(territory=shanghai) for _each in range(2)]
    cases = [make_case(account=account, **more) for account, more in zip(accounts, (first, then), strict=True)]

    merged_by_number(*(account.borrower for account in accounts), approver=risk_manager)

    assert Case.objects.exclude(stage=CaseStage.CLOSED).get() == cases[kept]


@pytest.mark.django_db
def test_an_owner_who_may_not_see_the_kept_case_does_not_take_it_over_and_a_hold_asks_for_no_visit(
    shanghai: Any, chengdu: Any, person: Any
) -> None:
    everywhere = person("RISK_MANAGER", name="everywhere", all_territories=True)
    local = person("CASE_OFFICER", name="local", territories=[chengdu])
    away, here = make_overdue(territory=chengdu), make_overdue(territory=shanghai)
    kept = make_case(account=here, stage="ON_HOLD")
    make_case(account=away, owner=local, needs_visit_by=TODAY)

    merged_by_number(away.borrower, here.borrower, approver=everywhere)

    kept.refresh_from_db()
    assert (kept.stage, kept.owner, kept.needs_visit_by) == ("ON_HOLD", None, None)


@pytest.mark.django_db
def test_undoing_leaves_the_open_case_with_its_borrower_and_the_others_are_judged(
    shanghai: Any, risk_manager: Any, second: Any
) -> None:
    accounts = [make_overdue(territory=shanghai) for _each in range(2)]
    first, other = cases_of(*accounts)
    merge = merged_by_number(*(account.borrower for account in accounts), approver=risk_manager)
    DueEvaluation.objects.all().delete()

    undo_merge(merge=merge, actor=second, at=LATER)

    assert list(Case.objects.order_by("pk").values_list("pk", "stage", "person")) == [
        (first.pk, "OPEN", None),
        (other.pk, "CLOSED", None),
    ]
    assert DueEvaluation.objects.count() == 2


@pytest.mark.django_db
def test_the_database_refuses_a_second_open_case_of_a_person_and_a_case_of_somebody_else(
    shanghai: Any, risk_manager: Any
) -> None:
    accounts = [make_overdue(territory=shanghai) for _each in range(2)]
    merged_by_number(*(account.borrower for account in accounts), approver=risk_manager)
    kept = make_case(account=accounts[0])

    with pytest.raises(IntegrityError, match="one_open_case_a_person"), transaction.atomic():
        make_case(account=accounts[1])
    Case.objects.filter(pk=kept.pk).update(stage="CLOSED", closed_on=TODAY)
    with pytest.raises(IntegrityError, match="person of its borrower"), transaction.atomic():
        make_case(account=accounts[1], without_person=True)

    assert Case.objects.get() == kept


def apply_chunk(run: EvaluationRun) -> None:
    """Apply the only chunk of a previewed run, as a worker does before it commits."""
    claimed = chunks._claim(run_id=run.pk, at=AT)
    assert claimed is not None
    chunks._evaluate(chunk=claimed[0], at=AT)


def judge_due(run: EvaluationRun) -> None:
    """Finish the run without applying it, and judge all borrowers as after a write."""
    EvaluationRun.objects.filter(pk=run.pk).update(state="FINISHED", finished_at=AT)
    mark_for_reevaluation(borrowers=Borrower.objects.values_list("pk", flat=True), at=AT)
    assert reevaluate_due(business_date=TODAY, at=LATER) == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("judge", [apply_chunk, judge_due])
def test_a_merge_waits_for_those_who_judge_and_leaves_one_open_case(
    shanghai: Any, risk_manager: Any, second: Any, judge: Any
) -> None:
    make_version()
    accounts = [make_overdue(territory=shanghai, outstanding_principal=60000) for _each in range(2)]
    asked = suggestion(accounts[0].borrower, accounts[1].borrower, actor=second)
    run = runs.start_run(job="TRIGGERS", business_date=TODAY, at=AT)
    assert [chunks.work_chunk(run_id=run.pk, at=AT) for _step in range(2)] == [True, True]
    merging = Thread(target=approve, args=(asked, risk_manager))

    with transaction.atomic():
        judge(run)
        merging.start()
        merging.join(timeout=0.7)
        assert merging.is_alive()
        assert Case.objects.open().count() == 2
    merging.join()

    assert list(Case.objects.order_by("pk").values_list("stage", "close_reason")) == [
        ("OPEN", ""),
        ("CLOSED", "JOINED"),
    ]


def approve(merge: PersonMerge, actor: Any) -> None:
    try:
        approve_merge(merge=merge, actor=actor, at=LATER)
    finally:
        connections.close_all()


@pytest.mark.django_db
def test_a_borrower_without_a_case_joins_without_a_line(shanghai: Any, risk_manager: Any) -> None:
    account, alone = make_overdue(territory=shanghai), make_borrower(territory=shanghai, id_number="")
    case = make_case(account=account)

    merged_by_number(account.borrower, alone, approver=risk_manager)

    case.refresh_from_db()
    assert (case.stage, case.person_id) == ("OPEN", Borrower.objects.get(pk=alone.pk).person_id)
    assert not CaseEvent.objects.exists()
