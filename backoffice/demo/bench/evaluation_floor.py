"""The least that the database must do for the same hits and cases: written by hand for the shipped policy alone."""

from datetime import date
from typing import Final

from django.db import connection, transaction

from backoffice.demo.bench.portfolio import BUSINESS_DATE
from cases.models import PolicyVersion

_FACTS: Final = """
CREATE TEMPORARY TABLE floor_facts ON COMMIT DROP AS
WITH touch AS (
    SELECT borrower_id, count(*) AS attempts,
           max(attempted_at::date) - min(attempted_at::date) + 1 AS span,
           count(DISTINCT channel) AS channels,
           count(DISTINCT CASE WHEN extract(hour FROM attempted_at AT TIME ZONE 'Asia/Shanghai') < 12 THEN 1
                               WHEN extract(hour FROM attempted_at AT TIME ZONE 'Asia/Shanghai') < 18 THEN 2 ELSE 3 END) AS parts,
           count(*) FILTER (WHERE right_party) AS reached,
           count(DISTINCT (attempted_at AT TIME ZONE 'Asia/Shanghai')::date)
               FILTER (WHERE channel = 'VOICE' AND outcome IN ('NO_ANSWER', 'BUSY', 'SWITCHED_OFF')) AS failures
    FROM cases_contactattempt
    WHERE attempted_at >= (%(on)s::date - 59)::timestamp AT TIME ZONE 'Asia/Shanghai'
      AND attempted_at < (%(on)s::date + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
    GROUP BY borrower_id
),
paid AS (SELECT account.borrower_id, max(paid_on) AS paid_on FROM cases_repayment JOIN cases_account account ON account.id = account_id
         GROUP BY account.borrower_id),
sign AS (SELECT borrower_id, count(*) AS signs, max(confidence) AS confidence FROM cases_suspicionsignal
         WHERE cleared_on IS NULL GROUP BY borrower_id),
statement AS (SELECT account_id, count(*) FILTER (WHERE days_past_due > 0) AS late FROM cases_statement GROUP BY account_id),
promise AS (SELECT borrower_id, count(*) FILTER (WHERE state = 'BROKEN') AS broken FROM cases_promisetopay GROUP BY borrower_id)
SELECT account.id AS account_id, account.borrower_id, account.days_past_due, account.outstanding_principal, account.arrears_amount,
       %(on)s::date - (borrower.last_app_login_at AT TIME ZONE 'Asia/Shanghai')::date AS login, %(on)s::date - paid.paid_on AS payment,
       touch.attempts, touch.span, touch.channels, touch.parts, COALESCE(touch.reached, 0) AS reached, touch.failures,
       COALESCE(sign.signs, 0) AS signs, sign.confidence, statement.late, promise.broken,
       EXISTS (SELECT 1 FROM cases_borrowerflag flag WHERE flag.borrower_id = account.borrower_id AND cleared_at IS NULL) AS flagged
FROM cases_account account JOIN cases_borrower borrower ON borrower.id = account.borrower_id
LEFT JOIN touch USING (borrower_id) LEFT JOIN paid USING (borrower_id) LEFT JOIN sign USING (borrower_id)
LEFT JOIN statement ON statement.account_id = account.id LEFT JOIN promise USING (borrower_id)
WHERE account.days_past_due > 0 OR account.arrears_amount > 0"""

_HITS: Final = """
WITH gate AS (
    SELECT * FROM floor_facts
    WHERE days_past_due > 10 AND days_past_due <= 360 AND outstanding_principal >= 20000 AND NOT flagged
)
INSERT INTO cases_triggerhit (account_id, borrower_id, rule, policy_version_id, entered_on, facts, muted, created_at)
SELECT account_id, borrower_id, rule, %(version)s, %(on)s, jsonb_build_object('days_past_due', days_past_due), false, now()
FROM gate CROSS JOIN LATERAL (VALUES
    ('LARGE_ARREARS', days_past_due >= 61 AND outstanding_principal >= 50000 AND arrears_amount >= 20000),
    ('LONG_OVERDUE_UNREACHABLE', days_past_due >= 31 AND reached = 0 AND (login IS NULL OR login > 7)
        AND (payment IS NULL OR payment > 7) AND attempts >= 6 AND span >= 7 AND channels >= 3 AND parts >= 3 AND failures >= 3),
    ('FALSE_INFORMATION', days_past_due >= 31 AND (signs >= 1 AND confidence >= 0.7 OR signs >= 3))
) rules (rule, holds)
WHERE holds"""

_CASES: Final = """
INSERT INTO cases_case (borrower_id, territory_id, stage, grade, priority, opened_on, sla_due_on, close_reason,
                        policy_version_id, created_at, updated_at)
SELECT borrower.id, borrower.territory_id, 'OPEN', 'C', 1, %(on)s, %(on)s::date + 5, '', %(version)s, now(), now()
FROM cases_borrower borrower WHERE id IN (SELECT borrower_id FROM cases_triggerhit WHERE left_on IS NULL)"""


def first_night() -> tuple[int, int]:
    """Write the hits and cases of the shipped policy; return how many of each."""
    params: dict[str, date | int] = {"on": BUSINESS_DATE, "version": PolicyVersion.objects.get().pk}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_FACTS, params)
        cursor.execute(_HITS, params)
        hits = cursor.rowcount
        cursor.execute(_CASES, params)
        return hits, cursor.rowcount
