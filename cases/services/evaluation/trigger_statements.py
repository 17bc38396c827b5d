"""
The SQL statements that evaluate the triggers of a range of borrowers, in the order in which they run.

Named parameters: `on` (business date), `at`, `lower` and `upper` (borrower ids, half open), and the figures of the policy
book, each an array over its pages. `{day}` stands for a WITH part that holds the facts of the range which pass the gate of
their page, under the name of their own table, so that the rules' conditions read them without reading the table again;
`{holding}` stands for the rules over them.

A range opens, keeps and closes the cases of borrowers who are a person by themselves. The case of a person with several
borrowers may be kept at a borrower of another range, and depends on the hits of all of them: people_statements.py has what
follows for it. A range only writes into its timeline what began and ended.

Words of states and kinds are written into the text as literals, built from the enums and lifecycles: the planner uses a
partial index only where it sees the literal of the index's condition.
"""

# ruff: noqa: S608 - composed of our own texts; values travel as parameters or are quoted by the driver

from typing import Final

from backoffice.core.batches import literal, literals
from cases.enums import AccountStatus, CaseEventKind, CaseStage, CloseReason, Grade, PlanState
from cases.rules.lifecycle import CASE

_CLOSE: Final = CASE.step("close")
_CLOSED: Final = literal(_CLOSE.target)
# Stages in which a case closes as soon as no unmuted hit holds: nobody has taken it further.
_CLOSES_WITHOUT_HIT: Final = literals(_CLOSE.sources & {CaseStage.OPEN, CaseStage.IN_WORK})
# Stages in which a case closes once nothing is owed and no repayment plan runs: its facts or its decision are in force.
_CLOSES_WHEN_PAID: Final = literals(_CLOSE.sources & {CaseStage.VERIFIED, CaseStage.MONITORED})
# Stages in which a new reason asks for a visit.
_ASKS_FOR_VISIT: Final = literals({CaseStage.OPEN, CaseStage.IN_WORK, CaseStage.ON_HOLD})

HIT_IN_RANGE: Final = "hit.left_on IS NULL AND hit.borrower_id >= %(lower)s AND hit.borrower_id < %(upper)s"
CASE_IN_RANGE: Final = (
    f"open_case.stage <> {_CLOSED} AND open_case.person_id IS NULL"
    " AND open_case.borrower_id >= %(lower)s AND open_case.borrower_id < %(upper)s"
)
# The open cases of people for their borrowers in the range, wherever the case is kept.
_CASES_OF_PEOPLE: Final = f"""
    SELECT of_person.id, member.id AS borrower_id
    FROM cases_borrower member
    JOIN cases_case of_person ON of_person.person_id = member.person_id AND of_person.stage <> {_CLOSED}
    WHERE member.person_id IS NOT NULL AND member.id >= %(lower)s AND member.id < %(upper)s"""
# The open case of each borrower of the range.
_OPEN_CASES: Final = f"""(
    SELECT id, borrower_id FROM cases_case open_case WHERE {CASE_IN_RANGE}
    UNION ALL {_CASES_OF_PEOPLE})"""
ACCOUNT_IN_RANGE: Final = "account.borrower_id >= %(lower)s AND account.borrower_id < %(upper)s"
# The page that judges an account: its segment's own, or the empty one.
PAGE_OF: Final = "CASE WHEN account.segment = ANY(%(own)s) THEN account.segment ELSE '' END"
MUTED: Final = """EXISTS (SELECT 1 FROM cases_rulemute mute WHERE mute.borrower_id = {row}.borrower_id
        AND mute.rule = {row}.rule AND mute.until >= %(on)s)"""

