"""How old the figures are that a nightly run judges by: counted by source in its preview, and compared with the limits."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import DateField, Value
from django.db.models.functions import Greatest

from backoffice.core.batches import literals
from cases.enums import AccountStatus, Job, Measure
from cases.models import BreakerLimit, EvaluationRun, SourceFreshness
from cases.rules.breaker import FiguresLimit, old_figures
from cases.selectors.runs.feeds import figures_limits
from cases.services.evaluation.facts import SCOPES

# Numbers of accounts by source and by the age of their figures in days.
Ages = dict[str, dict[int, int]]

_JUDGED: Final[dict[str, str]] = {
    Job.TRIGGERS: SCOPES["overdue"],
    Job.STANDING: f"({SCOPES['overdue']} OR {SCOPES['current']})",
}
# No feed speaks again of accounts that are closed or that a full snapshot no longer names.
_COUNT: Final = f"""
SELECT account.source, GREATEST(%(on)s::date - account.as_of, 0), count(*) FROM cases_account account
WHERE account.borrower_id >= %(lower)s AND account.borrower_id < %(upper)s AND {{judged}}
  AND account.status NOT IN {literals({AccountStatus.CLOSED, AccountStatus.WRITTEN_OFF})} AND account.missing_since IS NULL
GROUP BY 1, 2 ORDER BY 1, 2"""  # noqa: S608 - our own words


def count_ages(*, job: str, business_date: date, lower: int, upper: int) -> Ages:
    """Return the accounts that a job judges for the borrowers in [lower, upper), by source and age of figures in days."""
    ages: Ages = {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNT.format(judged=_JUDGED[job]), {"on": business_date, "lower": lower, "upper": upper})
        for source, age, count in cursor.fetchall():
            ages.setdefault(source, {})[age] = count
    return ages


def sum_ages(kept: Iterable[Mapping[str, Mapping[str, int]]]) -> Ages:
    """Return the sums of counts as chunks keep them: JSON, in which an age is a text."""
    sums: Ages = {}
    for ages in kept:
        for source, of_source in ages.items():
            into = sums.setdefault(source, {})
            for age, count in of_source.items():
                into[int(age)] = into.get(int(age), 0) + count
    return sums


def too_old(*, business_date: date, ages: Ages, limits: Mapping[str, FiguresLimit]) -> list[dict[str, Any]]:
    """Return each source whose figures are too old on a business date, as a run keeps it in `held_because`."""
    return [
        {
            "measure": str(Measure.FIGURES),
            "source": each.source,
            "count": each.count,
            "of": each.of,
            "max_share": str(each.limit.max_share),
            "max_multiple": None,
            "median": None,
            "is_share": True,
            "is_multiple": False,
            "max_age_days": each.limit.max_age_days,
            "newest_age_days": each.newest_age_days,
            "newest_as_of": (business_date - timedelta(days=each.newest_age_days)).isoformat(),
        }
        for each in old_figures(ages=ages, limits=limits)
    ]


def keep_counts(*, run: EvaluationRun, ages: Ages, at: datetime) -> None:
    """
    Keep for each source how many accounts a run judges by old figures, in the caller's transaction.

    A source without accounts in the run gets zeros. Three statements, and one for each source.
    """
    known = set(SourceFreshness.objects.values_list("source", flat=True))
    limits = figures_limits(BreakerLimit.objects.filter(measure=Measure.FIGURES))
    missing = [
        SourceFreshness(
            source=source, newest_as_of=run.business_date - timedelta(days=min(ages[source])), updated_at=at
        )
        for source in sorted(ages.keys() - known)
    ]
    SourceFreshness.objects.bulk_create(missing, ignore_conflicts=True)
    for source in sorted(known | ages.keys()):
        of_source = ages.get(source, {})
        limit = limits.get(source) or limits.get("") or FiguresLimit()
        changes: dict[str, Any] = {"open_count": sum(of_source.values())}
        if run.job == Job.TRIGGERS:
            changes = {"overdue_count": sum(of_source.values()), "older_count": limit.older(of_source)}
        if of_source:
            newest = run.business_date - timedelta(days=min(of_source))
            # An account of a later day than the business date has the age 0: the day that is known stays.
            changes["newest_as_of"] = Greatest("newest_as_of", Value(newest, output_field=DateField()))
        SourceFreshness.objects.filter(source=source).update(updated_at=at, **changes)
