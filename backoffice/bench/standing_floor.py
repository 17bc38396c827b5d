"""
The least that the database must do for the same rewards, restrictions and ends: written by hand for the shipped policy.

Each is one transaction that is taken back, so that our own run finds the same rows.
"""
# ruff: noqa: S608 - composed of words of our own

from datetime import date
from typing import Final

from django.db import connection, transaction

from backoffice.bench.evaluation_floor import FACTS
from backoffice.bench.portfolio import BUSINESS_DATE
from cases.models import PolicyVersion

_LIVE: Final = "account.status IN ('ACTIVE', 'FROZEN') OR account.days_past_due > 0 OR account.arrears_amount > 0"
_CLEAN: Final = """status IN ('ACTIVE', 'FROZEN') AND days_past_due = 0 AND arrears_amount = 0 AND NOT has_open_case
    AND broken_promises = 0 AND (days_since_reward IS NULL OR days_since_reward >= 90) AND figures_age_days <= 3"""

# All limits of the portfolio are 100,000 and a rise is 10,000, so that the budget is a number of rises.
_REWARDS: Final = f"""
WITH fit AS (
    SELECT *, row_number() OVER (ORDER BY standing_score DESC, on_time_months DESC, account_id) AS place
    FROM floor_facts
    WHERE {_CLEAN} AND on_time_months >= 6 AND late_months = 0 AND standing_score >= 700 AND months_since_statement <= 2
      AND limit_use_percent BETWEEN 20 AND 80 AND monthly_paid_percent >= 5 AND NOT flag_deceased AND NOT flag_fraud_claim
), decision AS (
    INSERT INTO cases_decision (borrower_id, account_id, policy_version_id, kind, origin, state, reasons, terms, business_date,
                                approved_under_id, approved_at, ground, created_at, updated_at)
    SELECT borrower_id, account_id, %(version)s, 'LIMIT_INCREASE', 'STANDING', 'APPROVED', '["SIX_MONTHS_ON_TIME"]',
           jsonb_build_object('before', credit_limit::text, 'limit', (credit_limit + 10000)::text), %(on)s, %(version)s, now(), '',
           now(), now()
    FROM fit WHERE place * 10000 <= 0.002 * (SELECT sum(credit_limit) FROM floor_facts)
    RETURNING id, account_id, borrower_id, terms, reasons
), measure AS (
    INSERT INTO cases_termsmeasure (account_id, decision_id, field, mode, amount, way_back, version, began_at, end_reason)
    SELECT account_id, id, 'LIMIT', 'INCREASE', 10000, '', 1, now(), '' FROM decision
), term AS (
    INSERT INTO cases_accountterm (account_id, field, base, effective, held, held_before, version, acknowledged_version, trouble,
                                   instructed_at, updated_at)
    SELECT account_id, 'LIMIT', terms ->> 'before', terms ->> 'limit', terms ->> 'before', terms ->> 'before', 1, 0, '', now(), now()
    FROM decision
), line AS (
    INSERT INTO cases_termschange (account_id, decision_id, field, version, before, after, effective_on, effect_key,
                                   opt_in_required, refused_reason, created_at)
    SELECT account_id, id, 'LIMIT', 1, terms ->> 'before', terms ->> 'limit', %(on)s, account_id || '-LIMIT-1', true, '', now()
    FROM decision RETURNING account_id, decision_id, before, after, effect_key, effective_on
), letter AS (
    INSERT INTO cases_decisionletter (decision_id, kind, state, happened_on, facts, digest, created_at, updated_at)
    SELECT decision.id, 'GRANTED', 'WAITING', %(on)s, facts, encode(sha256(convert_to(facts::text, 'UTF8')), 'hex'), now(), now()
    FROM decision JOIN cases_account account ON account.id = account_id
    CROSS JOIN LATERAL (SELECT jsonb_build_object(
        'form', 1, 'kind', 'LIMIT_INCREASE', 'reasons', reasons, 'terms', terms, 'policy_version', %(version)s, 'by_person', false,
        'decided_on', %(on)s::date, 'happened_on', %(on)s::date, 'ends_on', NULL, 'currency', account.currency, 'as_of', account.as_of,
        'days_past_due', account.days_past_due, 'arrears', account.arrears_amount::text, 'limit', account.credit_limit::text,
        'rate', account.annual_rate::text, 'on_time_months', 6, 'verification', NULL, 'instalments', NULL) AS facts) given
    RETURNING id, decision_id, digest
), event AS (
    INSERT INTO outbox_outboxevent (topic, key, payload, order_key, created_at)
    SELECT 'terms.changed', effect_key, jsonb_build_object('effect_key', effect_key, 'account', account.external_ref, 'decision',
           decision_id, 'kind', 'LIMIT_INCREASE', 'field', 'LIMIT', 'version', 1, 'before', before, 'after', after, 'currency',
           account.currency, 'effective_on', effective_on, 'opt_in_required', true), 'terms:' || account_id, now()
    FROM line JOIN cases_account account ON account.id = account_id
    UNION ALL
    SELECT 'decision.letter', 'decision.letter:' || letter.id, jsonb_build_object('letter', letter.id, 'decision', decision_id,
           'borrower', borrower.external_ref, 'digest', digest), '', now()
    FROM letter JOIN decision ON decision.id = decision_id JOIN cases_borrower borrower ON borrower.id = borrower_id
)
SELECT count(*) FROM decision"""

