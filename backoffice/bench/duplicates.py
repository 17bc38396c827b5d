"""Looking for copies of a photograph among SCALE hashes, beside the bare index scan and a comparison with all in Python."""

import random
import time
from statistics import median
from typing import Any, Final

from django.db import connection
from django.utils import timezone

from backoffice.bench.registry import ProgressLog, Result
from visits.models import PhotoBand, VisitReport
from visits.models.photo_band import bits_of
from visits.rules.report.lookalikes import LOOKALIKE_BITS, band_keys, probe_keys
from visits.selectors.lookalikes import Lookalike, lookalikes

LOOKUPS: Final = 200
# A photograph is looked up by the eight forms of one hash, and by further hashes of its parts.
FORMS: Final = 8
NAIVE_SAMPLE: Final = 20_000
_FILL: Final = """
INSERT INTO visits_photoband (evidence_id, part, band_key, pdq)
SELECT n, 'WHOLE', (band << 16) | (get_byte(h, band * 2) << 8) | get_byte(h, band * 2 + 1),
    ('x' || encode(h, 'hex'))::bit(256)
FROM (SELECT n, sha256(n::text::bytea) AS h FROM generate_series(%s::int, %s::int) AS n) hashes
CROSS JOIN generate_series(0, 15) AS band
"""
_FLOOR: Final = """
WITH forms AS MATERIALIZED (
    SELECT pdq::bit(256) AS pdq, keys::int[] AS keys FROM unnest(%(bits)s::text[], %(keys)s::text[]) AS f (pdq, keys)
)
SELECT b.evidence_id FROM forms f CROSS JOIN LATERAL (
    SELECT evidence_id FROM visits_photoband WHERE band_key = ANY (f.keys) AND bit_count(pdq # f.pdq) <= %(most)s
) b
"""
# One report of no visit holds all photographs of the bench's own database: the look-up reads their rows, not their visits.
_WITHOUT_VISITS: Final = """
DO $$ DECLARE found record;
BEGIN
    FOR found IN SELECT conname, conrelid::regclass AS held_by FROM pg_constraint
        WHERE contype = 'f' AND conrelid IN ('visits_photoband'::regclass, 'visits_evidence'::regclass, 'visits_visitreport'::regclass)
    LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', found.held_by, found.conname);
    END LOOP;
END $$
"""
_PHOTOGRAPHS: Final = """
INSERT INTO visits_evidence (id, report_id, section, external_ref, kind, state, file, media_type, byte_count, sha256,
    preview_sha256, file_problem, perceptual_hash, point, camera, software, trust_score, signals, mock_location,
    received_at, read_attempts, read_at, updated_at)
SELECT n, %(report)s, '', 'bench-' || n, %(kind)s, %(state)s, '', 'image/jpeg', 1, '', '', '', '', '', '', '', 50, '[]', false,
    now(), 1, now(), now()
FROM generate_series(%(first)s::int, %(last)s::int) AS n
"""
BATCH: Final = 100_000


