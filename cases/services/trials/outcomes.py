"""What became of the accounts that two versions flag: counts of accounts whose outcome was observed later."""

from collections import defaultdict
from datetime import date, timedelta
from typing import Any, Final

from backoffice.core.batches import inlined
from cases.models import ObservedOutcome
from cases.rules.trials.trial_figures import bits_of
from cases.services.trials.compared_versions import ComparedVersions
from cases.services.trials.comparison import fetch, range_params, seen_sql
from cases.services.trials.trial_sql import OUTCOMES

# Days after the business date within which an observed outcome counts: a year and a month.
OUTCOME_DAYS: Final = 400


def outcomes_range(
    *, compared: ComparedVersions, business_date: date, lower: int, upper: int
) -> dict[str, dict[str, Any]]:
    """
    Return, for the borrowers in [lower, upper), how many accounts with a known outcome each version flags.

    One statement. By OutcomeKind: "all" with "observed" and "observed_bad", and of them "judged" and "judged_bad"
    (overdue on the business date); "new" and "old" with the flagged accounts by rule code ("" for any rule);
    "new_bad" and "old_bad" with those of them that turned out badly. A muted reason flags no account.
    """
    ends = business_date + timedelta(days=OUTCOME_DAYS)
    known = ObservedOutcome.objects.filter(
        compared.scope_of(path="account__segment"),
        observed_on__gt=business_date,
        observed_on__lte=ends,
        account__borrower_id__gte=lower,
        account__borrower_id__lt=upper,
    ).values_list("account_id", "kind", "is_bad")
    sql = OUTCOMES.format(seen=seen_sql(compared, business_date, lower, upper), outcomes=inlined(known))
    found: dict[str, dict[str, Any]] = {}
    for kind, judged, new, old, is_bad, number in fetch(sql, range_params(compared, business_date, lower, upper)):
        counts = found.setdefault(
            kind,
            {
                "all": defaultdict(int),
                "new": defaultdict(int),
                "old": defaultdict(int),
                "new_bad": defaultdict(int),
                "old_bad": defaultdict(int),
            },
        )
        for name in ("observed", *(["judged"] if judged else [])):
            counts["all"][name] += number
            counts["all"][f"{name}_bad"] += number if is_bad else 0
        for side, mask, codes in (("new", new, compared.codes), ("old", old, compared.old_codes)):
            for code in ("", *bits_of(mask, codes)) if mask else ():
                counts[side][code] += number
                counts[f"{side}_bad"][code] += number if is_bad else 0
    return {kind: {name: dict(values) for name, values in counts.items()} for kind, counts in found.items()}
