"""
The ledger of terms: effective values computed from what stands, and the lines that instruct the core of each change.

The lender's core owns the terms. Whoever changes what stands locks the terms first, and settles them in the same transaction:
the effective value of each is compared with the last instruction, and a changed value leaves as a line with its event in the
outbox, under a version that grows by one for each account and term. docs/adr/0033.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.utils.timezone import localdate

from backoffice.outbox.services import add_events_from
from cases.enums import AccountStatus, MeasureMode, TermsField
from cases.rules.terms import COLLECTION_ORDER, MOST_RATE_OFF, NORMAL_COLLECTION, PENALTY_CHARGED

TOPIC: Final = "terms.changed"
# Events of one account are delivered in order: this and the account's id are their order key.
ORDER: Final = "terms:"

# What the account says of each term. Collection and penalty are no columns of the core's files.
COLUMN_OF_FIELD: Final = f"""CASE {{field}}
    WHEN '{TermsField.LIMIT}' THEN a.credit_limit::text
    WHEN '{TermsField.RATE}' THEN a.annual_rate::text
    WHEN '{TermsField.STATUS}' THEN a.status
    WHEN '{TermsField.COLLECTION}' THEN '{NORMAL_COLLECTION}'
    ELSE '{PENALTY_CHARGED}' END"""

# The first look at a term keeps what the core says of it now.
_MAKE: Final = f"""
    INSERT INTO cases_accountterm (account_id, field, base, effective, held, held_before, version, acknowledged_version,
                                   trouble, updated_at)
    SELECT a.id, wanted.field, value, value, value, value, 0, 0, '', %(at)s
    FROM unnest(%(accounts)s::bigint[], %(fields)s::text[]) AS wanted (account_id, field)
    JOIN cases_account a ON a.id = wanted.account_id
    CROSS JOIN LATERAL (SELECT {COLUMN_OF_FIELD.format(field="wanted.field")} AS value) now
    ORDER BY a.id, wanted.field
    ON CONFLICT (account_id, field) DO NOTHING"""  # noqa: S608  our own words
_LOCK: Final = """
    SELECT t.id FROM cases_accountterm t
    JOIN unnest(%(accounts)s::bigint[], %(fields)s::text[]) AS wanted (account_id, field)
      ON wanted.account_id = t.account_id AND wanted.field = t.field
    ORDER BY t.account_id, t.field FOR NO KEY UPDATE OF t"""

_PROTECTION: Final = ", ".join(f"'{mode}'" for mode in COLLECTION_ORDER)
# cases.rules.terms.effective_value as SQL; a test compares the two.
EFFECTIVE: Final = f"""CASE t.field
    WHEN '{TermsField.COLLECTION}' THEN coalesce((ARRAY[{_PROTECTION}])[m.strongest], t.base)
    WHEN '{TermsField.PENALTY}' THEN CASE WHEN m.waived THEN '{MeasureMode.WAIVED}' ELSE t.base END
    WHEN '{TermsField.STATUS}' THEN CASE WHEN m.frozen AND t.base = '{AccountStatus.ACTIVE}'
        THEN '{AccountStatus.FROZEN}' ELSE t.base END
    WHEN '{TermsField.LIMIT}' THEN greatest(least(t.base::numeric + m.increase, m.cap), 0)::numeric(14, 2)::text
    ELSE greatest(least(t.base::numeric - least(m.reduction, {MOST_RATE_OFF}), m.ceiling), 0)::numeric(6, 5)::text END"""

# What stands on the term `t`, as one row.
_STANDING: Final = f"""
    SELECT min(s.amount) FILTER (WHERE s.mode = '{MeasureMode.CAP}') AS cap,
           min(s.amount) FILTER (WHERE s.mode = '{MeasureMode.CEILING}') AS ceiling,
           coalesce(sum(s.amount) FILTER (WHERE s.mode = '{MeasureMode.INCREASE}'), 0) AS increase,
           coalesce(sum(s.amount) FILTER (WHERE s.mode = '{MeasureMode.REDUCTION}'), 0) AS reduction,
           min(array_position(ARRAY[{_PROTECTION}], s.mode)) AS strongest,
           coalesce(bool_or(s.mode = '{MeasureMode.FROZEN}'), false) AS frozen,
           coalesce(bool_or(s.mode = '{MeasureMode.WAIVED}'), false) AS waived
    FROM cases_termsmeasure s
    WHERE s.account_id = t.account_id AND s.field = t.field AND s.ended_at IS NULL AND s.suspended_at IS NULL"""  # noqa: S608  our own words

# One statement writes terms, lines and events, so that an event is added for exactly the lines that are new. A second
# statement that reads the lines back joins them by nested loop, because the planner has no statistics of them.
_LINES: Final = f"""
    computed AS MATERIALIZED (
        SELECT t.id, t.account_id, t.field, t.effective AS before, {EFFECTIVE} AS after
        FROM cases_accountterm t
        JOIN unnest(%s::bigint[], %s::text[]) AS wanted (account_id, field)
          ON wanted.account_id = t.account_id AND wanted.field = t.field
        CROSS JOIN LATERAL (
            {_STANDING}
        ) m
    ), cause AS MATERIALIZED (
        SELECT s.account_id, s.field, max(s.decision_id) AS decision_id,
               bool_or(s.mode = '{MeasureMode.INCREASE}' AND s.ended_at IS NULL AND s.suspended_at IS NULL) AS raises
        FROM cases_termsmeasure s WHERE s.decision_id = ANY(%s::bigint[]) GROUP BY s.account_id, s.field
    ), changed AS (
        UPDATE cases_accountterm t SET effective = c.after, version = t.version + 1, instructed_at = %s, updated_at = %s
        FROM computed c
        WHERE t.id = c.id AND (c.after IS DISTINCT FROM c.before OR %s)
        RETURNING t.account_id, t.field, c.before, c.after, t.version
    ), line AS (
        INSERT INTO cases_termschange (account_id, decision_id, field, version, before, after, effective_on, expires_on,
                                       effect_key, opt_in_required, refused_reason, created_at)
        SELECT c.account_id, cause.decision_id, c.field, c.version, c.before, c.after, %s, NULL,
               c.account_id || '-' || c.field || '-' || c.version, coalesce(cause.raises, false), '', %s
        FROM changed c
        LEFT JOIN cause ON cause.account_id = c.account_id AND cause.field = c.field
        RETURNING id, account_id, decision_id, field, version, before, after, effective_on, effect_key, opt_in_required
    )"""  # noqa: S608  our own words
_EVENTS: Final = f"""
    SELECT line.effect_key AS key, jsonb_build_object(
        'effect_key', line.effect_key, 'account', account.external_ref, 'decision', line.decision_id,
        'kind', decision.kind, 'field', line.field, 'version', line.version, 'before', line.before, 'after', line.after,
        'currency', account.currency, 'effective_on', line.effective_on, 'opt_in_required', line.opt_in_required
    ) AS payload, '{ORDER}' || line.account_id AS order_key
    FROM line
    JOIN cases_account account ON account.id = line.account_id
    LEFT JOIN cases_decision decision ON decision.id = line.decision_id
    ORDER BY line.id"""  # noqa: S608  our own words

# A decision is in force once the core holds what each of its measures led to; where nothing had to change, at once.
_CARRIED: Final = """
    UPDATE cases_termsmeasure m SET version = t.version FROM cases_accountterm t
    WHERE m.decision_id = ANY(%s::bigint[]) AND m.version = 0 AND m.ended_at IS NULL
      AND t.account_id = m.account_id AND t.field = m.field"""


def lock_terms(*, terms: Iterable[tuple[int, str]], at: datetime) -> None:
    """
    Lock terms, each an account's id and a field, in one order for everybody; make those that are looked at first.

    :raises RuntimeError: if there is no transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("Terms are locked in the transaction of the change.")
    wanted = sorted(set(terms))
    bounds: dict[str, Any] = {
        "accounts": [pk for pk, _field in wanted],
        "fields": [str(field) for _pk, field in wanted],
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(_MAKE, bounds)
        cursor.execute(_LOCK, bounds)


def settle_terms(*, terms: Iterable[tuple[int, str]], causes: Sequence[int], at: datetime, again: bool = False) -> int:
    """
    Compute the effective values of locked terms and instruct the core of those that changed; return how many.

    One statement for any number, and one that notes which instruction carries each measure of `causes` (ids of decisions): the
    newest of them is named in the line. With `again` each of the terms is instructed under a new version, whether or not its
    value changed.

    :raises RuntimeError: if there is no transaction.
    """
    wanted = sorted(set(terms))
    accounts, fields = [pk for pk, _field in wanted], [str(field) for _pk, field in wanted]
    params = [accounts, fields, list(causes), at, at, again, localdate(at), at]
    written = add_events_from(topic=TOPIC, changes=_LINES, events=_EVENTS, params=params, at=at) if wanted else 0
    with connection.cursor() as cursor:
        cursor.execute(_CARRIED, [list(causes)])
    return written


# Terms whose last instruction is not what follows from what stands. There is none unless a program wrote past this door.
_ASTRAY: Final = f"""
    SELECT t.account_id, t.field FROM cases_accountterm t CROSS JOIN LATERAL ({_STANDING}) m
    WHERE t.effective IS DISTINCT FROM {EFFECTIVE} ORDER BY t.account_id, t.field LIMIT %s"""  # noqa: S608  our own words


@transaction.atomic
def settle_astray(*, at: datetime, most: int = 5_000) -> int:
    """Instruct the terms, at most `most`, whose last instruction is not what follows from what stands; return how many."""
    with connection.cursor() as cursor:
        cursor.execute(_ASTRAY, [most])
        terms = [(int(pk), str(field)) for pk, field in cursor.fetchall()]
    if not terms:
        return 0
    lock_terms(terms=terms, at=at)
    return settle_terms(terms=terms, causes=(), at=at)
