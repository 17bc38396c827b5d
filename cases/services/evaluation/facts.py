"""Writing AccountFacts: one SQL statement for a range of borrowers, composed from the feature catalogue."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Final, Literal

from django.db import connection, transaction

from backoffice.core.batches import joined_by_hash, literal, literals
from cases.enums import (
    AccountStatus,
    CaseStage,
    Channel,
    ContactVerdict,
    DecisionState,
    Direction,
    PlanState,
    Verdict,
)
from cases.models import AccountFacts
from cases.rules.lifecycle import STANDING_DECISION
from cases.rules.policy.feature import Feature, Source, Unit
from cases.rules.policy.features import (
    CONDUCT_WINDOW_DAYS,
    CONTACT_WINDOW_DAYS,
    FEATURES,
    INVALID_NUMBER,
    STATEMENT_WINDOW_MONTHS,
)
from cases.rules.signal_answers import FALSE_STATEMENTS
from cases.rules.verification import LIKELY_FROM
from cases.signal_enums import SignalAnswer

Scope = Literal["overdue", "current"]

_OVERDUE: Final = "(account.days_past_due > 0 OR account.arrears_amount > 0)"
SCOPES: Final[dict[Scope, str]] = {
    "overdue": _OVERDUE,
    "current": f"NOT {_OVERDUE} AND account.status IN {literals({AccountStatus.ACTIVE, AccountStatus.FROZEN})}",
}
_CLOSED: Final = literal(CaseStage.CLOSED)
_OPEN_THEN: Final = f"""open_case.opened_on < %(cases_before)s
              AND (open_case.stage <> {_CLOSED} OR open_case.closed_on >= %(cases_before)s)"""
# Decisions that are or were in force; proposals, and decisions that were rejected or reversed, do not count.
_IN_FORCE: Final = literals(STANDING_DECISION | {DecisionState.EXPIRED})

# Each WITH part below may read `scope` (the accounts to be judged), `people` (their borrowers) and `touch` (the contacts
# of the window, in local time). Each source adds one row for a borrower or account, with the columns of its features.
_SCOPE: Final = """
recovery AS MATERIALIZED (
    SELECT array_agg(from_days_past_due ORDER BY from_days_past_due) AS days,
           array_agg(share ORDER BY from_days_past_due) AS shares FROM cases_recoveryshare
),
-- The latest price of each territory and currency: a few rows, read once for the whole range.
price AS MATERIALIZED (
    SELECT DISTINCT ON (territory_id, currency) territory_id, currency, amount FROM cases_visitprice
    WHERE valid_from <= %(on)s ORDER BY territory_id, currency, valid_from DESC
),
scope AS MATERIALIZED (
    SELECT account.id AS account_id, account.borrower_id, account.territory_id, account.currency, account.product,
           account.segment, account.status, account.credit_limit, account.annual_rate, account.outstanding_principal,
           account.arrears_amount, account.opened_on, account.as_of, borrower.last_app_login_at, territory.time_zone,
           home.code AS territory, COALESCE(local.amount, anywhere.amount) AS visit_cost,
           CASE WHEN account.days_past_due > 0
                THEN GREATEST(account.days_past_due + (%(on)s::date - account.as_of), 0) ELSE 0 END AS days_past_due
    FROM cases_account account
    JOIN cases_borrower borrower ON borrower.id = account.borrower_id
    JOIN access_territory territory ON territory.id = borrower.territory_id
    JOIN access_territory home ON home.id = account.territory_id
    LEFT JOIN price local ON local.territory_id = account.territory_id AND local.currency = account.currency
    LEFT JOIN price anywhere ON anywhere.territory_id IS NULL AND anywhere.currency = account.currency
    WHERE account.borrower_id >= %(lower)s AND account.borrower_id < %(upper)s AND {scope}
      -- The range is repeated: without it the planner reads all borrowers.
      AND borrower.id >= %(lower)s AND borrower.id < %(upper)s
),
people AS MATERIALIZED (SELECT DISTINCT borrower_id, time_zone FROM scope),
-- The window's ends as instants, once for each person: a conversion for each contact costs more than reading it.
windowed AS MATERIALIZED (
    SELECT borrower_id, time_zone, %(window_from)s::timestamp AT TIME ZONE time_zone AS since,
           (%(on)s::date + 1)::timestamp AT TIME ZONE time_zone AS before
    FROM people
),
touch AS MATERIALIZED (
    SELECT borrower_id, channel, direction, outcome, right_party, receipt, attempted_at, number_index,
           local_at::date - %(window_from)s::date AS day, local_at::time AS clock
    FROM (
        SELECT borrower_id, channel, direction, outcome, right_party, receipt, attempted_at, number_index,
               attempted_at AT TIME ZONE time_zone AS local_at
        FROM cases_contactattempt contact JOIN windowed USING (borrower_id)
        WHERE contact.borrower_id >= %(lower)s AND contact.borrower_id < %(upper)s
          -- Constants, so that the planner leaves out the partitions of other months.
          AND contact.attempted_at >= %(touched_from)s AND contact.attempted_at < %(touched_before)s
          AND contact.attempted_at >= windowed.since AND contact.attempted_at < windowed.before
        -- OFFSET 0 keeps the subquery apart; otherwise the conversion is repeated wherever its column is named.
        OFFSET 0
    ) contact
)"""

_ROWS: Final[dict[Source, str]] = {
    Source.CONTACTS: "SELECT borrower_id, {columns} FROM touch GROUP BY borrower_id",
    Source.NUMBERS: f"""SELECT borrower_id, {{columns}} FROM (
            SELECT borrower_id, number_index, count(bad_at) AS bad,
                   COALESCE(max(bad_at) - min(bad_at), interval '0') AS apart
            FROM (
                SELECT borrower_id, number_index, CASE WHEN outcome IN {INVALID_NUMBER} THEN attempted_at END AS bad_at
                FROM touch WHERE channel IN {literals({Channel.VOICE, Channel.SMS})} AND direction = {literal(Direction.OUTBOUND)}
                UNION ALL
                SELECT phone.borrower_id, phone.number_index, NULL FROM cases_borrowerphone phone
                WHERE phone.borrower_id >= %(lower)s AND phone.borrower_id < %(upper)s
                  AND phone.verdict <> {literal(ContactVerdict.DOUBTFUL)}
            ) tried
            WHERE borrower_id IN (SELECT borrower_id FROM touch WHERE outcome IN {INVALID_NUMBER})
            GROUP BY borrower_id, number_index
        ) number GROUP BY borrower_id""",  # noqa: S608 - our own words
    Source.PROMISES: """SELECT promise.borrower_id, {columns} FROM cases_promisetopay promise JOIN people USING (borrower_id)
        WHERE promise.borrower_id >= %(lower)s AND promise.borrower_id < %(upper)s
          AND promise.promised_on > %(conduct_from)s AND promise.promised_on <= %(on)s
        GROUP BY promise.borrower_id""",
    Source.SIGNALS: """SELECT signal.borrower_id, {columns} FROM cases_suspicionsignal signal
        WHERE signal.borrower_id >= %(lower)s AND signal.borrower_id < %(upper)s
          AND signal.cleared_on IS NULL AND signal.noticed_on <= %(on)s
        GROUP BY signal.borrower_id""",
    Source.FLAGS: """SELECT flag.borrower_id, {columns} FROM cases_borrowerflag flag
        WHERE flag.borrower_id >= %(lower)s AND flag.borrower_id < %(upper)s
          AND flag.cleared_at IS NULL AND (flag.expires_on IS NULL OR flag.expires_on >= %(on)s)
        GROUP BY flag.borrower_id""",
    Source.STATEMENTS: """SELECT account_id, {columns} FROM (
            SELECT account_id, credit_limit, period.days_past_due, paid_amount, is_idle,
                   -- Calendar months back: a search among their first days is cheaper than date arithmetic.
                   cardinality(%(months)s::date[]) - width_bucket(period, %(months)s::date[]) AS ago
            FROM scope CROSS JOIN LATERAL (
                SELECT period, days_past_due, paid_amount, is_idle FROM cases_statement WHERE account_id = scope.account_id
                  AND period <= %(on)s AND period > %(statements_from)s OFFSET 0) period
        ) statement GROUP BY account_id""",
    # One look-up in the index repayment_by_day for each account, however long its history. What was wholly taken back
    # by the business date is no payment.
    Source.REPAYMENTS: """SELECT account.borrower_id, {columns}
        FROM people JOIN cases_account account USING (borrower_id)
        CROSS JOIN LATERAL (SELECT paid_on FROM cases_repayment WHERE account_id = account.id AND paid_on <= %(on)s
                              AND (void_on IS NULL OR void_on > %(on)s)
                            ORDER BY paid_on DESC LIMIT 1) last
        WHERE account.borrower_id >= %(lower)s AND account.borrower_id < %(upper)s
        GROUP BY account.borrower_id""",
    Source.PLANS: f"""SELECT account_id, {{columns}} FROM scope CROSS JOIN LATERAL (
            SELECT 1 FROM cases_repaymentplan WHERE account_id = scope.account_id AND state = {literal(PlanState.ACTIVE)}
            LIMIT 1) plan""",  # noqa: S608 - our own words
    Source.UPGRADES: """SELECT DISTINCT scope.account_id, {columns}
        FROM scope JOIN cases_strategyupgrade upgrade
          ON (upgrade.territory_id IS NULL OR upgrade.territory_id = scope.territory_id)
         AND (upgrade.segment = '' OR upgrade.segment = scope.segment)
        WHERE upgrade.approved_by_id IS NOT NULL AND upgrade.starts_on <= %(on)s AND upgrade.ends_on >= %(on)s""",
    Source.VERIFICATIONS: """SELECT verification.borrower_id, {columns} FROM cases_verification verification
        WHERE verification.borrower_id >= %(lower)s AND verification.borrower_id < %(upper)s
          AND verification.verified_on > %(conduct_from)s AND verification.verified_on <= %(on)s
        GROUP BY verification.borrower_id""",
    # Of each section the latest fact that was established and still counts. LATERAL with OFFSET 0: the facts of each
    # verification by their index; joined by hash, every chunk would read all facts of all verifications.
    Source.STANDING_FACTS: f"""SELECT borrower_id, {{columns}} FROM (
            SELECT DISTINCT ON (verification.borrower_id, fact.section) verification.borrower_id, fact.section, fact.verdict
            FROM cases_verification verification CROSS JOIN LATERAL (
                SELECT section, verdict FROM cases_verifiedfact found WHERE found.verification_id = verification.id
                  AND found.expires_on >= %(on)s AND found.verdict <> {literal(Verdict.NOT_ESTABLISHED)}
                  AND found.confidence >= {LIKELY_FROM} AND found.evidence <> '[]' OFFSET 0) fact
            WHERE verification.borrower_id >= %(lower)s AND verification.borrower_id < %(upper)s
              AND verification.verified_on <= %(on)s
            ORDER BY verification.borrower_id, fact.section, verification.verified_on DESC, verification.id DESC
        ) fact GROUP BY borrower_id""",  # noqa: S608 - our own words
    Source.ANSWERS: f"""SELECT answered.borrower_id, {{columns}} FROM cases_suspicionsignal answered
        WHERE answered.borrower_id >= %(lower)s AND answered.borrower_id < %(upper)s
          AND answered.answer = {literal(SignalAnswer.CONFIRMED)} AND answered.kind IN {literals(FALSE_STATEMENTS)}
          AND answered.cleared_on <= %(on)s AND answered.counts_until >= %(on)s
        GROUP BY answered.borrower_id""",  # noqa: S608 - our own words
    Source.DECISIONS: f"""SELECT account_id, {{columns}} FROM (
            SELECT account_id, kind, LEAST(COALESCE(effective_on, business_date), %(on)s::date) AS since
            FROM cases_decision WHERE borrower_id >= %(lower)s AND borrower_id < %(upper)s
              AND state IN {_IN_FORCE} AND business_date <= %(on)s
        ) decision GROUP BY account_id""",  # noqa: S608 - our own words
    # Of the borrower, and of the others that are one person with them.
    Source.CASES: f"""SELECT DISTINCT borrower_id, {{columns}} FROM (
            SELECT open_case.borrower_id FROM cases_case open_case
            WHERE open_case.borrower_id >= %(lower)s AND open_case.borrower_id < %(upper)s AND {_OPEN_THEN}
            UNION ALL
            SELECT member.id FROM cases_borrower member
            CROSS JOIN LATERAL (SELECT id FROM cases_borrower WHERE person_id = member.person_id OFFSET 0) other
            CROSS JOIN LATERAL (SELECT FROM cases_case open_case
                                WHERE open_case.borrower_id = other.id AND {_OPEN_THEN} LIMIT 1) open_case
            WHERE member.id >= %(lower)s AND member.id < %(upper)s AND member.person_id IS NOT NULL
        ) with_case""",  # noqa: S608 - our own words
}
_BY_ACCOUNT: Final = frozenset({Source.STATEMENTS, Source.PLANS, Source.UPGRADES, Source.DECISIONS})
_KEYS: Final = ("account_id", "borrower_id", "business_date")


@cache
def facts_sql(*, scope: Scope) -> str:
    """Return the SELECT of the facts of a range: a key and one column for each feature; parameters by `parameters_of`."""
    sources = [_SCOPE.replace("{scope}", SCOPES[scope])]
    joins = []
    for source, rows in _ROWS.items():
        columns = ", ".join(f"{f.expression} AS {f.name}" for f in FEATURES.values() if f.source == source)
        sources.append(f"{source} AS (\n    {rows.replace('{columns}', columns)}\n)")
        joins.append(f"LEFT JOIN {source} USING ({'account_id' if source in _BY_ACCOUNT else 'borrower_id'})")
    chosen = ",\n       ".join(_chosen(feature) for feature in FEATURES.values())
    return (
        f"WITH {','.join(sources)}\nSELECT scope.account_id, scope.borrower_id, %(on)s::date AS business_date,\n"
        f"       {chosen}\nFROM scope\n" + "\n".join(joins)
    )


def write_facts(*, business_date: date, lower: int, upper: int, scope: Scope) -> int:
    """
    Write the facts of the accounts in `scope` whose borrower is in [lower, upper); return how many accounts.

    "overdue" are accounts with days past due or arrears, "current" the other active and frozen ones. Rows that already
    hold the same values are not written, and a row is removed if its account has changed from one scope to the other,
    so called again it writes nothing that did not change.

    :raises RuntimeError: if no transaction is open.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Facts are written in the transaction of the evaluation that reads them.")
    table = AccountFacts._meta.db_table
    names = (*_KEYS, *FEATURES)
    mine = ", ".join(f"facts.{name}" for name in FEATURES)
    new = ", ".join(f"EXCLUDED.{name}" for name in FEATURES)
    changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in FEATURES)
    params = parameters_of(business_date=business_date, lower=lower, upper=upper, scope=scope)
    with joined_by_hash(), connection.cursor() as cursor:
        # An account that has changed scope since an earlier pass of the same date must not keep its old row.
        cursor.execute(
            f"DELETE FROM {table} facts USING cases_account account WHERE account.id = facts.account_id"  # noqa: S608 - our own names
            " AND account.borrower_id >= %(lower)s AND account.borrower_id < %(upper)s"
            " AND facts.business_date = %(on)s AND facts.borrower_id >= %(lower)s AND facts.borrower_id < %(upper)s"
            f" AND (facts.days_past_due > 0 OR facts.arrears_amount > 0) <> {_OVERDUE}",
            params,
        )
        cursor.execute(
            f"INSERT INTO {table} AS facts ({', '.join(names)})\n{facts_sql(scope=scope)}\n"
            f"ON CONFLICT (account_id, business_date) DO UPDATE SET borrower_id = EXCLUDED.borrower_id, {changes}\n"
            f"WHERE ({mine}) IS DISTINCT FROM ({new})",
            params,
        )
        cursor.execute(
            f"SELECT count(*) FROM cases_account account"  # noqa: S608 - our own names
            f" WHERE account.borrower_id >= %(lower)s AND account.borrower_id < %(upper)s AND {SCOPES[scope]}",
            params,
        )
        return int(cursor.fetchone()[0])


