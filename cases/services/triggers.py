"""Who has a reason for a visit, since when, and the cases that follow: a range of borrowers in set-based statements."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q, QuerySet, TextField, Value
from django.db.models.functions import Cast, JSONObject

from backoffice.core.batches import joined_by_hash
from cases.enums import Measure
from cases.models import AccountFacts
from cases.rules.features import FEATURES, Unit
from cases.rules.policy import Rule, features_of
from cases.rules.triggers import NEVER, comparable_q, condition_q
from cases.services.facts import write_facts
from cases.services.policy_book import Page, PolicyBook
from cases.services.trigger_statements import CLOSE, COUNT, JUDGED, MUTE, OPEN_AND_REGRADE, TURN, WEIGH


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
    work = _Range(book=book, params=_parameters(book, business_date, lower, upper, at))
    accounts = write_facts(business_date=business_date, lower=lower, upper=upper, scope="overdue")
    with joined_by_hash():
        opened = work.run(WEIGH.format(day=work.day(), holding=work.holding("borrower_id")))
    borrowers, uncompared = work.row(JUDGED.format(uncompared=work.uncompared()))
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
    work = _Range(book=book, params=_parameters(book, business_date, lower, upper, at))
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

    book: PolicyBook
    params: dict[str, Any]

    def turn(self) -> tuple[int, int]:
        """End and begin hits; remember the first new one, which tells them from older ones."""
        sql = TURN.format(day=self.day(), holding=self.holding("account_id", "borrower_id"), **self.columns())
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

    def rows(self) -> "QuerySet[AccountFacts]":
        """Return the facts of the range that belong to accounts which are overdue."""
        return AccountFacts.objects.filter(
            business_date=self.params["on"], borrower_id__gte=self.params["lower"], borrower_id__lt=self.params["upper"]
        )

    def day(self) -> str:
        """Return the part of a WITH that holds the facts which pass the gate of their page, under their table's name."""
        gates = NEVER
        for page in self.book.pages:
            gates |= self._page_q(page) & condition_q(page.rules.gate, policy=page.rules)
        return f"{AccountFacts._meta.db_table} AS MATERIALIZED ({_inlined(self.rows().filter(gates))})"

    def holding(self, *columns: str) -> str:
        """Return the SELECT of (columns, rule) for which a rule holds among the gated facts, values inlined."""
        selects = []
        for page in self.book.pages:
            of_page = AccountFacts.objects.filter(self.book.accounts_q(page))
            for rule in page.rules.rules:
                chosen = of_page.filter(condition_q(rule.when, policy=page.rules))
                code = Value(rule.code, output_field=TextField())
                selects.append(_inlined(chosen.annotate(code=code).values_list(*columns, "code")))
        return " UNION ALL ".join(selects) or f"SELECT {'0::bigint, ' * len(columns)}'' WHERE false"

    def columns(self) -> dict[str, str]:
        """Return the expressions of a new hit's version and of the facts that its rule looked at."""
        seen, versions = [], []
        for page in self.book.pages:
            here = f"cases_accountfacts.segment = {_quoted(page.segment)}" if page.segment else "true"
            versions.append((page.segment == "", f"WHEN {here} THEN {page.version.pk}"))
            for rule in page.rules.rules:
                expression = _inlined(AccountFacts.objects.values_list(_facts_of(rule)))
                made = expression.removeprefix("SELECT ").rpartition(" FROM ")[0].rpartition(" AS ")[0]
                seen.append((page.segment == "", f"WHEN {here} AND held.rule = {_quoted(rule.code)} THEN {made}"))
        # The page of everybody else is asked last.
        return {
            "version": f"CASE {' '.join(text for _last, text in sorted(versions))} END",
            "seen": f"CASE {' '.join(text for _last, text in sorted(seen))} END" if seen else "NULL::jsonb",
        }

    def uncompared(self) -> str:
        """Return the SELECT of the range's accounts whose amounts no page can compare."""
        comparable = NEVER
        for page in self.book.pages:
            comparable |= self._page_q(page)
        return _inlined(self.rows().exclude(comparable).values("id"))

    def _page_q(self, page: Page) -> Q:
        return self.book.accounts_q(page) & comparable_q(policy=page.rules)


def in_transaction() -> None:
    """:raises RuntimeError: if no transaction is open."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A range is worked in the transaction that also guards its chunk.")


def _facts_of(rule: Rule) -> JSONObject:
    """Return the JSON of what the rule looks at; decimals as text, so that no digit is lost."""
    names = dict.fromkeys(("currency", "days_past_due", *features_of(rule.when)))
    exact = (Unit.MONEY, Unit.SHARE, Unit.PERCENT)
    return JSONObject(**{n: Cast(F(n), TextField()) if FEATURES[n].unit in exact else F(n) for n in names})


def _inlined(rows: "QuerySet[Any, Any]") -> str:
    """Return a queryset's SQL with its values quoted by the driver, safe inside a statement of ours."""
    connection.ensure_connection()
    sql, params = rows.query.sql_with_params()
    return _escaped(connection.ops.compose_sql(sql, params))  # type: ignore[attr-defined]  # PostgreSQL's own


def _quoted(text: str) -> str:
    """Return a text as a literal, quoted by the driver."""
    connection.ensure_connection()
    return _escaped(connection.ops.compose_sql("%s", [text]))  # type: ignore[attr-defined]  # PostgreSQL's own


def _escaped(sql: str) -> str:
    # Our statements take named parameters, so a percent sign of a value is doubled; and str.format passes over it.
    return sql.replace("%", "%%")


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