# Figures that a policy takes for too old neither begin nor end anything: the rule was met by the last figures that it could
# read. The hit ends all the same if its rule is no longer in the policy, the account is closed, a circumstance protects
# the borrower or a plan is kept. `ending` is the hit, `account` its account.
_KEPT_WITH_OLD_FIGURES: Final = f"""(account.status NOT IN {literals({AccountStatus.CLOSED, AccountStatus.WRITTEN_OFF})}
           AND EXISTS (SELECT 1 FROM unnest(%(pages)s::text[], %(max_ages)s::int[]) AS p (page, max_age)
                       WHERE p.page = {PAGE_OF} AND account.as_of < %(on)s::date - p.max_age)
           AND EXISTS (SELECT 1 FROM unnest(%(rule_pages)s::text[], %(codes)s::text[]) AS r (page, code)
                       WHERE r.page = {PAGE_OF} AND r.code = ending.rule)
           AND NOT EXISTS (SELECT 1 FROM cases_borrowerflag flag
                           WHERE flag.borrower_id = ending.borrower_id AND flag.cleared_at IS NULL
                             AND (flag.expires_on IS NULL OR flag.expires_on >= %(on)s))
           AND NOT EXISTS (SELECT 1 FROM cases_repaymentplan plan
                           WHERE plan.account_id = account.id AND plan.state = {literal(PlanState.ACTIVE)}))"""

# The preview: how many borrowers would get a case. A person whose borrowers are of several ranges counts once for each.
COUNT_NEW_CASES: Final = f"""
WITH {{day}}, held (borrower_id, rule) AS MATERIALIZED ({{holding}})
SELECT (SELECT count(DISTINCT held.borrower_id) FROM held
        WHERE NOT {MUTED.format(row="held")}
          AND NOT EXISTS (SELECT 1 FROM {_OPEN_CASES} known WHERE known.borrower_id = held.borrower_id))"""
# Borrowers judged, and accounts whose currency has no rate. A statement of its own: it reads the facts before any gate.
COUNT_JUDGED: Final = """
SELECT (SELECT count(*) FROM cases_borrower WHERE id >= %(lower)s AND id < %(upper)s),
       (SELECT count(*) FROM ({uncompared}) uncompared)"""

# Hits follow the mutes that were set or have run out since.
UPDATE_MUTES: Final = f"""
UPDATE cases_triggerhit hit SET muted = NOT muted
WHERE {HIT_IN_RANGE} AND hit.muted <> {MUTED.format(row="hit")}"""

# Hits whose rule no longer holds end, with an event on the borrower's open case; hits of rules that hold from now on
# begin. An account that cannot be compared, or whose figures are too old, keeps its hits. The open hits are read once. In `entered` the alias of the new
# hits is `held`, which {seen} refers to.
UPDATE_HITS: Final = f"""
WITH {{day}},
held (account_id, borrower_id, rule) AS MATERIALIZED ({{holding}}),
open_hit AS MATERIALIZED (SELECT id, account_id, borrower_id, rule FROM cases_triggerhit hit WHERE {HIT_IN_RANGE}),
-- Most nights change little: the changes are found first, and only they are joined to the other tables.
ending AS MATERIALIZED (
    SELECT * FROM open_hit
    WHERE NOT EXISTS (SELECT 1 FROM held WHERE held.account_id = open_hit.account_id AND held.rule = open_hit.rule)
),
beginning AS MATERIALIZED (
    SELECT * FROM held
    WHERE NOT EXISTS (SELECT 1 FROM open_hit WHERE open_hit.account_id = held.account_id AND open_hit.rule = held.rule)
),
rate AS (SELECT * FROM unnest(%(rate_pages)s::text[], %(currencies)s::text[]) AS r (page, currency)),
ended AS (
    UPDATE cases_triggerhit hit SET left_on = %(on)s
    FROM ending JOIN cases_account account ON account.id = ending.account_id AND {ACCOUNT_IN_RANGE}
    WHERE hit.id = ending.id AND {HIT_IN_RANGE}
      AND EXISTS (SELECT 1 FROM rate WHERE rate.page = {PAGE_OF} AND rate.currency = account.currency)
      AND NOT {_KEPT_WITH_OLD_FIGURES}
    RETURNING hit.id, hit.borrower_id, hit.account_id, hit.rule
),
events AS (
    INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
    SELECT open_case.id, {literal(CaseEventKind.TRIGGER_LEFT)}, %(at)s, %(on)s,
           jsonb_build_object('rule', ended.rule, 'account', ended.account_id)
    FROM ended JOIN {_OPEN_CASES} open_case USING (borrower_id)
    ORDER BY ended.id
),
entered AS (
    INSERT INTO cases_triggerhit (account_id, borrower_id, rule, policy_version_id, entered_on, facts, muted, created_at)
    SELECT held.account_id, held.borrower_id, held.rule, {{version}}, %(on)s, {{seen}}, {MUTED.format(row="held")}, %(at)s
    FROM beginning held JOIN cases_accountfacts ON cases_accountfacts.account_id = held.account_id
    ORDER BY held.account_id, held.rule
    ON CONFLICT DO NOTHING
    RETURNING id
)
SELECT (SELECT count(*) FROM ended), count(*), min(id) FROM entered"""