_RESTRICTIONS: Final = """
WITH spared AS (SELECT * FROM floor_facts WHERE protected_flags = 0 AND NOT on_active_plan AND arrears_amount > 0 AND figures_age_days <= 3),
decision AS (
    INSERT INTO cases_decision (borrower_id, account_id, policy_version_id, kind, origin, state, reasons, terms, business_date,
                                expires_on, ground, created_at, updated_at)
    SELECT borrower_id, account_id, %(version)s, 'FREEZE', 'STANDING', 'PROPOSED', '["DRAWING_STOPS"]'::jsonb,
           '{"status": "FROZEN", "way_back": "PAY_THE_ARREARS"}'::jsonb, %(on)s, %(on)s::date + 180, '', now(), now()
    FROM spared WHERE status = 'ACTIVE' AND days_past_due >= 1
    UNION ALL
    SELECT borrower_id, account_id, %(version)s, 'LIMIT_CUT', 'STANDING', 'PROPOSED', '["LONG_OVERDUE_LIMIT"]'::jsonb,
           jsonb_build_object('before', credit_limit::text, 'limit', '50000.00', 'way_back', 'PAY_THE_ARREARS'), %(on)s,
           %(on)s::date + 365, '', now(), now()
    FROM spared WHERE status IN ('ACTIVE', 'FROZEN') AND days_past_due >= 91
      AND (days_since_restriction IS NULL OR days_since_restriction >= 90)
    RETURNING id
)
SELECT count(*) FROM decision"""

_ANSWER: Final = (
    "UPDATE cases_accountterm SET held = effective, acknowledged_version = version, acknowledged_at = now() WHERE field = 'STATUS'",
    "UPDATE cases_termschange SET acknowledged_at = now(), sent_at = now() WHERE field = 'STATUS'",
    "UPDATE cases_decision SET state = 'ACKNOWLEDGED' WHERE kind = 'FREEZE' AND state = 'APPROVED'",
    "UPDATE cases_account a SET arrears_amount = 0, days_past_due = 0, status = 'FROZEN'"
    " FROM cases_accountterm t WHERE t.account_id = a.id AND t.field = 'STATUS'",
)

