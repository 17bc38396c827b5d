"""A past day's policies over its kept facts, held against the hits that are kept of it."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from django.db.models import Case, IntegerField, Q, Value, When

from backoffice.core.batches import inlined
from cases.rules.trials.trial_figures import Counts
from cases.services.policies.policy_book import PolicyBook
from cases.services.trials.compared_versions import overdue_facts, rules_mask
from cases.services.trials.comparison import fetch
from cases.services.trials.trial_sql import REPLAY

# Of each rule's differences, this many accounts are named.
MOST_NAMED: Final = 20


def replay_range(
    *, book: PolicyBook, business_date: date, lower: int, upper: int, aside: Iterable[int]
) -> tuple[int, dict[str, Counts], dict[str, dict[str, list[int]]]]:
    """
    Hold what a day's policies say of its kept facts against the hits that are kept of it; one statement.

    Returns how many accounts were judged, counts by finding and rule (rules/trial_figures.py) and, of the differences, the first accounts.
    """
    whens, pages, places, codes = [], [], [], []
    for number, page in enumerate(book.pages):
        # Without segments of their own the accounts of a page are all; a condition must say something.
        scope = book.accounts_q(page) or Q(account_id__isnull=False)
        whens.append((When(scope, then=Value(number)), When(scope, then=rules_mask(policy=page.rules, scope=scope))))
        for place, rule in enumerate(page.rules.rules):
            pages.append(number)
            places.append(place)
            codes.append(rule.code)
    seen = (
        overdue_facts(business_date=business_date, lower=lower, upper=upper)
        .annotate(
            page=Case(*(page for page, _mask in whens), default=Value(-1), output_field=IntegerField()),
            mask=Case(*(mask for _page, mask in whens), default=Value(0)),
        )
        .values_list("account_id", "borrower_id", "page", "mask")
    )
    currencies = sorted({currency for page in book.pages for currency in page.rules.rates})
    params = {
        "on": business_date,
        "lower": lower,
        "upper": upper,
        "pages": pages,
        "places": places,
        "codes": codes,
        "aside": list(aside),
        "currencies": currencies,
        "most": MOST_NAMED,
    }
    counts: dict[str, Counts] = {}
    named: dict[str, dict[str, list[int]]] = {}
    judged = 0
    for rule, finding, number, accounts in fetch(REPLAY.format(seen=inlined(seen)), params):
        if finding == "judged":
            judged = number
            continue
        counts.setdefault(finding, {})[rule] = number
        if finding in ("unrecorded", "unfounded"):
            named.setdefault(finding, {})[rule] = accounts
    return judged, counts, named