def graded(*, whom: str, key: str, hits: str) -> str:
    """
    Return WITH parts that end with `graded`: grade, priority and deadlines by the unmuted hits of each `whom` (a column's name).

    `key` is its expression and `hits` the FROM part that gives the open hits as `hit` and their accounts as `account`. The
    amount at stake counts each account once, in the currency of its policy; where several policies judge, the gravest
    grade and priority count. `is_judged` tells that at least one of the accounts has figures that are not too old.
    """
    return f"""
page AS (SELECT * FROM unnest(%(pages)s::text[], %(versions)s::bigint[], %(numbers)s::int[], %(grade_a)s::numeric[], %(grade_b)s::numeric[],
                                    %(max_ages)s::int[]) AS p (page, version, number, grade_a, grade_b, max_age)),
rule AS (SELECT * FROM unnest(%(rule_pages)s::text[], %(codes)s::text[], %(priorities)s::int[], %(sla_days)s::int[], %(visit_days)s::int[])
         AS r (page, code, priority, sla_days, visit_days)),
rate AS (SELECT * FROM unnest(%(rate_pages)s::text[], %(currencies)s::text[], %(rates)s::numeric[]) AS r (page, currency, rate)),
of_account AS MATERIALIZED (
    SELECT {key} AS {whom}, hit.account_id, rule.page, min(account.outstanding_principal / rate.rate) AS at_stake,
           count(*) AS reasons, min(rule.priority) AS priority, min(rule.sla_days) AS sla_days, min(rule.visit_days) AS visit_days,
           min(rule.visit_days) FILTER (WHERE hit.id >= %(first_new)s) AS new_visit_days,
           bool_or(page.max_age IS NULL OR account.as_of >= %(on)s::date - page.max_age) AS is_judged
    FROM {hits}
    JOIN rule ON rule.page = {PAGE_OF} AND rule.code = hit.rule
    JOIN page ON page.page = rule.page
    LEFT JOIN rate ON rate.page = rule.page AND rate.currency = account.currency
    WHERE NOT hit.muted
    GROUP BY {key}, hit.account_id, rule.page
),
by_page AS (
    SELECT of_account.{whom}, page.version, page.number, min(priority) AS priority, min(sla_days) AS sla_days,
           min(visit_days) AS visit_days, min(new_visit_days) AS new_visit_days,
           bool_or(is_judged) AS is_judged,
           CASE WHEN sum(at_stake) >= page.grade_a THEN {literal(Grade.A)}
                WHEN sum(at_stake) >= page.grade_b OR count(*) > 1 OR max(reasons) > 1 THEN {literal(Grade.B)}
                ELSE {literal(Grade.C)} END AS grade
    FROM of_account JOIN page USING (page)
    GROUP BY of_account.{whom}, page.page, page.version, page.number, page.grade_a, page.grade_b
),
graded AS MATERIALIZED (
    SELECT {whom}, min(priority) AS priority, min(sla_days) AS sla_days, min(visit_days) AS visit_days,
           min(new_visit_days) AS new_visit_days, min(grade) AS grade, bool_or(is_judged) AS is_judged,
           (array_agg(version ORDER BY priority, number))[1] AS version, (array_agg(number ORDER BY priority, number))[1] AS number
    FROM by_page GROUP BY {whom}
)"""


