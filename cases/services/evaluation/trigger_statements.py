"""
The statements that a range's evaluation consists of, in the order in which they run.

Named parameters: `on` (business date), `at`, `lower` and `upper` (borrowers, half open), and the book's figures, each an
array over its pages. `{day}` stands for the facts of the range that pass a gate, under the name of their own table, so
that the rules' conditions read them without touching the table again; `{holding}` for the rules over them.
"""

# ruff: noqa: S608 - composed of our own texts; values travel as parameters or are quoted by the driver

from typing import Final

HIT_IN_RANGE: Final = "hit.left_on IS NULL AND hit.borrower_id >= %(lower)s AND hit.borrower_id < %(upper)s"
CASE_IN_RANGE: Final = (
    "open_case.stage <> 'CLOSED' AND open_case.borrower_id >= %(lower)s AND open_case.borrower_id < %(upper)s"
)
ACCOUNT_IN_RANGE: Final = "account.borrower_id >= %(lower)s AND account.borrower_id < %(upper)s"
# The page that judges an account: its segment's own, or the empty one.
PAGE_OF: Final = "CASE WHEN account.segment = ANY(%(own)s) THEN account.segment ELSE '' END"
MUTED: Final = """EXISTS (SELECT 1 FROM cases_rulemute mute WHERE mute.borrower_id = {row}.borrower_id
        AND mute.rule = {row}.rule AND mute.until >= %(on)s)"""

# What would happen, counted before anything is written: borrowers who would get a case.
COUNT_NEW_CASES: Final = f"""
WITH {{day}}, held (borrower_id, rule) AS MATERIALIZED ({{holding}})
SELECT (SELECT count(DISTINCT held.borrower_id) FROM held
        WHERE NOT {MUTED.format(row="held")}
          AND NOT EXISTS (SELECT 1 FROM cases_case open_case
                          WHERE open_case.borrower_id = held.borrower_id AND {CASE_IN_RANGE}))"""
# Apart, since here the facts are meant that no gate has sorted out.
JUDGED: Final = """
SELECT (SELECT count(*) FROM cases_borrower WHERE id >= %(lower)s AND id < %(upper)s),
       (SELECT count(*) FROM ({uncompared}) uncompared)"""

# A mute that was set or has run out since counts from tonight.
MUTE: Final = f"""
UPDATE cases_triggerhit hit SET muted = NOT muted
WHERE {HIT_IN_RANGE} AND hit.muted <> {MUTED.format(row="hit")}"""

# Hits that hold no longer end, those that hold from now on begin, and the open cases hear of the former. An account that
# cannot be compared keeps its hits. The open hits are read once.
TURN: Final = f"""
WITH {{day}},
held (account_id, borrower_id, rule) AS MATERIALIZED ({{holding}}),
standing AS MATERIALIZED (SELECT id, account_id, borrower_id, rule FROM cases_triggerhit hit WHERE {HIT_IN_RANGE}),
-- Most nights change little: what changed is found first, and only that is joined to the rest.
lost AS MATERIALIZED (
    SELECT * FROM standing
    WHERE NOT EXISTS (SELECT 1 FROM held WHERE held.account_id = standing.account_id AND held.rule = standing.rule)
),
fresh AS MATERIALIZED (
    SELECT * FROM held
    WHERE NOT EXISTS (SELECT 1 FROM standing WHERE standing.account_id = held.account_id AND standing.rule = held.rule)
),
rate AS (SELECT * FROM unnest(%(rate_pages)s::text[], %(currencies)s::text[]) AS r (page, currency)),
gone AS (
    UPDATE cases_triggerhit hit SET left_on = %(on)s
    FROM lost JOIN cases_account account ON account.id = lost.account_id AND {ACCOUNT_IN_RANGE}
    WHERE hit.id = lost.id AND {HIT_IN_RANGE}
      AND EXISTS (SELECT 1 FROM rate WHERE rate.page = {PAGE_OF} AND rate.currency = account.currency)
    RETURNING hit.id, hit.borrower_id, hit.account_id, hit.rule
),
told AS (
    INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
    SELECT open_case.id, 'TRIGGER_LEFT', %(at)s, %(on)s, jsonb_build_object('rule', gone.rule, 'account', gone.account_id)
    FROM gone JOIN cases_case open_case ON open_case.borrower_id = gone.borrower_id AND {CASE_IN_RANGE}
    ORDER BY gone.id
),
entered AS (
    INSERT INTO cases_triggerhit (account_id, borrower_id, rule, policy_version_id, entered_on, facts, muted, created_at)
    SELECT held.account_id, held.borrower_id, held.rule, {{version}}, %(on)s, {{seen}}, {MUTED.format(row="held")}, %(at)s
    FROM fresh held JOIN cases_accountfacts ON cases_accountfacts.account_id = held.account_id
    ORDER BY held.account_id, held.rule
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT (SELECT count(*) FROM gone), count(*), min(id) FROM entered"""

