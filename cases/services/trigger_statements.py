"""
The statements that a range's evaluation consists of, in the order in which they run.

Named parameters: `on` (business date), `at`, `lower` and `upper` (borrowers, half open), and the policy's figures.
"""

# ruff: noqa: S608 - composed of our own texts; values travel as parameters

from typing import Final

HIT_IN_RANGE: Final = "hit.left_on IS NULL AND hit.borrower_id >= %(lower)s AND hit.borrower_id < %(upper)s"
CASE_IN_RANGE: Final = (
    "open_case.stage <> 'CLOSED' AND open_case.borrower_id >= %(lower)s AND open_case.borrower_id < %(upper)s"
)

# Hits that hold no longer end, and their open cases hear of it. An account that cannot be compared keeps its hits.
LEAVE: Final = f"""
WITH holding (account_id, borrower_id, rule) AS MATERIALIZED ({{holding}}),
gone AS (
    UPDATE cases_triggerhit hit SET left_on = %(on)s
    FROM cases_account account
    WHERE {HIT_IN_RANGE} AND account.id = hit.account_id
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

MUTED: Final = """EXISTS (SELECT 1 FROM cases_rulemute mute WHERE mute.borrower_id = {row}.borrower_id
        AND mute.rule = {row}.rule AND mute.until >= %(on)s)"""

# A mute that was set or has run out since counts from tonight.
MUTE: Final = f"""
UPDATE cases_triggerhit hit SET muted = NOT muted
WHERE {HIT_IN_RANGE} AND hit.muted <> {MUTED.format(row="hit")}"""

ENTER: Final = f"""
WITH entered AS (
INSERT INTO cases_triggerhit (account_id, borrower_id, rule, policy_version_id, entered_on, facts, muted, created_at)
SELECT held.account_id, held.borrower_id, held.rule, %(version)s, %(on)s, held.facts, {MUTED.format(row="held")}, %(at)s
FROM ({{holding}}) held (account_id, borrower_id, rule, facts)
WHERE NOT EXISTS (SELECT 1 FROM cases_triggerhit hit
                  WHERE hit.account_id = held.account_id AND hit.rule = held.rule AND {HIT_IN_RANGE})
ORDER BY held.account_id, held.rule
ON CONFLICT (account_id, rule) WHERE left_on IS NULL DO NOTHING
RETURNING id)
SELECT count(*), min(id) FROM entered"""

# What the unmuted hits of a borrower say together. The sum at stake is of each account once, in the policy's currency.
STANDS: Final = f"""
rule AS (SELECT * FROM unnest(%(codes)s::text[], %(priorities)s::int[], %(visits)s::boolean[]) AS r (code, priority, visit)),
rate AS (SELECT * FROM unnest(%(currencies)s::text[], %(rates)s::numeric[]) AS r (currency, rate)),
held AS MATERIALIZED (
    SELECT hit.borrower_id, hit.account_id, min(rule.priority) AS priority, array_agg(rule.code) AS codes,
           min(rule.priority) FILTER (WHERE rule.visit) AS visit,
           min(rule.priority) FILTER (WHERE rule.visit AND hit.id >= %(first_new)s) AS new_visit
    FROM cases_triggerhit hit JOIN rule ON rule.code = hit.rule
    WHERE {HIT_IN_RANGE} AND NOT hit.muted
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

OPEN: Final = f"""
WITH {STANDS},
opened AS (
    INSERT INTO cases_case (borrower_id, territory_id, stage, grade, priority, opened_on, sla_due_on, needs_visit_by,
                            close_reason, policy_version_id, created_at, updated_at)
    SELECT stands.borrower_id, borrower.territory_id, 'OPEN', stands.grade, stands.priority, %(on)s,
           %(on)s::date + (%(sla_days)s::int[])[stands.priority], %(on)s::date + (%(visit_days)s::int[])[stands.visit],
           '', %(version)s, %(at)s, %(at)s
    FROM stands JOIN cases_borrower borrower ON borrower.id = stands.borrower_id
    WHERE NOT EXISTS (SELECT 1 FROM cases_case open_case
                      WHERE open_case.borrower_id = stands.borrower_id AND {CASE_IN_RANGE})
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

TELL_ENTERED: Final = f"""
INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
SELECT open_case.id, 'TRIGGER_ENTERED', %(at)s, %(on)s,
       jsonb_build_object('rule', hit.rule, 'account', hit.account_id, 'muted', hit.muted)
FROM cases_triggerhit hit JOIN cases_case open_case ON open_case.borrower_id = hit.borrower_id AND {CASE_IN_RANGE}
WHERE {HIT_IN_RANGE} AND hit.id >= %(first_new)s
ORDER BY hit.id"""

# A visit is asked for when a reason arises, not every night that it holds: what the visits floor has taken up, or a
# borrower has declined, does not come back by itself. Nothing is asked for while a case is with a visit or beyond.
REGRADE: Final = f"""
WITH {STANDS},
wanted AS (
    SELECT open_case.id, COALESCE(stands.grade, open_case.grade) AS grade,
           COALESCE(stands.priority, open_case.priority) AS priority,
           CASE WHEN stands.borrower_id IS NULL THEN NULL
                WHEN stands.new_visit IS NOT NULL AND open_case.stage IN ('OPEN', 'IN_WORK', 'ON_HOLD')
                THEN LEAST(open_case.needs_visit_by, %(on)s::date + (%(visit_days)s::int[])[stands.new_visit])
                ELSE open_case.needs_visit_by END AS needs_visit_by
    FROM cases_case open_case LEFT JOIN stands USING (borrower_id)
    WHERE {CASE_IN_RANGE}
)
UPDATE cases_case changed
SET grade = wanted.grade, priority = wanted.priority, needs_visit_by = wanted.needs_visit_by, updated_at = %(at)s
FROM wanted
WHERE wanted.id = changed.id AND (wanted.grade, wanted.priority, wanted.needs_visit_by)
      IS DISTINCT FROM (changed.grade, changed.priority, changed.needs_visit_by)"""

# Closes by itself (the step "close" of the case's lifecycle): a case that nobody has taken further, and one whose
# decision is in force once nothing is owed any more and no plan runs.
CLOSE: Final = f"""
WITH closed AS (
    UPDATE cases_case open_case
    SET stage = 'CLOSED', closed_on = %(on)s, needs_visit_by = NULL, next_action_on = NULL, updated_at = %(at)s,
        close_reason = CASE WHEN EXISTS (SELECT 1 FROM cases_account account WHERE account.borrower_id = open_case.borrower_id
                                         AND (account.days_past_due > 0 OR account.arrears_amount > 0))
                            THEN 'TRIGGERS_LEFT' ELSE 'CURED' END
    WHERE {CASE_IN_RANGE} AND open_case.opened_on <= %(on)s
      AND (open_case.stage IN ('OPEN', 'IN_WORK')
           OR (open_case.stage IN ('VERIFIED', 'MONITORED')
               AND NOT EXISTS (SELECT 1 FROM cases_account account
                               LEFT JOIN cases_repaymentplan plan ON plan.account_id = account.id AND plan.state = 'ACTIVE'
                               WHERE account.borrower_id = open_case.borrower_id
                               AND (account.days_past_due > 0 OR account.arrears_amount > 0 OR plan.id IS NOT NULL))))
      AND NOT EXISTS (SELECT 1 FROM cases_triggerhit hit
                      WHERE hit.borrower_id = open_case.borrower_id AND {HIT_IN_RANGE} AND NOT hit.muted)
    RETURNING id, close_reason
),
told AS (
    INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
    SELECT id, 'CLOSED', %(at)s, %(on)s, jsonb_build_object('reason', close_reason) FROM closed ORDER BY id
)
SELECT count(*) FROM closed"""
