"""A backtest in this process: one version over the kept facts of one business date. It reads only."""

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date

from cases.models import PolicyVersion
from cases.rules.trials.trial_figures import TrialFigures
from cases.selectors.policies.versions import versions_in_force
from cases.services.trials.compared_versions import compared_versions
from cases.services.trials.comparison import compare_range
from cases.services.trials.fact_ranges import must_be_kept, ranges


def backtest(
    *,
    version: PolicyVersion,
    against: PolicyVersion | None,
    business_date: date,
    log_progress: Callable[[str], None] | None = None,
) -> TrialFigures:
    """
    Return what `version` would have done on a business date whose facts are kept, compared with another version.

    None for `against` compares with no policy. The database returns counts, never accounts. `log_progress` receives
    one line for each range of borrowers.

    :raises InvalidInput: if no facts of that day are kept, or a body is not a valid policy.
    """
    must_be_kept(business_date=business_date)
    compared = compared_versions(version=version, body=version.body, against=against, others=versions_in_force())
    figures = TrialFigures(business_date=business_date)
    for lower, upper in ranges(business_date=business_date):
        began = time.perf_counter()
        counted, _sample = compare_range(compared=compared, business_date=business_date, lower=lower, upper=upper)
        figures = figures.plus(replace(counted, seconds=time.perf_counter() - began))
        if log_progress is not None:
            log_progress(f"{figures.accounts:,} accounts in {figures.seconds:.1f} s")
    return figures
