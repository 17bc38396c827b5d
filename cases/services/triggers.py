"""Who has a reason for a visit, since when, and the cases that follow: a range of borrowers in set-based statements."""
# ruff: noqa: S608 - composed of our own names; values travel as parameters or are quoted by the driver

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import F, QuerySet, TextField, Value
from django.db.models.functions import Cast, JSONObject

from cases.models import AccountFacts, PolicyVersion
from cases.rules.features import FEATURES, Unit
from cases.rules.policy import PolicyRules, Rule, features_of, parse_policy
from cases.rules.triggers import comparable_q, rule_q
from cases.services.facts import write_facts


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
    left = work.run(_LEAVE.format(holding=work.holding()))
    work.run(_MUTE)
    entered = work.enter()
    opened = work.run(_OPEN)
    work.run(_TELL_ENTERED)
    work.run(_REGRADE)
    closed = work.run(_CLOSE)
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
            cursor.execute(_ENTER.format(holding=self.holding(with_facts=True)), self.params)
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
                f"SELECT (SELECT count(*) FROM cases_triggerhit hit WHERE {_HIT_IN_RANGE}),"
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


_HIT_IN_RANGE: Final = "hit.left_on IS NULL AND hit.borrower_id >= %(lower)s AND hit.borrower_id < %(upper)s"
_CASE_IN_RANGE: Final = (
    "open_case.stage <> 'CLOSED' AND open_case.borrower_id >= %(lower)s AND open_case.borrower_id < %(upper)s"
)

# Hits that hold no longer end, and their open cases hear of it. An account that cannot be compared keeps its hits.
_LEAVE: Final = f"""
WITH holding (account_id, borrower_id, rule) AS MATERIALIZED ({{holding}}),
gone AS (
    UPDATE cases_triggerhit hit SET left_on = %(on)s
    FROM cases_account account
    WHERE {_HIT_IN_RANGE} AND account.id = hit.account_id
      AND account.currency = ANY(%(currencies)s)
      AND NOT EXISTS (SELECT 1 FROM holding WHERE holding.account_id = hit.account_id AND holding.rule = hit.rule)
    RETURNING hit.id, hit.borrower_id, hit.account_id, hit.rule
),
told AS (
    INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
    SELECT open_case.id, 'TRIGGER_LEFT', %(at)s, %(on)s, jsonb_build_object('rule', gone.rule, 'account', gone.account_id)
    FROM gone JOIN cases_case open_case ON open_case.borrower_id = gone.borrower_id AND open_case.stage <> 'CLOSED'
    ORDER BY gone.id
)
SELECT count(*) FROM gone"""

_MUTED: Final = """EXISTS (SELECT 1 FROM cases_rulemute mute WHERE mute.borrower_id = {row}.borrower_id
        AND mute.rule = {row}.rule AND mute.until >= %(on)s)"""

# A mute that was set or has run out since counts from tonight.
_MUTE: Final = f"""
UPDATE cases_triggerhit hit SET muted = NOT muted
WHERE {_HIT_IN_RANGE} AND hit.muted <> {_MUTED.format(row="hit")}"""

_ENTER: Final = f"""
WITH entered AS (
INSERT INTO cases_triggerhit (account_id, borrower_id, rule, policy_version_id, entered_on, facts, muted, created_at)
SELECT held.account_id, held.borrower_id, held.rule, %(version)s, %(on)s, held.facts, {_MUTED.format(row="held")}, %(at)s
FROM ({{holding}}) held (account_id, borrower_id, rule, facts)
WHERE NOT EXISTS (SELECT 1 FROM cases_triggerhit hit
                  WHERE hit.account_id = held.account_id AND hit.rule = held.rule AND {_HIT_IN_RANGE})
ORDER BY held.account_id, held.rule
ON CONFLICT (account_id, rule) WHERE left_on IS NULL DO NOTHING
RETURNING id)
SELECT count(*), min(id) FROM entered"""

# What the unmuted hits of a borrower say together. The sum at stake is of each account once, in the policy's currency.
_STANDS: Final = f"""
rule AS (SELECT * FROM unnest(%(codes)s::text[], %(priorities)s::int[], %(visits)s::boolean[]) AS r (code, priority, visit)),
rate AS (SELECT * FROM unnest(%(currencies)s::text[], %(rates)s::numeric[]) AS r (currency, rate)),
held AS MATERIALIZED (
    SELECT hit.borrower_id, hit.account_id, min(rule.priority) AS priority, array_agg(rule.code) AS codes,
           min(rule.priority) FILTER (WHERE rule.visit) AS visit,
           min(rule.priority) FILTER (WHERE rule.visit AND hit.id >= %(first_new)s) AS new_visit
    FROM cases_triggerhit hit JOIN rule ON rule.code = hit.rule
    WHERE {_HIT_IN_RANGE} AND NOT hit.muted
    GROUP BY hit.borrower_id, hit.account_id
),
stands AS MATERIALIZED (
    SELECT held.borrower_id, min(held.priority) AS priority, min(held.visit) AS visit, min(held.new_visit) AS new_visit,
           CASE WHEN sum(account.outstanding_principal / rate.rate) >= %(grade_a)s THEN 'A'
                WHEN sum(account.outstanding_principal / rate.rate) >= %(grade_b)s
                     OR count(*) > 1 OR max(cardinality(held.codes)) > 1 THEN 'B'
                ELSE 'C' END AS grade
    FROM held
    JOIN cases_account account ON account.id = held.account_id
         AND account.borrower_id >= %(lower)s AND account.borrower_id < %(upper)s
    LEFT JOIN rate ON rate.currency = account.currency
    GROUP BY held.borrower_id
)"""

