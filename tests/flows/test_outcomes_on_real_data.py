"""Precision and recall of the default policy on 30,000 real card clients, compared with SQL written by hand."""

from datetime import UTC, date, datetime, time
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from cases.models import ObservedOutcome, PolicyVersion
from cases.selectors.trials.figures import outcome_reports, total_of
from cases.services.evaluation import chunks, runs
from cases.services.intake.take_in import take_in
from cases.services.policies import versions
from cases.services.trials import trial_worker
from cases.services.trials.trial_requests import request_trial

DAY = date(2005, 9, 30)
AT = datetime.combine(DAY, time(4), tzinfo=UTC)
FILE = settings.REAL_DATA / "uci_credit_card.csv"

pytestmark = [
    pytest.mark.real_data,
    pytest.mark.skipif(not FILE.exists(), reason=f"no {FILE.name} in DOORSTEP_DATA"),
]

# The gate and LARGE_ARREARS in SQL over the portfolio instead of the facts; 4.4 is TWD for one CNY.
BY_HAND = """
SELECT count(*), count(*) FILTER (WHERE o.is_bad), count(*) FILTER (WHERE flagged), count(*) FILTER (WHERE flagged AND o.is_bad)
FROM cases_observedoutcome o JOIN (
    SELECT id, status IN ('ACTIVE', 'FROZEN') AND days_past_due BETWEEN 61 AND 360 AND outstanding_principal >= 50000 * 4.4
               AND arrears_amount >= 20000 * 4.4 AS flagged
    FROM cases_account
) a ON a.id = o.account_id
"""


def test_precision_recall_and_lift_of_the_shipped_policy(db: Any, risk_manager: Any) -> None:
    versions.install_default_policy(effective_from=DAY, at=AT)
    take_in(path=FILE, profile="uci-taiwan", actor=None, at=AT)

    first = take_in(path=FILE, profile="uci-taiwan-outcomes", actor=None, at=AT)
    again = take_in(path=FILE, profile="uci-taiwan-outcomes", actor=None, at=AT)
    run = runs.start_run(job="TRIGGERS", business_date=DAY, at=AT)
    while chunks.work_chunk(run_id=run.pk, at=AT):
        pass
    assert runs.settle_run(run_id=run.pk, at=AT)
    version = PolicyVersion.objects.get()
    trial = request_trial(kind="BACKTEST", version=version, against=None, business_date=DAY, actor=risk_manager, at=AT)
    while trial_worker.work_trial(trial_id=trial.pk, at=AT):
        pass
    trial.refresh_from_db()

    assert (first.created, first.rejected, again.unchanged) == (30_000, 0, 30_000)
    assert ObservedOutcome.objects.filter(is_bad=True).count() == 6_636
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND)
        observed, bad, flagged, both = cursor.fetchone()
    figures = total_of(trial=trial)
    assert figures is not None
    (report,) = outcome_reports(figures=figures)
    whole, large = (
        next(f for f in report.flaggings if f.side == "new" and not f.code),
        next(f for f in report.flaggings if f.side == "new" and f.code == "LARGE_ARREARS"),
    )
    # Of the four reasons only this one can hold: the file has no contacts, signals or reviews.
    assert whole.confusion == large.confusion
    assert (large.confusion.observed, large.confusion.bad, large.confusion.flagged, large.confusion.both) == (
        observed,
        bad,
        flagged,
        both,
    )
    assert flagged > 0
    assert large.confusion.precision is not None
    assert large.confusion.lift is not None
    assert large.confusion.precision.value == both / flagged
    assert large.confusion.lift.value == pytest.approx((both / flagged) / (bad / observed))
    # Accounts that are months late with large arrears default far more often than the others.
    assert large.confusion.lift.low > 1
    run.refresh_from_db()
    assert report.judged == run.account_count
