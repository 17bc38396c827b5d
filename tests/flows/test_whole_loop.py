"""One borrower through the whole loop, from the lender's file to the report, by the services that the doors call."""

import csv
import hashlib
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import time_machine
from django.utils.translation import override

from backoffice.access.models import Territory
from backoffice.audit.verifier import verify_chain
from backoffice.demo.borrowers import MONTHS
from backoffice.demo.core_lending import core_lending
from backoffice.demo.papers import fields_of
from backoffice.demo.people import hire
from backoffice.demo.photographs import Scene, photograph
from backoffice.demo.portfolio import ACCOUNT_COLUMNS, DELTA_COLUMNS, REPAYMENT_COLUMNS
from backoffice.outbox.relay import deliver_due, fan_out
from cases.enums import Section, Verdict
from cases.models import Account, Case, ContactAttempt, Decision, TermsChange, TriggerHit, Verification
from cases.selectors.casework.explanations import why
from cases.services.casework.cases import assign_case
from cases.services.decisions import acknowledgements, lifecycle
from cases.services.evaluation import chunks, runs
from cases.services.intake.take_in import take_in
from cases.services.policies import versions
from reports.selectors.effectiveness import ChannelEffect, channel_effect
from tests.factories.visits import make_attempts, make_letters, read_waiting
from visits.enums import DocumentKind, EvidenceKind
from visits.models import Placement, VisitOrder
from visits.services.dispatch import orders
from visits.services.dispatch.routes import CrewPair
from visits.services.dispatch.scheduling import schedule_visits
from visits.services.dispatch.sweeping import sweep_visits_needed
from visits.services.doorstep import attendance, evidence
from visits.services.review import review

MONDAY = date(2026, 3, 2)
WEDNESDAY = date(2026, 3, 4)
FOUR_WEEKS_LATER = date(2026, 3, 30)
AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)
HOME = (31.222, 121.490)
ARREARS = Decimal("24000.00")
PHOTOGRAPHED = (EvidenceKind.STREET, EvidenceKind.BUILDING, EvidenceKind.DOOR, EvidenceKind.BADGE_AND_MANDATE)
FOUND = {
    Section.IDENTITY: (Verdict.CONFIRMED, "0.95"),
    Section.CAPACITY: (Verdict.ABLE, "0.90"),
    Section.CAUSE: (Verdict.WILFUL, "0.85"),
    Section.RESIDENCE: (Verdict.CONFIRMED, "0.90"),
}
# Papers on which the sections rest: without them nobody's identity, means or will is established.
SHOWN = {
    Section.IDENTITY: (DocumentKind.IDENTITY_CARD, DocumentKind.SOCIAL_SECURITY),
    Section.CAPACITY: (DocumentKind.BANK_STATEMENT, DocumentKind.PROPERTY_DEED),
    Section.CAUSE: (DocumentKind.BANK_STATEMENT,),
    Section.RESIDENCE: (DocumentKind.LEASE,),
}


