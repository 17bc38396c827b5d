"""One record of every model in one territory, with personal data that no page may show."""

import hashlib
from dataclasses import dataclass
from datetime import date, time, timedelta
from decimal import Decimal
from itertools import count
from typing import Any
from uuid import uuid4

from backoffice.core.sealed.kept_files import keep
from cases.enums import HistoryKind, Measure
from cases.models import (
    AccountFacts,
    AccountTerm,
    BorrowerFlag,
    BreakerLimit,
    CaseEvent,
    Complaint,
    ConcessionBudget,
    ContactAttempt,
    ContactBreach,
    ContactPermit,
    ContactSource,
    ContactStop,
    ContactWish,
    DecisionLetter,
    DueEvaluation,
    EvaluationChunk,
    EvaluationRun,
    HolidayNotice,
    IntakeFile,
    IntakeReject,
    Person,
    PersonMerge,
    PlanInstalment,
    PolicyTrial,
    PromiseToPay,
    Quarantine,
    RecoveryShare,
    Repayment,
    RepaymentPlan,
    RepaymentReversal,
    RetentionRule,
    RuleMute,
    ShadowRun,
    SharedNumber,
    Statement,
    StrategyUpgrade,
    SuspicionSignal,
    TermsChange,
    TermsMeasure,
    TriggerHit,
    Verification,
    VerifiedFact,
    VisitPrice,
    Waiver,
)
from cases.rules.holiday_notice import breaks_as_json
from tests.factories.casework import make_case, make_decision
from tests.factories.concessions import make_budget
from tests.factories.holidays import NOTICE_2027, SOURCE
from tests.factories.letters import FACTS
from tests.factories.papers import make_paper
from tests.factories.policy import policy_body
from tests.factories.portfolio import (
    AT,
    TODAY,
    make_account,
    make_address,
    make_application,
    make_borrower,
    make_doubt,
    make_phone,
    make_related,
)
from tests.factories.profiles import make_profile
from tests.factories.visits import (
    VISIT_AT,
    make_agency,
    make_coordinator,
    make_credential,
    make_member,
    make_order,
    make_placement,
    photo,
)
from visits.models import (
    AgencyEvaluation,
    AgencyStatement,
    CallBack,
    CheckIn,
    Contradiction,
    Evidence,
    LetterAnswer,
    PlanningRun,
    ReportSection,
    ReportTrust,
    Review,
    StatementLine,
    SweepLine,
    VisitAgreement,
    VisitReport,
)

# Stored in every borrower, crew member and reject: a page that shows one of them leaks personal data.
CANARY_NAME = "欧阳雪峰"
CANARY_ID = "999999198501017770"
CANARY_PHONE = "13911117777"
CANARY_LINE = "上海市黄浦区金丝雀弄77号7室"
CANARY_INCOME = "77123.45"
CANARY_SAID = "我在金丝雀医院住院"
CANARIES = (CANARY_NAME, CANARY_ID, CANARY_PHONE, CANARY_LINE, "金丝雀", "77123", "77,123", "31.230400", "121.473700")