# What the unmuted hits of a borrower say together. The sum at stake is of each account once, in its policy's currency;
# where several policies judge one borrower, the gravest of each counts.
_STANDS: Final = f"""
page AS (SELECT * FROM unnest(%(pages)s::text[], %(versions)s::bigint[], %(numbers)s::int[], %(grade_a)s::numeric[], %(grade_b)s::numeric[])
         AS p (page, version, number, grade_a, grade_b)),
rule AS (SELECT * FROM unnest(%(rule_pages)s::text[], %(codes)s::text[], %(priorities)s::int[], %(sla_days)s::int[], %(visit_days)s::int[])
         AS r (page, code, priority, sla_days, visit_days)),
rate AS (SELECT * FROM unnest(%(rate_pages)s::text[], %(currencies)s::text[], %(rates)s::numeric[]) AS r (page, currency, rate)),
held AS MATERIALIZED (
    SELECT hit.borrower_id, hit.account_id, rule.page, min(account.outstanding_principal / rate.rate) AS at_stake,
           count(*) AS reasons, min(rule.priority) AS priority, min(rule.sla_days) AS sla_days, min(rule.visit_days) AS visit_days,
           min(rule.visit_days) FILTER (WHERE hit.id >= %(first_new)s) AS new_visit_days
    FROM cases_triggerhit hit
    JOIN cases_account account ON account.id = hit.account_id AND {ACCOUNT_IN_RANGE}
    JOIN rule ON rule.page = {PAGE_OF} AND rule.code = hit.rule
    LEFT JOIN rate ON rate.page = rule.page AND rate.currency = account.currency
    WHERE {HIT_IN_RANGE} AND NOT hit.muted
    GROUP BY hit.borrower_id, hit.account_id, rule.page
),
by_page AS (
    SELECT held.borrower_id, page.version, page.number, min(priority) AS priority, min(sla_days) AS sla_days,
           min(visit_days) AS visit_days, min(new_visit_days) AS new_visit_days,
           CASE WHEN sum(at_stake) >= page.grade_a THEN 'A'
                WHEN sum(at_stake) >= page.grade_b OR count(*) > 1 OR max(reasons) > 1 THEN 'B' ELSE 'C' END AS grade
    FROM held JOIN page USING (page)
    GROUP BY held.borrower_id, page.page, page.version, page.number, page.grade_a, page.grade_b
),
stands AS MATERIALIZED (
    SELECT borrower_id, min(priority) AS priority, min(sla_days) AS sla_days, min(visit_days) AS visit_days,
           min(new_visit_days) AS new_visit_days, min(grade) AS grade,
           (array_agg(version ORDER BY priority, number))[1] AS version, (array_agg(number ORDER BY priority, number))[1] AS number
    FROM by_page GROUP BY borrower_id
)"""

