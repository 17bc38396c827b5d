"""Who has a reason for a visit, since when, and the cases that follow: a range of borrowers in set-based statements."""
# ruff: noqa: S608 - composed of our own names; values travel as parameters or are quoted by the driver

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Cast, JSONObject

from cases.models import AccountFacts, PolicyVersion
from cases.rules.features import FEATURES, Unit
from cases.rules.policy import PolicyRules, Rule, features_of, parse_policy
from cases.rules.triggers import comparable_q, rule_q
from cases.services.facts import write_facts
from cases.services.trigger_statements import CLOSE, ENTER, HIT_IN_RANGE, LEAVE, MUTE, OPEN, REGRADE, TELL_ENTERED


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


def evaluate_range(
    *, version: PolicyVersion, business_date: date, lower: int, upper: int, at: datetime
) -> RangeOutcome:
    """
    Evaluate the overdue accounts of the borrowers in [lower, upper) as of `business_date`, in the caller's transaction.

    Writes facts, ends and begins hits, opens at most one case a borrower, and closes open cases without a reason.
    The number of statements depends on nothing but the code. Asked again it writes nothing that did not change.

    :raises InvalidInput: if the version's body is not a valid policy.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("A range is evaluated in the transaction that also guards its chunk.")
    policy = parse_policy(version.body)
    work = _Range(policy=policy, params=_parameters(version, policy, business_date, lower, upper, at))
    accounts = write_facts(business_date=business_date, lower=lower, upper=upper, scope="overdue")
    left = work.run(LEAVE.format(holding=work.holding()))
    work.run(MUTE)
    entered = work.enter()
    opened = work.run(OPEN)
    work.run(TELL_ENTERED)
    work.run(REGRADE)
    closed = work.run(CLOSE)
    hits, uncompared = work.counts()
    return RangeOutcome(
        accounts=accounts, hits=hits, opened=opened, closed=closed, entered=entered, left=left, uncompared=uncompared
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Range:
    """A policy over a range: its rules as SQL, with the parameters of every statement."""

    policy: PolicyRules
    params: dict[str, Any]

    def enter(self) -> int:
        """Begin the hits of rules that hold from now on and remember the first, which tells them from older ones."""
        with connection.cursor() as cursor:
            cursor.execute(ENTER.format(holding=self.holding(with_facts=True)), self.params)
            entered, self.params["first_new"] = cursor.fetchone()
            return int(entered)

    def run(self, sql: str) -> int:
        """Run one statement and return the number in its single row, or how many rows it wrote."""
        with connection.cursor() as cursor:
            cursor.execute(sql, self.params)
            return int(cursor.fetchone()[0]) if cursor.description else cursor.rowcount

    def rows(self) -> "QuerySet[AccountFacts]":
        """Return the facts of the range that belong to accounts which are overdue."""
        return AccountFacts.objects.filter(
            business_date=self.params["on"], borrower_id__gte=self.params["lower"], borrower_id__lt=self.params["upper"]
        )

    def holding(self, *, with_facts: bool = False) -> str:
        """Return the SELECT of (account_id, borrower_id, rule[, facts]) for which a rule holds, values inlined."""
        selects = []
        for rule in self.policy.rules:
            columns: dict[str, Any] = {"code": Value(rule.code, output_field=TextField())}
            if with_facts:
                columns["seen"] = _facts_of(rule)
            chosen = self.rows().filter(rule_q(rule.when, policy=self.policy)).values_list("account_id", "borrower_id")
            selects.append(_inlined(chosen.annotate(**columns).values_list("account_id", "borrower_id", *columns)))
        return (
            " UNION ALL ".join(selects)
            or f"SELECT 0::bigint, 0::bigint, ''{', NULL::jsonb' if with_facts else ''} WHERE false"
        )

    def counts(self) -> tuple[int, int]:
        """Return how many hits hold now and how many accounts could not be compared."""
        uncompared = _inlined(self.rows().exclude(comparable_q(policy=self.policy)).values("id"))
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT (SELECT count(*) FROM cases_triggerhit hit WHERE {HIT_IN_RANGE}),"
                f" (SELECT count(*) FROM ({uncompared}) uncompared)",
                self.params,
            )
            hits, uncomparable = cursor.fetchone()
            return int(hits), int(uncomparable)


def _facts_of(rule: Rule) -> JSONObject:
    """Return the JSON of what the rule looks at; decimals as text, so that no digit is lost."""
    names = dict.fromkeys(("currency", "days_past_due", *features_of(rule.when)))
    exact = (Unit.MONEY, Unit.SHARE, Unit.PERCENT)
    return JSONObject(**{n: Cast(F(n), TextField()) if FEATURES[n].unit in exact else F(n) for n in names})


def _inlined(rows: "QuerySet[Any, Any]") -> str:
    """Return a queryset's SQL with its values quoted by the driver, safe inside a statement of ours."""
    connection.ensure_connection()
    sql, params = rows.query.sql_with_params()
    # Our statements take named parameters, so a percent sign of a value is doubled.
    quoted: str = connection.ops.compose_sql(sql, params)  # type: ignore[attr-defined]  # PostgreSQL's own
    return quoted.replace("%", "%%")


def _parameters(
    version: PolicyVersion, policy: PolicyRules, business_date: date, lower: int, upper: int, at: datetime
) -> dict[str, Any]:
    parameters = policy.parameters
    return {
        "on": business_date,
        "lower": lower,
        "upper": upper,
        "at": at,
        "version": version.pk,
        "number": version.number,
        "codes": [rule.code for rule in policy.rules],
        "priorities": [rule.priority for rule in policy.rules],
        "visits": [rule.needs_visit for rule in policy.rules],
        "currencies": list(policy.rates),
        "rates": list(policy.rates.values()),
        "grade_a": parameters.grade_a_amount,
        "grade_b": parameters.grade_b_amount,
        "sla_days": [parameters.sla_days[p] for p in (1, 2, 3)],
        "visit_days": [parameters.visit_days[p] for p in (1, 2, 3)],
    }
