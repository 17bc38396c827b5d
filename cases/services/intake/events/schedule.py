"""What follows from the instalments of an account: arrears, days past due, principal left, and a statement a month."""

from datetime import datetime
from typing import Final

from django.db import connection

from cases.services.intake.events.tables import INSTALMENT

# An instalment is late from the day after its due day. What is paid covers interest before principal. Rows of an account
# may come in several batches: each batch derives the figures of its accounts again from all stored instalments.
_TOUCHED: Final = f"""
    touched AS MATERIALIZED (
        SELECT account.id, account.as_of AS known, max(i.as_of) AS as_of
        FROM (SELECT DISTINCT account_ref FROM {INSTALMENT.stage}) s
        CROSS JOIN LATERAL (SELECT id, as_of FROM cases_account WHERE external_ref = s.account_ref LIMIT 1) account
        CROSS JOIN LATERAL (
            SELECT as_of FROM cases_scheduledinstalment WHERE account_id = account.id OFFSET 0
        ) i
        GROUP BY account.id, account.as_of
    )
"""  # noqa: S608  constants
_FIGURES: Final = f"""
    WITH {_TOUCHED}, figures AS MATERIALIZED (
        SELECT touched.id, touched.as_of,
               COALESCE(sum(GREATEST(i.due_amount - i.paid_amount, 0)) FILTER (WHERE i.due_on < touched.as_of), 0) AS arrears,
               min(i.due_on) FILTER (WHERE i.due_on < touched.as_of AND i.paid_amount < i.due_amount) AS oldest,
               sum(GREATEST(i.principal - GREATEST(i.paid_amount - (i.due_amount - i.principal), 0), 0)) AS principal
        FROM touched
        CROSS JOIN LATERAL (
            SELECT due_on, due_amount, paid_amount, principal FROM cases_scheduledinstalment
            WHERE account_id = touched.id OFFSET 0
        ) i
        WHERE touched.as_of >= touched.known
        GROUP BY touched.id, touched.as_of
    )
    UPDATE cases_account account
    SET arrears_amount = figures.arrears, days_past_due = COALESCE(figures.as_of - figures.oldest, 0),
        outstanding_principal = figures.principal, as_of = figures.as_of, updated_at = %s
    FROM figures WHERE account.id = figures.id
      AND (account.arrears_amount, account.days_past_due, account.outstanding_principal, account.as_of)
          IS DISTINCT FROM
          (figures.arrears, COALESCE(figures.as_of - figures.oldest, 0), figures.principal, figures.as_of)
"""  # noqa: S608  constants
# A month closes on its last day, the current one on the day of the figures.
_STATEMENTS: Final = f"""
    WITH {_TOUCHED}, month AS (
        SELECT touched.id AS account_id, date_trunc('month', i.due_on)::date AS period, max(i.due_on) AS due_on,
               sum(i.due_amount) AS due, sum(i.paid_amount) AS paid,
               LEAST((date_trunc('month', i.due_on) + interval '1 month - 1 day')::date, touched.as_of) AS close
        FROM touched
        CROSS JOIN LATERAL (
            SELECT due_on, due_amount, paid_amount FROM cases_scheduledinstalment
            WHERE account_id = touched.id OFFSET 0
        ) i
        WHERE i.due_on <= touched.as_of
        GROUP BY touched.id, touched.as_of, date_trunc('month', i.due_on)
    )
    INSERT INTO cases_statement
        (account_id, period, due_on, balance, due_amount, paid_amount, days_past_due, is_idle)
    SELECT month.account_id, month.period, month.due_on, at_close.balance, month.due, month.paid,
           COALESCE(month.close - at_close.oldest, 0), false
    FROM month CROSS JOIN LATERAL (
        SELECT COALESCE(sum(i.due_amount) FILTER (WHERE NOT is_paid), 0) AS balance,
               min(i.due_on) FILTER (WHERE NOT is_paid AND i.due_on < month.close) AS oldest
        FROM (
            SELECT due_on, due_amount,
                   paid_amount >= due_amount AND COALESCE(paid_on, due_on) <= month.close AS is_paid
            FROM cases_scheduledinstalment WHERE account_id = month.account_id
        ) i
    ) at_close
    ORDER BY month.account_id, month.period
    ON CONFLICT (account_id, period) DO UPDATE
    SET due_on = EXCLUDED.due_on, balance = EXCLUDED.balance, due_amount = EXCLUDED.due_amount,
        paid_amount = EXCLUDED.paid_amount, days_past_due = EXCLUDED.days_past_due
    WHERE (cases_statement.due_on, cases_statement.balance, cases_statement.due_amount, cases_statement.paid_amount,
           cases_statement.days_past_due)
          IS DISTINCT FROM
          (EXCLUDED.due_on, EXCLUDED.balance, EXCLUDED.due_amount, EXCLUDED.paid_amount, EXCLUDED.days_past_due)
"""  # noqa: S608  constants


def derive_figures(*, at: datetime) -> None:
    """
    Set the figures and statements of the accounts in the staging table of instalments, in two statements.

    Accounts whose own figures are newer than the schedule keep them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FIGURES, [at])
        cursor.execute(_STATEMENTS)