def write_file(path: Path, columns: tuple[str, ...], row: dict[str, Any]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as stream:
        sheet = csv.DictWriter(stream, columns)
        sheet.writeheader()
        sheet.writerow(row)
    return path


def portfolio_row() -> dict[str, Any]:
    """A borrower 95 days past due with 24,000 of 60,000, who paid until December."""
    row: dict[str, Any] = {
        "客户号": "B1",
        "机构": "310000",
        "姓名": "欧阳守约",
        "证件号码": "999999198501017770",
        "手机号": "13911117777",
        "备用手机号": "",
        "最近登录": "2026-01-05 10:00:00",
        "居住地址": "上海市黄浦区示例一路8号2幢301室",
        "纬度": HOME[0],
        "经度": HOME[1],
        "区划代码": "310101",
        "农村": "否",
        "地址首见": "2025-08-01",
        "借据号": "A1",
        "产品": "现金分期",
        "客群": "存量",
        "授信额度": "80000",
        "年利率": "18.0%",
        "未偿本金": "60000",
        "逾期金额": ARREARS,
        "逾期天数": 95,
        "数据日期": MONDAY.isoformat(),
        "开户日期": "2025-01-10",
    }
    for number, month in enumerate(("2025-09", "2025-10", "2025-11", "2025-12", "2026-01", "2026-02"), start=1):
        late = max(0, number - 3) * 30
        row |= {
            f"账期{number}": month,
            f"到期日{number}": f"{month}-20",
            f"余额{number}": "60000",
            f"应还{number}": "8000",
            f"实还{number}": "0" if late else "8000",
            f"逾期{number}": late,
        }
    assert number == MONTHS
    return row


def evaluate(*, business_date: date, at: datetime) -> tuple[int, int, int]:
    """Work a run to its end and return (hits, cases opened, cases closed)."""
    run = runs.start_run(job="TRIGGERS", business_date=business_date, at=at)
    while chunks.work_chunk(run_id=run.pk, at=at):
        pass
    assert runs.settle_run(run_id=run.pk, at=at) is True
    run.refresh_from_db()
    return run.hit_count, run.opened_count, run.closed_count


def position(*, at: datetime, ref: str) -> attendance.Position:
    return attendance.Position(
        latitude=HOME[0], longitude=HOME[1], accuracy_m=12.0, device_at=at, external_ref=f"{ref}-{at:%H%M}"
    )


def pictures(*, arrives: datetime) -> dict[str, tuple[EvidenceKind, bytes]]:
    return {
        f"PHOTO-{kind}": (
            kind,
            photograph(
                scene=Scene(kind=str(kind), seed=number, caption="V"),
                taken_at=arrives + timedelta(minutes=number + 1),
                point=HOME,
            ),
        )
        for number, kind in enumerate(PHOTOGRAPHED)
    }


def shown(kind: DocumentKind, *, order: VisitOrder, on: date) -> attendance.Document:
    fields = fields_of(kind=kind, borrower=order.case.borrower, address=order.address, on=on)
    return attendance.Document(kind=kind, verdict="CONSISTENT", no_copy_reason="当面核对", fields=fields)


def report_of(
    *, order: VisitOrder, files: dict[str, tuple[EvidenceKind, bytes]], arrives: datetime
) -> attendance.ReportDraft:
    return attendance.ReportDraft(
        external_ref="REPORT-1",
        findings=["F01"],
        person_met="BORROWER",
        recommendation="LEGAL_REVIEW",
        recommendation_reason="流水显示有稳定收入，明确表示不还",
        attested_by_lead=True,
        attested_by_second=True,
        sections=[
            attendance.SectionDraft(
                section=section,
                verdict=verdict,
                confidence=Decimal(confidence),
                documents=[shown(kind, order=order, on=arrives.date()) for kind in SHOWN.get(section, ())],
            )
            for section, (verdict, confidence) in FOUND.items()
        ],
        media=[
            attendance.Media(ref=ref, kind=kind, sha256=hashlib.sha256(content).hexdigest())
            for ref, (kind, content) in files.items()
        ],
        disclosure="FULL",
        identity_factors=2,
        address_verdict="VALID",
        recording_refused=True,
        contact_started_at=arrives + timedelta(minutes=4),
        contact_ended_at=arrives + timedelta(minutes=19),
    )


def test_one_borrower_goes_through_the_whole_loop(db: Any, client: Any, tmp_path: Path) -> None:
    versions.install_default_policy(effective_from=MONDAY, at=AT)

    # The portfolio is taken in; staff, agencies and crews are created.
    taken = take_in(
        path=write_file(tmp_path / "accounts.csv", ACCOUNT_COLUMNS, portfolio_row()),
        profile="demo-accounts",
        actor=None,
        at=AT,
    )
    shanghai = Territory.objects.get(code="310000")
    cast = hire(territories=[shanghai], since=MONDAY, at=AT)
    officer, approver, dispatcher = (cast.users[name] for name in ("officer", "approver", "dispatcher"))
    account = Account.objects.get()

    assert (taken.rows, taken.created, taken.rejected) == (1, 1, 0)
    assert (account.external_ref, account.arrears_amount, account.status) == ("A1", ARREARS, "ACTIVE")

    # The evaluation finds one trigger hit and opens one case.
    assert evaluate(business_date=MONDAY, at=AT) == (1, 1, 0)
    case = Case.objects.get()
    assert list(TriggerHit.objects.values_list("rule", flat=True)) == ["LARGE_ARREARS"]
    assert (case.stage, case.grade, case.priority, case.needs_visit_by) == ("OPEN", "B", 2, MONDAY + timedelta(days=14))

    # The case explains its reason in both languages with the borrower's figures.
    told = {}
    for language in ("en", "zh-hans"):
        with override(language):
            (reason,) = why(case=case, user=officer).reasons
            told[language] = (reason.title, reason.because)
    assert told["en"] == (
        "Large arrears",
        (
            "Days past due at least 61 days (here: 95 days)",
            "Outstanding principal at least CNY 50,000 (here: CNY 60,000)",
            "Arrears at least CNY 20,000 (here: CNY 24,000)",
        ),
    )
    assert told["zh-hans"] == (
        "逾期金额巨大",
        (
            "逾期天数不低于 61 天（当前：95 天）",
            "未偿本金不低于 CNY 50,000（当前：CNY 60,000）",
            "逾期金额不低于 CNY 20,000（当前：CNY 24,000）",
        ),
    )

    # Nobody reaches the borrower by telephone, message and app. An officer takes the case; the sweep drafts a visit and places the case with a firm.
    make_attempts(borrower=account.borrower, at=AT)
    assign_case(case=case, owner=officer, actor=officer, at=AT)
    swept = sweep_visits_needed(at=AT, business_date=MONDAY)
    order, placement = VisitOrder.objects.get(), Placement.objects.get()
    assert (swept.drafted, swept.placed, dict(swept.skipped)) == (1, 1, {})
    assert (order.state, order.placement, placement.state) == ("DRAFT", placement, "ACTIVE")

    # Another person approves it, the dispatcher plans Wednesday, and the letter's code answers.
    orders.approve_visit(order=order, actor=approver, at=AT)
    members = cast.crews[placement.agency_id]
    schedule = schedule_visits(
        orders=[order],
        crews=[CrewPair(lead=members[0], second=members[1])],
        day=WEDNESDAY,
        actor=dispatcher,
        at=AT,
        seconds=0.2,
        seed=1,
    )
    make_letters(at=AT)
    order.refresh_from_db()
    case.refresh_from_db()
    assert ([each.pk for each in schedule.scheduled], schedule.refused) == ([order.pk], ())
    assert (order.state, order.approved_by, case.stage) == ("SCHEDULED", approver, "VISITING")
    with time_machine.travel(AT, tick=False):
        assert client.get(f"/v/{order.letter_code}").status_code == 200
        assert client.get("/v/notthecode").status_code == 404

    # The agency accepts, the crew sets out, and both members check in at the door.
    arrives = order.planned_arrival_at
    assert arrives is not None
    lead, second = order.lead, order.second
    assert lead is not None
    assert second is not None
    coordinator = placement.agency.coordinators.get()
    orders.accept_visit(order=order, actor=coordinator, at=arrives - timedelta(hours=5))
    order = orders.depart(order=order, actor=lead.user, at=arrives - timedelta(minutes=25))
    assert order.state == "EN_ROUTE"
    arrived = [
        attendance.check_in(
            order=order,
            member=member,
            position=position(at=arrives, ref=f"{member.external_ref}-IN"),
            badge_evidence_ref="PHOTO-BADGE_AND_MANDATE",
            actor=member.user,
            at=arrives,
        )
        for member in (lead, second)
    ]
    assert [each.opened for each in arrived] == [False, True]

    # They check out, submit the report, and upload the announced photographs.
    leaves = arrives + timedelta(minutes=20)
    for member in (lead, second):
        attendance.check_out(
            order=order,
            member=member,
            position=position(at=leaves, ref=f"{member.external_ref}-OUT"),
            actor=member.user,
            at=leaves,
        )
    order.refresh_from_db()
    sends, files = leaves + timedelta(minutes=20), pictures(arrives=arrives)
    report = attendance.submit_report(
        order=order, draft=report_of(order=order, files=files, arrives=arrives), actor=lead.user, at=sends
    )
    for ref, (kind, content) in files.items():
        evidence.attach_evidence(
            report=report,
            kind=kind,
            content=content,
            external_ref=ref,
            device=evidence.Device(at=sends),
            uploaded_by=lead,
            actor=lead.user,
            at=sends,
        )
    read_waiting(at=sends + timedelta(seconds=2))
    order.refresh_from_db()
    assert order.state == "REPORTED"
    assert sorted(report.evidence.values_list("kind", flat=True)) == sorted(PHOTOGRAPHED)
    assert list(report.evidence.exclude(trust_score=100)) == []

    # A reviewer accepts: the visit is verified, four facts are recorded, the agency earns its fee.
    reviewed_at = sends + timedelta(hours=3)
    reviewer = cast.users["reviewer"]
    review.begin_review(order=order, actor=reviewer, at=reviewed_at)
    review.review_report(
        report=report, verdict="ACCEPTED", quality_score=92, note="属实", actor=reviewer, at=reviewed_at
    )
    order.refresh_from_db()
    case.refresh_from_db()
    verification = Verification.objects.get()
    facts = {fact.section: (fact.verdict, str(fact.confidence)) for fact in verification.facts.all()}
    assert (order.state, order.fee, case.stage) == ("VERIFIED", Decimal("120.00"), "DECIDED")
    assert facts == {str(section): (str(verdict), share) for section, (verdict, share) in FOUND.items()}

    # The verification proposes two decisions. The legal referral is rejected; the freeze rests on withheld payment, so two
    # people approve it, and nothing changes after the first.
    proposed = {decision.kind: decision for decision in Decision.objects.filter(state="PROPOSED")}
    assert sorted(proposed) == ["FREEZE", "LEGAL"]
    assert TermsChange.objects.count() == 0
    decided_at = reviewed_at + timedelta(hours=1)
    lifecycle.reject_decision(decision=proposed["LEGAL"], reason="先以冻结为限", actor=approver, at=decided_at)
    freeze = lifecycle.approve_decision(
        decision=proposed["FREEZE"], actor=approver, at=decided_at, note="收入已核实，明确拒绝"
    )
    assert (freeze.state, TermsChange.objects.count()) == ("PROPOSED", 0)
    second = cast.users["approver2"]
    freeze = lifecycle.approve_decision(decision=freeze, actor=second, at=decided_at, note="证据确凿，同意冻结")
    change = TermsChange.objects.get()
    assert (freeze.approved_by, freeze.second_approved_by) == (approver, second)
    assert (freeze.state, change.before, change.after) == ("APPROVED", "ACTIVE", "FROZEN")

    # The change is delivered with a signature; the account changes only when the core acknowledges it.
    with time_machine.travel(decided_at), core_lending() as core:
        while fan_out(at=decided_at):
            pass
        while deliver_due(at=decided_at):
            pass
        events = core.news()
    acknowledgements.mark_terms_sent(at=decided_at)
    freeze.refresh_from_db()
    account.refresh_from_db()
    received = [event["data"]["effect_key"] for event in events if event["type"] == "terms.changed"]
    assert (received, core.refused) == ([change.effect_key], 0)
    assert (freeze.state, account.status) == ("SENT", "ACTIVE")
    acknowledgements.acknowledge_terms_change(
        effect_key=change.effect_key, accepted=True, value=change.after, actor=None, at=decided_at
    )
    freeze.refresh_from_db()
    account.refresh_from_db()
    assert (freeze.state, account.status) == ("ACKNOWLEDGED", "FROZEN")

    # The borrower pays, the lender's next files report it, and the next evaluation closes the case.
    later = datetime(2026, 3, 30, 2, 0, 17, 482_913, tzinfo=UTC)
    repaid = take_in(
        path=write_file(
            tmp_path / "repayments.csv",
            REPAYMENT_COLUMNS,
            {"流水号": "R1", "借据号": "A1", "金额": ARREARS, "入账日期": "2026-03-20", "方式": "主动还款"},
        ),
        profile="demo-repayments",
        actor=None,
        at=later,
    )
    updated = take_in(
        path=write_file(
            tmp_path / "accounts-later.csv",
            DELTA_COLUMNS,
            {
                "借据号": "A1",
                "逾期天数": 0,
                "逾期金额": 0,
                "未偿本金": "36000",
                "数据日期": FOUR_WEEKS_LATER.isoformat(),
            },
        ),
        profile="demo-accounts-delta",
        actor=None,
        at=later,
    )
    assert (repaid.created, updated.updated) == (1, 1)
    assert evaluate(business_date=FOUR_WEEKS_LATER, at=later) == (0, 0, 1)
    case.refresh_from_db()
    account.refresh_from_db()
    assert (case.stage, case.close_reason, case.closed_on) == ("CLOSED", "CURED", FOUR_WEEKS_LATER)
    assert list(TriggerHit.objects.values_list("left_on", flat=True)) == [FOUR_WEEKS_LATER]
    # A decision in force ends by reversal or expiry only; a feed does not end it.
    assert account.status == "FROZEN"

    # The report counts one visit with its cost and the money recovered; the audit chain verifies.
    effect = {
        each.channel: each
        for each in channel_effect(user=cast.users["risk"], start_on=MONDAY, end_on=FOUR_WEEKS_LATER, currency="CNY")
    }
    assert effect["VISIT"] == ChannelEffect(
        channel="VISIT", currency="CNY", attempts=1, right_party=1, repayments=1, recovered=ARREARS, cost=Decimal("120")
    )
    assert ContactAttempt.objects.filter(channel="VISIT").count() == 1
    verdict = verify_chain()
    assert (verdict.ok, verdict.first_bad) == (True, None)