_LIFT: Final = """
WITH measure AS (
    UPDATE cases_termsmeasure m SET ended_at = now(), end_reason = 'CURED' FROM cases_account account
    WHERE account.id = m.account_id AND m.ended_at IS NULL AND m.way_back = 'PAY_THE_ARREARS'
      AND account.arrears_amount = 0 AND account.days_past_due = 0
    RETURNING m.account_id, m.decision_id
), decision AS (
    UPDATE cases_decision d SET state = 'LIFTED', updated_at = now() FROM measure WHERE d.id = measure.decision_id
    RETURNING d.id, d.borrower_id, d.terms, d.reasons
), term AS (
    UPDATE cases_accountterm t SET effective = base, version = version + 1, instructed_at = now(), updated_at = now()
    FROM measure WHERE t.account_id = measure.account_id AND t.field = 'STATUS'
    RETURNING t.account_id, t.version, measure.decision_id
), line AS (
    INSERT INTO cases_termschange (account_id, decision_id, field, version, before, after, effective_on, effect_key,
                                   opt_in_required, refused_reason, created_at)
    SELECT account_id, decision_id, 'STATUS', version, 'FROZEN', 'ACTIVE', %(on)s, account_id || '-STATUS-' || version, false, '', now()
    FROM term RETURNING account_id, decision_id, version, effect_key
), letter AS (
    INSERT INTO cases_decisionletter (decision_id, kind, state, happened_on, facts, digest, created_at, updated_at)
    SELECT decision.id, 'LIFTED', 'WAITING', %(on)s, facts, encode(sha256(convert_to(facts::text, 'UTF8')), 'hex'), now(), now()
    FROM decision JOIN measure ON measure.decision_id = decision.id JOIN cases_account account ON account.id = measure.account_id
    CROSS JOIN LATERAL (SELECT jsonb_build_object(
        'form', 1, 'kind', 'FREEZE', 'reasons', reasons, 'terms', terms, 'policy_version', 1, 'by_person', true,
        'decided_on', %(on)s::date, 'happened_on', %(on)s::date, 'ends_on', %(on)s::date, 'currency', account.currency, 'as_of',
        account.as_of, 'days_past_due', 0, 'arrears', '0.00', 'limit', account.credit_limit::text, 'rate', account.annual_rate::text,
        'on_time_months', 0, 'verification', NULL, 'instalments', NULL) AS facts) given
    RETURNING id, decision_id, digest
), event AS (
    INSERT INTO outbox_outboxevent (topic, key, payload, order_key, created_at)
    SELECT 'terms.changed', effect_key, jsonb_build_object('effect_key', effect_key, 'account', account.external_ref, 'decision',
           decision_id, 'kind', 'FREEZE', 'field', 'STATUS', 'version', version, 'before', 'FROZEN', 'after', 'ACTIVE', 'currency',
           account.currency, 'effective_on', %(on)s::date, 'opt_in_required', false), 'terms:' || account_id, now()
    FROM line JOIN cases_account account ON account.id = account_id
    UNION ALL
    SELECT 'decision.letter', 'decision.letter:' || letter.id, jsonb_build_object('letter', letter.id, 'decision', decision_id,
           'borrower', borrower.external_ref, 'digest', digest), '', now()
    FROM letter JOIN decision ON decision.id = decision_id JOIN cases_borrower borrower ON borrower.id = borrower_id
)
SELECT count(*) FROM decision"""


def night() -> dict[str, int]:
    """Work out the facts, write rewards and restrictions, and take all back; return how many decisions and letters there were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(FACTS.format(scope=_LIVE), _parameters())
        cursor.execute(_REWARDS, _parameters())
        rewards = int(cursor.fetchone()[0])
        cursor.execute(_RESTRICTIONS, _parameters())
        restrictions = int(cursor.fetchone()[0])
        transaction.set_rollback(True)
    return {"decisions": rewards + restrictions, "letters": rewards}


def lift() -> int:
    """End the freezes of accounts that have paid, and take all back; return how many there were."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_LIFT, _parameters())
        found = int(cursor.fetchone()[0])
        transaction.set_rollback(True)
    return found


def answer_and_pay() -> None:
    """Let the core answer every instruction about a status, and their accounts pay what was due."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _ANSWER:
            cursor.execute(statement)


def _parameters() -> dict[str, date | int]:
    return {"on": BUSINESS_DATE, "version": PolicyVersion.objects.get().pk}
