"""
The least that the database must do for the same facts, hits and cases: written by hand for the shipped policy alone.

Every feature of the catalogue is worked out in one statement over the whole portfolio, and no fact is kept: hits and
cases follow in two more. No chunks, no timeline, no trail, no mutes, no second pass.
"""
# ruff: noqa: S608 - composed of words of our own

from datetime import date
from typing import Final

from django.db import connection, transaction

from backoffice.bench.portfolio import BUSINESS_DATE
from backoffice.core.batches import literals
from cases.enums import NEVER_FEATURES, FlagKind, Section, SignalKind
from cases.models import PolicyVersion
from cases.rules.policy.features import FEATURES
from cases.rules.signal_answers import FALSE_STATEMENTS
from cases.rules.standing_ladder import WEIGHTS

_SIGNS: Final = ", ".join(
    f"max(confidence) FILTER (WHERE kind = '{k}') AS signal_{k.lower()}" for k in SignalKind.values
)
_FLAGS: Final = [kind for kind in FlagKind.values if kind not in NEVER_FEATURES]
_KINDS: Final = ", ".join(f"bool_or(kind = '{k}') AS flag_{k.lower()}" for k in _FLAGS)
_CHOSEN_SIGNS: Final = ", ".join(f"sign.signal_{k.lower()}" for k in SignalKind.values)
_CHOSEN_KINDS: Final = ", ".join(f"COALESCE(flag.flag_{k.lower()}, false) AS flag_{k.lower()}" for k in _FLAGS)

_STANDING_FACTS: Final = ",\n       ".join(
    "(SELECT f.verdict FROM cases_verification v JOIN cases_verifiedfact f ON f.verification_id = v.id"
    f" WHERE v.borrower_id = overdue.borrower_id AND f.section = '{section}' AND f.expires_on >= %(on)s AND f.verdict <> 'NOT_ESTABLISHED'"
    " AND f.confidence >= 0.5 AND f.evidence <> '[]' ORDER BY v.verified_on DESC, v.id DESC LIMIT 1)"
    f" AS verified_{section.lower()}"
    for section in Section.values
)

_WEIGHTS: Final = f"ARRAY{list(WEIGHTS)}"
_OVERDUE: Final = "account.days_past_due > 0 OR account.arrears_amount > 0"

