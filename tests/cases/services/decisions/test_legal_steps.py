"""Steps of legal recovery: recorded under a decision that stands, mediation first, and held by the database."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import translation

from backoffice.audit.models import AuditEntry
from backoffice.core.errors import InvalidInput, NotAllowed, StateConflict
from cases.models import Account, BorrowerFlag, CaseEvent, Decision, LegalStep
from cases.rules.legal_steps import ANSWER_DAYS
from cases.selectors.casework.timeline import timeline
from cases.services.decisions.complaints import answer_complaint, receive_complaint
from cases.services.decisions.legal_steps import record_legal_step
from cases.services.decisions.lifecycle import approve_decision
from cases.services.decisions.reversal import reverse_decision
from tests.factories.casework import make_decision
from tests.factories.legal import AT, LATER, TODAY, make_recovery, record_step
from tests.factories.portfolio import make_overdue
from tests.factories.requests import post, signed_in


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


@pytest.fixture
def recovery(shanghai: Any, approver: Any) -> Decision:
    return make_recovery(account=make_overdue(territory=shanghai), approver=approver)


def test_mediation_first_then_the_court_then_the_end(recovery, officer):
    with pytest.raises(StateConflict):
        record_step(decision=recovery, actor=officer, kind="FILED", days=20)
    record_step(decision=recovery, actor=officer)
    with pytest.raises(InvalidInput) as early:
        record_step(decision=recovery, actor=officer, kind="FILED", days=ANSWER_DAYS - 1)
    record_step(decision=recovery, actor=officer, kind="FILED", days=ANSWER_DAYS)
    record_step(decision=recovery, actor=officer, kind="CLOSED", days=18)

    assert early.value.field == "happened_on"
    assert list(LegalStep.objects.order_by("pk").values_list("kind", "happened_on", "court", "reference")) == [
        ("MEDIATION_OFFERED", TODAY, "", "REF-MEDIATION_OFFERED-0"),
        ("FILED", TODAY + timedelta(days=15), "上海市黄浦区人民法院", "REF-FILED-15"),
        ("CLOSED", TODAY + timedelta(days=18), "", "REF-CLOSED-18"),
    ]
    assert {step.recorded_by for step in LegalStep.objects.all()} == {officer}


def test_each_step_stands_on_the_timeline_and_in_the_trail(recovery, officer):
    record_step(decision=recovery, actor=officer)

    line = timeline(case=recovery.case)[0]
    assert (line.sentence, line.actor) == ("Legal recovery: mediation offered on March 2, 2026", str(officer))
    assert CaseEvent.objects.filter(body__action="legal_MEDIATION_OFFERED").count() == 1
    entry = AuditEntry.objects.latest("sequence")
    assert (entry.action, entry.subject_id, entry.body["kind"]) == (
        "legal_step.recorded",
        str(recovery.pk),
        "MEDIATION_OFFERED",
    )
    assert "REF-" not in str(entry.body)


def test_nothing_is_filed_while_an_agreement_stands(recovery, officer):
    record_step(decision=recovery, actor=officer)
    record_step(decision=recovery, actor=officer, kind="MEDIATION_AGREED", days=2)

    with pytest.raises(StateConflict, match="agree a repayment plan"):
        record_step(decision=recovery, actor=officer, kind="FILED", days=18)
    record_step(decision=recovery, actor=officer, kind="MEDIATION_FAILED", days=18)
    record_step(decision=recovery, actor=officer, kind="FILED", days=18)


def test_under_a_decision_that_does_not_stand_nothing_goes_on_but_the_end(recovery, officer, approver):
    record_step(decision=recovery, actor=officer)
    reverse_decision(decision=recovery, reason="wrong account", actor=approver, at=LATER)

    with pytest.raises(StateConflict, match="does not stand"):
        record_step(decision=recovery, actor=officer, kind="FILED", days=18)
    assert record_step(decision=recovery, actor=officer, kind="CLOSED", days=18).kind == "CLOSED"


def test_a_proposal_and_a_decision_past_its_time_do_not_stand(shanghai, officer, recovery):
    proposal = make_decision(account=make_overdue(territory=shanghai), kind="LEGAL")
    with pytest.raises(StateConflict):
        record_step(decision=proposal, actor=officer)
    with pytest.raises(StateConflict):
        record_step(decision=recovery, actor=officer, at=AT + timedelta(days=181))
    assert record_step(decision=recovery, actor=officer, at=AT + timedelta(days=180)).happened_on == TODAY


def test_legal_steps_belong_to_legal_recovery(shanghai, officer, approver):
    freeze = make_decision(account=make_overdue(territory=shanghai), kind="FREEZE")
    approve_decision(decision=freeze, actor=approver, at=AT, note="overdue")

    with pytest.raises(StateConflict):
        record_step(decision=freeze, actor=officer)


def test_an_unanswered_appeal_stops_every_step_until_it_is_answered(recovery, officer, person):
    appeal = receive_complaint(
        borrower=recovery.borrower, kind="APPEAL", subject="not mine", decision=recovery, actor=officer, at=AT
    )
    with pytest.raises(StateConflict, match="appeal"):
        record_step(decision=recovery, actor=officer)

    second = person("APPROVER", name="answers appeals")
    answer_complaint(complaint=appeal, upheld=False, answer="It is yours.", actor=second, at=LATER)

    assert record_step(decision=recovery, actor=officer).kind == "MEDIATION_OFFERED"


def test_special_care_stops_every_step(recovery, officer):
    make_decision(
        account=recovery.account, kind="SPECIAL_CARE", state="ACKNOWLEDGED", approved_under=recovery.policy_version
    )

    with pytest.raises(StateConflict, match="Special care"):
        record_step(decision=recovery, actor=officer)


def test_a_circumstance_or_a_payment_stops_the_claim_but_not_the_mediation(recovery, officer):
    flag = BorrowerFlag.objects.create(borrower=recovery.borrower, kind="ILLNESS", source="CALL", set_at=AT)
    record_step(decision=recovery, actor=officer)
    with pytest.raises(StateConflict, match="circumstance"):
        record_step(decision=recovery, actor=officer, kind="FILED", days=16)
    BorrowerFlag.objects.filter(pk=flag.pk).update(cleared_at=AT)
    Account.objects.update(arrears_amount=Decimal(0))
    with pytest.raises(StateConflict):
        record_step(decision=recovery, actor=officer, kind="FILED", days=16)


def test_what_is_missing_stands_at_its_field(recovery, officer):
    def refused(**fields: Any) -> str:
        given = {"kind": "MEDIATION_OFFERED", "happened_on": TODAY, "reference": "R"} | fields
        with pytest.raises(InvalidInput) as refusal:
            record_legal_step(decision=recovery, actor=officer, at=LATER, **given)
        return str(refusal.value.field)

    assert refused(reference=" ") == "reference"
    assert refused(kind="SUED") == "kind"
    assert refused(kind="FILED") == "court"
    assert refused(happened_on=TODAY + timedelta(days=21)) == "happened_on"
    assert refused(happened_on=TODAY - timedelta(days=1)) == "happened_on"
    assert LegalStep.objects.count() == 0


def test_case_officers_record_and_nobody_else(recovery, approver, auditor):
    for actor in (approver, auditor, None):
        with pytest.raises(NotAllowed):
            record_step(decision=recovery, actor=actor)


def test_the_database_holds_the_order(recovery, officer, shanghai):
    def insert(kind: str, days: int, decision: Any = recovery, **fields: Any) -> None:
        values = {"court": "X" if kind == "FILED" else "", "reference": "R", "recorded_by": officer, "created_at": AT}
        with transaction.atomic():
            LegalStep.objects.create(
                decision=decision, kind=kind, happened_on=TODAY + timedelta(days=days), **values | fields
            )

    other = make_decision(account=make_overdue(territory=shanghai), kind="GRACE")
    for kind, days, fields in (
        ("FILED", 60, {}),
        ("MEDIATION_OFFERED", 1, {"reference": ""}),
        ("MEDIATION_OFFERED", 1, {"court": "X"}),
        ("MEDIATION_OFFERED", 1, {"decision": other}),
    ):
        with pytest.raises(IntegrityError):
            insert(kind, days, **fields)
    insert("MEDIATION_OFFERED", 1)
    for kind, days, fields in (
        ("FILED", ANSWER_DAYS, {}),
        ("FILED", ANSWER_DAYS + 1, {"court": ""}),
        ("MEDIATION_FAILED", 0, {}),
    ):
        with pytest.raises(IntegrityError):
            insert(kind, days, **fields)
    with transaction.atomic():
        insert("MEDIATION_AGREED", 2)
        with pytest.raises(IntegrityError):
            insert("FILED", 60)
        transaction.set_rollback(True)
    insert("FILED", ANSWER_DAYS + 1)
    with pytest.raises(IntegrityError):
        insert("FILED", 60)
    insert("CLOSED", 60)
    with pytest.raises(IntegrityError):
        insert("MEDIATION_OFFERED", 61)


def test_over_rest_by_the_officer(recovery, officer, time_machine):
    time_machine.move_to(LATER, tick=False)
    address = f"/api/v1/decisions/{recovery.pk}/legal-steps/"
    body = {"kind": "MEDIATION_OFFERED", "happened_on": "2026-03-02", "reference": "SMS-1"}

    told = post(officer, address, body)

    assert (told.status_code, told.json()["kind"], told.json()["recorded_by"]) == (
        201,
        "MEDIATION_OFFERED",
        str(officer),
    )
    assert post(officer, address, body).status_code == 409
    early = post(officer, address, body | {"kind": "FILED", "court": "X", "happened_on": "2026-03-10"})
    assert early.status_code == 400
    detail = signed_in(officer).get(f"/api/v1/decisions/{recovery.pk}/").json()
    assert [(step["kind"], step["reference"]) for step in detail["legal_steps"]] == [("MEDIATION_OFFERED", "SMS-1")]
