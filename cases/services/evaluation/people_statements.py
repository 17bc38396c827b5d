"""
The SQL statements that open, keep and close the cases of people with several borrowers, from the hits of all of them.

The parameters are those of trigger_statements.py; `lower` and `upper` are numbers of people here, or `people` is a list of
them. `{scope}` stands for the condition on `person_id`, one of the two below.
"""

# ruff: noqa: S608 - composed of our own texts; values travel as parameters or are quoted by the driver

from typing import Final

from backoffice.core.batches import literal
from cases.enums import CaseStage
from cases.rules.lifecycle import CASE
from cases.services.evaluation.trigger_statements import (
    NEW_REASON,
    PAGE_OF,
    changes_of_cases,
    close_statement,
    graded,
    wanted,
)

_CLOSED: Final = literal(CASE.step("close").target)

IN_RANGE: Final = "person_id >= %(lower)s AND person_id < %(upper)s"
IN_LIST: Final = "person_id = ANY(%(people)s::bigint[])"

# By LATERAL with an OFFSET each is an index look-up for each row: people are spread over the whole portfolio.
_OPEN_HITS: Final = """member CROSS JOIN LATERAL (
        SELECT id, account_id, borrower_id, rule, muted FROM cases_triggerhit open_hit
        WHERE open_hit.borrower_id = member.borrower_id AND open_hit.left_on IS NULL OFFSET 0) hit"""
_HITS: Final = f"""{_OPEN_HITS} CROSS JOIN LATERAL (
        SELECT segment, currency, outstanding_principal, as_of FROM cases_account of_hit
        WHERE of_hit.id = hit.account_id OFFSET 0) account"""
_MEMBERS_HITS: Final = f"SELECT member.person_id, hit.* FROM {_OPEN_HITS}"

# Re-evaluations of two borrowers of one person take turns, and the second sees the hits of the first.
LOCK_PEOPLE: Final = "SELECT id FROM cases_person WHERE id = ANY(%(people)s::bigint[]) ORDER BY id FOR NO KEY UPDATE"

# A new case is kept at the borrower with the reason of the highest priority, of several such the one with the smallest
# number, and in the territory of that borrower. `home` is read only for people without an open case.
OPEN_AND_REGRADE_PEOPLE: Final = f"""
WITH member AS MATERIALIZED (
    SELECT id AS borrower_id, person_id, territory_id FROM cases_borrower WHERE person_id IS NOT NULL AND {{scope}}
),
{graded(whom="person_id", key="member.person_id", hits=_HITS)},
known AS MATERIALIZED (
    SELECT * FROM cases_case WHERE stage <> {_CLOSED} AND person_id IS NOT NULL AND {{scope}}
),
{wanted(whom="person_id")},
regraded AS (
    UPDATE cases_case changed
    SET grade = wanted.grade, priority = wanted.priority, needs_visit_by = wanted.needs_visit_by, updated_at = %(at)s
    FROM wanted
    WHERE wanted.id = changed.id AND changed.stage <> {_CLOSED} AND changed.person_id IS NOT NULL AND changed.{{scope}}
      AND (wanted.grade, wanted.priority, wanted.needs_visit_by)
          IS DISTINCT FROM (changed.grade, changed.priority, changed.needs_visit_by)
    RETURNING changed.id, changed.grade, changed.priority
),
home AS (
    SELECT DISTINCT ON (member.person_id) member.person_id, member.borrower_id, member.territory_id
    FROM {_HITS}
    JOIN rule ON rule.page = {PAGE_OF} AND rule.code = hit.rule
    WHERE NOT hit.muted AND NOT EXISTS (SELECT 1 FROM known WHERE known.person_id = member.person_id)
    ORDER BY member.person_id, rule.priority, member.borrower_id
),
opened AS (
    INSERT INTO cases_case (borrower_id, person_id, territory_id, stage, grade, priority, opened_on, sla_due_on,
                            needs_visit_by, close_reason, policy_version_id, created_at, updated_at)
    SELECT home.borrower_id, home.person_id, home.territory_id, {literal(CaseStage.OPEN)}, graded.grade,
           graded.priority, %(on)s, %(on)s::date + graded.sla_days, %(on)s::date + graded.visit_days, '',
           graded.version, %(at)s, %(at)s
    FROM graded JOIN home USING (person_id)
    WHERE graded.is_judged
    ORDER BY home.person_id
    ON CONFLICT DO NOTHING
    RETURNING id, person_id, grade, priority
),
events AS (
    INSERT INTO cases_caseevent (case_id, kind, at, business_date, body)
    SELECT case_id, kind, %(at)s, %(on)s, body
    FROM ({changes_of_cases(whom="person_id")}
        UNION ALL
        {NEW_REASON}
        FROM opened case_of JOIN ({_MEMBERS_HITS}) hit USING (person_id)
        WHERE hit.id >= %(first_new)s
    ) event
    ORDER BY case_id, place
)
SELECT count(*) FROM opened"""

CLOSE_CASES_OF_PEOPLE: Final = close_statement(
    cases=f"open_case.stage <> {_CLOSED} AND open_case.person_id IS NOT NULL AND open_case.{{scope}}",
    borrowers="account.borrower_id IN (SELECT id FROM cases_borrower b WHERE b.person_id = open_case.person_id)",
    without_reason="""NOT EXISTS (SELECT 1 FROM cases_borrower member
                      JOIN cases_triggerhit hit ON hit.borrower_id = member.id AND hit.left_on IS NULL AND NOT hit.muted
                      WHERE member.person_id = open_case.person_id)""",
)