def lacks_facts(*, business_date: date, lower: int, upper: int, scope: Scope) -> bool:
    """Return whether an account in `scope`, of a borrower in [lower, upper), has no facts of the date. One statement."""
    table = AccountFacts._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT EXISTS (SELECT FROM cases_account account"  # noqa: S608 - our own names
            f" WHERE account.borrower_id >= %(lower)s AND account.borrower_id < %(upper)s AND {SCOPES[scope]}"
            f" AND NOT EXISTS (SELECT FROM {table} facts WHERE facts.account_id = account.id"
            " AND facts.business_date = %(on)s))",
            {"on": business_date, "lower": lower, "upper": upper},
        )
        return bool(cursor.fetchone()[0])


def _chosen(feature: Feature) -> str:
    """Return the column of a feature in the final SELECT; 0 or false where its source has no row."""
    if feature.source == Source.ACCOUNT:
        # A column of `scope`, or an expression over its columns.
        column = f"scope.{feature.expression}" if feature.expression == feature.name else feature.expression
        return f"{column} AS {feature.name}"
    column = f"{feature.source}.{feature.name}"
    if feature.nullable:
        return column
    return f"COALESCE({column}, {'false' if feature.unit == Unit.FLAG else '0'}) AS {feature.name}"


def parameters_of(
    *, business_date: date, lower: int, upper: int, scope: Scope
) -> dict[str, date | datetime | int | list[date]]:
    """Return the parameters of `facts_sql` for the borrowers in [lower, upper): the range and the windows' dates."""
    window_from = business_date - timedelta(days=CONTACT_WINDOW_DAYS - 1)
    this = business_date.year * 12 + business_date.month - 1
    months = [date(n // 12, n % 12 + 1, 1) for n in range(this - STATEMENT_WINDOW_MONTHS, this + 1)]
    return {
        "on": business_date,
        "lower": lower,
        "upper": upper,
        # The evaluation of overdue accounts opens and closes cases itself: their facts count the cases as of the start of
        # the date, so that a second pass finds the facts of the first.
        "cases_before": business_date + timedelta(days=0 if scope == "overdue" else 1),
        "window_from": window_from,
        # One day more on each side: a local day begins or ends up to a day from that of UTC.
        "touched_from": datetime.combine(window_from - timedelta(days=1), time(), tzinfo=UTC),
        "touched_before": datetime.combine(business_date + timedelta(days=2), time(), tzinfo=UTC),
        "conduct_from": business_date - timedelta(days=CONDUCT_WINDOW_DAYS),
        "statements_from": months[0],
        "months": months,
    }
