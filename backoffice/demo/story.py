"""The demo's eight weeks: five feeds, 14 days apart, and between them the work that follows from each."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import Max
from django.utils import timezone

from backoffice.core.workers import lent_worker
from backoffice.demo import work
from backoffice.demo.characters import character_of
from backoffice.demo.concessions import propose_relief, propose_waivers
from backoffice.demo.core_lending import CoreLending, core_lending
from backoffice.demo.legal import offer_mediation, refer_to_law
from backoffice.demo.life import live
from backoffice.demo.open_work import leave_open_work
from backoffice.demo.people import Cast
from backoffice.demo.portfolio import write_portfolio
from backoffice.demo.preparation import prepare
from backoffice.outbox.relay import deliver_due, fan_out
from cases.enums import Job, LetterChannel, LetterReport, RunState
from cases.models import DecisionLetter, EvaluationRun
from cases.selectors.policies.holidays import calendar_in_use
from cases.services.decisions import acknowledgements, settlement, waiver_events
from cases.services.decisions.letter_deliveries import report_delivery
from cases.services.evaluation import chunks, runs
from cases.services.intake.take_in import take_in
from reports.enums import Experiment
from reports.services import experiment
from reports.services.facts import write_daily_position

FORTNIGHTS = 4
VISITS_A_FORTNIGHT = 24
# When no chunk has finished for this long, the demo works chunks itself, so that it does not depend on a worker.
PATIENCE_SECONDS = 5.0
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass(slots=True, kw_only=True)
class Telling:
    """Progress of the demo: `step(weight, text)` moves the progress bar, `aside` prints a line beside it."""

    step: Callable[[float, str], None]
    aside: Callable[[str], None]


def days_of(*, today: date) -> list[date]:
    """Return the business dates of the five feeds; the last one is `today`."""
    return [today - timedelta(days=14 * back) for back in range(FORTNIGHTS, -1, -1)]


def last_day() -> date | None:
    """Return the last business date that has been begun, None for a fresh database."""
    return EvaluationRun.objects.filter(job=Job.TRIGGERS).aggregate(last=Max("business_date"))["last"]  # type: ignore[no-any-return]


def is_played(*, today: date) -> bool:
    """Return whether the demo has been played up to `today`."""
    return EvaluationRun.objects.filter(job=Job.STANDING, business_date=today, state=RunState.FINISHED).exists()


def play(*, accounts: int, today: date, seed: int, folder: Path, telling: Telling) -> list[Any]:
    """
    Play the whole loop on a made-up portfolio of `accounts` borrowers and return the evaluation runs.

    An interrupted demo continues where it stopped; one that was played on an earlier day continues from that day.

    Every write goes through the services that the admin and the API call; the files go through the intake, the
    evaluations through Celery workers, the terms over HTTP to a stand-in for the core.
    """
    begun = last_day()
    days = [day for day in days_of(today=today) if begun is None or day >= begun]
    before = begun if begun != days[0] else _day_before(days[0])
    runs = []
    with lent_worker(), core_lending() as core:
        first = days_of(today=today)[0]
        cast = prepare(since=first, today=today, at=_morning(first) - timedelta(days=3))
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
            settlement.settle_repayments(business_date=day, at=at)
            telling.step(1, f"{day} triggers")
            runs.append(evaluate(job=Job.TRIGGERS, business_date=day))
            _work(cast=cast, day=day, at=at, seed=seed, core=core, telling=telling, is_last=number == FORTNIGHTS)
            if number in (2, FORTNIGHTS):
                telling.step(1, f"{day} standing")
                runs.append(evaluate(job=Job.STANDING, business_date=day))
            hand_over(core=core, cast=cast, at=at)
            write_daily_position(business_date=day, at=at)
            if number == 1:
                experiment.draw_arms(
                    experiment=Experiment.VISIT_TIMING, business_date=day, at=at, actor=cast.users["risk"]
                )
        propose_waivers(day=_day(cast, today, seed, telling), most=4)
        propose_relief(day=_day(cast, today, seed, telling), most=4)
        work.decide(day=_day(cast, today, seed, telling), keep=14)
        hand_over(core=core, cast=cast, at=_morning(today))
        offer_mediation(day=_day(cast, today, seed, telling))
        leave_open_work(cast=cast, today=today, at=_morning(today))
    return runs


def _has_rows(path: Path) -> bool:
    """Return whether a file has more than its header: a small portfolio may have no promise to pay."""
    with path.open("rb") as stream:
        return len(stream.readlines(2000)) > 1


def _day_before(day: date) -> date | None:
    """Return the business date before `day`, or None if `day` is the first."""
    earlier = EvaluationRun.objects.filter(job=Job.TRIGGERS, business_date__lt=day)
    return earlier.aggregate(last=Max("business_date"))["last"]  # type: ignore[no-any-return]


def evaluate(*, job: Job, business_date: date) -> EvaluationRun:
    """Start a run and wait until workers have finished it; work its chunks here when no worker does."""
    import time as clock  # noqa: PLC0415 - `time` is the hour of a day in this file

    run = runs.start_run(job=job, business_date=business_date, at=timezone.now())
    waited, done = clock.monotonic(), -1
    while not runs.settle_run(run_id=run.pk, at=timezone.now()):
        finished = run.chunks.filter(state="DONE").count()
        if finished != done:
            waited, done = clock.monotonic(), finished
        if clock.monotonic() - waited > PATIENCE_SECONDS:
            chunks.work_chunk(run_id=run.pk, at=timezone.now())
        else:
            clock.sleep(0.1)
    return EvaluationRun.objects.get(pk=run.pk, state=RunState.FINISHED)


def hand_over(*, core: CoreLending, cast: Cast, at: datetime) -> None:
    """
    Deliver the outbox and record the answers of the stand-in for the core: it refuses one instruction in forty, and one
    letter in forty comes back. Of ten borrowers who are offered a higher limit one declines, and one has not answered yet.
    """
    now = timezone.now()
    while fan_out(at=now):
        pass
    while deliver_due(at=now):
        pass
    acknowledgements.mark_terms_sent(at=at)
    waiver_events.mark_waivers_sent(at=at)
    for number, event in enumerate(core.news()):
        instruction = event["data"]
        if event["type"] == "decision.letter":
            letter = DecisionLetter.objects.get(pk=instruction["letter"])
            report_delivery(
                letter=letter,
                report=LetterReport.RETURNED if number % 40 == 39 else LetterReport.DELIVERED,
                channel=LetterChannel.APP,
                happened_at=max(at, letter.created_at),
                actor=cast.users["officer"],
                at=max(at, letter.created_at),
            )
        if event["type"] in (waiver_events.GRANTED, waiver_events.WITHDRAWN):
            waiver_events.acknowledge_waiver(
                effect_key=instruction["effect_key"], accepted=True, value=instruction["amount"], actor=None, at=at
            )
        if event["type"] == "terms.changed":
            if instruction["opt_in_required"] and number % 10 == 8:
                continue
            declines = instruction["opt_in_required"] and number % 10 == 7
            refuses = number % 40 == 39
            acknowledgements.acknowledge_terms_change(
                effect_key=instruction["effect_key"],
                accepted=not refuses and not declines,
                value=instruction["after"],
                refused_reason="账户正在清算" if refuses else "",
                declined=declines,
                actor=cast.users["officer"] if declines else None,
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
    propose_waivers(day=_day(cast, visit_day + timedelta(days=1), seed, telling), most=4)
    refer_to_law(day=_day(cast, visit_day + timedelta(days=1), seed, telling), most=3)
    work.decide(day=_day(cast, visit_day + timedelta(days=1), seed, telling), keep=0)
    work.complain(day=_day(cast, visit_day + timedelta(days=2), seed, telling), most=2)
    hand_over(core=core, cast=cast, at=_morning(visit_day + timedelta(days=2)))


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


def _day(cast: Cast, on: date, seed: int, telling: Telling) -> work.Day:
    return work.Day(
        cast=cast,
        on=on,
        at=_morning(on),
        seed=seed,
        log=telling.aside,
        character=lambda ref: str(character_of(external_ref=ref, seed=seed)),
    )


def _morning(day: date) -> datetime:
    return datetime.combine(day, time(9, 30, 26, 318_407), tzinfo=ZONE).astimezone(UTC)


def _working_day(day: date) -> date:
    calendar = calendar_in_use()
    while calendar.is_national_holiday(day=day):
        day += timedelta(days=1)
    return day
