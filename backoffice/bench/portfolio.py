"""A synthetic portfolio, made by the database itself. No person stands behind any row."""

from datetime import date
from typing import Final

from django.db import connection

BUSINESS_DATE: Final = date(2026, 3, 2)
OVERDUE_PERCENT: Final = 30

# Deterministic: every share comes from a hash of the number, so that two runs work on the same rows.
_STEPS: Final[tuple[tuple[str, str], ...]] = (
    (
        "territories",
        """
INSERT INTO access_territory (code, name, name_en, time_zone)
SELECT 'T' || n, '区' || n, 'Area ' || n, 'Asia/Shanghai' FROM generate_series(1, 30) n""",
    ),
    (
        "borrowers",
        """
INSERT INTO cases_borrower (external_ref, territory_id, name, name_index, id_number, id_number_index, last_app_login_at,
                            source_digest, created_at, updated_at)
SELECT 'B' || n, (SELECT min(id) FROM access_territory) + n %% 30, '\\x00'::bytea, int8send(n), '\\x00'::bytea, int8send(n),
       CASE WHEN n %% 3 = 0 THEN %(on)s::timestamptz - (n %% 90) * interval '1 day' END, '\\x00'::bytea, now(), now()
FROM generate_series(1, %(people)s) n""",
    ),
    # One borrower in nine has a second account.
    (
        "accounts",
        """
INSERT INTO cases_account (borrower_id, territory_id, external_ref, product, segment, currency, status, credit_limit, annual_rate,
                           outstanding_principal, arrears_amount, days_past_due, as_of, opened_on, created_at, updated_at)
SELECT b.id, b.territory_id, 'A' || n, 'CASH', 'S' || n %% 5, 'CNY', 'ACTIVE', 100000, 0.18,
       5000 + abs(hashint8(n)) %% 90000,
       CASE WHEN n %% 100 < %(overdue)s THEN 1000 + abs(hashint8(n + 7)) %% 60000 ELSE 0 END,
       CASE WHEN n %% 100 < %(overdue)s THEN 1 + abs(hashint8(n + 13)) %% 300 ELSE 0 END,
       %(on)s, %(on)s::date - 400, now(), now()
FROM generate_series(1, %(scale)s) n
JOIN (SELECT id, territory_id, row_number() OVER (ORDER BY id) AS place FROM cases_borrower) b
  ON b.place = (n - 1) %% %(people)s + 1""",
    ),
    (
        "contacts",
        """
INSERT INTO cases_contactattempt (borrower_id, external_ref, channel, direction, outcome, right_party, receipt, attempted_at,
                                  number_index, cost, created_at)
SELECT b.borrower_id, 'C' || b.borrower_id || '-' || n, (ARRAY['VOICE', 'SMS', 'APP', 'VOICE'])[1 + n %% 4], 'OUTBOUND',
       CASE WHEN reached THEN 'RIGHT_PARTY' ELSE (ARRAY['NO_ANSWER', 'DELIVERED', 'DELIVERED', 'SWITCHED_OFF'])[1 + n %% 4] END,
       reached, n %% 2 = 0,
       %(on)s::timestamptz - (abs(hashint8(b.borrower_id * 8 + n)) %% 59) * interval '1 day' + (n * 2 %% 13) * interval '1 hour',
       int8send(b.borrower_id), 0, now()
FROM (SELECT DISTINCT borrower_id FROM cases_account WHERE days_past_due > 0) b
CROSS JOIN generate_series(1, 8) n
CROSS JOIN LATERAL (SELECT b.borrower_id %% 3 = 0 AND n = 5 AS reached) r""",
    ),
    (
        "statements",
        """
INSERT INTO cases_statement (account_id, period, balance, due_amount, paid_amount, days_past_due, is_idle)
SELECT id, (date_trunc('month', %(on)s::date) - n * interval '1 month')::date, 1000, 100, 100,
       CASE WHEN days_past_due > n * 30 THEN days_past_due - n * 30 ELSE 0 END, false
FROM cases_account CROSS JOIN generate_series(1, 6) n""",
    ),
    (
        "repayments",
        """
INSERT INTO cases_repayment (account_id, external_ref, amount, paid_on, means, created_at)
SELECT id, 'R' || id, 100, %(on)s::date - (id %% 80)::int, '', now() FROM cases_account""",
    ),
    (
        "promises",
        """
INSERT INTO cases_promisetopay (borrower_id, account_id, external_ref, channel, amount, promised_on, due_on, state, settled_on,
                                created_at, updated_at)
SELECT borrower_id, id, 'P' || id, 'VOICE', 1000, %(on)s::date - 40, %(on)s::date - 30, 'BROKEN', %(on)s::date - 26, now(), now()
FROM cases_account WHERE days_past_due > 0 AND id %% 5 = 0""",
    ),
    (
        "signals",
        """
INSERT INTO cases_suspicionsignal (borrower_id, external_ref, kind, source, confidence, noticed_on, created_at)
SELECT borrower_id, 'S' || id, 'FALSE_EMPLOYER', 'bench', 0.8, %(on)s::date - 20, now()
FROM cases_account WHERE days_past_due > 0 AND id %% 20 = 0""",
    ),
    (
        "flags",
        """
INSERT INTO cases_borrowerflag (borrower_id, kind, source, source_ref, set_at)
SELECT DISTINCT borrower_id, 'HARDSHIP', 'CALL', '', now()
FROM cases_account WHERE days_past_due > 0 AND id %% 25 = 0""",
    ),
)


def fill(*, scale: int) -> None:
    """Fill an empty database with `scale` accounts: 30 % overdue, 8 contacts each in 60 days, 6 statements an account."""
    people = max(1, scale * 9 // 10)
    params: dict[str, date | int] = {"scale": scale, "people": people, "overdue": OVERDUE_PERCENT, "on": BUSINESS_DATE}
    with connection.cursor() as cursor:
        for _name, sql in _STEPS:
            cursor.execute(sql, params)
        # As autovacuum leaves a portfolio that has been there for a day.
        cursor.execute("VACUUM ANALYZE")


def change_some(*, share: float, business_date: date) -> int:
    """Let the core report `share` of the accounts anew on a business date: overdue ones paid, others fell behind."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_account SET as_of = %(on)s,"
            " days_past_due = CASE WHEN days_past_due > 0 THEN 0 ELSE 40 END,"
            " arrears_amount = CASE WHEN days_past_due > 0 THEN 0 ELSE 25000 END"
            " WHERE abs(hashint8(id)) %% 10000 < %(share)s * 10000",
            {"on": business_date, "share": share},
        )
        return int(cursor.rowcount)


def empty_results() -> None:
    """Remove what an evaluation wrote, so that the next one also has its first night."""
    with connection.cursor() as cursor:
        cursor.execute(
            "TRUNCATE cases_accountfacts, cases_triggerhit, cases_caseevent, cases_case, cases_evaluationrun CASCADE"
        )
