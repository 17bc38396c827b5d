"""Who has a reason for a visit, since when, and the cases that follow: a range of borrowers in set-based statements."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction

from backoffice.core.batches import joined_by_hash
from cases.enums import Measure
from cases.services.evaluation.facts import write_facts
from cases.services.evaluation.trigger_statements import CLOSE, COUNT, JUDGED, MUTE, OPEN_AND_REGRADE, TURN, WEIGH
from cases.services.policies.policy_book import PolicyBook
from cases.services.policies.rule_sql import RuleSql, rule_sql


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeOutcome:
    """
    What one range of borrowers gave. `hits` hold now; `entered` and `left` changed in this pass.

    `uncompared` accounts have a currency without a rate; `proposed` counts the decisions of the standing job.
    """

    accounts: int = 0
    hits: int = 0
    opened: int = 0
    closed: int = 0
    entered: int = 0
    left: int = 0
    proposed: int = 0
    uncompared: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RangeWeight:
    """What one range of borrowers would give: `effects` by Measure, and of how many (`of`, same keys)."""

    accounts: int = 0
    uncompared: int = 0
    effects: Mapping[str, int] = field(default_factory=dict)
    of: Mapping[str, int] = field(default_factory=dict)


def weigh_range(*, book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> RangeWeight:
    """
    Write the facts of the overdue accounts of the borrowers in [lower, upper) and count what the book would do.

    Facts are an observation: nothing else is written. Needs the caller's transaction; constant statements.
    """
    in_transaction()
    work = _Range(rules=rule_sql(book=book), params=_parameters(book, business_date, lower, upper, at))
    accounts = write_facts(business_date=business_date, lower=lower, upper=upper, scope="overdue")
    with joined_by_hash():
        opened = work.run(WEIGH.format(day=work.rules.day, holding=work.rules.borrowers_holding))
    borrowers, uncompared = work.row(JUDGED.format(uncompared=work.rules.uncompared))
    return RangeWeight(
        accounts=accounts, uncompared=uncompared, effects={Measure.OPENED: opened}, of={Measure.OPENED: borrowers}
    )


def apply_range(*, book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> RangeOutcome:
    """
    Turn the facts of a weighed range into hits and cases, in the caller's transaction.

    Ends and begins hits, opens at most one case a borrower, and closes open cases without a reason. The number of
    statements depends on nothing but the code. Asked again it writes nothing that did not change.
    """
    in_transaction()
    work = _Range(rules=rule_sql(book=book), params=_parameters(book, business_date, lower, upper, at))
    work.run(MUTE)
    with joined_by_hash():
        left, entered = work.turn()
        opened = work.run(OPEN_AND_REGRADE)
    closed = work.run(CLOSE)
    return RangeOutcome(hits=work.run(COUNT), opened=opened, closed=closed, entered=entered, left=left)


def evaluate_range(*, book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> RangeOutcome:
    """
    Weigh and apply a range at once, in the caller's transaction: for few borrowers, whom no breaker watches.

    :raises DatabaseError: whatever the database refuses; nothing is written then.
    """
    range_of: dict[str, Any] = {"book": book, "business_date": business_date, "lower": lower, "upper": upper, "at": at}
    weight = weigh_range(**range_of)
    return replace(apply_range(**range_of), accounts=weight.accounts, uncompared=weight.uncompared)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    """A policy book over a range: its rules as SQL, with the parameters of every statement."""

    rules: RuleSql
    params: dict[str, Any]

    def turn(self) -> tuple[int, int]:
        """End and begin hits; remember the first new one, which tells them from older ones."""
        rules = self.rules
        sql = TURN.format(day=rules.day, holding=rules.accounts_holding, version=rules.version, seen=rules.seen)
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


def in_transaction() -> None:
    """:raises RuntimeError: if no transaction is open."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A range is worked in the transaction that also guards its chunk.")


def _parameters(book: PolicyBook, business_date: date, lower: int, upper: int, at: datetime) -> dict[str, Any]:
    rules = [(page, rule) for page in book.pages for rule in page.rules.rules]
    rates = [(page.segment, *each) for page in book.pages for each in page.rules.rates.items()]
    return {
        "on": business_date,
        "lower": lower,
        "upper": upper,
        "at": at,
        "own": list(book.segments),
        "pages": [page.segment for page in book.pages],
        "versions": [page.version.pk for page in book.pages],
        "numbers": [page.version.number for page in book.pages],
        "grade_a": [page.rules.parameters.grade_a_amount for page in book.pages],
        "grade_b": [page.rules.parameters.grade_b_amount for page in book.pages],
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
