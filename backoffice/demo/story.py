"""The demo's eight weeks: five feeds, and between them everything that the loop does with them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from celery import current_app
from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from oauth2_provider.models import get_application_model

from backoffice.access.clients import create_client
from backoffice.access.models import Territory
from backoffice.core.errors import DoorstepError
from backoffice.core.schedules import install_missing_schedules
from backoffice.core.workers import lent_worker
from backoffice.demo import work
from backoffice.demo.characters import character_of
from backoffice.demo.core_lending import CoreLending, core_lending
from backoffice.demo.life import live
from backoffice.demo.people import Cast, hire
from backoffice.demo.places import CITIES
from backoffice.demo.portfolio import write_portfolio
from backoffice.outbox.relay import deliver_due, fan_out
from cases.enums import CaseStage, Job, RecordKind, RunState
from cases.models import Case, EvaluationRun, IntakeProfile, PolicyVersion, RuleMute, StrategyUpgrade
from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.services.casework import promises
from cases.services.casework.mutes import mute_rule
from cases.services.casework.reveal import reveal_borrower
from cases.services.decisions import terms_ledger
from cases.services.evaluation import runs as evaluation
from cases.services.intake.take_in import take_in
from cases.services.policies import strategy_upgrades, versions
from reports.enums import Experiment, ExportReport
from reports.models import CostRate, ExportJob
from reports.services import experiment, exports
from reports.services.facts import write_daily_position
from visits.rules.conduct.calendar import is_national_holiday
from visits.services.agencies.agencies import evaluate_agency

FORTNIGHTS = 4
VISITS_A_FORTNIGHT = 24
# Nothing moved for so long: the story works chunks itself, so that it cannot hang on a worker.
PATIENCE_SECONDS = 5.0
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(slots=True, kw_only=True)
class Telling:
    """How the story reports: `step(weight, text)` moves the progress bar, `aside` is a line beside it."""

    step: Callable[[float, str], None]
    aside: Callable[[str], None]


def days_of(*, today: date) -> list[date]:
    """Return the business dates of the five feeds; the last one is `today`."""
    return [today - timedelta(days=14 * back) for back in range(FORTNIGHTS, -1, -1)]


def last_day() -> date | None:
    """Return the last business date that has been begun, None for a fresh database."""
    return EvaluationRun.objects.filter(job=Job.TRIGGERS).aggregate(last=Max("business_date"))["last"]  # type: ignore[no-any-return]


def is_played(*, today: date) -> bool:
    """Return whether the story has been told up to `today`."""
    return EvaluationRun.objects.filter(job=Job.STANDING, business_date=today, state=RunState.FINISHED).exists()


def play(*, accounts: int, today: date, seed: int, folder: Path, telling: Telling) -> list[Any]:
    """
    Play the whole loop on a made-up portfolio of `accounts` borrowers and return the evaluation runs.

    A story that was interrupted goes on where it stopped; one told on an earlier day goes on from there.

    Every write goes through the services that the admin and the API call; the files go through the intake, the
    evaluations through Celery workers, the terms over HTTP to a played core.
    """
    begun = last_day()
    days = [day for day in days_of(today=today) if begun is None or day >= begun]
    before = begun if begun != days[0] else _day_before(days[0])
    runs = []
    with lent_worker(), core_lending() as core:
        cast = _prepare(since=days_of(today=today)[0], today=today)
        for number, day in enumerate(days, start=FORTNIGHTS + 1 - len(days)):
            telling.step(1, f"{day} portfolio in")
            at = _morning(day)
            if before is None:
                files = write_portfolio(folder=folder, accounts=accounts, business_date=day, seed=seed).in_order
            else:
                files = live(folder=folder, since=before, until=day, seed=seed).in_order
            before = day
            for profile, path in files:
                if not _has_rows(path):
                    continue
                take_in(path=path, profile=profile, actor=None, at=at)
            promises.settle_promises(business_date=day, at=at)
            telling.step(1, f"{day} triggers")
            runs.append(evaluate(job=Job.TRIGGERS, business_date=day))
            _work(cast=cast, day=day, at=at, seed=seed, core=core, telling=telling, is_last=number == FORTNIGHTS)
            if number in (2, FORTNIGHTS):
                telling.step(1, f"{day} standing")
                runs.append(evaluate(job=Job.STANDING, business_date=day))
            hand_over(core=core, at=at)
            write_daily_position(business_date=day, at=at)
            if number == 1:
                experiment.draw_arms(
                    experiment=Experiment.VISIT_TIMING, business_date=day, at=at, actor=cast.users["risk"]
                )
        work.decide(day=_day(cast, today, seed, telling), keep=14)
        hand_over(core=core, at=_morning(today))
        _leave_something_to_do(cast=cast, today=today, at=_morning(today))
    return runs


def _has_rows(path: Path) -> bool:
    """Return whether a file has more than its header: in a small portfolio nobody may have promised anything."""
    with path.open("rb") as stream:
        return len(stream.readlines(2000)) > 1


def _day_before(day: date) -> date | None:
    """Return the business date before one that was begun and not ended, None if it is the first."""
    earlier = EvaluationRun.objects.filter(job=Job.TRIGGERS, business_date__lt=day)
    return earlier.aggregate(last=Max("business_date"))["last"]  # type: ignore[no-any-return]


def evaluate(*, job: Job, business_date: date) -> EvaluationRun:
    """Start a run, let the workers work it, and lend a hand where none does."""
    import time as clock  # noqa: PLC0415 - `time` is the hour of a day in this file

    run = evaluation.start_run(job=job, business_date=business_date, at=timezone.now())
    waited, done = clock.monotonic(), -1
    while not evaluation.settle_run(run_id=run.pk, at=timezone.now()):
        finished = run.chunks.filter(state="DONE").count()
        if finished != done:
            waited, done = clock.monotonic(), finished
        if clock.monotonic() - waited > PATIENCE_SECONDS:
            evaluation.work_chunk(run_id=run.pk, at=timezone.now())
        else:
            clock.sleep(0.1)
    return EvaluationRun.objects.get(pk=run.pk, state=RunState.FINISHED)


def hand_over(*, core: CoreLending, at: datetime) -> None:
    """Deliver what waits in the outbox and take the played core's answers: it accepts all but the odd one."""
    now = timezone.now()
    while fan_out(at=now):
        pass
    while deliver_due(at=now):
        pass
    terms_ledger.mark_sent(at=at)
    for number, event in enumerate(core.news()):
        key = event.get("effect_key") or event.get("data", {}).get("effect_key")
        if key:
            refuses = number % 40 == 39
            terms_ledger.acknowledge_terms_change(
                effect_key=key,
                accepted=not refuses,
                refused_reason="账户正在清算" if refuses else "",
                actor=None,
                at=at,
            )


