"""manage.py evaluate: the trigger run of one business date, worked by workers, with one line of JSON at the end."""

import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import date, datetime
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.utils import timezone
from django.utils.translation import override
from tqdm import tqdm

from backoffice.core.errors import DoorstepError
from backoffice.core.workers import lent_worker
from cases.enums import Job, Measure, RunState
from cases.selectors.runs.progress import RunProgress, get_progress, waiting_run
from cases.services.evaluation import catch_up, chunks, runs
from cases.services.policies import versions

# After this time without progress the command works a chunk itself, so that it never waits for a worker for ever.
PATIENCE_SECONDS: Final = 3.0
HELD_EXIT: Final = 3
PAUSED_EXIT: Final = 4
CANCELLED_EXIT: Final = 5


class Command(BaseCommand):
    help = (
        "Evaluate the triggers of every overdue account as of a business date. Exits with 3 when a circuit breaker"
        " stopped the run, 4 when somebody has halted it, 5 when somebody has cancelled it."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--business-date", required=True, type=_day, metavar="YYYY-MM-DD")
        parser.add_argument("--policy-version", type=int, metavar="N", help="the version in force unless given")
        what = parser.add_mutually_exclusive_group()
        what.add_argument("--dry-run", action="store_true", help="count what would happen and write nothing")
        what.add_argument(
            "--catch-up", action="store_true", help="first work the missed days before the business date, in order"
        )
        parser.add_argument("--json", action="store_true", help="no progress; one line of JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        if options["catch_up"] and options["policy_version"] is not None:
            raise CommandError("--catch-up judges each day by the policies of that day; leave --policy-version out.")
        with override("en"):
            try:
                found, progress = self._evaluate(options)
            except DoorstepError as error:
                raise CommandError(str(error)) from error
            except KeyboardInterrupt:
                raise CommandError(
                    "Stopped. The run is kept as it is; the same command resumes it.", returncode=130
                ) from None
            found["seconds"] = round(time.monotonic() - began, 2)
            if progress is not None and progress.held_because:
                found["held"] = [dict(each) for each in progress.held_because]
            self.stdout.write(json.dumps(found) if options["json"] else _line(found))
            if progress is not None:
                _end(progress)

    def _evaluate(self, options: dict[str, Any]) -> tuple[dict[str, Any], RunProgress | None]:
        day: date = options["business_date"]
        if versions.install_default_policy(effective_from=day, at=timezone.now()) is not None:
            self.stderr.write(
                "No policy yet: installed the shipped default as version 1, proposed by policy.author and approved by"
                " policy.approver, whom nobody can log in as. Have your own people approve a version of your own."
            )
        number = options["policy_version"]
        if options["dry_run"]:
            version = versions.numbered_version(number=number) if number is not None else versions.active_version()
            counted = runs.dry_run(business_date=day, version=version, at=timezone.now())
            return _answer(day, version.number, counted.accounts, counted.hits, counted.opened, counted.closed, 0), None
        worked: list[RunProgress] = []
        for run_id in _runs(day, number, catches_up=options["catch_up"]):
            worked.append(self._work(run_id, quiet=options["json"]))
            if worked[-1].uncompared:
                self.stderr.write(
                    f"{worked[-1].uncompared} accounts were left alone: the policy has no rate for their currency."
                )
            if worked[-1].state != RunState.FINISHED:
                break
        if not worked:
            raise CommandError(f"No day up to {day.isoformat()} is missed. Leave --catch-up out to work it once more.")
        found = _summary(worked[-1])
        if options["catch_up"]:
            found["days"] = [each.business_date.isoformat() for each in worked]
        return found, worked[-1]

    def _work(self, run_id: int, *, quiet: bool) -> RunProgress:
        """Work a run until it ends or waits for a person."""
        progress = get_progress(run_id=run_id)
        if progress.is_finished or progress.is_waiting:
            return progress
        # For one chunk the start of a worker would take longer than the work.
        alone = progress.chunks <= 1
        with nullcontext() if alone else lent_worker():
            return self._await(run_id, quiet=quiet, patience=0.0 if alone else PATIENCE_SECONDS)

    def _await(self, run_id: int, *, quiet: bool, patience: float) -> RunProgress:
        """Wait until the run ends or waits for a person; work a chunk here whenever there is no progress."""
        moved, last = time.monotonic(), None
        with tqdm(total=1, unit="step", disable=quiet, file=sys.stderr) as bar:
            while True:
                progress = get_progress(run_id=run_id)
                bar.total, bar.n = progress.steps or 1, progress.steps_done
                bar.set_description_str(f"{progress.business_date} {progress.phase.lower()}", refresh=True)
                if progress.is_finished or progress.is_waiting:
                    return progress
                if progress != last:
                    moved, last = time.monotonic(), progress
                if progress.chunks_open == 0 and runs.settle_run(run_id=run_id, at=timezone.now()):
                    continue
                if time.monotonic() - moved >= patience and _work_one(run_id):
                    continue
                time.sleep(0.2)


def _runs(day: date, number: int | None, *, catches_up: bool) -> Iterator[int]:
    """Begin the requested runs one after the other, each when the one before it has ended; give their ids."""
    waiting = waiting_run(job=Job.TRIGGERS, business_date=day)
    if waiting is not None:
        # It goes on only after a person acts; the command says what it waits for.
        yield waiting.pk
        return
    if not catches_up:
        version = versions.numbered_version(number=number) if number is not None else None
        yield runs.start_run(job=Job.TRIGGERS, business_date=day, at=timezone.now(), version=version).pk
        return
    run = catch_up.catch_up(job=Job.TRIGGERS, until=day, actor=None, at=timezone.now())
    while run is not None:
        yield run.pk
        # A worker may have begun the next business date already; then that run is the next.
        catch_up.continue_catch_up(at=timezone.now())
        run = catch_up.run_after(run=run, until=day)


def _work_one(run_id: int) -> bool:
    try:
        return chunks.work_chunk(run_id=run_id, at=timezone.now())
    except OperationalError:
        # The connection was lost between two chunks: the chunk is claimed again when its lease ends.
        connection.close()
        return False


def _end(progress: RunProgress) -> None:
    """Say how a run that did not finish can go on.

    :raises CommandError: with the exit code of its state, if it is held, paused or cancelled.
    """
    if progress.state == RunState.HELD:
        raise CommandError("\n".join(_held_lines(progress)), returncode=HELD_EXIT)
    if progress.state == RunState.PAUSED:
        raise CommandError(
            f"Run {progress.run_id} is halted. Resume it on its page (Triggers, evaluation runs) or through"
            f" POST /api/v1/evaluation-runs/{progress.run_id}/resume/.",
            returncode=PAUSED_EXIT,
        )
    if progress.state == RunState.CANCELLED:
        raise CommandError(
            f"Run {progress.run_id} was cancelled. The same command begins it again.", returncode=CANCELLED_EXIT
        )


def _held_lines(progress: RunProgress) -> Iterator[str]:
    yield f"Run {progress.run_id} was stopped before anything was applied: a circuit breaker's limit is exceeded."
    for each in progress.held_because:
        if each["measure"] == Measure.FIGURES:
            yield (
                f"  Source {each['source'] or '(unnamed)'}: {each['count']} of {each['of']} accounts have figures older than"
                f" {each['max_age_days']} days; its newest are of {each['newest_as_of']}, {each['newest_age_days']} days old"
            )
            continue
        usual = "" if each.get("median") is None else f"; usual {each['median']}, at most {each['max_multiple']} times"
        yield (
            f"  {Measure(each['measure']).label}: {each['count']} of {each['of']},"
            f" at most a share of {each['max_share']}{usual}"
        )
    yield (
        "An approver who did not start it releases or refuses it on its page (Triggers, evaluation runs) or through"
        f" POST /api/v1/evaluation-runs/{progress.run_id}/release/."
    )


def _summary(progress: RunProgress) -> dict[str, Any]:
    return _answer(
        progress.business_date,
        progress.policy_number,
        progress.accounts,
        progress.hits,
        progress.opened,
        progress.closed,
        progress.quarantined,
    )


def _answer(
    day: date, policy: int, accounts: int, hits: int, opened: int, closed: int, quarantined: int
) -> dict[str, Any]:
    return {
        "business_date": day.isoformat(),
        "policy_version": policy,
        "accounts": accounts,
        "hits": hits,
        "opened": opened,
        "closed": closed,
        "quarantined": quarantined,
    }


def _line(found: dict[str, Any]) -> str:
    return "  ".join(f"{name}={value}" for name, value in found.items() if name != "held")


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day of the business calendar has no zone
