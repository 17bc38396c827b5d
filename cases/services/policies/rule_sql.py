"""The rules of a policy book as SQL fragments: built once for each book, used for every range of borrowers."""

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Final

from django.db import connection
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Cast, JSONObject

from backoffice.core.batches import inlined
from cases.models import AccountFacts
from cases.rules.policy.body import Rule, features_of
from cases.rules.policy.conditions import NEVER, comparable_q, condition_q, judged_q
from cases.rules.policy.feature import Unit
from cases.rules.policy.features import FEATURES
from cases.services.policies.policy_book import Page, PolicyBook

_TABLE: Final = AccountFacts._meta.db_table
_IN_RANGE: Final = (
    f"{_TABLE}.business_date = %(on)s AND {_TABLE}.borrower_id >= %(lower)s AND {_TABLE}.borrower_id < %(upper)s"
)
# Columns of facts that the statements read in any case.
_READ: Final = ("account_id", "borrower_id", "segment", "currency", "days_past_due")
# Books in the cache of one process: one for each run, and those of the nights that it catches up.
_BOOKS_KEPT: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleSql:
    """
    SQL fragments with inlined values. The named parameters `on`, `lower` and `upper` are the business date and the
    half-open range of borrower keys.

    `day` is a WITH part, under the name of the facts table: the facts that pass the gate of their page.
    `accounts_holding` and `borrowers_holding` select from it for which accounts (or borrowers) each rule holds.
    `version` and `seen` are expressions over a new hit: the version that judged it, and the facts that its rule used.
    `uncompared` selects the facts whose currency has no rate in their policy.
    """

    day: str
    accounts_holding: str
    borrowers_holding: str
    version: str
    seen: str
    uncompared: str


def rule_sql(*, book: PolicyBook) -> RuleSql:
    """Return the rules of a book as SQL, from a cache: building it takes longer than judging a small range."""
    pages = ((page.segment, page.version.pk, json.dumps(page.version.body, sort_keys=True)) for page in book.pages)
    return _made(_Edition(content=tuple(pages), book=book))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Edition:
    """The cache key of a book: all its bodies, because the body of a draft can change under one number."""

    content: tuple[tuple[str, int | None, str], ...]
    book: PolicyBook = field(compare=False)


@lru_cache(maxsize=_BOOKS_KEPT)
def _made(edition: _Edition) -> RuleSql:
    book = edition.book
    gates, comparable = NEVER, NEVER
    for page in book.pages:
        accounts = book.accounts_q(page)
        gates |= accounts & judged_q(policy=page.rules) & condition_q(page.rules.gate, policy=page.rules)
        comparable |= accounts & comparable_q(policy=page.rules)
    columns = dict.fromkeys(
        (*_READ, *(f for page in book.pages for rule in page.rules.rules for f in features_of(rule.when)))
    )
    gated = _of_range(AccountFacts.objects.filter(gates).values_list(*columns))
    return RuleSql(
        day=f"{_TABLE} AS MATERIALIZED ({gated})",
        accounts_holding=_holding(book, "account_id", "borrower_id"),
        borrowers_holding=_holding(book, "borrower_id"),
        version=_version(book),
        seen=_seen(book),
        uncompared=_of_range(AccountFacts.objects.exclude(comparable).values("id")),
    )


def _of_range(rows: "QuerySet[Any, Any]") -> str:
    """Return the SELECT of a queryset of facts, limited to the range of the statement."""
    head, where, condition = inlined(rows).partition(" WHERE ")
    return f"{head} WHERE {_IN_RANGE} AND ({condition if where else 'true'})"


def _holding(book: PolicyBook, *columns: str) -> str:
    selects = []
    for page in book.pages:
        of_page = AccountFacts.objects.filter(book.accounts_q(page))
        for rule in page.rules.rules:
            chosen = of_page.filter(condition_q(rule.when, policy=page.rules))
            code = Value(rule.code, output_field=TextField())
            selects.append(inlined(chosen.annotate(code=code).values_list(*columns, "code")))
    return " UNION ALL ".join(selects) or f"SELECT {'0::bigint, ' * len(columns)}'' WHERE false"


def _version(book: PolicyBook) -> str:
    cases = [f"WHEN {_of(page)} THEN {page.version.pk}" for page in _everybody_last(book)]
    return f"CASE {' '.join(cases)} END"


def _seen(book: PolicyBook) -> str:
    cases = []
    for page in _everybody_last(book):
        for rule in page.rules.rules:
            looked_at = inlined(AccountFacts.objects.values_list(_facts_of(rule)))
            made = looked_at.removeprefix("SELECT ").rpartition(" FROM ")[0].rpartition(" AS ")[0]
            cases.append(f"WHEN {_of(page)} AND held.rule = {_quoted(rule.code)} THEN {made}")
    return f"CASE {' '.join(cases)} END" if cases else "NULL::jsonb"


def _everybody_last(book: PolicyBook) -> list[Page]:
    """Return the pages with the empty segment last: its condition is always true, so the others must be tried first."""
    return sorted(book.pages, key=lambda page: page.segment == "")


def _of(page: Page) -> str:
    return f"{_TABLE}.segment = {_quoted(page.segment)}" if page.segment else "true"


def _facts_of(rule: Rule) -> JSONObject:
    """Return a JSON object of the facts that the rule uses; decimals as text, so that no digit is lost."""
    names = dict.fromkeys(("currency", "days_past_due", *features_of(rule.when)))
    exact = (Unit.MONEY, Unit.SHARE, Unit.PERCENT)
    return JSONObject(**{n: Cast(F(n), TextField()) if FEATURES[n].unit in exact else F(n) for n in names})


def _quoted(text: str) -> str:
    """Return a text as an SQL literal, quoted by the driver; percent signs are doubled for the placeholders."""
    connection.ensure_connection()
    quoted: str = connection.ops.compose_sql("%s", [text])  # type: ignore[attr-defined]  # PostgreSQL's own
    return quoted.replace("%", "%%")
