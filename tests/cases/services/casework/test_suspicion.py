"""Signals end with their cause, by a verification that answers them, or by a person with a reason."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import CaseEvent, DueEvaluation, SuspicionSignal, TriggerHit
from cases.services.casework.suspicion import (
    FoundSign,
    answer_signal,
    end_signals,
    open_signals_again,
    raise_signals,
)
from tests.cases.services.evaluation.test_triggers import evaluate
from tests.cases.services.intake.event_files import event_file, take
from tests.factories.casework import AT, TODAY, fact, make_case, verify
from tests.factories.policy import make_rule, make_version
from tests.factories.portfolio import make_borrower, make_overdue
from tests.visits.services.dispatch.test_at_once import during

ON, LATER = date(2026, 3, 4), date(2026, 3, 9)


def make_signal(borrower, **fields):
    values = {
        "external_ref": f"S-{SuspicionSignal.objects.count() + 1}",
        "kind": "FALSE_IDENTITY",
        "source": "model-7",
        "confidence": Decimal("0.80"),
        "noticed_on": TODAY - timedelta(days=9),
        "created_at": AT,
    } | fields
    return SuspicionSignal.objects.create(borrower=borrower, **values)


def answers():
    return {s.external_ref: (s.answer, s.cleared_on) for s in SuspicionSignal.objects.all()}


@pytest.fixture
def raised(shanghai):
    sign = FoundSign(ref="X-1", kind="FALSE_ADDRESS", sources="APPLICATION/LEASE", confidence=Decimal("0.60"))
    return raise_signals(borrower_id=make_borrower(territory=shanghai).pk, found=[sign], on=ON, at=AT)


@pytest.fixture
def case(shanghai):
    return make_case(account=make_overdue(territory=shanghai))


def test_a_signal_names_both_sources_and_is_open(raised):
    signal = SuspicionSignal.objects.get()
    assert raised == {"X-1": signal.pk}
    assert (signal.source, signal.noticed_on, signal.cleared_on) == ("CONTRADICTION:APPLICATION/LEASE", ON, None)


def test_it_ends_once_and_may_come_back(raised):
    ids = list(raised.values())
    end_signals(ids=ids, on=ON)
    end_signals(ids=ids, on=LATER)
    assert SuspicionSignal.objects.get().cleared_on == ON
    open_signals_again(ids=ids)
    assert SuspicionSignal.objects.get().cleared_on is None


def test_a_verification_answers_the_signals_of_its_borrower_that_it_establishes(case, shanghai):
    make_signal(case.borrower, external_ref="identity")
    make_signal(case.borrower, external_ref="address", kind="FALSE_ADDRESS")
    make_signal(case.borrower, external_ref="income", kind="FALSE_INCOME")
    make_signal(case.borrower, external_ref="employer", kind="FALSE_EMPLOYER")
    make_signal(case.borrower, external_ref="evasion", kind="EVASION")
    make_signal(case.borrower, external_ref="of tomorrow", noticed_on=TODAY + timedelta(days=1))
    make_signal(case.borrower, external_ref="of sources", source="CONTRADICTION:APPLICATION/LEASE")
    make_signal(make_borrower(territory=shanghai), external_ref="of another")

    verification = verify(
        case=case,
        facts=(fact("IDENTITY", "CONFIRMED"), fact("RESIDENCE", "REFUTED")),
        papers_agree=("FALSE_INCOME",),
    )

    open_one = ("", None)
    assert answers() == {
        "identity": ("CLEARED", TODAY),
        "address": ("CONFIRMED", TODAY),
        "income": ("CLEARED", TODAY),
        "employer": open_one,
        "evasion": ("CLEARED", TODAY),
        "of tomorrow": open_one,
        "of sources": open_one,
        "of another": open_one,
    }
    address = SuspicionSignal.objects.get(external_ref="address")
    assert (address.answered_in, address.counts_until) == (verification.source_ref, TODAY + timedelta(days=180))
    said = [
        "FALSE_IDENTITY CLEARED",
        "FALSE_ADDRESS CONFIRMED",
        "FALSE_INCOME CLEARED",
        "EVASION CLEARED",
    ]
    assert CaseEvent.objects.get(kind="VERIFICATION").body["signals"] == said
    assert AuditEntry.objects.get(action="verification.recorded").body["signals"] == said


def test_a_hit_ends_with_the_signals_that_a_verification_clears(shanghai):
    account = make_overdue(territory=shanghai)
    make_signal(account.borrower)
    version = make_version(
        rules=[make_rule(code="FALSE_INFORMATION", feature="suspicion_signals", value=1)], rewards=[], restrictions=[]
    )
    assert evaluate(version).hits == 1
    case = account.borrower.cases.get()

    verify(case=case, facts=(fact("IDENTITY", "CONFIRMED"),))

    assert DueEvaluation.objects.filter(borrower=account.borrower).exists()
    evaluate(version)
    assert TriggerHit.objects.get().left_on == TODAY


def test_a_person_answers_a_signal_with_a_reason(case, officer):
    signal = make_signal(case.borrower, kind="DOCUMENT_DOUBTFUL")

    answer_signal(signal=signal, answer="CONFIRMED", reason=" 公章系伪造 ", actor=officer, at=AT)

    signal.refresh_from_db()
    assert (signal.answer, signal.answer_reason, signal.answered_by) == ("CONFIRMED", "公章系伪造", officer)
    assert (signal.cleared_on, signal.counts_until) == (TODAY, TODAY + timedelta(days=365))
    assert DueEvaluation.objects.filter(borrower=case.borrower).exists()
    entry = AuditEntry.objects.get(action="signal.answered")
    assert entry.body == {"kind": "DOCUMENT_DOUBTFUL", "answer": "CONFIRMED"}


@pytest.mark.parametrize(
    ("answer", "reason", "field"),
    [
        ("MAYBE", "known", "answer"),
        ("", "known", "answer"),
        ("CLEARED", "  ", "reason"),
        ("CLEARED", "x" * 301, "reason"),
    ],
)
def test_an_answer_needs_a_finding_and_a_reason(case, officer, answer, reason, field):
    with pytest.raises(InvalidInput) as refused:
        answer_signal(signal=make_signal(case.borrower), answer=answer, reason=reason, actor=officer, at=AT)
    assert refused.value.field == field
    assert answers() == {"S-1": ("", None)}


def test_what_is_answered_is_not_answered_again(case, officer):
    signal = make_signal(case.borrower)
    answer_signal(signal=signal, answer="CLEARED", reason="known", actor=officer, at=AT)

    with pytest.raises(StateConflict):
        answer_signal(signal=signal, answer="CONFIRMED", reason="known", actor=officer, at=AT)
    verify(case=case, facts=(fact("IDENTITY", "REFUTED"),))

    assert answers() == {"S-1": ("CLEARED", TODAY)}


def test_a_signal_of_a_contradiction_is_settled_there(case, officer):
    signal = make_signal(case.borrower, source="CONTRADICTION:APPLICATION/LEASE")
    with pytest.raises(InvalidInput):
        answer_signal(signal=signal, answer="CLEARED", reason="known", actor=officer, at=AT)


@pytest.mark.parametrize("role", ["DISPATCHER", "AGENCY_COORDINATOR", "AUDITOR"])
def test_others_may_not_answer(case, person, role):
    with pytest.raises(NotAllowed):
        answer_signal(signal=make_signal(case.borrower), answer="CLEARED", reason="known", actor=person(role), at=AT)


def test_nobody_answers_outside_of_their_territories(case, chengdu, person):
    with pytest.raises(NotAllowed):
        answer_signal(
            signal=make_signal(case.borrower),
            answer="CLEARED",
            reason="known",
            actor=person("CASE_OFFICER", territories=[chengdu], name="elsewhere"),
            at=AT,
        )


@pytest.mark.django_db(transaction=True)
def test_a_person_who_answers_while_a_verification_does_is_told(shanghai, person):
    officer, case = person("CASE_OFFICER"), make_case(account=make_overdue(territory=shanghai))
    signal = make_signal(case.borrower)

    with pytest.raises(StateConflict):
        during(
            lambda: verify(case=case, facts=(fact("IDENTITY", "CONFIRMED"),)),
            lambda: answer_signal(signal=signal, answer="CONFIRMED", reason="known", actor=officer, at=AT),
        )

    assert answers() == {"S-1": ("CLEARED", TODAY)}


@pytest.mark.django_db(transaction=True)
def test_a_verification_leaves_what_a_person_answers_at_the_same_moment(shanghai, person):
    officer, case = person("CASE_OFFICER"), make_case(account=make_overdue(territory=shanghai))
    signal = make_signal(case.borrower)

    during(
        lambda: answer_signal(signal=signal, answer="CONFIRMED", reason="known", actor=officer, at=AT),
        lambda: verify(case=case, facts=(fact("IDENTITY", "CONFIRMED"),)),
    )

    signal.refresh_from_db()
    assert (signal.answer, signal.answered_by, signal.answered_in) == ("CONFIRMED", officer, "")


def test_a_file_that_comes_again_changes_neither_the_answer_nor_what_it_is_about(case, tmp_path):
    head = "线索号,客户号,类型,来源,置信度,发现日期\n"
    rows = "S-1,{ref},{kind},model-7,0.9,2026-02-20\n"

    def feed(kind):
        take(event_file(tmp_path, head + rows.format(ref=case.borrower.external_ref, kind=kind)), "demo-signals")

    feed("FALSE_ADDRESS")
    verify(case=case, facts=(fact("RESIDENCE", "REFUTED"),))
    feed("FALSE_IDENTITY")

    signal = SuspicionSignal.objects.get()
    assert (signal.kind, signal.answer, signal.cleared_on) == ("FALSE_ADDRESS", "CONFIRMED", TODAY)


class Signals(RuleBasedStateMachine):
    """Signs that come, are verified and are answered in any order. The model beside it: what each has been answered."""

    borrower_case = None
    officer = None

    def __init__(self):
        super().__init__()
        self.block = transaction.atomic()
        self.block.__enter__()
        self.day, self.model = 0, {}

    def teardown(self):
        transaction.set_rollback(True)
        self.block.__exit__(None, None, None)

    @initialize()
    def begin(self):
        self.borrower = self.borrower_case.borrower

    @rule(kind=st.sampled_from(["FALSE_IDENTITY", "FALSE_ADDRESS", "FALSE_EMPLOYER"]), ahead=st.integers(0, 1))
    def one_is_noticed(self, kind, ahead):
        noticed = TODAY + timedelta(days=self.day + ahead)
        signal = make_signal(self.borrower, kind=kind, noticed_on=noticed)
        self.model[signal.pk] = [kind, noticed, ""]

    @rule(
        identity=st.sampled_from(["CONFIRMED", "DOUBTFUL", "REFUTED"]),
        residence=st.sampled_from(["CONFIRMED", "REFUTED", "NOT_ESTABLISHED"]),
        sure=st.sampled_from(["0.90", "0.60"]),
    )
    def a_verification_is_recorded(self, identity, residence, sure):
        today = TODAY + timedelta(days=self.day)
        facts = (fact("IDENTITY", identity, confidence=sure), fact("RESIDENCE", residence, confidence=sure))
        verify(case=self.borrower_case, facts=facts, verified_on=today, at=AT + timedelta(days=self.day))
        if sure == "0.90":
            said = {"FALSE_IDENTITY": identity, "FALSE_ADDRESS": residence}
            answer = {"CONFIRMED": "CLEARED", "REFUTED": "CONFIRMED"}
            for each in self.model.values():
                if not each[2] and each[1] <= today:
                    each[2] = answer.get(said.get(each[0]), "")

    @rule(answer=st.sampled_from(["CONFIRMED", "CLEARED"]))
    def a_person_answers_the_newest(self, answer):
        signal = SuspicionSignal.objects.filter(borrower=self.borrower).order_by("pk").last()
        if signal is None:
            return
        try:
            answer_signal(
                signal=signal, answer=answer, reason="known", actor=self.officer, at=AT + timedelta(days=self.day)
            )
        except StateConflict:
            assert self.model[signal.pk][2]
        else:
            assert not self.model[signal.pk][2]
            self.model[signal.pk][2] = answer

    @rule()
    def a_day_passes(self):
        self.day += 1

    @invariant()
    def each_is_answered_as_the_model_says_and_open_without_an_answer(self):
        for row in SuspicionSignal.objects.filter(pk__in=self.model):
            assert row.answer == self.model[row.pk][2]
            assert (row.cleared_on is None) == (row.answer == "")
            assert (row.counts_until is not None) == (row.answer == "CONFIRMED")
            assert bool(row.answered_in) + bool(row.answered_by) == bool(row.answer)


@pytest.mark.django_db
def test_signals_are_answered_once_in_any_order(case, officer):
    Signals.borrower_case, Signals.officer = case, officer
    run_state_machine_as_test(Signals, settings=settings(max_examples=25, stateful_step_count=8, deadline=None))
