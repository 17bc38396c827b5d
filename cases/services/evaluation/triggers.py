"""The trigger job for a range of borrowers: which rules hold since when, and the cases that follow, in set-based SQL."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import connection

from backoffice.core.batches import joined_by_hash
from cases.enums import Measure
from cases.services.evaluation.facts import write_facts
from cases.services.evaluation.run_locks import require_transaction
from cases.services.evaluation.trigger_statements import (
    CLOSE_CASES,
    COUNT_JUDGED,
    COUNT_NEW_CASES,
    COUNT_OPEN_HITS,
    OPEN_AND_REGRADE,
    UPDATE_HITS,
    UPDATE_MUTES,
)
from cases.services.policies.policy_book import PolicyBook
from cases.services.policies.rule_sql import RuleSql, rule_sql


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeOutcome:
    """
    What was written for one range of borrowers, as counts.

    `accounts` were judged; `hits` hold now; `entered` hits began and `left` hits ended in this pass; `opened` and
    `closed` are cases; `proposed` decisions of the standing job; `uncompared` accounts have a currency without a rate.
    `first_new` is the number of the first hit that began, None if none did.
    """

    accounts: int = 0
    hits: int = 0
    opened: int = 0
    closed: int = 0
    entered: int = 0
    left: int = 0
    proposed: int = 0
    uncompared: int = 0
    first_new: int | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class RangePreview:
    """
    What applying one range of borrowers would do, as counts.

    `effects` by Measure: cases opened, accounts rewarded or restricted. `of`, by the same keys: how many borrowers or
    accounts were judged for it. `accounts` were judged; `uncompared` have a currency without a rate.
    """

    accounts: int = 0
    uncompared: int = 0
    effects: Mapping[str, int] = field(default_factory=dict)
    of: Mapping[str, int] = field(default_factory=dict)


def preview_range(*, book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> RangePreview:
    """
    Write the facts of the overdue accounts of the borrowers in [lower, upper) and count what the book would do.

    Nothing but facts is written. Runs in the caller's transaction, with a number of statements that does not depend on
    the range.

    :raises RuntimeError: if no transaction is open.
    """
    require_transaction()
    work = _range(book, business_date, lower, upper, at)
    accounts = write_facts(business_date=business_date, lower=lower, upper=upper, scope="overdue")
    with joined_by_hash():
        opened = work.run(COUNT_NEW_CASES.format(day=work.rules.day, holding=work.rules.borrowers_holding))
    borrowers, uncompared = work.row(COUNT_JUDGED.format(uncompared=work.rules.uncompared))
    return RangePreview(
        accounts=accounts, uncompared=uncompared, effects={Measure.OPENED: opened}, of={Measure.OPENED: borrowers}
    )


def apply_range(*, book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> RangeOutcome:
    """
    Write the hits and cases that follow from the facts of a previewed range, in the caller's transaction.

    Ends and begins hits, opens at most one case for a borrower, and closes open cases without a reason. The cases of
    people with several borrowers are left to `people.apply_people`, which comes after the hits of all of them. The number
    of statements does not depend on the range. Called again it writes nothing that did not change.

    :raises RuntimeError: if no transaction is open.
    """
    require_transaction()
    work = _range(book, business_date, lower, upper, at)
    work.run(UPDATE_MUTES)
    with joined_by_hash():
        left, entered = work.update_hits()
        opened = work.run(OPEN_AND_REGRADE)
    closed = work.run(CLOSE_CASES)
    return RangeOutcome(
        hits=work.run(COUNT_OPEN_HITS),
        opened=opened,
        closed=closed,
        entered=entered,
        left=left,
        first_new=work.params["first_new"],
    )


def evaluate_range(*, book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> RangeOutcome:
    """
    Preview and apply a range at once, in the caller's transaction: for few borrowers, without a circuit breaker.

    :raises DatabaseError: whatever the database refuses; nothing is written then.
    :raises RuntimeError: if no transaction is open.
    """
    of_range: dict[str, Any] = {"book": book, "business_date": business_date, "lower": lower, "upper": upper, "at": at}
    preview = preview_range(**of_range)
    return replace(apply_range(**of_range), accounts=preview.accounts, uncompared=preview.uncompared)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    """A policy book over a range: its rules as SQL, and the parameters of every statement."""

    rules: RuleSql
    params: dict[str, Any]

    def update_hits(self) -> tuple[int, int]:
        """End and begin hits; return how many ended and began. Keeps the first new id, which later statements need."""
        rules = self.rules
        sql = UPDATE_HITS.format(day=rules.day, holding=rules.accounts_holding, version=rules.version, seen=rules.seen)
        left, entered, self.params["first_new"] = self.row(sql)
        return left, entered

    def run(self, sql: str) -> int:
        """Run one statement and return the number in its single row, or how many rows it wrote."""
        with connection.cursor() as cursor:
            cursor.execute(sql, self.params)
            return int(cursor.fetchone()[0]) if cursor.description else cursor.rowcount

    def row(self, sql: str) -> tuple[Any, ...]:
        """Run one statement and return its single row."""
        with connection.cursor() as cursor:
            cursor.execute(sql, self.params)
            found: tuple[Any, ...] = cursor.fetchone()
            return found


def _range(book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> _Range:
    params = parameters_of(book=book, business_date=business_date, at=at) | {"lower": lower, "upper": upper}
    return _Range(rules=rule_sql(book=book), params=params)


def parameters_of(*, book: PolicyBook, business_date: date, at: datetime) -> dict[str, Any]:
    """Return the parameters of the statements that follow from the policies, the business date and the moment."""
    rules = [(page, rule) for page in book.pages for rule in page.rules.rules]
    rates = [(page.segment, *each) for page in book.pages for each in page.rules.rates.items()]
    return {
        "on": business_date,
        "at": at,
        "own": list(book.segments),
        "pages": [page.segment for page in book.pages],
        "versions": [page.version.pk for page in book.pages],
        "numbers": [page.version.number for page in book.pages],
        "grade_a": [page.rules.parameters.grade_a_amount for page in book.pages],
        "grade_b": [page.rules.parameters.grade_b_amount for page in book.pages],
        "max_ages": [page.rules.parameters.max_figures_age_days for page in book.pages],
        "rule_pages": [page.segment for page, _rule in rules],
        "codes": [rule.code for _page, rule in rules],
        "priorities": [rule.priority for _page, rule in rules],
        "sla_days": [page.rules.parameters.sla_days[rule.priority] for page, rule in rules],
        "visit_days": [
            page.rules.parameters.visit_days[rule.priority] if rule.needs_visit else None for page, rule in rules
        ],
        "rate_pages": [page for page, _currency, _rate in rates],
        "currencies": [currency for _page, currency, _rate in rates],
        "rates": [rate for _page, _currency, rate in rates],
    }