# A visit is asked for when a reason arises, not every night that it holds: what the visits floor has taken up, or a
# borrower has declined, does not come back by itself. Nothing is asked for while a case is with a visit or beyond.
OPEN_AND_REGRADE: Final = f"""
WITH {_STANDS},
known AS MATERIALIZED (SELECT * FROM cases_case open_case WHERE {CASE_IN_RANGE}),
wanted AS (
    SELECT known.id, COALESCE(stands.grade, known.grade) AS grade, COALESCE(stands.priority, known.priority) AS priority,
           CASE WHEN stands.borrower_id IS NULL THEN NULL
                WHEN stands.new_visit_days IS NOT NULL AND known.stage IN ('OPEN', 'IN_WORK', 'ON_HOLD')
                THEN LEAST(known.needs_visit_by, %(on)s::date + stands.new_visit_days)
                ELSE known.needs_visit_by END AS needs_visit_by
    FROM known LEFT JOIN stands USING (borrower_id)
),
regraded AS (
    UPDATE cases_case changed
    SET grade = wanted.grade, priority = wanted.priority, needs_visit_by = wanted.needs_visit_by, updated_at = %(at)s
    FROM wanted
    WHERE wanted.id = changed.id AND changed.stage <> 'CLOSED'
      AND changed.borrower_id >= %(lower)s AND changed.borrower_id < %(upper)s
      AND (wanted.grade, wanted.priority, wanted.needs_visit_by)
          IS DISTINCT FROM (changed.grade, changed.priority, changed.needs_visit_by)
    RETURNING changed.id, changed.grade, changed.priority
),
opened AS (
    INSERT INTO cases_case (borrower_id, territory_id, stage, grade, priority, opened_on, sla_due_on, needs_visit_by,
                            close_reason, policy_version_id, created_at, updated_at)
    SELECT stands.borrower_id, borrower.territory_id, 'OPEN', stands.grade, stands.priority, %(on)s,
           %(on)s::date + stands.sla_days, %(on)s::date + stands.visit_days, '', stands.version, %(at)s, %(at)s
    FROM stands JOIN cases_borrower borrower ON borrower.id = stands.borrower_id
         AND borrower.id >= %(lower)s AND borrower.id < %(upper)s
    WHERE NOT EXISTS (SELECT 1 FROM known WHERE known.borrower_id = stands.borrower_id)
    ORDER BY stands.borrower_id
    ON CONFLICT (borrower_id) WHERE NOT (stage = 'CLOSED') DO NOTHING
    RETURNING id, borrower_id, grade, priority
),
told AS (
    INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
    SELECT case_id, kind, %(at)s, %(on)s, body
    FROM (
        SELECT opened.id AS case_id, 'OPENED' AS kind, 0 AS place,
               jsonb_build_object('policy', stands.number, 'grade', opened.grade, 'priority', opened.priority) AS body
        FROM opened JOIN stands USING (borrower_id)
        UNION ALL
        SELECT id, 'REGRADED', 0,
               jsonb_build_object('grade_before', known.grade, 'grade', regraded.grade,
                                  'priority_before', known.priority, 'priority', regraded.priority)
        FROM regraded JOIN known USING (id)
        WHERE (known.grade, known.priority) IS DISTINCT FROM (regraded.grade, regraded.priority)
        UNION ALL
        SELECT of_borrower.id, 'TRIGGER_ENTERED', hit.id,
               jsonb_build_object('rule', hit.rule, 'account', hit.account_id, 'muted', hit.muted)
        FROM cases_triggerhit hit
        JOIN (SELECT id, borrower_id FROM known UNION ALL SELECT id, borrower_id FROM opened) of_borrower USING (borrower_id)
        WHERE {HIT_IN_RANGE} AND hit.id >= %(first_new)s
    ) news
    ORDER BY case_id, place
)
SELECT count(*) FROM opened"""

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
      -- NOT IN, for it is read once and hashed, whatever the planner takes the open hits for.
      AND open_case.borrower_id NOT IN (SELECT hit.borrower_id FROM cases_triggerhit hit WHERE {HIT_IN_RANGE} AND NOT hit.muted)
    RETURNING id, close_reason
),
told AS (
    INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
    SELECT id, 'CLOSED', %(at)s, %(on)s, jsonb_build_object('reason', close_reason) FROM closed ORDER BY id
)
SELECT count(*) FROM closed"""

COUNT: Final = f"SELECT count(*) FROM cases_triggerhit hit WHERE {HIT_IN_RANGE}"