# The accounts of {{scope}}; a table for one transaction.
FACTS: Final = f"""
CREATE TEMPORARY TABLE floor_facts ON COMMIT DROP AS
WITH overdue AS MATERIALIZED (
    SELECT account.*, borrower.last_app_login_at, home.code AS territory, zone.time_zone
    FROM cases_account account JOIN cases_borrower borrower ON borrower.id = account.borrower_id
    JOIN access_territory home ON home.id = account.territory_id JOIN access_territory zone ON zone.id = borrower.territory_id
    WHERE {{scope}}
),
people AS MATERIALIZED (SELECT DISTINCT borrower_id, time_zone FROM overdue),
touched AS MATERIALIZED (
    SELECT borrower_id, channel, direction, outcome, right_party, receipt, attempted_at, number_index,
           (attempted_at AT TIME ZONE time_zone) AS local FROM cases_contactattempt contact JOIN people USING (borrower_id)
    WHERE attempted_at >= %(on)s::date - 60 AND attempted_at < %(on)s::date + 2
),
talked AS (SELECT borrower_id, max(local::date) AS last_on FROM touched WHERE right_party AND local::date BETWEEN %(on)s::date - 59 AND %(on)s
           GROUP BY borrower_id),
touch AS (
    SELECT borrower_id, count(*) FILTER (WHERE direction = 'OUTBOUND') AS attempts,
           count(DISTINCT local::date) FILTER (WHERE direction = 'OUTBOUND') AS attempt_days,
           COALESCE(max(local::date) FILTER (WHERE direction = 'OUTBOUND') - min(local::date) FILTER (WHERE direction = 'OUTBOUND') + 1, 0)
               AS attempt_span_days,
           count(DISTINCT channel) FILTER (WHERE direction = 'OUTBOUND') AS attempt_channels,
           count(DISTINCT CASE WHEN extract(hour FROM local) < 12 THEN 1 WHEN extract(hour FROM local) < 18 THEN 2 ELSE 3 END)
               FILTER (WHERE direction = 'OUTBOUND') AS attempt_day_parts,
           count(*) FILTER (WHERE direction = 'OUTBOUND' AND receipt) AS attempts_with_receipt,
           count(*) FILTER (WHERE right_party) AS right_party_contacts,
           count(DISTINCT local::date) FILTER (WHERE direction = 'OUTBOUND' AND channel = 'VOICE' AND outcome IN
               ('NO_ANSWER', 'BUSY', 'SWITCHED_OFF', 'SUSPENDED', 'NO_SUCH_NUMBER', 'NEW_OWNER', 'NOT_DELIVERED')
               AND (last_on IS NULL OR local::date > last_on)) AS voice_failure_days
    FROM touched LEFT JOIN talked USING (borrower_id)
    WHERE local::date BETWEEN %(on)s::date - 59 AND %(on)s GROUP BY borrower_id
),
paid AS (SELECT account.borrower_id, max(paid_on) AS paid_on FROM cases_repayment JOIN cases_account account ON account.id = account_id
         JOIN people USING (borrower_id) WHERE paid_on <= %(on)s AND (void_on IS NULL OR void_on > %(on)s) GROUP BY account.borrower_id),
promise AS (SELECT borrower_id, count(*) FILTER (WHERE state = 'OPEN') AS open_promises,
                   count(*) FILTER (WHERE state = 'BROKEN') AS broken_promises, count(*) FILTER (WHERE state = 'KEPT') AS kept_promises
            FROM cases_promisetopay WHERE promised_on > %(on)s::date - 365 AND promised_on <= %(on)s GROUP BY borrower_id),
sign AS (SELECT borrower_id, count(*) FILTER (WHERE kind <> 'EVASION') AS suspicion_signals,
                COALESCE(max(confidence) FILTER (WHERE kind <> 'EVASION'), 0) AS suspicion_confidence,
                count(*) FILTER (WHERE kind = 'EVASION') AS evasion_signals, {_SIGNS}
         FROM cases_suspicionsignal WHERE cleared_on IS NULL AND noticed_on <= %(on)s GROUP BY borrower_id),
flag AS (SELECT borrower_id, count(*) AS protected_flags, {_KINDS} FROM cases_borrowerflag
         WHERE cleared_at IS NULL AND (expires_on IS NULL OR expires_on >= %(on)s) GROUP BY borrower_id),
period AS (SELECT statement.*, overdue.credit_limit,
                  (extract(year FROM %(on)s::date) - extract(year FROM period)) * 12 + extract(month FROM %(on)s::date) - extract(month FROM period) AS ago,
                  count(*) FILTER (WHERE statement.days_past_due > 0 AND NOT is_idle) OVER (PARTITION BY account_id ORDER BY period DESC) AS late_so_far
           FROM cases_statement statement JOIN overdue ON overdue.id = account_id
           WHERE period <= %(on)s AND period > date_trunc('month', %(on)s::date) - interval '36 months'),
statement AS (SELECT account_id, count(*) FILTER (WHERE late_so_far = 0 AND NOT is_idle) AS on_time_months,
                     count(*) FILTER (WHERE days_past_due > 0 AND NOT is_idle AND period > %(on)s::date - interval '12 months') AS late_months,
                     min(ago) AS months_since_statement,
                     600 + round(COALESCE(sum(CASE WHEN days_past_due = 0 THEN 35 WHEN days_past_due < 31 THEN -20 ELSE -40 END
                         * ({_WEIGHTS})[ago::int + 1]) FILTER (WHERE NOT is_idle), 0) / 10000.0) AS standing_score,
                     round(avg(paid_amount) FILTER (WHERE ago < 7 AND NOT is_idle) * 100 / NULLIF(max(credit_limit), 0), 2) AS monthly_paid_percent
              FROM period GROUP BY account_id),
decision AS (SELECT account_id, max(COALESCE(effective_on, business_date)) FILTER (WHERE kind IN ('LIMIT_INCREASE', 'RATE_REDUCTION')) AS rewarded,
                    max(COALESCE(effective_on, business_date)) FILTER (WHERE kind IN ('FREEZE', 'LIMIT_CUT')) AS restricted
             FROM cases_decision WHERE state IN ('APPROVED', 'SENT', 'ACKNOWLEDGED', 'EXPIRED') GROUP BY account_id)
SELECT overdue.id AS account_id, overdue.borrower_id, currency, product, segment, territory_id, territory, status, credit_limit,
       annual_rate, outstanding_principal, arrears_amount,
       CASE WHEN days_past_due > 0 THEN days_past_due + (%(on)s::date - as_of) ELSE 0 END AS days_past_due,
       GREATEST(%(on)s::date - as_of, 0) AS figures_age_days, LEAST((days_past_due + 29) / 30, 7) AS bucket, %(on)s::date - opened_on AS loan_age_days,
       CASE WHEN credit_limit > 0 THEN round(outstanding_principal * 100 / credit_limit, 2) END AS limit_use_percent,
       round(arrears_amount * (SELECT share FROM cases_recoveryshare r WHERE r.from_days_past_due <= overdue.days_past_due
                               ORDER BY r.from_days_past_due DESC LIMIT 1), 2) AS expected_recovery,
       NULL::numeric AS visit_cost, NULL::numeric AS recovery_per_visit_cost,
       COALESCE(attempts, 0) AS attempts, COALESCE(attempt_days, 0) AS attempt_days, COALESCE(attempt_span_days, 0) AS attempt_span_days,
       COALESCE(attempt_channels, 0) AS attempt_channels, COALESCE(attempt_day_parts, 0) AS attempt_day_parts,
       COALESCE(attempts_with_receipt, 0) AS attempts_with_receipt, COALESCE(right_party_contacts, 0) AS right_party_contacts,
       COALESCE(voice_failure_days, 0) AS voice_failure_days, 0 AS invalid_number_results,
       GREATEST(%(on)s::date - (last_app_login_at AT TIME ZONE overdue.time_zone)::date, CASE WHEN last_app_login_at IS NOT NULL THEN 0 END)
           AS days_since_login,
       %(on)s::date - paid.paid_on AS days_since_payment, COALESCE(open_promises, 0) AS open_promises,
       COALESCE(broken_promises, 0) AS broken_promises, COALESCE(kept_promises, 0) AS kept_promises,
       COALESCE(suspicion_signals, 0) AS suspicion_signals, COALESCE(suspicion_confidence, 0) AS suspicion_confidence,
       COALESCE(evasion_signals, 0) AS evasion_signals, {_CHOSEN_SIGNS},
       EXISTS (SELECT 1 FROM cases_strategyupgrade u WHERE u.approved_by_id IS NOT NULL AND %(on)s BETWEEN u.starts_on AND u.ends_on
               AND (u.territory_id IS NULL OR u.territory_id = overdue.territory_id) AND u.segment IN ('', overdue.segment))
           AS under_strategy_upgrade,
       COALESCE(protected_flags, 0) AS protected_flags, {_CHOSEN_KINDS},
       EXISTS (SELECT 1 FROM cases_repaymentplan p WHERE p.account_id = overdue.id AND p.state = 'ACTIVE') AS on_active_plan,
       COALESCE(on_time_months, 0) AS on_time_months, COALESCE(late_months, 0) AS late_months,
       months_since_statement, standing_score, monthly_paid_percent,
       (SELECT count(*) FROM cases_verification v WHERE v.borrower_id = overdue.borrower_id AND v.cooperative) AS cooperative_findings,
       %(on)s::date - (SELECT max(verified_on) FROM cases_verification v WHERE v.borrower_id = overdue.borrower_id) AS days_since_verification,
       {_STANDING_FACTS},
       (SELECT count(*) FROM cases_suspicionsignal s WHERE s.borrower_id = overdue.borrower_id AND s.answer = 'CONFIRMED'
               AND s.kind IN {literals(FALSE_STATEMENTS)} AND s.counts_until >= %(on)s) AS false_statements,
       %(on)s::date - rewarded AS days_since_reward, %(on)s::date - restricted AS days_since_restriction,
       EXISTS (SELECT 1 FROM cases_case c WHERE c.borrower_id = overdue.borrower_id AND c.stage <> 'CLOSED') AS has_open_case
FROM overdue LEFT JOIN touch USING (borrower_id) LEFT JOIN paid USING (borrower_id) LEFT JOIN promise USING (borrower_id)
LEFT JOIN sign USING (borrower_id) LEFT JOIN flag USING (borrower_id)
LEFT JOIN statement ON statement.account_id = overdue.id LEFT JOIN decision ON decision.account_id = overdue.id"""

