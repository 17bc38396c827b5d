"""The SQL of trials: each statement reads kept facts, aggregates in the database and returns groups, never accounts."""

# ruff: noqa: S608 - composed of our own texts; values travel as parameters

from typing import Final

# The rules that hold for each overdue account of the range, as bits by rule. `live` leaves muted rules out.
_SEEN: Final = """
WITH seen (account_id, borrower_id, territory_id, dpd, new, old, elsewhere, uncompared) AS MATERIALIZED ({seen}),
mute AS MATERIALIZED (
    SELECT borrower_id,
           bit_or(COALESCE(1::bigint << (array_position(%(codes)s::text[], rule::text) - 1), 0)) AS new,
           bit_or(COALESCE(1::bigint << (array_position(%(old_codes)s::text[], rule::text) - 1), 0)) AS old
    FROM cases_rulemute
    WHERE until >= %(on)s AND created_at < %(day_ends)s AND borrower_id >= %(lower)s AND borrower_id < %(upper)s
    GROUP BY borrower_id
),
live AS MATERIALIZED (
    SELECT seen.*, seen.new & ~COALESCE(mute.new, 0) AS live_new, seen.old & ~COALESCE(mute.old, 0) AS live_old
    FROM seen LEFT JOIN mute USING (borrower_id)
    WHERE seen.new <> 0 OR seen.old <> 0 OR seen.elsewhere <> 0
)"""

# A borrower with several accounts counts under the city and bucket of the account with the most days past due.
# Borrowers without a change are counted without city and bucket, so that the result has few rows.
COMPARE: Final = f"""{_SEEN},
people AS MATERIALIZED (
    SELECT borrower_id, bit_or(live_new) AS new, bit_or(live_old) AS old, bit_or(elsewhere) AS elsewhere,
           max(ARRAY[dpd::bigint, territory_id]) AS worst
    FROM live GROUP BY borrower_id
),
judged AS MATERIALIZED (
    SELECT people.*, new & %(visits)s <> 0 OR elsewhere & 2 <> 0 AS visit_new,
           old & %(old_visits)s <> 0 OR elsewhere & 2 <> 0 AS visit_old,
           new <> 0 OR elsewhere <> 0 AS case_new, old <> 0 OR elsewhere <> 0 AS case_old
    FROM people
)
SELECT 'account' AS part, new, old, 0::bigint AS city, 0::bigint AS bucket, false, false, false, false, count(*), count(*) FILTER (WHERE uncompared)
FROM seen GROUP BY new, old
UNION ALL
SELECT 'muted', new & ~live_new, 0, 0, 0, false, false, false, false, count(*), 0
FROM live WHERE new <> live_new GROUP BY 2
UNION ALL
SELECT 'borrower', new, old, CASE WHEN changed THEN worst[2] ELSE 0 END,
       CASE WHEN changed THEN LEAST((worst[1] + 29) / 30, 7) ELSE 0 END,
       case_new, case_old, visit_new, visit_old, count(*), 0
FROM (SELECT judged.*, case_new <> case_old OR visit_new <> visit_old AS changed FROM judged) judged
GROUP BY 2, 3, 4, 5, 6, 7, 8, 9
UNION ALL
(SELECT 'sample', borrower_id, hashint8extended(borrower_id, 0), 0, 0, false, false, false, false, 1, 0
 FROM judged WHERE visit_new AND NOT visit_old ORDER BY 3, 2 LIMIT %(sample)s)"""

# Accounts with an outcome of each kind, bad if one of the kind was bad; `outcomes` selects the days that count.
OUTCOMES: Final = f"""{_SEEN},
known AS (
    SELECT account_id, kind, bool_or(is_bad) AS is_bad FROM ({{outcomes}}) observed (account_id, kind, is_bad)
    GROUP BY account_id, kind
)
SELECT known.kind, seen.account_id IS NOT NULL, COALESCE(live.live_new, 0), COALESCE(live.live_old, 0), known.is_bad, count(*)
FROM known LEFT JOIN seen USING (account_id) LEFT JOIN live USING (account_id)
GROUP BY 1, 2, 3, 4, 5"""

# The rules of a past day over its facts, compared with the hits recorded that day. A recorded hit in a currency without
# a rate, or of a borrower set aside that night, was not judged and is counted apart.
REPLAY: Final = """
WITH seen (account_id, borrower_id, page, mask) AS MATERIALIZED ({seen}),
rule AS (SELECT * FROM unnest(%(pages)s::int[], %(places)s::int[], %(codes)s::text[]) AS r (page, place, code)),
holds AS MATERIALIZED (
    SELECT seen.account_id, seen.borrower_id, rule.code AS rule
    FROM seen JOIN rule ON rule.page = seen.page AND seen.mask & (1::bigint << rule.place) <> 0 WHERE seen.mask <> 0
),
kept AS MATERIALIZED (
    SELECT account_id, borrower_id, rule::text AS rule FROM cases_triggerhit
    WHERE borrower_id >= %(lower)s AND borrower_id < %(upper)s
      AND entered_on <= %(on)s AND (left_on IS NULL OR left_on > %(on)s)
)
SELECT rule,
       CASE WHEN borrower_id = ANY(%(aside)s::bigint[]) THEN 'unjudged'
            WHEN kept.account_id IS NULL THEN 'unrecorded'
            WHEN holds.account_id IS NOT NULL THEN 'same'
            WHEN account.currency = ANY(%(currencies)s::text[]) THEN 'unfounded' ELSE 'unjudged' END AS found,
       count(*), (array_agg(account_id ORDER BY account_id))[1:%(most)s]
FROM holds FULL JOIN kept USING (account_id, borrower_id, rule)
LEFT JOIN (SELECT id AS account_id, currency FROM cases_account
           WHERE borrower_id >= %(lower)s AND borrower_id < %(upper)s) account USING (account_id)
GROUP BY 1, 2
UNION ALL
SELECT '', 'judged', count(*), NULL FROM seen"""

# The exclusive end of the range that begins at `lower`: the borrower `size` rows of facts later.
RANGE_END: Final = """
SELECT borrower_id FROM cases_accountfacts
WHERE business_date = %(on)s AND borrower_id > %(lower)s ORDER BY borrower_id OFFSET %(size)s LIMIT 1"""
