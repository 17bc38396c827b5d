"""Ranges of borrowers that a run is divided into."""

from typing import Final

from django.db import connection

from cases.models import Borrower

# Evaluating 20,000 borrowers takes one or two seconds; sixty seconds would still be within the lease.
CHUNK_BORROWERS: Final = 20_000
SMALLEST_CHUNK: Final = 500
# Each chunk costs about a tenth of a second whatever its size: planning, two commits, two audit entries.
CHUNKS_WANTED: Final = 8


def borrower_ranges() -> list[tuple[int, int]]:
    """
    Return ranges [lower, upper) of borrower ids that cover every borrower, each with about equally many borrowers.

    An empty list if there is no borrower.
    """
    total = Borrower.objects.count()
    size = max(SMALLEST_CHUNK, min(CHUNK_BORROWERS, -(-total // CHUNKS_WANTED)))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM cases_borrower) numbered"
            " WHERE place %% %s = 0 ORDER BY id",
            [size],
        )
        starts = [row[0] for row in cursor.fetchall()]
        cursor.execute("SELECT max(id) FROM cases_borrower")
        last = cursor.fetchone()[0]
    return list(zip(starts, [*starts[1:], last + 1], strict=True)) if starts else []