_numbers = count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The records by model label, and the users of the outside agency."""

    records: dict[str, Any]
    coordinator: Any
    crew: Any

    def __getitem__(self, label: str) -> Any:
        return self.records[label]


def make_version(*, author: Any, approver: Any, number: int) -> Any:
    """Make an active version with the shipped rules, once."""
    from cases.models import Policy, PolicyTerm, PolicyVersion

    policy, _made = Policy.objects.get_or_create(
        name=f"doorstep {number}", defaults={"segment": f"S{number}", "created_at": AT}
    )
    version = PolicyVersion.objects.create(
        policy=policy,
        number=number,
        body=policy_body(),
        state="ACTIVE",
        proposed_by=author,
        approved_by=approver,
        approved_at=AT,
        created_at=AT,
        updated_at=AT,
    )
    PolicyTerm.objects.create(policy=policy, version=version, effective_from=TODAY, created_at=AT, updated_at=AT)
    return version


def make_world(*, territory: Any, author: Any, approver: Any, order_state: str = "UNDER_REVIEW") -> World:
    """Make one record of every model in `territory`. `author` proposed what needs a proposer, `approver` approved."""
    n = next(_numbers)
    made: dict[str, Any] = {}
    version = made["cases.policyversion"] = make_version(author=author, approver=approver, number=n)
    made["cases.policy"] = version.policy
    made["cases.policyterm"] = version.terms.get()
    borrower = made["cases.borrower"] = make_borrower(territory=territory, name=CANARY_NAME, id_number=CANARY_ID)
    _people(made, borrower=borrower, n=n)
    phone = make_phone(borrower=borrower, number=CANARY_PHONE)
    make_address(borrower=borrower, line=CANARY_LINE)
    make_application(borrower=borrower, employer="大金丝雀电子有限公司", monthly_income=CANARY_INCOME)
    made["cases.doubtfulcell"] = make_doubt(borrower=borrower, field="addresses.line", value=CANARY_LINE)
    make_related(borrower=borrower, name=CANARY_NAME, id_number=CANARY_ID, number=CANARY_PHONE)
    BorrowerFlag.objects.create(borrower=borrower, kind="HARDSHIP", source="CALL", set_at=AT)
    account = made["cases.account"] = make_account(
        borrower=borrower, days_past_due=95, arrears_amount=Decimal("32000"), pre_default_limit=Decimal("80000")
    )
    _portfolio(made, account=account, phone=phone, n=n)
    case = made["cases.case"] = make_case(account=account, policy_version=version, owner=author)
    _casework(made, case=case, account=account, version=version, author=author, approver=approver, n=n)
    _configuration(made, territory=territory, version=version, author=author, approver=approver, borrower=borrower, n=n)
    agency = made["visits.agency"] = make_agency(territory=territory)
    made["visits.pricecard"] = agency.prices.order_by("pk").first()
    AgencyEvaluation.objects.create(agency=agency, evaluated_on=TODAY, score=85)
    made["visits.agencycredential"] = make_credential(agency=agency)
    pair = [make_member(agency=agency, name=CANARY_NAME) for _one in range(2)]
    made["visits.crewmember"] = pair[0]
    made["visits.crewdevice"] = pair[0].devices.create(label="Pixel 8", device_ref=f"D-{n}", registered_at=AT)
    made["visits.sweepline"] = SweepLine.objects.create(
        territory=territory, business_date=TODAY - timedelta(days=n), reason="NO_AGENCY", cases=7, updated_at=AT
    )
    placement = made["visits.placement"] = make_placement(case=case, agency=agency)
    order = made["visits.visitorder"] = make_order(
        case=case,
        placement=placement,
        state=order_state,
        approver=approver,
        pair=pair,
        reason="no answer",
        requested_by=author,
    )
    made["visits.planningrun"] = PlanningRun.objects.create(
        day=TODAY, territory=territory, seconds=10, requested_by=author, requested_at=AT, updated_at=AT
    )
    _doorstep(made, order=order, member=pair[0], reviewer=approver, n=n)
    _statement(made, agency=agency, order=order, author=author)
    return World(records=made, coordinator=make_coordinator(agency=agency), crew=pair[0].user)


def _statement(made: dict[str, Any], *, agency: Any, order: Any, author: Any) -> None:
    """Make the agency's statement of a month, sent, with one line that it disputes."""
    statement = made["visits.agencystatement"] = AgencyStatement.objects.create(
        agency=agency,
        month=date(2026, 2, 1),
        state="SENT",
        open_disputes=1,
        prepared_by=author,
        sent_at=AT,
        answer_due_on=TODAY,
        created_at=AT,
        updated_at=AT,
    )
    made["visits.statementline"] = StatementLine.objects.create(
        statement=statement,
        order=order,
        done_on=date(2026, 2, 27),
        basis="PER_VISIT",
        computed_amount=Decimal("120.00"),
        amount=Decimal("120.00"),
        currency="CNY",
        state="DISPUTED",
        text_ref=uuid4(),
        reason="twice at the door",
        disputed_by=author,
        disputed_at=AT,
        updated_at=AT,
    )


