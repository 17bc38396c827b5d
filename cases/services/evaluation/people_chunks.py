"""The chunks of people of a run: ranges of natural persons, worked after the hits of all borrowers are written."""

from collections.abc import Collection
from datetime import datetime
from typing import Final

from django.db import connection
from django.db.models import Exists, OuterRef

from cases.enums import ChunkState
from cases.models import Borrower, EvaluationChunk, EvaluationRun, Person, Quarantine
from cases.services.evaluation.people import people_of

# A person has two or three borrowers as a rule, so a chunk of people is about as much work as one of borrowers.
CHUNK_PEOPLE: Final = 10_000
# The last range is open: it holds the people that are made while the run is on.
_LAST: Final = 2**62


def begin_people(*, run: EvaluationRun, at: datetime) -> None:
    """Add the chunks of all people to a run that begins; none if no borrowers are one person."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place FROM cases_person) numbered"
            " WHERE place %% %s = 0 ORDER BY id",
            [CHUNK_PEOPLE],
        )
        starts = [row[0] for row in cursor.fetchall()]
    if starts:
        _add(run, list(zip(starts, [*starts[1:], _LAST], strict=True)), at)


def retry_people(*, run: EvaluationRun, borrowers: Collection[int], at: datetime) -> list[EvaluationChunk]:
    """
    Add a chunk for each person that one of the borrowers (ids) belongs to, in place of one that was given up.

    Return the new chunks.
    """
    people = sorted(people_of(borrowers=borrowers))
    if not people:
        return []
    given_up = run.chunks.filter(of_people=True, lower__in=people, state=ChunkState.DEAD)
    given_up.update(state=ChunkState.SPLIT, updated_at=at)
    return _add(run, [(person, person + 1) for person in people], at)


def resolve_person(*, chunk: EvaluationChunk, at: datetime) -> None:
    """End the quarantine of the borrowers of a person whose chunk is applied, but for those whose own chunk was given up."""
    of_person = Borrower.objects.filter(person=chunk.lower).values("pk")
    given_up = EvaluationChunk.objects.filter(
        run=chunk.run_id,
        of_people=False,
        state=ChunkState.DEAD,
        lower__lte=OuterRef("borrower_id"),
        upper__gt=OuterRef("borrower_id"),
    )
    rows = Quarantine.objects.filter(~Exists(given_up), run=chunk.run_id, borrower_id__in=of_person)
    rows.filter(resolved_at__isnull=True).update(resolved_at=at)


def halves_of(*, lower: int, upper: int) -> tuple[tuple[int, int, int], ...]:
    """Return the two halves (from, before, how many) of the people in [lower, upper), () if they are fewer than two."""
    ids = list(Person.objects.filter(pk__gte=lower, pk__lt=upper).order_by("pk").values_list("pk", flat=True))
    if len(ids) < 2:
        return ()
    middle = len(ids) // 2
    return (lower, ids[middle], middle), (ids[middle], upper, len(ids) - middle)


def _add(run: EvaluationRun, ranges: Collection[tuple[int, int]], at: datetime) -> list[EvaluationChunk]:
    with connection.cursor() as cursor:
        # Above the number of every hit so far, and below that of every hit of the run.
        cursor.execute("SELECT nextval(pg_get_serial_sequence('cases_triggerhit', 'id'))")
        first_hit = cursor.fetchone()[0]
    return EvaluationChunk.objects.bulk_create(
        EvaluationChunk(
            run=run, of_people=True, lower=lower, upper=upper, first_hit=first_hit, is_previewed=True, updated_at=at
        )
        for lower, upper in ranges
    )
