"""What follows from the instalments of an account: arrears, days past due, principal left, and a statement a month."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import Any, Final

from django.db import connection

from cases.rules.calendar import Calendar
from cases.selectors.policies.holidays import calendars_in_use
from cases.services.intake.events.tables import INSTALMENT

# Due days further back stay as they are: what is unpaid since then is not late by some days.
_MOVED_DAYS: Final = 3_660
# Which days the calendars must speak of, by territory.
_REACH: Final = f"""
    SELECT account.territory_id, territory.jurisdiction, min(i.due_on), max(i.as_of)
    FROM (SELECT DISTINCT account_ref FROM {INSTALMENT.stage}) s
    CROSS JOIN LATERAL (SELECT id, territory_id FROM cases_account WHERE external_ref = s.account_ref LIMIT 1) account
    JOIN access_territory territory ON territory.id = account.territory_id
    CROSS JOIN LATERAL (
        SELECT due_on, as_of FROM cases_scheduledinstalment WHERE account_id = account.id OFFSET 0
    ) i
    GROUP BY account.territory_id, territory.jurisdiction ORDER BY account.territory_id
"""  # noqa: S608  constants
# The day from which an instalment is looked for: its due day, or the next working day where banks do no business on it. An
# array by days since the first one costs no join.
_EXPECTED: Final = "(i.due_on + COALESCE((SELECT shifts FROM moved)[i.due_on - (SELECT first FROM moved) + 1], 0))"
# An instalment is late from the day after it was expected. What is paid covers interest before principal. Rows of an account
# may come in several batches: each batch derives the figures of its accounts again from all stored instalments.
_TOUCHED: Final = f"""
    moved AS (SELECT %(first)s::date AS first, %(shifts)s::int[] AS shifts),
    touched AS MATERIALIZED (
        SELECT account.id, account.as_of AS known, max(i.as_of) AS as_of
        FROM (SELECT DISTINCT account_ref FROM {INSTALMENT.stage}) s
        CROSS JOIN LATERAL (
            SELECT id, as_of, territory_id FROM cases_account WHERE external_ref = s.account_ref LIMIT 1
        ) account
        CROSS JOIN LATERAL (
            SELECT as_of FROM cases_scheduledinstalment WHERE account_id = account.id OFFSET 0
        ) i
        WHERE account.territory_id = ANY(%(territories)s::bigint[])
        GROUP BY account.id, account.as_of
    )
"""  # noqa: S608  constants
_FIGURES: Final = f"""
    WITH {_TOUCHED}, figures AS MATERIALIZED (
        SELECT touched.id, touched.as_of,
               COALESCE(sum(GREATEST(i.due_amount - i.paid_amount, 0)) FILTER (WHERE i.expected_on < touched.as_of), 0) AS arrears,
               min(i.expected_on) FILTER (WHERE i.expected_on < touched.as_of AND i.paid_amount < i.due_amount) AS oldest,
               sum(GREATEST(i.principal - GREATEST(i.paid_amount - (i.due_amount - i.principal), 0), 0)) AS principal
        FROM touched
        CROSS JOIN LATERAL (
            SELECT {_EXPECTED} AS expected_on, due_amount, paid_amount, principal FROM cases_scheduledinstalment i
            WHERE account_id = touched.id OFFSET 0
        ) i
        WHERE touched.as_of >= touched.known
        GROUP BY touched.id, touched.as_of
    )
    UPDATE cases_account account
    SET arrears_amount = figures.arrears, days_past_due = COALESCE(figures.as_of - figures.oldest, 0),
        outstanding_principal = figures.principal, as_of = figures.as_of, updated_at = %(at)s
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
               min(i.expected_on) FILTER (WHERE NOT is_paid AND i.expected_on < month.close) AS oldest
        FROM (
            SELECT {_EXPECTED} AS expected_on, due_amount,
                   paid_amount >= due_amount AND COALESCE(paid_on, due_on) <= month.close AS is_paid
            FROM cases_scheduledinstalment i WHERE account_id = month.account_id
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
    Set the figures and statements of the accounts in the staging table of instalments.

    What falls due on a day without banking business in the account's territory is expected on the next working day.
    Accounts whose own figures are newer than the schedule keep them. Two statements for all territories whose holidays
    are the same, and two more.
    """
    calendars = calendars_in_use()
    with connection.cursor() as cursor:
        cursor.execute(_REACH)
        alike = defaultdict(list)
        for territory, jurisdiction, first, last in cursor.fetchall():
            # Calendars are equal by their notices, whatever territory they were asked for.
            alike[calendars.of(jurisdiction=jurisdiction, territory=territory)].append((territory, first, last))
        for calendar, group in alike.items():
            first, last = min(row[1] for row in group), max(row[2] for row in group)
            values: dict[str, Any] = {
                "at": at,
                "territories": [row[0] for row in group],
                **_shifts(calendar, first=max(first, last - timedelta(days=_MOVED_DAYS)), last=last),
            }
            cursor.execute(_FIGURES, values)
            cursor.execute(_STATEMENTS, values)


def _shifts(calendar: Calendar, *, first: date, last: date) -> dict[str, Any]:
    """Return by how many days what is due on each day from `first` to `last` moves."""
    days = [first + timedelta(days=number) for number in range((last - first).days + 1)]
    return {"first": first, "shifts": [(calendar.working_day_from(day=day) - day).days for day in days]}