def wanted(*, whom: str) -> str:
    """
    Return the WITH part `wanted`: what each of the `known` open cases becomes by `graded`, joined by the column `whom`.

    A visit is asked for when a reason arises, not every night on which it holds: a request that was taken up or declined
    is not repeated. Nothing is asked for in the stages from the visit on.
    """
    return f"""
wanted AS (
    SELECT known.id, CASE WHEN graded.is_judged THEN graded.grade ELSE known.grade END AS grade,
           CASE WHEN graded.is_judged THEN graded.priority ELSE known.priority END AS priority,
           CASE WHEN graded.{whom} IS NULL THEN NULL
                WHEN graded.new_visit_days IS NOT NULL AND known.stage IN {_ASKS_FOR_VISIT}
                THEN LEAST(known.needs_visit_by, %(on)s::date + graded.new_visit_days)
                ELSE known.needs_visit_by END AS needs_visit_by
    FROM known LEFT JOIN graded USING ({whom})
)"""


def changes_of_cases(*, whom: str) -> str:
    """Return the SELECTs of the timeline's lines about `opened` and `regraded` cases; the latter were as in `known`."""
    return f"""
        SELECT opened.id AS case_id, {literal(CaseEventKind.OPENED)} AS kind, 0 AS place,
               jsonb_build_object('policy', graded.number, 'grade', opened.grade, 'priority', opened.priority) AS body
        FROM opened JOIN graded USING ({whom})
        UNION ALL
        SELECT id, {literal(CaseEventKind.REGRADED)}, 0,
               jsonb_build_object('grade_before', known.grade, 'grade', regraded.grade,
                                  'priority_before', known.priority, 'priority', regraded.priority)
        FROM regraded JOIN known USING (id)
        WHERE (known.grade, known.priority) IS DISTINCT FROM (regraded.grade, regraded.priority)"""


NEW_REASON: Final = f"""SELECT case_of.id, {literal(CaseEventKind.TRIGGER_ENTERED)}, hit.id,
               jsonb_build_object('rule', hit.rule, 'account', hit.account_id, 'muted', hit.muted)"""
_GRADED: Final = graded(
    whom="borrower_id",
    key="hit.borrower_id",
    hits=f"cases_triggerhit hit JOIN cases_account account ON account.id = hit.account_id AND {ACCOUNT_IN_RANGE} AND {HIT_IN_RANGE}",
)

