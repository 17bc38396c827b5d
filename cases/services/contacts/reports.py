"""
Contacts that were reported use up their permits; what was wrong with them is kept as breaches.

At most three statements, however many contacts. A contact is judged when it is written and again whenever another contact of the
person's day or of the number's day is: whose report comes first makes no difference. Within a day, contacts with a permit
come first: a place that was reserved is theirs.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from cases.enums import BreachKind, Channel, Direction, PermitState, WishKind
from cases.services.contacts.limits_sql import LIMITS, limit_parameters

# Older contacts are history that a lender loads once; nobody is called to account for them here.
JUDGED_DAYS: Final = 90
# Local days of any zone lie within so many days of the instant.
EDGE: Final = timedelta(days=2)
_REFS: Final = "string_to_array(%(refs)s, E'\\x1f')"

# The permits that the reported contacts use: by reference, person, channel, number and time. Each by its earliest contact.
_USE: Final = f"""
WITH reported AS (
    SELECT DISTINCT ON (p.id) p.id, a.external_ref
    FROM cases_contactattempt a
    JOIN cases_borrower b ON b.id = a.borrower_id
    JOIN cases_contactpermit p ON p.reference = a.permit_ref
    JOIN cases_borrower asked ON asked.id = p.borrower_id AND asked.person_key = b.person_key
    WHERE a.external_ref = ANY({_REFS}) AND a.attempted_at BETWEEN %(first)s AND %(last)s AND a.permit_ref <> ''
      AND a.direction = %(outbound)s AND p.state = %(reserved)s AND p.counts_until > %(at)s AND p.channel = a.channel
      AND (p.number_index = a.number_index OR a.number_index = ''::bytea)
      AND (p.channel = %(visit)s OR a.attempted_at >= date_trunc('second', p.asked_at)) AND a.attempted_at < p.valid_until
    ORDER BY p.id, a.attempted_at, a.external_ref
), locked AS (
    SELECT p.id FROM cases_contactpermit p JOIN reported USING (id) ORDER BY p.id FOR NO KEY UPDATE OF p
)
UPDATE cases_contactpermit p SET state = %(used)s, settled_at = %(at)s, used_by = reported.external_ref
FROM reported JOIN locked USING (id)
WHERE p.id = reported.id AND p.state = %(reserved)s"""  # noqa: S608  constants
# A report that leaves out the number counts for the number of its permit.
_NUMBERS: Final = f"""
UPDATE cases_contactattempt a SET number_index = p.number_index
FROM cases_contactpermit p
WHERE a.external_ref = ANY({_REFS}) AND a.attempted_at BETWEEN %(first)s AND %(last)s AND a.permit_ref <> ''
  AND a.number_index = ''::bytea AND p.number_index <> ''::bytea
  AND p.reference = a.permit_ref AND p.used_by = a.external_ref"""  # noqa: S608  constants
_JUDGE: Final = f"""
WITH {LIMITS}, written AS MATERIALIZED (
    SELECT a.id, a.external_ref, a.attempted_at, a.channel, a.number_index, a.right_party, a.permit_ref, a.borrower_id,
           a.source_id, b.person_key, l.code, l.starts, l.ends, l.weekend_starts, l.weekend_ends, l.wish_days,
           a.attempted_at AT TIME ZONE COALESCE(l.zone, t.time_zone) AS local, COALESCE(l.zone, t.time_zone) AS zone
    FROM cases_contactattempt a
    JOIN LATERAL (SELECT person_key, territory_id FROM cases_borrower b WHERE b.id = a.borrower_id) b ON true
    JOIN access_territory t ON t.id = b.territory_id
    JOIN limits l ON l.code = t.jurisdiction
    WHERE a.external_ref = ANY({_REFS}) AND a.attempted_at BETWEEN %(first)s AND %(last)s
      AND a.direction = %(outbound)s AND a.source_id IS NOT NULL
), alone AS (
    SELECT w.id, w.external_ref, w.attempted_at, w.channel, w.permit_ref, w.borrower_id, w.source_id, found.kind
    FROM written w
    JOIN LATERAL (SELECT permits_from FROM cases_contactsource s WHERE s.id = w.source_id) source ON true
    LEFT JOIN LATERAL (
        SELECT p.*, asked.person_key FROM cases_contactpermit p JOIN cases_borrower asked ON asked.id = p.borrower_id
        WHERE w.permit_ref <> '' AND p.reference = w.permit_ref
    ) p ON true
    CROSS JOIN LATERAL (SELECT COALESCE(p.state = %(used)s AND p.used_by = w.external_ref, false) AS used) u
    CROSS JOIN LATERAL (VALUES
        (%(NO_PERMIT)s, w.permit_ref = '' AND w.local::date >= source.permits_from),
        (%(UNKNOWN_PERMIT)s, w.permit_ref <> '' AND p.id IS NULL),
        (%(DESPITE_REFUSAL)s, p.state = %(refused)s),
        (%(PERMIT_GONE)s, p.state = %(released)s),
        (%(USED_TWICE)s, p.state = %(used)s AND NOT u.used),
        (%(REPORTED_LATE)s, p.state = %(expired)s OR (p.state = %(reserved)s AND p.counts_until <= %(at)s)),
        (%(OUTSIDE_VALIDITY)s, NOT u.used AND (w.attempted_at >= p.valid_until
            OR (p.channel <> %(visit)s AND p.valid_until IS NOT NULL
                AND w.attempted_at < date_trunc('second', p.asked_at)))),
        (%(OTHER_PERSON)s, p.person_key <> w.person_key),
        (%(OTHER_CHANNEL)s, p.channel <> w.channel),
        (%(OTHER_NUMBER)s, w.number_index <> ''::bytea AND p.number_index <> w.number_index),
        (%(NUMBER_STOPPED)s, w.number_index <> ''::bytea
            AND EXISTS (SELECT FROM cases_contactstop s WHERE s.number_index = w.number_index)),
        (%(HOLIDAY)s, NOT u.used AND w.channel <> %(letter)s
            AND EXISTS (SELECT FROM holidays h WHERE h.code = w.code AND h.day = w.local::date)),
        (%(QUIET_HOURS)s, NOT u.used AND w.channel <> %(letter)s
            AND NOT CASE WHEN extract(isodow FROM w.local) >= 6
                THEN w.local::time >= w.weekend_starts AND w.local::time < w.weekend_ends
                ELSE w.local::time >= w.starts AND w.local::time < w.ends END
            AND NOT EXISTS (
                SELECT FROM cases_contactwish wish JOIN cases_borrower wisher ON wisher.id = wish.borrower_id
                WHERE wisher.person_key = w.person_key AND wish.kind = %(also_then)s AND wish.granted_at <= w.attempted_at
                  AND (wish.ended_at IS NULL OR wish.ended_at > w.attempted_at)
                  AND w.local::date <= LEAST(wish.last_day, (wish.granted_at AT TIME ZONE w.zone)::date + w.wish_days)
                  AND w.local::time >= wish.opens AND w.local::time < wish.closes))
    ) found(kind, is_so)
    WHERE found.is_so
), days_of_people AS MATERIALIZED (
    SELECT DISTINCT person_key, local::date::timestamp AT TIME ZONE zone AS opens,
           (local::date + 1)::timestamp AT TIME ZONE zone AS closes
    FROM written WHERE right_party
), talks AS (
    SELECT a.*, row_number() OVER (
        PARTITION BY d.person_key, d.opens ORDER BY has_permit DESC, a.attempted_at, a.id) > l.talks AS is_over
    FROM days_of_people d
    CROSS JOIN LATERAL (SELECT id, territory_id FROM cases_borrower b WHERE b.person_key = d.person_key) b
    JOIN access_territory t ON t.id = b.territory_id
    JOIN limits l ON l.code = t.jurisdiction AND l.talks IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT a.id, a.external_ref, a.attempted_at, a.channel, a.permit_ref, a.borrower_id, a.source_id, EXISTS (
            SELECT FROM cases_contactpermit p
            WHERE a.permit_ref <> '' AND p.reference = a.permit_ref AND p.used_by = a.external_ref) AS has_permit
        FROM cases_contactattempt a
        WHERE a.borrower_id = b.id AND a.attempted_at >= d.opens AND a.attempted_at < d.closes
          AND a.attempted_at BETWEEN %(first)s - %(edge)s AND %(last)s + %(edge)s
          AND a.direction = %(outbound)s AND a.right_party
    ) a
), days_of_numbers AS MATERIALIZED (
    SELECT DISTINCT number_index, local::date::timestamp AT TIME ZONE zone AS opens,
           (local::date + 1)::timestamp AT TIME ZONE zone AS closes, borrower_id
    FROM written WHERE number_index <> ''::bytea
), users_of_numbers AS MATERIALIZED (
    SELECT d.number_index, d.opens, d.closes, of_number.borrower_id FROM days_of_numbers d
    CROSS JOIN LATERAL (
        SELECT p.borrower_id FROM cases_borrowerphone p WHERE p.number_index = d.number_index
        UNION SELECT r.borrower_id FROM cases_relatedperson r WHERE r.number_index = d.number_index
    ) of_number
    UNION SELECT number_index, opens, closes, borrower_id FROM days_of_numbers
), tries AS (
    SELECT a.*, row_number() OVER (
        PARTITION BY u.number_index, u.opens ORDER BY has_permit DESC, a.attempted_at, a.id) > l.tries AS is_over
    FROM users_of_numbers u
    CROSS JOIN LATERAL (SELECT territory_id FROM cases_borrower b WHERE b.id = u.borrower_id) b
    JOIN access_territory t ON t.id = b.territory_id
    JOIN limits l ON l.code = t.jurisdiction AND l.tries IS NOT NULL
    CROSS JOIN LATERAL (
        SELECT a.id, a.external_ref, a.attempted_at, a.channel, a.permit_ref, a.borrower_id, a.source_id, EXISTS (
            SELECT FROM cases_contactpermit p
            WHERE a.permit_ref <> '' AND p.reference = a.permit_ref AND p.used_by = a.external_ref) AS has_permit
        FROM cases_contactattempt a
        WHERE a.borrower_id = u.borrower_id AND a.attempted_at >= u.opens AND a.attempted_at < u.closes
          AND a.attempted_at BETWEEN %(first)s - %(edge)s AND %(last)s + %(edge)s
          AND a.direction = %(outbound)s AND a.number_index = u.number_index
    ) a
), breaches AS (
    SELECT external_ref, attempted_at, channel, permit_ref, borrower_id, source_id, kind FROM alone
    UNION ALL SELECT external_ref, attempted_at, channel, permit_ref, borrower_id, source_id, %(CONVERSATIONS_A_DAY)s
    FROM talks WHERE is_over AND NOT has_permit AND source_id IS NOT NULL
    UNION ALL SELECT external_ref, attempted_at, channel, permit_ref, borrower_id, source_id, %(TRIES_A_NUMBER)s
    FROM tries WHERE is_over AND NOT has_permit AND source_id IS NOT NULL
)
INSERT INTO cases_contactbreach (borrower_id, source_id, kind, contact_ref, channel, attempted_at, permit_ref, created_at)
SELECT borrower_id, source_id, kind, external_ref, channel, attempted_at, permit_ref, %(at)s FROM breaches
ORDER BY external_ref, kind
ON CONFLICT (contact_ref, kind) DO NOTHING"""  # noqa: S608  constants


def judge_contacts(
    *, refs: Sequence[str], first: datetime, last: datetime, at: datetime, name_permits: bool = True
) -> int:
    """
    Use up the permits of the contacts (references) that were made from `first` to `last`, and keep what was wrong.

    For the caller's transaction, after the contacts were written. Without `name_permits` none of them names a permit,
    which saves two statements. Returns how many breaches are new. Contacts that were
    made more than 90 days before `at` are left alone.
    """
    first = max(first, at - timedelta(days=JUDGED_DAYS))
    if not refs or last < first:
        return 0
    parameters = _parameters(refs=refs, first=first, last=last, at=at)
    with connection.cursor() as cursor:
        if name_permits:
            cursor.execute(_USE, parameters)
            cursor.execute(_NUMBERS, parameters)
        cursor.execute(_JUDGE, parameters)
        return int(cursor.rowcount)


def _parameters(*, refs: Sequence[str], first: datetime, last: datetime, at: datetime) -> dict[str, Any]:
    return {
        "refs": "\x1f".join(refs),
        "first": first,
        "last": last,
        "at": at,
        "edge": EDGE,
        "outbound": Direction.OUTBOUND.value,
        "visit": Channel.VISIT.value,
        "letter": Channel.LETTER.value,
        "also_then": WishKind.ALSO_THEN.value,
        **{state.name.lower(): state.value for state in PermitState},
        **{kind.name: kind.value for kind in BreachKind},
        **limit_parameters(first=(first - EDGE).date(), last=(last + EDGE).date()),
    }