_HITS: Final = """
WITH gate AS (
    SELECT *, attempts >= 6 AND attempt_span_days >= 7 AND attempt_channels >= 3 AND attempt_day_parts >= 3 AND voice_failure_days >= 3
              OR invalid_number_results >= 2 AS tried
    FROM floor_facts
    WHERE status IN ('ACTIVE', 'FROZEN') AND days_past_due > 10 AND days_past_due <= 360 AND outstanding_principal >= 20000
      AND protected_flags = 0 AND NOT on_active_plan AND (loan_age_days IS NULL OR loan_age_days >= 30) AND currency = 'CNY'
      AND figures_age_days <= 3
)
INSERT INTO cases_triggerhit (account_id, borrower_id, rule, policy_version_id, entered_on, facts, muted, created_at)
SELECT account_id, borrower_id, rule, %(version)s, %(on)s, jsonb_build_object('days_past_due', days_past_due), false, now()
FROM gate CROSS JOIN LATERAL (VALUES
    ('LARGE_ARREARS', days_past_due >= 61 AND outstanding_principal >= 50000 AND arrears_amount >= 20000),
    ('LONG_OVERDUE_UNREACHABLE', days_past_due >= 31 AND right_party_contacts = 0 AND (days_since_login IS NULL OR days_since_login > 7)
        AND (days_since_payment IS NULL OR days_since_payment > 7) AND tried),
    ('FALSE_INFORMATION', days_past_due >= 31
        AND (suspicion_signals >= 1 AND suspicion_confidence >= 0.7 OR suspicion_signals >= 3 OR evasion_signals >= 2)),
    ('STRATEGY_UPGRADE', under_strategy_upgrade AND days_past_due >= 31 AND arrears_amount >= 5000)
) rules (rule, holds)
WHERE holds"""