def _people(made: dict[str, Any], *, borrower: Any, n: int) -> None:
    """Make the borrower one person with another one, and leave a suggestion about the two."""
    person = made["cases.person"] = Person.objects.create(created_at=AT)
    other = make_borrower(territory=borrower.territory, name=CANARY_NAME, id_number=CANARY_ID)
    for each in (borrower, other):
        each.person = person
        each.save(update_fields=["person"])
    merge = made["cases.personmerge"] = PersonMerge.objects.create(
        ground="SAME_ID_NUMBER", borrowers_key=f"{n:064d}", created_at=AT, updated_at=AT
    )
    for each in (borrower, other):
        merge.members.create(borrower=each, id_number_index=each.id_number_index)
    made["cases.sharednumber"] = SharedNumber.objects.create(
        number_index=n.to_bytes(16), example=borrower, borrower_count=21, noticed_at=AT, counted_at=AT
    )


def _portfolio(made: dict[str, Any], *, account: Any, phone: Any, n: int) -> None:
    borrower = account.borrower
    made["cases.statement"] = Statement.objects.create(
        account=account, period=date(2026, 2, 1), due_amount=Decimal("1000")
    )
    made["cases.repayment"] = Repayment.objects.create(
        account=account, external_ref=f"RP{n}", amount=Decimal("10"), paid_on=TODAY, created_at=AT
    )
    RepaymentReversal.objects.create(
        repayment=made["cases.repayment"],
        external_ref=f"RV{n}",
        amount=Decimal("4"),
        reversed_on=TODAY,
        reason="BOUNCED",
        created_at=AT,
        updated_at=AT,
    )
    Repayment.objects.filter(pk=made["cases.repayment"].pk).update(reversed_amount=Decimal("4"))
    made["cases.contactattempt"] = ContactAttempt.objects.create(
        borrower=borrower,
        external_ref=f"CA{n}",
        channel="VOICE",
        outcome="NO_ANSWER",
        attempted_at=AT,
        number_index=bytes(phone.number_index),
        created_at=AT,
    )
    made["cases.contactpermit"] = ContactPermit.objects.create(
        borrower=borrower,
        reference=f"CP-{n}",
        request_id=f"R{n}",
        channel="VOICE",
        purpose="COLLECTION",
        phone=phone,
        number_index=bytes(phone.number_index),
        state="REFUSED",
        refusals=[{"rule": "CIRCUMSTANCE", "source": "House rule", "until": None, "about": "HARDSHIP"}],
        policy_version="CN-1",
        asked_at=AT,
    )
    made["cases.contactsource"] = ContactSource.objects.create(kind="FEED", name=f"dialler {n}", created_at=AT)
    made["cases.contactbreach"] = ContactBreach.objects.create(
        borrower=borrower,
        source=made["cases.contactsource"],
        kind="QUIET_HOURS",
        contact_ref=f"CA{n}",
        channel="VOICE",
        attempted_at=AT,
        created_at=AT,
    )
    made["cases.contactwish"] = ContactWish.objects.create(
        borrower=borrower,
        kind="ALSO_THEN",
        opens=time(22, 0),
        closes=time(22, 30),
        last_day=TODAY,
        evidence_ref="REC-9",
        granted_at=AT,
    )
    made["cases.contactstop"] = ContactStop.objects.create(number_index=n.to_bytes(32), borrower=borrower, noted_at=AT)
    made["cases.promisetopay"] = PromiseToPay.objects.create(
        borrower=borrower,
        account=account,
        external_ref=f"PP{n}",
        channel="VOICE",
        amount=Decimal("100"),
        promised_on=TODAY,
        due_on=TODAY,
        created_at=AT,
        updated_at=AT,
    )
    made["cases.suspicionsignal"] = SuspicionSignal.objects.create(
        borrower=borrower,
        external_ref=f"SS{n}",
        kind="FALSE_ADDRESS",
        source="model",
        confidence=Decimal("0.7"),
        noticed_on=TODAY,
        created_at=AT,
    )
    numbers = {
        field.name: 0
        for field in AccountFacts._meta.concrete_fields
        if field.get_internal_type() in ("IntegerField", "SmallIntegerField", "DecimalField", "BooleanField")
        and not field.null
    }
    made["cases.accountfacts"] = AccountFacts.objects.create(
        **numbers
        | {
            "account": account,
            "borrower": borrower,
            "business_date": TODAY,
            "currency": "CNY",
            "product": "CASH",
            "segment": "",
            "territory_id": borrower.territory_id,
            "status": "ACTIVE",
            "has_open_case": True,
        }
    )


