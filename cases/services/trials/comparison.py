"""Compare two policy versions over one range of borrowers on one business date, in one statement."""

from collections import defaultdict
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection
from django.utils.timezone import make_aware

from backoffice.core.batches import inlined
from cases.rules.trials.trial_figures import BUCKETS, SAMPLE, Counts, TrialFigures, bits_of
from cases.services.trials.compared_versions import ComparedVersions
from cases.services.trials.rule_masks import elsewhere_mask, overdue_facts, rules_mask, uncompared, visit_bits
from cases.services.trials.trial_sql import COMPARE

Sample = list[tuple[int, int]]


def compare_range(
    *, compared: ComparedVersions, business_date: date, lower: int, upper: int
) -> tuple[TrialFigures, Sample]:
    """
    Count what both compared say of the borrowers in [lower, upper); one statement.

    Also returns (hash, borrower) of at most SAMPLE borrowers whom only the new side would visit, those of the
    smallest hashes: the smallest of all ranges together are an even draw of the whole.
    """
    params = range_params(compared, business_date, lower, upper) | {
        "visits": visit_bits(compared.new),
        "old_visits": visit_bits(compared.old),
        "sample": SAMPLE,
    }
    counts = _Counts(business_date=business_date, compared=compared)
    for part, *row in fetch(COMPARE.format(seen=seen_sql(compared, business_date, lower, upper)), params):
        counts.take(part, row)
    return counts.figures(), counts.sample


class _Counts:
    """Adds up the grouped rows of the comparison statement by their meaning."""

    def __init__(self, *, business_date: date, compared: ComparedVersions) -> None:
        self.business_date, self.compared = business_date, compared
        self.accounts = self.uncompared = 0
        self.hits: dict[str, Counts] = defaultdict(lambda: defaultdict(int))
        self.borrowers: Counts = defaultdict(int)
        self.moved: dict[str, dict[str, Counts]] = defaultdict(lambda: defaultdict(lambda: defaultdict(int)))
        self.sample: Sample = []

    def take(self, part: str, row: list[Any]) -> None:
        """Add one row; `part` names which SELECT of the statement it came from."""
        new, old, city, bucket, case_new, case_old, visit_new, visit_old, number, more = row
        if part == "account":
            self._accounts(bits_of(new, self.compared.codes), bits_of(old, self.compared.old_codes), number)
            self.uncompared += more
        elif part == "muted":
            for code in bits_of(new, self.compared.codes):
                self.hits["muted"][code] += number
        elif part == "sample":
            self.sample.append((old, new))
        else:
            self._pair("opened", "closed", case_new, case_old, ("new", "old", "kept"), new, old, city, bucket, number)
            self._pair(
                "visits_more",
                "visits_fewer",
                visit_new,
                visit_old,
                ("visits_new", "visits_old", "visits_kept"),
                new & visit_bits(self.compared.new),
                old & visit_bits(self.compared.old),
                city,
                bucket,
                number,
            )

    def _accounts(self, new: tuple[str, ...], old: tuple[str, ...], number: int) -> None:
        self.accounts += number
        for code in {*new, *old}:
            for side, holds in (
                ("new", code in new),
                ("old", code in old),
                ("both", code in new and code in old),
                ("entered", code not in old),
                ("left", code not in new),
            ):
                if holds:
                    self.hits[side][code] += number

    def _pair(
        self,
        more: str,
        fewer: str,
        is_new: bool,
        is_old: bool,
        names: tuple[str, str, str],
        new: int,
        old: int,
        city: int,
        bucket: int,
        number: int,
    ) -> None:
        for name, holds in zip(names, (is_new, is_old, is_new and is_old), strict=True):
            if holds:
                self.borrowers[name] += number
        if is_new == is_old:
            return
        name = more if is_new else fewer
        codes = bits_of(new, self.compared.codes) if is_new else bits_of(old, self.compared.old_codes)
        self.borrowers[name] += number
        self.moved[name]["city"][str(city)] += number
        self.moved[name]["bucket"][BUCKETS[bucket]] += number
        for code in codes:
            self.moved[name]["reason"][code] += number

    def figures(self) -> TrialFigures:
        moved: dict[str, Any] = {name: {by: dict(c) for by, c in parts.items()} for name, parts in self.moved.items()}
        return TrialFigures(
            business_date=self.business_date,
            accounts=self.accounts,
            uncompared=self.uncompared,
            hits={side: dict(counts) for side, counts in self.hits.items()},
            borrowers=dict(self.borrowers),
            **moved,
        )


def seen_sql(compared: ComparedVersions, business_date: date, lower: int, upper: int) -> str:
    """Return the SELECT of what both compared say of each overdue account of a range."""
    facts = overdue_facts(business_date=business_date, lower=lower, upper=upper)
    seen = facts.annotate(
        new=rules_mask(policy=compared.new, scope=compared.scope),
        old=rules_mask(policy=compared.old, scope=compared.scope),
        elsewhere=elsewhere_mask(compared=compared, business_date=business_date),
        is_uncompared=uncompared(compared=compared),
    ).values_list(
        "account_id", "borrower_id", "territory_id", "days_past_due", "new", "old", "elsewhere", "is_uncompared"
    )
    return inlined(seen)


def range_params(compared: ComparedVersions, business_date: date, lower: int, upper: int) -> dict[str, Any]:
    """Return the parameters that every statement over `seen_sql` needs."""
    day_ends: datetime = make_aware(datetime.combine(business_date + timedelta(days=1), time.min))
    return {
        "on": business_date,
        "day_ends": day_ends,
        "lower": lower,
        "upper": upper,
        "codes": list(compared.codes),
        "old_codes": list(compared.old_codes),
    }


def fetch(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    """Run a statement and return all its rows; every statement of a trial returns groups, never accounts."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
