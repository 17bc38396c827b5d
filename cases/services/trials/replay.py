"""Replay a past day: judge its kept facts by its policies again, and compare with the hits recorded that day."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from django.db.models import Case, IntegerField, Q, Value, When

from backoffice.core.batches import inlined
from cases.rules.trials.trial_figures import Counts
from cases.services.policies.policy_book import PolicyBook
from cases.services.trials.comparison import fetch
from cases.services.trials.rule_masks import overdue_facts, rules_mask
from cases.services.trials.trial_sql import REPLAY

# Accounts named for each rule's differences.
MOST_NAMED: Final = 20


def replay_range(
    *, book: PolicyBook, business_date: date, lower: int, upper: int, aside: Iterable[int]
) -> tuple[int, dict[str, Counts], dict[str, dict[str, list[int]]]]:
    """
    Compare the rules of a past day over its kept facts with the hits recorded that day; one statement.

    `aside` are the keys of the borrowers that the nightly run set aside. Returns the number of accounts judged, the
    counts by finding and rule code (findings: rules/trials/trial_figures.py), and for each difference the keys of its
    first MOST_NAMED accounts.
    """
    whens, pages, positions, codes = [], [], [], []
    for number, page in enumerate(book.pages):
        # An empty Q is no condition for When, so "every account" is written as a condition that is always true.
        scope = book.accounts_q(page) or Q(account_id__isnull=False)
        whens.append((When(scope, then=Value(number)), When(scope, then=rules_mask(policy=page.rules, scope=scope))))
        for position, rule in enumerate(page.rules.rules):
            pages.append(number)
            positions.append(position)
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
        "places": positions,
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