OPEN_AND_REGRADE: Final = f"""
WITH {_GRADED},
known AS MATERIALIZED (SELECT * FROM cases_case open_case WHERE {CASE_IN_RANGE}),
{wanted(whom="borrower_id")},
regraded AS (
    UPDATE cases_case changed
    SET grade = wanted.grade, priority = wanted.priority, needs_visit_by = wanted.needs_visit_by, updated_at = %(at)s
    FROM wanted
    WHERE wanted.id = changed.id AND changed.stage <> {_CLOSED}
      AND changed.borrower_id >= %(lower)s AND changed.borrower_id < %(upper)s
      AND (wanted.grade, wanted.priority, wanted.needs_visit_by)
          IS DISTINCT FROM (changed.grade, changed.priority, changed.needs_visit_by)
    RETURNING changed.id, changed.grade, changed.priority
),
opened AS (
    INSERT INTO cases_case (borrower_id, territory_id, stage, grade, priority, opened_on, sla_due_on, needs_visit_by,
                            close_reason, policy_version_id, created_at, updated_at)
    SELECT graded.borrower_id, borrower.territory_id, {literal(CaseStage.OPEN)}, graded.grade,
           graded.priority, %(on)s, %(on)s::date + graded.sla_days, %(on)s::date + graded.visit_days, '',
           graded.version, %(at)s, %(at)s
    FROM graded JOIN cases_borrower borrower ON borrower.id = graded.borrower_id
         AND borrower.id >= %(lower)s AND borrower.id < %(upper)s AND borrower.person_id IS NULL
    WHERE graded.is_judged AND NOT EXISTS (SELECT 1 FROM known WHERE known.borrower_id = graded.borrower_id)
    ORDER BY graded.borrower_id
    ON CONFLICT (borrower_id) WHERE NOT (stage = {_CLOSED}) DO NOTHING
    RETURNING id, borrower_id, grade, priority
),
events AS (
    INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
    SELECT case_id, kind, %(at)s, %(on)s, body
    FROM ({changes_of_cases(whom="borrower_id")}
        UNION ALL
        {NEW_REASON}
        FROM cases_triggerhit hit
        JOIN (SELECT id, borrower_id FROM known UNION ALL SELECT id, borrower_id FROM opened
              UNION ALL {_CASES_OF_PEOPLE}) case_of USING (borrower_id)
        WHERE {HIT_IN_RANGE} AND hit.id >= %(first_new)s
    ) event
    ORDER BY case_id, place
)
SELECT count(*) FROM opened"""


# The step "close" of the case's lifecycle, taken by the system: for a case that nobody has taken further, and for one
# whose facts or decision are in force once nothing is owed and no plan runs.
def close_statement(*, cases: str, borrowers: str, without_reason: str) -> str:
    """
    Return the statement that closes those of `cases` (a condition on `open_case`) that meet `without_reason`; one row: how many.

    `borrowers` is the condition on `account` that names the accounts of all borrowers of the case's person.
    """
    return f"""
WITH closed AS (
    UPDATE cases_case open_case
    SET stage = {_CLOSED}, closed_on = %(on)s, needs_visit_by = NULL, next_action_on = NULL, updated_at = %(at)s,
        close_reason = CASE WHEN EXISTS (SELECT 1 FROM cases_account account WHERE {borrowers}
                                         AND (account.days_past_due > 0 OR account.arrears_amount > 0))
                            THEN {literal(CloseReason.TRIGGERS_LEFT)} ELSE {literal(CloseReason.CURED)} END
    WHERE {cases} AND open_case.opened_on <= %(on)s
      AND (open_case.stage IN {_CLOSES_WITHOUT_HIT}
           OR (open_case.stage IN {_CLOSES_WHEN_PAID}
               AND NOT EXISTS (SELECT 1 FROM cases_account account
                               LEFT JOIN cases_repaymentplan plan
                                 ON plan.account_id = account.id AND plan.state = {literal(PlanState.ACTIVE)}
                               WHERE {borrowers}
                               AND (account.days_past_due > 0 OR account.arrears_amount > 0 OR plan.id IS NOT NULL))))
      AND {without_reason}
    RETURNING id, close_reason
),
events AS (
    INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
    SELECT id, {literal(CaseEventKind.CLOSED)}, %(at)s, %(on)s, jsonb_build_object('reason', close_reason)
    FROM closed ORDER BY id
)
SELECT count(*) FROM closed"""


CLOSE_CASES: Final = close_statement(
    cases=CASE_IN_RANGE,
    borrowers="account.borrower_id = open_case.borrower_id",
    # NOT IN: the open hits are read once and hashed, however many the planner expects.
    without_reason=f"""open_case.borrower_id NOT IN (SELECT hit.borrower_id FROM cases_triggerhit hit
                                       WHERE {HIT_IN_RANGE} AND NOT hit.muted)""",
)

COUNT_OPEN_HITS: Final = f"SELECT count(*) FROM cases_triggerhit hit WHERE {HIT_IN_RANGE}"