def run(*, scale: int, log_progress: ProgressLog) -> Result:
    """
    File `scale` random hashes and look photographs up by eight hashes each; every second one has a copy that is found.

    `lookup_ms` is the median of one photograph; `seconds` is of all look-ups. The floor is the same index scan by bare SQL
    without the photographs' reports. The naive way compares a sample in Python and is extrapolated to all hashes.
    """
    _fill(scale=scale, log_progress=log_progress)
    dice = random.Random(7)
    asked = [_photograph(dice, scale=scale, has_copy=number % 2 == 0) for number in range(LOOKUPS)]
    for photograph in asked[:20]:
        _look_up(photograph)
    times, floor_times = [], []
    for photograph in asked:
        times.append(_timed(lambda given=photograph: _look_up(given)))
        floor_times.append(_timed(lambda given=photograph: _floor(given)))
    found = sum(len(_look_up(photograph)) for photograph in asked)
    if found != LOOKUPS // 2:
        raise RuntimeError(f"Of {LOOKUPS // 2} copies {found} were found.")
    sample = [dice.randbytes(32) for _each in range(NAIVE_SAMPLE)]
    naive = _timed(
        lambda: [(int.from_bytes(one) ^ int.from_bytes(other)).bit_count() for one in asked[0] for other in sample]
    )
    one = _timed(lambda: [lookalikes(asked=photograph[:1], itself=0, report=0) for photograph in asked])
    return Result(
        seconds=sum(times),
        items=LOOKUPS,
        floor_seconds=sum(floor_times),
        naive_seconds=naive * scale / NAIVE_SAMPLE * LOOKUPS,
        extra={
            "lookup_ms": round(median(times) * 1000, 2),
            "lookup_p95_ms": round(sorted(times)[int(LOOKUPS * 0.95)] * 1000, 2),
            "one_hash_ms": round(one / LOOKUPS * 1000, 2),
            "forms": FORMS,
        },
    )


def _fill(*, scale: int, log_progress: ProgressLog) -> None:
    now = timezone.now()
    index, only_once = PhotoBand._meta.indexes[0], PhotoBand._meta.constraints[0]
    with connection.cursor() as cursor:
        cursor.execute(_WITHOUT_VISITS)
        # An index that is made over the filled table takes a tenth of the time.
        with connection.schema_editor() as editor:
            editor.remove_index(PhotoBand, index)
            editor.remove_constraint(PhotoBand, only_once)
        report = VisitReport.objects.create(
            order_id=1, external_ref="bench", findings=[], recommendation="CLOSE", submitted_at=now, created_at=now
        )
        for first in range(1, scale + 1, BATCH):
            last = min(scale, first + BATCH - 1)
            values: dict[str, Any] = {
                "report": report.pk,
                "kind": "DOOR",
                "state": "READ",
                "first": first,
                "last": last,
            }
            cursor.execute(_PHOTOGRAPHS, values)
            cursor.execute(_FILL, [first, last])
            log_progress(f"{last:,} hashes filed")
        with connection.schema_editor() as editor:
            editor.add_index(PhotoBand, index)
        log_progress("the index is made")
        for table in ("visits_photoband", "visits_evidence", "visits_visitreport"):
            cursor.execute(f"VACUUM ANALYZE {table}")
        cursor.execute("SELECT pg_total_relation_size('visits_photoband') / 1000000")
        log_progress(f"{cursor.fetchone()[0]:,} MB")


def _photograph(dice: random.Random, *, scale: int, has_copy: bool) -> tuple[bytes, ...]:
    """Return eight hashes; with `has_copy` one of them is near a filed one."""
    hashes = [dice.randbytes(32) for _form in range(FORMS)]
    if has_copy:
        with connection.cursor() as cursor:
            cursor.execute("SELECT sha256(%s::text::bytea)", [dice.randint(1, scale)])
            near = int.from_bytes(bytes(cursor.fetchone()[0]))
        hashes[0] = (near ^ sum(1 << bit for bit in dice.sample(range(256), LOOKALIKE_BITS))).to_bytes(32)
    return tuple(hashes)


def _look_up(asked: tuple[bytes, ...]) -> list[Lookalike]:
    """Look a photograph up by its upright hash and its seven turned ones."""
    return lookalikes(asked=asked[:1], turned=asked[1:], itself=0, report=0)


def _floor(asked: tuple[bytes, ...]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(
            _FLOOR,
            {
                "bits": [bits_of(pdq) for pdq in asked],
                "keys": [
                    "{" + ",".join(map(str, keys)) + "}"
                    for keys in (probe_keys(pdq=asked[0]), *(band_keys(pdq=pdq) for pdq in asked[1:]))
                ],
                "most": LOOKALIKE_BITS,
            },
        )
        return list(cursor.fetchall())


def _timed(work: Any) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
