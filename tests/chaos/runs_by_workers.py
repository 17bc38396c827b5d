"""A portfolio, copies of its database, runs over it by real workers, and every row that the runs write."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import psycopg
from celery import Celery
from django.conf import settings
from django.db import connection, connections
from django.utils import timezone

from cases.models import Account, Borrower, EvaluationRun
from cases.services.evaluation import chunks, runs
from tests.factories.portfolio import AT, TODAY

PEOPLE = int(os.environ.get("CHAOS_ACCOUNTS", "10000"))
CHUNK = PEOPLE // 20
LEASE_SECONDS = 5
DAYS = tuple(TODAY + timedelta(days=day) for day in range(3))
# A separate broker database: a worker of another test database would take our messages and find no such run.
BROKER = (
    settings.BROKER_URL.rstrip("/") + "/8"
    if settings.BROKER_URL.count("/") == 2
    else (settings.BROKER_URL.rsplit("/", 1)[0] + "/8")
)

# Multiplying by a prime spreads values that would otherwise repeat at regular ids.
_CONTACTS = """
INSERT INTO cases_contactattempt
    (borrower_id, external_ref, channel, direction, outcome, right_party, receipt, attempted_at, number_index, cost, created_at)
SELECT id, 'C' || id || '-' || n, (ARRAY['APP', 'SMS', 'VOICE', 'LETTER', 'VOICE'])[1 + (id * 7919 + n) %% 5], 'OUTBOUND',
       CASE WHEN right_party THEN 'RIGHT_PARTY' WHEN n %% 2 = 0 THEN 'NO_ANSWER' ELSE 'DELIVERED' END, right_party, n %% 2 = 1,
       %(at)s - (n * 4 + id %% 4) * interval '1 day' + ((id + n * 5) %% 12) * interval '1 hour', ''::bytea, 0, %(at)s
FROM (SELECT id, n, (id * 104729 + n * 31) %% 23 = 0 AS right_party FROM cases_borrower, generate_series(1, 7) n) touched"""
# Before a later run some borrowers pay everything, some fall further behind, some pay something, some get a circumstance.
_CHANGES = (
    "UPDATE cases_account SET arrears_amount = 0, days_past_due = 0, as_of = %(on)s WHERE (id * 7919 + %(turn)s) %% 17 = 0",
    "UPDATE cases_account SET arrears_amount = arrears_amount + 9000, days_past_due = days_past_due + 40, as_of = %(on)s"
    " WHERE (id * 7919 + %(turn)s) %% 13 = 0",
    "INSERT INTO cases_repayment (account_id, external_ref, amount, paid_on, means, created_at)"
    " SELECT id, 'R' || id || '-' || %(turn)s, 100, %(on)s, '', %(at)s FROM cases_account WHERE (id * 7919 + %(turn)s) %% 11 = 0",
    "INSERT INTO cases_borrowerflag (borrower_id, kind, source, source_ref, set_at)"
    " SELECT id, 'DISPUTED', 'CALL', '', %(at)s"
    " FROM cases_borrower WHERE (id * 104729) %% 41 = %(turn)s",
)
# Every column except ids and times must be the same.
_WRITTEN = {
    "facts": "SELECT to_jsonb(r) - 'id' FROM cases_accountfacts r",
    "hits": "SELECT to_jsonb(r) - 'id' - 'created_at' FROM cases_triggerhit r",
    "cases": "SELECT to_jsonb(r) - ARRAY['id', 'created_at', 'updated_at'] FROM cases_case r",
    "events": "SELECT to_jsonb(r) - ARRAY['id', 'case_id', 'at'] || to_jsonb(c.borrower_id) || to_jsonb(c.opened_on)"
    " FROM cases_caseevent r JOIN cases_case c ON c.id = r.case_id",
    "decisions": "SELECT to_jsonb(r) - ARRAY['id', 'case_id', 'created_at', 'updated_at', 'approved_at'] FROM cases_decision r",
    "terms": "SELECT to_jsonb(r) - ARRAY['id', 'decision_id', 'effect_key', 'created_at'] FROM cases_termschange r",
    "runs": "SELECT jsonb_build_array(job, business_date, state, phase, passes, preview, account_count, hit_count,"
    " opened_count, closed_count, proposed_count, quarantined_count, uncompared_count) FROM cases_evaluationrun",
    "chunks": "SELECT jsonb_build_array(r.job, r.business_date, c.lower, c.upper, c.state, c.preview, c.account_count,"
    " c.hit_count, c.opened_count, c.closed_count, c.proposed_count)"
    " FROM cases_evaluationchunk c JOIN cases_evaluationrun r ON r.id = c.run_id",
    "trail": "SELECT to_jsonb(action) || (body - ARRAY['run', 'epoch']) FROM audit_auditentry WHERE action LIKE 'evaluation.%'"
    " OR action LIKE 'standing.%'",
}


def make_portfolio(*, territory: Any) -> None:
    """Make borrowers with one account each, two in five of them overdue, and their contacts."""
    borrowers = Borrower.objects.bulk_create(
        (Borrower(territory=territory, external_ref=f"B{n}", created_at=AT, updated_at=AT) for n in range(PEOPLE)),
        batch_size=5_000,
    )
    Account.objects.bulk_create(
        (
            Account(
                borrower=borrower,
                territory=territory,
                external_ref=f"A{n}",
                credit_limit=80_000,
                annual_rate="0.18",
                outstanding_principal=20_000 + n * 7919 % 60_000,
                as_of=TODAY,
                opened_on=date(2024, 3, 1),
                days_past_due=n * 31 % 130 if n % 5 < 2 else 0,
                arrears_amount=n * 7919 % 40_000 if n % 5 < 2 else 0,
                created_at=AT,
                updated_at=AT,
            )
            for n, borrower in enumerate(borrowers)
        ),
        batch_size=5_000,
    )
    with connection.cursor() as cursor:
        cursor.execute(_CONTACTS, {"at": AT})
        cursor.execute("ANALYZE")


def change_portfolio(*, day: date) -> None:
    """Make the changes that come before the run of a day; none before the first."""
    turn = DAYS.index(day)
    with connection.cursor() as cursor:
        for change in _CHANGES if turn else ():
            cursor.execute(change, {"on": day, "turn": turn, "at": AT})


def start(*, job: str, day: date) -> EvaluationRun:
    return runs.start_run(job=job, business_date=day, at=timezone.now())


def work_undisturbed(run: EvaluationRun) -> None:
    """Work a run to its end in this process."""
    while chunks.work_chunk(run_id=run.pk, at=timezone.now()):
        pass
    assert runs.settle_run(run_id=run.pk, at=timezone.now())


def written_rows() -> dict[str, list[str]]:
    """Return every row that runs write, as sorted texts by kind."""
    with connection.cursor() as cursor:
        found = {}
        for kind, sql in _WRITTEN.items():
            cursor.execute(f"SELECT row::text FROM ({sql}) found (row) ORDER BY 1")  # noqa: S608 - our own texts
            found[kind] = [row for (row,) in cursor.fetchall()]
        return found


@contextmanager
def database_copy(name: str) -> Iterator[None]:
    """Use a copy of the test's database during the block."""
    source = connection.settings_dict["NAME"]
    copy = f"{source}_{name}"
    connections.close_all()
    _drop(copy)
    _maintain(f'CREATE DATABASE "{copy}" TEMPLATE "{source}"')
    connection.settings_dict["NAME"] = copy
    try:
        yield
    finally:
        connections.close_all()
        connection.settings_dict["NAME"] = source
        _drop(copy)