def _casework(
    made: dict[str, Any], *, case: Any, account: Any, version: Any, author: Any, approver: Any, n: int
) -> None:
    borrower = account.borrower
    made["cases.triggerhit"] = TriggerHit.objects.create(
        account=account,
        borrower=borrower,
        rule="LARGE_ARREARS",
        policy_version=version,
        entered_on=TODAY,
        facts={"arrears_amount": "32000.00", "currency": "CNY"},
        created_at=AT,
    )
    made["cases.rulemute"] = RuleMute.objects.create(
        borrower=borrower, rule="UNREACHABLE", until=TODAY, why="moved", set_by=author, created_at=AT
    )
    CaseEvent.objects.create(case=case, kind="OPENED", at=AT, business_date=TODAY, body={})
    verification = made["cases.verification"] = Verification.objects.create(
        borrower=borrower,
        case=case,
        source="DESK",
        source_ref=f"REC{n}",
        verified_on=TODAY,
        recorded_by=author,
        created_at=AT,
    )
    for section, verdict in (
        ("IDENTITY", "CONFIRMED"),
        ("CAPACITY", "PARTLY_ABLE"),
        ("CAUSE", "TEMPORARY"),
        ("RESIDENCE", "DOUBTFUL"),
    ):
        VerifiedFact.objects.create(
            verification=verification,
            section=section,
            verdict=verdict,
            confidence=Decimal("0.8"),
            evidence=["E1"],
            expires_on=TODAY,
        )
    made["cases.decision"] = make_decision(
        account=account, case=case, verification=verification, policy_version=version, proposed_by=author
    )
    _letters(made, decision=made["cases.decision"], reporter=author)
    planned = make_decision(
        account=account,
        case=case,
        kind="PLAN",
        policy_version=version,
        state="ACKNOWLEDGED",
        approved_by=approver,
        approved_at=AT,
    )
    plan = made["cases.repaymentplan"] = RepaymentPlan.objects.create(
        account=account,
        decision=planned,
        total_amount=Decimal("40000"),
        annual_rate=Decimal("0.18"),
        starts_on=TODAY,
        created_at=AT,
        updated_at=AT,
    )
    PlanInstalment.objects.create(plan=plan, number=1, due_on=TODAY, amount=Decimal("2000"))
    budget = made["cases.concessionbudget"] = make_budget(
        set_by=author,
        confirmed_by=approver,
        territory=account.territory,
        starts_on=date(2027 + ConcessionBudget.objects.count(), 1, 1),
        ends_on=date(2027 + ConcessionBudget.objects.count(), 1, 31),
    )
    made["cases.waiver"] = Waiver.objects.create(
        decision=planned,
        account=account,
        budget=budget,
        part="PENALTY",
        due=Decimal(300),
        evidence_ref="STATEMENT-1",
        amount=Decimal(300),
        pay=Decimal(1000),
        settle_by=TODAY,
        created_at=AT,
        updated_at=AT,
    )
    made["cases.termschange"] = TermsChange.objects.create(
        account=account,
        decision=planned,
        field="RATE",
        version=1,
        before="0.18000",
        after="0.17000",
        effective_on=TODAY,
        effect_key=f"K{n}",
        created_at=AT,
    )
    made["cases.termsmeasure"] = TermsMeasure.objects.create(
        account=account,
        decision=planned,
        field="RATE",
        mode="CEILING",
        amount=Decimal("0.17"),
        version=1,
        began_at=AT,
    )
    made["cases.accountterm"] = AccountTerm.objects.create(
        account=account,
        field="RATE",
        base="0.18000",
        effective="0.17000",
        version=1,
        held="0.18000",
        held_before="0.18000",
        instructed_at=AT,
        trouble="SILENT",
        trouble_since=AT,
        updated_at=AT,
    )
    made["cases.complaint"] = Complaint.objects.create(
        borrower=borrower,
        case=case,
        kind="COMPLAINT",
        subject="called too late",
        received_at=AT,
        answer_due_on=TODAY + timedelta(days=15),
        received_by=author,
        created_at=AT,
        updated_at=AT,
    )


