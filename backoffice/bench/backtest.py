"""A backtest of a draft on kept facts, beside the time that computing the same facts takes."""

import time
from datetime import timedelta
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from backoffice.bench.nights import night
from backoffice.bench.portfolio import BUSINESS_DATE, fill
from backoffice.bench.registry import ProgressLog, Result
from backoffice.core.batches import joined_by_hash
from cases.enums import PolicyState
from cases.models import PolicyVersion
from cases.rules.policy.default_policy import DEFAULT_POLICY
from cases.services.evaluation import facts
from cases.services.evaluation.borrower_ranges import borrower_ranges
from cases.services.policies import versions
from cases.services.trials.backtest import backtest


def run(*, scale: int, log_progress: ProgressLog) -> Result:
    """
    Measure the trial of a draft against the version in force, over the kept facts of one night.

    The floor is the read-only part of an evaluation: every feature worked out for every range, and nothing written.
    """
    log_progress(f"making {scale:,} accounts")
    fill(scale=scale)
    active = versions.install_default_policy(effective_from=BUSINESS_DATE - timedelta(days=30), at=timezone.now())
    assert active is not None  # noqa: S101 - the database was empty
    judged = night(business_date=BUSINESS_DATE, workers=1)
    log_progress(f"night: {judged.seconds:.1f} s, {judged.accounts:,} accounts")
    draft = PolicyVersion.objects.create(
        policy=active.policy,
        number=2,
        body=_stricter(),
        state=PolicyState.DRAFT,
        proposed_by=None,
        created_at=timezone.now(),
        updated_at=timezone.now(),
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")

    began = time.monotonic()
    read = _read_only()
    floor_seconds = time.monotonic() - began
    log_progress(f"reading of an evaluation: {floor_seconds:.1f} s, {read:,} accounts")

    began = time.monotonic()
    figures = backtest(version=draft, against=active, business_date=BUSINESS_DATE)
    seconds = time.monotonic() - began
    if figures.accounts != read:
        raise RuntimeError(f"The trial judged {figures.accounts} accounts, the evaluation reads {read}.")
    return Result(seconds=seconds, items=read, floor_seconds=floor_seconds)


def _stricter() -> dict[str, Any]:
    """The shipped policy with lower thresholds for large arrears."""
    first, *others = DEFAULT_POLICY["rules"]
    lower = {"days_past_due": 31, "outstanding_principal": "40000", "arrears_amount": "10000"}
    parts = [{**part, "value": lower[part["feature"]]} for part in first["when"]["all"]]
    return {**DEFAULT_POLICY, "rules": [{**first, "when": {"all": parts}}, *others]}


def _read_only() -> int:
    sql = f"WITH known AS MATERIALIZED ({facts.facts_sql(scope='overdue')}) SELECT count(*) FROM known"  # noqa: S608 - our own text
    accounts = 0
    for lower, upper in borrower_ranges():
        with transaction.atomic(), joined_by_hash(), connection.cursor() as cursor:
            cursor.execute(
                sql, facts.parameters_of(business_date=BUSINESS_DATE, lower=lower, upper=upper, scope="overdue")
            )
            accounts += cursor.fetchone()[0]
    return accounts
