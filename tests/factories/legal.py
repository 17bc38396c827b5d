"""Decisions for legal recovery that stand, and their steps."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from backoffice.core.sealed.kept_files import keep
from cases.models import (
    Account,
    Complaint,
    ContactAttempt,
    Decision,
    DecisionLetter,
    LegalStep,
    LetterDelivery,
    Repayment,
    ScheduledInstalment,
    Statement,
    Verification,
    VerifiedFact,
)
from cases.services.decisions.legal_steps import record_legal_step
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import make_case, make_decision, make_promise
from tests.factories.letters import FACTS
from tests.factories.portfolio import make_address, make_phone, make_related
from tests.factories.visits import SENT_AT, make_agency, make_member, make_order, make_placement, photo
from visits.models import Evidence, Placement, Review, VisitReport

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)
TODAY = date(2026, 3, 2)
# When the days to answer an offer of TODAY are over.
LATER = AT + timedelta(days=20)


def make_recovery(*, account: Account, approver: Any, **fields: Any) -> Decision:
    """Make an approved decision for legal recovery of a case."""
    case = make_case(account=account)
    decision = make_decision(account=account, kind="LEGAL", case=case, **fields)
    approve_decision(decision=decision, actor=approver, at=AT, note="withheld on purpose")
    decision.refresh_from_db()
    return decision


def record_step(
    *, decision: Decision, actor: Any, kind: str = "MEDIATION_OFFERED", days: int = 0, at: datetime = LATER
) -> LegalStep:
    """Record one step that happened `days` after TODAY."""
    return record_legal_step(
        decision=decision,
        kind=kind,
        happened_on=TODAY + timedelta(days=days),
        court="上海市黄浦区人民法院" if kind == "FILED" else "",
        reference=f"REF-{kind}-{days}",
        actor=actor,
        at=at,
    )


# Numbers and words that no paper for a court may hold.
CONTACT_PHONE = "13911117777"
NOTE = "hears that the neighbour owes money too"


def make_history(*, decision: Decision, officer: Any, count: int = 1) -> None:
    """
    Make `count` rows of everything that the papers for a court tell of a decision, and what they leave out.

    A contact person with CONTACT_PHONE, which the borrower also gave as their own, and NOTE wherever people write.
    """
    account, borrower = decision.account, decision.borrower
    for n in range(count):
        day = TODAY - timedelta(days=100 - n)
        make_phone(borrower=borrower, number=f"1380000000{n}")
        make_phone(borrower=borrower, number=CONTACT_PHONE)
        make_address(borrower=borrower)
        make_related(borrower=borrower, role="GUARANTOR", name=f"赵担保{n}", id_number="99999919700101001X")
        make_related(borrower=borrower, name="王五联系", number=CONTACT_PHONE)
        Statement.objects.create(
            account=account, period=date(2025, 1 + n, 1), due_on=day, due_amount=Decimal(800), days_past_due=20 + n
        )
        ScheduledInstalment.objects.create(
            account=account,
            external_ref=f"I{account.pk}-{n}",
            due_on=day,
            due_amount=Decimal(900),
            principal=Decimal(700),
            paid_amount=Decimal(100),
            as_of=TODAY,
        )
        Repayment.objects.create(
            account=account, external_ref=f"Z{account.pk}-{n}", amount=Decimal(100), paid_on=day, created_at=AT
        )
        ContactAttempt.objects.create(
            borrower=borrower,
            external_ref=f"K{account.pk}-{n}",
            channel="VOICE",
            outcome="NO_ANSWER",
            attempted_at=AT - timedelta(days=9 - n),
            created_at=AT,
        )
        make_promise(account=account, due_on=day)
        verification = Verification.objects.create(
            borrower=borrower,
            case=decision.case,
            source="DESK",
            source_ref=f"DESK{account.pk}-{n}",
            verified_on=day,
            recorded_by=officer,
            created_at=AT,
        )
        VerifiedFact.objects.create(
            verification=verification,
            section="CAPACITY",
            verdict="ABLE",
            confidence=Decimal("0.90"),
            evidence=[f"PAYSLIP-{n}"],
            expires_on=TODAY + timedelta(days=90),
        )
        letter = DecisionLetter.objects.create(
            decision=decision,
            kind="TAKEN",
            happened_on=day,
            facts=FACTS | {"kind": "LEGAL", "terms": {"first_step": "MEDIATION", "way_back": "APPEAL"}},
            digest="d" * 64,
            created_at=AT,
            updated_at=AT,
        )
        LetterDelivery.objects.create(
            letter=letter, report="DELIVERED", channel="POST", happened_at=AT, reported_by=officer, created_at=AT
        )
        Complaint.objects.create(
            borrower=borrower,
            kind="COMPLAINT",
            state="REJECTED",
            subject=NOTE,
            answer=NOTE,
            received_at=AT,
            answer_due_on=TODAY,
            answered_at=AT,
            created_at=AT,
            updated_at=AT,
        )
        grace = {"state": "REVERSED", "approved_under": decision.policy_version, "approved_at": AT}
        make_decision(account=account, explanation_ref=uuid4(), explanation=NOTE, **grace)
        # A step after an offer that failed is another offer: rows of the history need no end.
        record_step(decision=decision, actor=officer, days=2 * n)
        record_step(decision=decision, actor=officer, kind="MEDIATION_FAILED", days=2 * n + 1)


def make_accepted_visit(*, decision: Decision, approver: Any, verdict: str = "ACCEPTED", **fields: Any) -> Evidence:
    """Make a visit of the decision's case whose report was accepted, with one photograph; `fields` are those of the report."""
    agency = make_agency(territory=decision.account.territory)
    placement = Placement.objects.filter(case=decision.case).first() or make_placement(
        case=decision.case, agency=agency
    )
    pair = (make_member(agency=agency), make_member(agency=agency))
    if not decision.borrower.addresses.exists():
        make_address(borrower=decision.borrower)
    order = make_order(case=decision.case, placement=placement, state="VERIFIED", approver=approver, pair=pair)
    values = {"findings": ["F01"], "person_met": "BORROWER"} | fields
    report = VisitReport.objects.create(
        order=order,
        external_ref=f"R{order.pk}",
        recommendation="LEGAL_REVIEW",
        observations=NOTE,
        submitted_at=SENT_AT,
        created_at=SENT_AT,
        **values,
    )
    content = photo(seed=order.pk)
    sha256 = hashlib.sha256(content).hexdigest()
    Review.objects.create(
        report=report, verdict=verdict, quality_score=90, note=NOTE, reviewed_by=approver, reviewed_at=SENT_AT
    )
    return Evidence.objects.create(
        report=report,
        external_ref=f"M{order.pk}",
        kind="DOOR",
        state="READ",
        file=keep(name=f"evidence/{sha256[:2]}/{sha256}.jpg", content=content),
        media_type="image/jpeg",
        byte_count=len(content),
        sha256=sha256,
        received_at=SENT_AT,
        read_at=SENT_AT,
        updated_at=SENT_AT,
    )
