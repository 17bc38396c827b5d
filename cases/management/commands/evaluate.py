"""manage.py evaluate: one night's triggers, worked by real workers, with one line of JSON at the end."""

import json
import sys
import time
from argparse import ArgumentParser
from datetime import date, datetime
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection
from django.utils import timezone
from django.utils.translation import override
from tqdm import tqdm

from backoffice.core.errors import DoorstepError
from backoffice.core.workers import lent_worker
from cases.enums import Job
from cases.selectors.runs import get_progress
from cases.services import evaluation, policies

# Nothing moved for so long: the command works chunks itself, so that it never hangs on a worker or a broker.
PATIENCE_SECONDS: Final = 3.0


class Command(BaseCommand):
    help = "Evaluate the triggers of every overdue account as of a business date."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--business-date", required=True, type=_day, metavar="YYYY-MM-DD")
        parser.add_argument("--policy-version", type=int, metavar="N", help="the version in force unless given")
        parser.add_argument("--dry-run", action="store_true", help="count what would happen and write nothing")
        parser.add_argument("--json", action="store_true", help="no progress; one line of JSON on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        began = time.monotonic()
        with override("en"):
            try:
                found = self._evaluate(options)
            except DoorstepError as error:
                raise CommandError(str(error)) from error
            except KeyboardInterrupt:
                raise CommandError(
                    "Stopped. The run stands as it is; the same command resumes it.", returncode=130
                ) from None
        found["seconds"] = round(time.monotonic() - began, 2)
        if options["json"]:
            self.stdout.write(json.dumps(found))
        else:
            self.stdout.write("  ".join(f"{name}={value}" for name, value in found.items()))

    def _evaluate(self, options: dict[str, Any]) -> dict[str, Any]:
        day: date = options["business_date"]
        if policies.install_default_policy(effective_from=day, at=timezone.now()) is not None:
            self.stderr.write(
                "No policy yet: installed the shipped default as version 1, proposed by policy.author and approved by"
                " policy.approver, whom nobody can log in as. Have your own people approve a version of your own."
            )
        number = options["policy_version"]
        version = policies.numbered_version(number=number) if number is not None else policies.active_version()
        if options["dry_run"]:
            counted = evaluation.dry_run(business_date=day, version=version, at=timezone.now())
            return _answer(day, version.number, counted.accounts, counted.hits, counted.opened, counted.closed, 0)
        run = evaluation.start_run(job=Job.TRIGGERS, business_date=day, at=timezone.now(), version=version)
        progress = get_progress(run_id=run.pk)
        if progress.chunks > 1 and not progress.is_finished:
            with lent_worker():
                self._await(run.pk, quiet=options["json"])
        else:
            # One chunk: a worker's start would take longer than the work.
            _work_alone(run.pk)
        progress = get_progress(run_id=run.pk)
        if progress.uncompared:
            self.stderr.write(
                f"{progress.uncompared} accounts were left alone: the policy has no rate for their currency."
            )
        return _answer(
            day,
            progress.policy_number,
            progress.accounts,
            progress.hits,
            progress.opened,
            progress.closed,
            progress.quarantined,
        )

    def _await(self, run_id: int, *, quiet: bool) -> None:
        """Watch the run until it is finished; lend a hand whenever nothing moves."""
        moved, last = time.monotonic(), None
        with tqdm(total=1, unit="chunk", disable=quiet, file=sys.stderr) as bar:
            while True:
                progress = get_progress(run_id=run_id)
                bar.total, bar.n = progress.chunks, progress.chunks_done
                bar.refresh()
                if progress.is_finished:
                    return
                if progress != last:
                    moved, last = time.monotonic(), progress
                if progress.chunks_open == 0:
                    evaluation.settle_run(run_id=run_id, at=timezone.now())
                elif time.monotonic() - moved > PATIENCE_SECONDS and _work_one(run_id):
                    continue
                time.sleep(0.2)


def _work_alone(run_id: int) -> None:
    while not evaluation.settle_run(run_id=run_id, at=timezone.now()):
        if not _work_one(run_id):
            time.sleep(0.5)


def _work_one(run_id: int) -> bool:
    try:
        return evaluation.work_chunk(run_id=run_id, at=timezone.now())
    except OperationalError:
        # The server went away between two chunks: the lease brings the chunk back.
        connection.close()
        return False


def _answer(
    day: date, policy: int, accounts: int, hits: int, opened: int, closed: int, quarantined: int
) -> dict[str, Any]:
    return {
        "business_date": day.isoformat(), "policy_version": policy, "accounts": accounts, "hits": hits,
        "opened": opened, "closed": closed, "quarantined": quarantined,
    }  # fmt: skip


def _day(text: str) -> date:
    return datetime.strptime(text, "%Y-%m-%d").date()  # noqa: DTZ007 - a day of the business calendar has no zone