def _letters(made: dict[str, Any], *, decision: Any, reporter: Any) -> None:
    """Make the letter of a decision, which came back."""
    letter = made["cases.decisionletter"] = DecisionLetter.objects.create(
        decision=decision,
        kind="TAKEN",
        state="RETURNED",
        happened_on=TODAY,
        facts=FACTS,
        digest=f"{decision.pk:064d}",
        created_at=AT,
        updated_at=AT,
    )
    letter.deliveries.create(report="RETURNED", channel="POST", happened_at=AT, reported_by=reporter, created_at=AT)


def _configuration(
    made: dict[str, Any], *, territory: Any, version: Any, author: Any, approver: Any, borrower: Any, n: int
) -> None:
    made["cases.strategyupgrade"] = StrategyUpgrade.objects.create(
        territory=territory, starts_on=TODAY, ends_on=TODAY, reason="roll rate", raised_by=author, created_at=AT
    )
    made["cases.policytrial"] = PolicyTrial.objects.create(
        kind="BACKTEST",
        version=version,
        body=version.body,
        business_date=TODAY,
        until_date=TODAY,
        state="FINISHED",
        asked_by=author,
        asked_at=AT,
        finished_at=AT,
        updated_at=AT,
        figures=[
            {
                "business_date": TODAY.isoformat(),
                "accounts": 1,
                "borrowers": {"opened": 1},
                "opened": {"city": {str(territory.pk): 1}, "bucket": {"M4": 1}, "reason": {"LARGE_ARREARS": 1}},
                "hits": {"new": {"LARGE_ARREARS": 1}, "entered": {"LARGE_ARREARS": 1}},
                "seconds": 0.1,
            }
        ],
    )
    made["cases.shadowrun"] = ShadowRun.objects.create(
        version=version, from_date=TODAY, until_date=TODAY + timedelta(days=30), set_by=author, created_at=AT
    )
    run = made["cases.evaluationrun"] = EvaluationRun.objects.create(
        job="TRIGGERS", business_date=TODAY - timedelta(days=n), policy_version=version, started_at=AT, updated_at=AT
    )
    EvaluationChunk.objects.create(run=run, lower=1, upper=100, state="DONE", updated_at=AT)
    EvaluationChunk.objects.create(run=run, lower=100, upper=200, updated_at=AT)
    made["cases.breakerlimit"], _made = BreakerLimit.objects.get_or_create(
        measure=Measure.values[n % len(Measure.values)], defaults={"updated_at": AT}
    )
    made["cases.retentionrule"], _made = RetentionRule.objects.get_or_create(
        kind=HistoryKind.values[n % len(HistoryKind.values)], defaults={"months": 60, "updated_at": AT}
    )
    made["cases.visitprice"] = VisitPrice.objects.create(
        amount=Decimal(180), currency="CNY", valid_from=TODAY - timedelta(days=n), updated_at=AT
    )
    made["cases.holidaynotice"] = HolidayNotice.objects.create(
        year=2027,
        source=SOURCE,
        breaks=breaks_as_json(notice=NOTICE_2027),
        made_by=author,
        created_at=AT,
        updated_at=AT,
    )
    # Migrations create these rows in every new database.
    RecoveryShare.objects.filter(from_days_past_due__lt=5000).delete()
    made["cases.recoveryshare"] = RecoveryShare.objects.create(
        from_days_past_due=5000 + n, share=Decimal("0.01"), updated_at=AT
    )
    made["cases.dueevaluation"] = DueEvaluation.objects.create(borrower=borrower, due_at=AT)
    made["cases.quarantine"] = Quarantine.objects.create(
        run=run, borrower_id=borrower.pk, error="DataError 22003", created_at=AT
    )
    made["cases.intakeprofileversion"] = make_profile(name=f"own-{n}", kind="ACCOUNTS", body='kind = "ACCOUNTS"')
    made["cases.intakeprofile"] = made["cases.intakeprofileversion"].profile
    file = made["cases.intakefile"] = IntakeFile.objects.create(
        profile_name="own",
        file_name=f"accounts-{n}.csv",
        sha256="0" * 64,
        state="FINISHED",
        row_count=2,
        created_count=1,
        rejected_count=1,
        started_at=AT,
        taken_by=author,
    )
    IntakeReject.objects.create(
        file=file,
        external_ref=f"{file.pk}-2-1",
        row_number=2,
        field="id_number",
        value=CANARY_ID,
        reason="A value is required.",
        row=f'[["name", "{CANARY_NAME}"]]',
        created_at=AT,
    )