_CASES: Final = """
INSERT INTO cases_case (borrower_id, territory_id, stage, grade, priority, opened_on, sla_due_on, close_reason,
                        policy_version_id, created_at, updated_at)
SELECT borrower.id, borrower.territory_id, 'OPEN', 'C', 1, %(on)s, %(on)s::date + 5, '', %(version)s, now(), now()
FROM cases_borrower borrower WHERE id IN (SELECT borrower_id FROM cases_triggerhit WHERE left_on IS NULL)"""


def first_night() -> tuple[int, int]:
    """Write the hits and cases of the shipped policy; return how many of each."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FACTS.format(scope=_OVERDUE), _parameters())
        cursor.execute(_HITS, _parameters())
        hits = cursor.rowcount
        cursor.execute(_CASES, _parameters())
        return hits, cursor.rowcount


def differing_facts() -> int:
    """Return for how many accounts a fact of our run differs from the floor's."""
    names = ", ".join(FEATURES)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FACTS.format(scope=_OVERDUE), _parameters())
        cursor.execute(
            f"SELECT count(*) FROM (SELECT account_id, {names} FROM cases_accountfacts WHERE business_date = %s AND NOT has_open_case"
            f" EXCEPT SELECT account_id, {names.replace('has_open_case', 'false')} FROM floor_facts) differing",
            [BUSINESS_DATE],
        )
        return int(cursor.fetchone()[0])


def _parameters() -> dict[str, date | int]:
    return {"on": BUSINESS_DATE, "version": PolicyVersion.objects.get().pk}