def _work(
    *, cast: Cast, day: date, at: datetime, seed: int, core: CoreLending, telling: Telling, is_last: bool
) -> None:
    now = _day(cast, day, seed, telling)
    work.assign_cases(day=now)
    work.check_at_the_desk(day=now, most=6)
    visit_day = _working_day(day + timedelta(days=2))
    planned = work.send_visits(day=now, visit_day=visit_day, most=VISITS_A_FORTNIGHT)
    telling.step(1, f"{day} {len(planned)} visits planned")
    if is_last:
        telling.step(VISITS_A_FORTNIGHT * 0.25, "")
        return
    with _spread(telling, len(planned), f"{visit_day} at the doors") as step:
        work.go_to_doors(day=now, orders=planned, step=step)
    work.judge_reports(
        day=_day(cast, visit_day, seed, telling), keep=6 if day >= timezone.localdate() - timedelta(days=20) else 0
    )
    work.decide(day=_day(cast, visit_day + timedelta(days=1), seed, telling), keep=0)
    work.complain(day=_day(cast, visit_day + timedelta(days=2), seed, telling), most=2)
    hand_over(core=core, at=_morning(visit_day + timedelta(days=2)))


@contextmanager
def _spread(telling: Telling, count: int, text: str) -> Iterator[Callable[[], None]]:
    weight = VISITS_A_FORTNIGHT * 0.25
    done = 0.0

    def step() -> None:
        nonlocal done
        done += weight / max(1, count)
        telling.step(weight / max(1, count), text)

    yield step
    telling.step(weight - done, text)


def _prepare(*, since: date, today: date) -> Cast:
    at = _morning(since) - timedelta(days=3)
    versions.install_default_policy(effective_from=since, at=at)
    territories = []
    for city in CITIES:
        territory, _made = Territory.objects.get_or_create(
            code=city.code, defaults={"name": city.name, "name_en": city.name_en}
        )
        territories.append(territory)
    cast = hire(territories=territories, since=since, at=at)
    for channel, amount in (("APP", "0.0050"), ("SMS", "0.0450"), ("VOICE", "0.1500"), ("LETTER", "2.8000")):
        CostRate.objects.get_or_create(
            channel=channel, valid_from=since - timedelta(days=90), defaults={"amount": amount}
        )
    risk, approver = cast.users["risk"], cast.users["approver"]
    if StrategyUpgrade.objects.exists():
        return cast
    upgrade = strategy_upgrades.raise_upgrade(
        territory=territories[1],
        segment="新客",
        starts_on=since,
        ends_on=today + timedelta(days=30),
        reason="该区域新客首期逾期率连续三周上升",
        actor=risk,
        at=at,
    )
    strategy_upgrades.approve_upgrade(upgrade=upgrade, actor=approver, at=at)
    return cast


def _leave_something_to_do(*, cast: Cast, today: date, at: datetime) -> None:
    """Leave what staff would find on any morning: a policy draft, agencies evaluated, a review to approve."""
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
    _keep_the_house(cast=cast, today=today, at=at)
    for agency in cast.agencies:
        with suppress(DoorstepError):
            # Who has made no visit yet has nothing to be evaluated.
            evaluate_agency(agency=agency, actor=cast.users["dispatcher"], at=at, business_date=today)


def _keep_the_house(*, cast: Cast, today: date, at: datetime) -> None:
    """Do what an administrator, a risk manager and an officer leave traces of: a client, a mute, a look at a name."""
    install_missing_schedules(entries=settings.CELERY["beat_schedule"], queue=current_app)
    if not get_application_model().objects.exists():
        create_client(name="core-lending", scopes=["portfolio:write", "terms:write"], actor=cast.users["admin"], at=at)
    if not IntakeProfile.objects.exists():
        body = (settings.BASE_DIR / "cases" / "profiles" / "demo-repayments.toml").read_text(encoding="utf-8")
        IntakeProfile.objects.create(name="my-repayments", kind=RecordKind.REPAYMENTS, body=body)
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
        reveal_borrower(borrower=case.borrower, purpose="回拨借款人确认还款安排", actor=cast.users["officer"], at=at)


def _day(cast: Cast, on: date, seed: int, telling: Telling) -> work.Day:
    return work.Day(
        cast=cast,
        on=on,
        at=_morning(on),
        seed=seed,
        tell=telling.aside,
        character=lambda ref: str(character_of(external_ref=ref, seed=seed)),
    )


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9, 30), tzinfo=ZONE).astimezone(UTC)


def _working_day(day: date) -> date:
    while is_national_holiday(day=day):
        day += timedelta(days=1)
    return day