def _drop(name: str) -> None:
    # Not WITH (FORCE): that would have to end an autovacuum too, which only a superuser may. The plain DROP waits for it.
    deadline = time.monotonic() + 10
    while True:
        try:
            _maintain(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"  # noqa: S608 - our own name
                f" WHERE datname = '{name}' AND usename = current_user",
                f'DROP DATABASE IF EXISTS "{name}"',
            )
        except psycopg.errors.ObjectInUse:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
        else:
            return


def _maintain(*statements: str) -> None:
    with psycopg.connect(_address("postgres"), autocommit=True) as server:
        for statement in statements:
            server.execute(statement)  # type: ignore[arg-type]  # our own names


def _address(name: str) -> str:
    at = connection.settings_dict
    secret = f":{at['PASSWORD']}" if at["PASSWORD"] else ""
    return f"postgres://{at['USER']}{secret}@{at['HOST']}:{at['PORT']}/{name}"


def environment_of_programs() -> dict[str, str]:
    """Return the environment of a program that works on the test's database and on a broker of its own."""
    return {name: value for name, value in os.environ.items() if name != "DOORSTEP_TEST_DB"} | {
        "DATABASE_URL": _address(connection.settings_dict["NAME"]),
        "BROKER_URL": BROKER,
        "DJANGO_SETTINGS_MODULE": "backoffice.settings",
        "DOORSTEP_EVALUATION_LEASE_SECONDS": str(LEASE_SECONDS),
    }


class Workers:
    """Real Celery workers, each a process group with one child, and a queue to enqueue runs as the sweep does."""

    def __init__(self, *, log: Path) -> None:
        self.log = log
        self.running: list[subprocess.Popen[bytes]] = []
        self.queue = Celery(broker=BROKER)

    def start(self, *modules: str, **environment: str) -> subprocess.Popen[bytes]:
        """Start a worker that also loads `modules`."""
        include = ["--include", ",".join(modules)] if modules else []
        with self.log.open("ab") as file:
            worker = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "celery",
                    "-A",
                    "backoffice",
                    "worker",
                    "--concurrency",
                    "1",
                    "--without-gossip",
                    "--without-mingle",
                    "--without-heartbeat",
                    "--loglevel",
                    "WARNING",
                    "--hostname",
                    f"chaos{time.monotonic_ns()}@%h",
                    *include,
                ],
                cwd=settings.BASE_DIR,
                env=environment_of_programs() | environment,
                stdout=file,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.running.append(worker)
        return worker

    def enqueue(self, run: EvaluationRun) -> None:
        self.queue.send_task("cases.tasks.work_evaluation", kwargs={"run_id": run.pk}, ignore_result=True)

    def work(self, run: EvaluationRun, *, meanwhile: Callable[[], None] = lambda: None) -> None:
        """Enqueue the run until it is finished, and call `meanwhile` between."""
        self.until(
            lambda: EvaluationRun.objects.get(pk=run.pk).state == "FINISHED",
            meanwhile=lambda: (self.enqueue(run), meanwhile()),
        )

    def until(self, condition: Callable[[], bool], *, meanwhile: Callable[[], Any] = lambda: None) -> None:
        deadline = time.monotonic() + 150
        while not condition():
            assert time.monotonic() < deadline, self.log.read_text(errors="replace")[-3000:]
            meanwhile()
            time.sleep(0.3)

    def kill(self, worker: subprocess.Popen[bytes]) -> None:
        self.running.remove(worker)
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()

    def stop_all(self) -> None:
        """Kill every worker and empty the queue."""
        for worker in list(self.running):
            self.kill(worker)
        with self.queue.connection() as channel:
            channel.default_channel.queue_purge("celery")


@contextmanager
def workers(log: Path) -> Iterator[Workers]:
    """Give a set of workers, without any yet, and kill them all at the end."""
    started = Workers(log=log)
    try:
        yield started
    finally:
        started.stop_all()
