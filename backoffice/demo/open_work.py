"""Open work that the demo leaves for whoever tries it: a draft and an export to approve, agencies evaluated."""

from contextlib import suppress
from datetime import date, datetime, timedelta

from celery import current_app
from django.conf import settings
from oauth2_provider.models import get_application_model

from backoffice.access.clients import create_client
from backoffice.access.models import Territory
from backoffice.audit.enums import AccessPurpose
from backoffice.core.errors import DoorstepError
from backoffice.core.schedules import install_missing_schedules
from backoffice.demo.people import Cast
from backoffice.demo.statements import settle_months
from cases.enums import CaseStage
from cases.models import Case, IntakeProfile, PolicyVersion, RuleMute
from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.services.casework.mutes import mute_rule
from cases.services.casework.reveal import reveal_borrower
from cases.services.intake.profiles.versions import approve_version, make_version
from cases.services.policies import strategy_upgrades, versions
from reports.enums import ExportReport
from reports.models import ExportJob
from reports.services import exports
from visits.services.agencies.agencies import evaluate_agency


def leave_open_work(*, cast: Cast, today: date, at: datetime) -> None:
    """Leave a policy draft and an upgrade to approve, exports, statements of agencies, and evaluated agencies."""
    risk = cast.users["risk"]
    if not PolicyVersion.objects.exclude(state="ACTIVE").exists():
        body = {**DEFAULT_POLICY, "parameters": {**DEFAULT_POLICY["parameters"], "grade_b_amount": "40000"}}
        version = versions.draft_version(body=body, note="B 级金额下调至四万元", actor=risk, at=at)
        versions.submit_version(version=version, actor=risk, at=at)
        strategy_upgrades.raise_upgrade(
            territory=Territory.objects.order_by("pk").last(),
            segment="",
            starts_on=today,
            ends_on=today + timedelta(days=60),
            reason="季度复核",
            actor=risk,
            at=at,
        )
    _use_the_back_office(cast=cast, today=today, at=at)
    settle_months(cast=cast, today=today, at=at)
    for agency in cast.agencies:
        with suppress(DoorstepError):
            # An agency without visits cannot be evaluated.
            evaluate_agency(agency=agency, actor=cast.users["dispatcher"], at=at, business_date=today)


def _use_the_back_office(*, cast: Cast, today: date, at: datetime) -> None:
    """Create a machine client, a profile, exports, a mute and a reveal, each by the role that may."""
    install_missing_schedules(entries=settings.CELERY["beat_schedule"], queue=current_app)
    if not get_application_model().objects.exists():
        create_client(name="core-lending", scopes=["portfolio:write", "terms:write"], actor=cast.users["admin"], at=at)
    if not IntakeProfile.objects.exists():
        body = (settings.BASE_DIR / "cases" / "profiles" / "demo-repayments.toml").read_text(encoding="utf-8")
        made = make_version(name="my-repayments", body=body, actor=cast.users["risk"], at=at)
        approve_version(version=made, actor=cast.users["approver"], at=at)
    if not ExportJob.objects.exists():
        wanted = exports.request_export(
            report=ExportReport.OPEN_CASES,
            parameters={},
            purpose="周会核对在办案件",
            actor=cast.users["officer"],
            at=at,
        )
        exports.approve_export(export=wanted, actor=cast.users["approver"], at=at)
        exports.produce_export(export_id=wanted.pk, at=at)
        exports.request_export(
            report=ExportReport.EFFECTIVENESS,
            purpose="季度外访成效汇报",
            actor=cast.users["risk"],
            at=at,
            parameters={"start_on": today - timedelta(days=56), "end_on": today, "currency": "CNY"},
        )
    case = Case.objects.exclude(stage=CaseStage.CLOSED).select_related("borrower").order_by("pk").first()
    if case is not None and not RuleMute.objects.exists():
        mute_rule(
            borrower=case.borrower,
            rule="LARGE_ARREARS",
            until=today + timedelta(days=30),
            why="已约定下月还款，暂不计入",
            actor=cast.users["risk"],
            at=at,
        )
        reveal_borrower(borrower=case.borrower, purpose=AccessPurpose.CONTACT, actor=cast.users["officer"], at=at)