def _doorstep(made: dict[str, Any], *, order: Any, member: Any, reviewer: Any, n: int) -> None:
    CheckIn.objects.create(
        order=order,
        member=member,
        moment="IN",
        external_ref=f"CI{n}",
        point="31.230400,121.473700",
        distance_m=12.5,
        device_at=VISIT_AT,
        received_at=VISIT_AT,
        happened_at=VISIT_AT,
    )
    report = made["visits.visitreport"] = VisitReport.objects.create(
        order=order,
        external_ref=f"R-{n}",
        findings=["F01"],
        person_met="BORROWER",
        statement=CANARY_SAID,
        recommendation="OFFER_PLAN",
        submitted_at=VISIT_AT,
        created_at=VISIT_AT,
        submitted_by=member.user,
    )
    section = ReportSection.objects.create(
        report=report, section="IDENTITY", verdict="CONFIRMED", confidence=Decimal("0.9"), note="card seen"
    )
    make_paper(section=section, kind="IDENTITY_CARD", name=CANARY_NAME, id_number=CANARY_ID, address=CANARY_LINE)
    evidence = Evidence(
        report=report,
        external_ref=f"E-{n}",
        kind="DOOR",
        media_type="image/jpeg",
        byte_count=10,
        point="31.230400,121.473700",
        trust_score=70,
        signals=[{"signal": "WITHIN_GEOFENCE", "weight": 20}],
        state="READ",
        read_at=VISIT_AT,
        updated_at=VISIT_AT,
        received_at=VISIT_AT,
    )
    content = photo(seed=n, place=None)
    evidence.sha256 = evidence.preview_sha256 = hashlib.sha256(content).hexdigest()
    evidence.file.name = keep(name=f"evidence/door-{n}.jpg", content=content)
    keep(name=evidence.preview_name, content=content)
    evidence.save()
    made["visits.evidence"] = evidence
    made["visits.letteranswer"] = LetterAnswer.objects.create(
        order=order,
        letter_code=order.letter_code or "",
        kind="DECLINE",
        proof="WRONG",
        text=CANARY_SAID,
        received_at=AT,
    )
    made["visits.visitagreement"] = VisitAgreement.objects.create(
        case=order.case,
        order=order,
        kind="TIME",
        opens_at=VISIT_AT,
        closes_at=VISIT_AT + timedelta(hours=2),
        granted_at=AT,
        expires_at=AT + timedelta(days=30),
        evidence_ref="REC-11",
        note=CANARY_SAID,
        recorded_by=reviewer,
    )
    ReportTrust.objects.create(report=report, score=66, level="MEDIUM", assessed_at=VISIT_AT)
    made["visits.callback"] = CallBack.objects.create(
        order=order, report=report, cause="DRAWN", due_on=TODAY, opened_at=VISIT_AT, updated_at=VISIT_AT
    )
    made["visits.contradiction"] = Contradiction.objects.create(
        external_ref=f"X-{report.pk}",
        borrower=order.case.borrower,
        subject="NAME",
        left_source="APPLICATION",
        left_ref="borrower:1",
        left_shown="张*三",
        right_source="LEASE",
        right_ref="paper:1",
        right_shown="王*五",
        weight=Decimal("0.7"),
        decided_by="IDENTITY_CARD",
        signal=SuspicionSignal.objects.create(
            borrower=order.case.borrower,
            external_ref=f"X-{report.pk}",
            kind="FALSE_IDENTITY",
            source="CONTRADICTION:APPLICATION/LEASE",
            confidence=Decimal("0.7"),
            noticed_on=TODAY,
            created_at=VISIT_AT,
        ),
        report=report,
        found_at=VISIT_AT,
        updated_at=VISIT_AT,
    )
    if order.state == "VERIFIED":
        Review.objects.create(
            report=report, verdict="ACCEPTED", quality_score=90, reviewed_by=reviewer, reviewed_at=VISIT_AT
        )
