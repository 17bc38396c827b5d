"""Photographs that look like one that was just read, found among all that were ever sent by the bands of their hashes."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection

from visits.models.photo_band import bits_of
from visits.rules.report.lookalikes import LOOKALIKE_BITS, band_keys, probe_keys

# One index scan a form; the hash stands in the index, so that what is far away is dropped without reading the table.
_FIND: Final = """
WITH forms AS MATERIALIZED (
    SELECT f.pdq::bit(256) AS pdq, f.keys::int[] AS keys FROM unnest(%(bits)s::text[], %(keys)s::text[]) AS f (pdq, keys)
), found AS (
    SELECT near.evidence_id, min(near.bits) AS bits
    FROM forms CROSS JOIN LATERAL (
        SELECT b.evidence_id, bit_count(b.pdq # forms.pdq) AS bits
        FROM visits_photoband b
        WHERE b.band_key = ANY (forms.keys) AND bit_count(b.pdq # forms.pdq) <= %(most)s
    ) near
    GROUP BY near.evidence_id
)
SELECT e.id, e.report_id, r.order_id, found.bits
FROM found
JOIN visits_evidence e ON e.id = found.evidence_id
JOIN visits_visitreport r ON r.id = e.report_id
WHERE e.id <> %(itself)s
ORDER BY (e.report_id = %(report)s) DESC, found.bits, e.id
LIMIT %(limit)s
"""
# More say no more: the reviewer looks at the nearest.
MOST_FOUND: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookalike:
    """A photograph that was read earlier and looks the same. `bits` is how many of 256 bits of the nearest hashes differ."""

    evidence_id: int
    report_id: int
    order_id: int
    bits: int


def lookalikes(*, asked: Sequence[bytes], turned: Sequence[bytes] = (), itself: int, report: int) -> list[Lookalike]:
    """
    Return the photographs within 31 bits of one of the hashes `asked` (32 bytes each), with one query: those of the
    same `report` (id) first, then the nearest first.

    Those of the hashes `turned` are found within 15 bits, and mostly up to 31; see rules/report/lookalikes.py. They are looked for across cases, crews and agencies: whoever asks shows nobody a visit that they may not see.
    `itself` is the photograph (id) that asks. No hashes find nothing.
    """
    if not asked and not turned:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _FIND,
            {
                "bits": [bits_of(pdq) for pdq in (*asked, *turned)],
                "keys": [
                    *(_listed(probe_keys(pdq=pdq)) for pdq in asked),
                    *(_listed(band_keys(pdq=pdq)) for pdq in turned),
                ],
                "most": LOOKALIKE_BITS,
                "itself": itself,
                "report": report,
                "limit": MOST_FOUND,
            },
        )
        return [
            Lookalike(evidence_id=evidence, report_id=report, order_id=order, bits=bits)
            for evidence, report, order, bits in cursor.fetchall()
        ]


def _listed(keys: Iterable[int]) -> str:
    return "{" + ",".join(map(str, keys)) + "}"