_OPEN: Final = f"""
WITH {_STANDS},
opened AS (
    INSERT INTO cases_case (borrower_id, territory_id, stage, grade, priority, opened_on, sla_due_on, needs_visit_by,
                            close_reason, policy_version_id, created_at, updated_at)
    SELECT stands.borrower_id, borrower.territory_id, 'OPEN', stands.grade, stands.priority, %(on)s,
           %(on)s::date + (%(sla_days)s::int[])[stands.priority], %(on)s::date + (%(visit_days)s::int[])[stands.visit],
           '', %(version)s, %(at)s, %(at)s
    FROM stands JOIN cases_borrower borrower ON borrower.id = stands.borrower_id
    WHERE NOT EXISTS (SELECT 1 FROM cases_case open_case
                      WHERE open_case.borrower_id = stands.borrower_id AND {_CASE_IN_RANGE})
    ORDER BY stands.borrower_id
    ON CONFLICT (borrower_id) WHERE NOT (stage = 'CLOSED') DO NOTHING
    RETURNING id, grade, priority
),
told AS (
    INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
    SELECT id, 'OPENED', %(at)s, %(on)s, jsonb_build_object('policy', %(number)s::int, 'grade', grade, 'priority', priority)
    FROM opened ORDER BY id
)
SELECT count(*) FROM opened"""

_TELL_ENTERED: Final = f"""
INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
SELECT open_case.id, 'TRIGGER_ENTERED', %(at)s, %(on)s,
       jsonb_build_object('rule', hit.rule, 'account', hit.account_id, 'muted', hit.muted)
FROM cases_triggerhit hit JOIN cases_case open_case ON open_case.borrower_id = hit.borrower_id AND {_CASE_IN_RANGE}
WHERE {_HIT_IN_RANGE} AND hit.id >= %(first_new)s
ORDER BY hit.id"""

# A visit is asked for when a reason arises, not every night that it holds: what the visits floor has taken up, or a
# borrower has declined, does not come back by itself. Nothing is asked for while a case is with a visit or beyond.
_REGRADE: Final = f"""
WITH {_STANDS},
wanted AS (
    SELECT open_case.id, COALESCE(stands.grade, open_case.grade) AS grade,
           COALESCE(stands.priority, open_case.priority) AS priority,
           CASE WHEN stands.borrower_id IS NULL THEN NULL
                WHEN stands.new_visit IS NOT NULL AND open_case.stage IN ('OPEN', 'IN_WORK', 'ON_HOLD')
                THEN LEAST(open_case.needs_visit_by, %(on)s::date + (%(visit_days)s::int[])[stands.new_visit])
                ELSE open_case.needs_visit_by END AS needs_visit_by
    FROM cases_case open_case LEFT JOIN stands USING (borrower_id)
    WHERE {_CASE_IN_RANGE}
)
UPDATE cases_case changed
SET grade = wanted.grade, priority = wanted.priority, needs_visit_by = wanted.needs_visit_by, updated_at = %(at)s
FROM wanted
WHERE wanted.id = changed.id AND (wanted.grade, wanted.priority, wanted.needs_visit_by)
      IS DISTINCT FROM (changed.grade, changed.priority, changed.needs_visit_by)"""

# Closes by itself (the step "close" of the case's lifecycle): a case that nobody has taken further, and one whose
# decision is in force once nothing is owed any more and no plan runs.
_CLOSE: Final = f"""
WITH closed AS (
    UPDATE cases_case open_case
    SET stage = 'CLOSED', closed_on = %(on)s, needs_visit_by = NULL, next_action_on = NULL, updated_at = %(at)s,
        close_reason = CASE WHEN EXISTS (SELECT 1 FROM cases_account account WHERE account.borrower_id = open_case.borrower_id
                                         AND (account.days_past_due > 0 OR account.arrears_amount > 0))
                            THEN 'TRIGGERS_LEFT' ELSE 'CURED' END
    WHERE {_CASE_IN_RANGE} AND open_case.opened_on <= %(on)s
      AND (open_case.stage IN ('OPEN', 'IN_WORK')
           OR (open_case.stage IN ('VERIFIED', 'MONITORED')
               AND NOT EXISTS (SELECT 1 FROM cases_account account
                               LEFT JOIN cases_repaymentplan plan ON plan.account_id = account.id AND plan.state = 'ACTIVE'
                               WHERE account.borrower_id = open_case.borrower_id
                               AND (account.days_past_due > 0 OR account.arrears_amount > 0 OR plan.id IS NOT NULL))))
      AND NOT EXISTS (SELECT 1 FROM cases_triggerhit hit
                      WHERE hit.borrower_id = open_case.borrower_id AND {_HIT_IN_RANGE} AND NOT hit.muted)
    RETURNING id, close_reason
),
told AS (
    INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
    SELECT id, 'CLOSED', %(at)s, %(on)s, jsonb_build_object('reason', close_reason) FROM closed ORDER BY id
)
SELECT count(*) FROM closed"""
