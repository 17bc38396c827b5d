"""
The rule that suggests to merge borrowers: those with one identity number, found in sets over the blind index.

It runs after each intake over the numbers of the borrowers that the intake wrote, and every night over all of them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from backoffice.audit.services import record
from backoffice.core.batches import literal
from backoffice.core.transitions import move_all
from cases.enums import MergeGround, PersonMergeState
from cases.models import MergedBorrower, PersonMerge, SharedNumber
from cases.rules.people import MOST_BORROWERS
from cases.rules.person_lifecycle import PERSON_MERGE

_GROUND: Final = literal(MergeGround.SAME_ID_NUMBER)
_SUGGESTED: Final = literal(PersonMergeState.SUGGESTED)
_WRITTEN: Final = (
    "AND id_number_index IN (SELECT id_number_index FROM cases_borrower WHERE updated_at = %(changed_at)s)"
)
_TOUCHED: Final = """
      AND open_merge.id IN (
          SELECT named.merge_id FROM cases_mergedborrower named JOIN cases_borrower b ON b.id = named.borrower_id
          WHERE b.updated_at = %(changed_at)s OR b.id_number_index IN (SELECT number FROM numbers))"""


# `numbers` reads one entry of the index for each borrower. What joins borrowers to each other is limited to the numbers of
# two to twenty borrowers. A group with a pair of different people is not suggested whole but by its other pairs.
def _suggest_sql(*, written: str, touched: str) -> str:
    return f"""
WITH numbers AS MATERIALIZED (
    SELECT id_number_index AS number, count(*) AS borrowers, min(id) AS example
    FROM cases_borrower WHERE id_number_index <> ''::bytea {written}
    GROUP BY id_number_index HAVING count(*) > 1
), member AS MATERIALIZED (
    SELECT b.id, b.person_key AS person, b.name_index AS name, n.number
    FROM numbers n JOIN cases_borrower b ON b.id_number_index = n.number
    WHERE n.borrowers <= {MOST_BORROWERS}
), refused AS MATERIALIZED (
    SELECT one.number, one.person AS person, other.person AS other_person
    FROM cases_differentpeople pair
    JOIN member one ON one.id = pair.first_id JOIN member other ON other.id = pair.second_id
    WHERE one.number = other.number
), wanted AS MATERIALIZED (
    SELECT array_agg(id ORDER BY id) AS ids, number,
           count(DISTINCT name) FILTER (WHERE name <> ''::bytea) > 1 AS names_differ
    FROM member WHERE number NOT IN (SELECT number FROM refused)
    GROUP BY number HAVING count(DISTINCT person) > 1
    UNION ALL
    SELECT ARRAY[one.id, other.id], one.number,
           one.name <> ''::bytea AND other.name <> ''::bytea AND one.name <> other.name
    FROM member one JOIN member other ON other.number = one.number AND other.id > one.id AND other.person <> one.person
    WHERE one.number IN (SELECT number FROM refused) AND NOT EXISTS (
        SELECT FROM refused r WHERE (r.person = one.person AND r.other_person = other.person)
                                 OR (r.person = other.person AND r.other_person = one.person))
), named AS MATERIALIZED (
    SELECT *, encode(sha256(convert_to(array_to_string(ids, ','), 'UTF8')), 'hex') AS key FROM wanted
), made AS (
    INSERT INTO cases_personmerge (ground, state, borrowers_key, names_differ, created_at, updated_at)
    SELECT {_GROUND}, {_SUGGESTED}, key, names_differ, %(at)s, %(at)s FROM named ORDER BY key
    ON CONFLICT (borrowers_key) WHERE state = {_SUGGESTED} DO NOTHING
    RETURNING id, borrowers_key
), members AS (
    INSERT INTO cases_mergedborrower (merge_id, borrower_id, id_number_index)
    SELECT made.id, borrower, named.number
    FROM made JOIN named ON named.key = made.borrowers_key CROSS JOIN unnest(named.ids) borrower
), shared AS (
    INSERT INTO cases_sharednumber (number_index, example_id, borrower_count, noticed_at, counted_at)
    SELECT number, example, borrowers, %(at)s, %(at)s FROM numbers WHERE borrowers > {MOST_BORROWERS} ORDER BY number
    ON CONFLICT (number_index) DO UPDATE
    SET borrower_count = EXCLUDED.borrower_count, example_id = EXCLUDED.example_id, counted_at = EXCLUDED.counted_at
    RETURNING id
)
SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM shared), COALESCE((
    SELECT array_agg(open_merge.id) FROM cases_personmerge open_merge
    WHERE open_merge.state = {_SUGGESTED} AND open_merge.ground = {_GROUND}
      AND NOT EXISTS (SELECT FROM named WHERE named.key = open_merge.borrowers_key) {touched}
), ARRAY[]::bigint[])"""  # noqa: S608  constants


_OF_WRITTEN: Final = _suggest_sql(written=_WRITTEN, touched=_TOUCHED)
_OF_ALL: Final = _suggest_sql(written="", touched="")


@dataclass(frozen=True, slots=True, kw_only=True)
class Suggested:
    """
    What the rule found: new suggestions, those that lapsed, merges to be parted, and numbers that more than 20
    borrowers have.
    """

    merges: int
    lapsed: int
    to_part: int
    shared_numbers: int


@transaction.atomic
def suggest_people(*, at: datetime, changed_at: datetime | None = None) -> Suggested:
    """
    Suggest to merge the borrowers that have one identity number, and to part those that no longer have; return how many.

    With `changed_at` only the numbers of borrowers that were written with exactly this moment are looked at, without it
    all of them. Borrowers of one person, pairs that somebody found to be different people, and empty numbers are never
    suggested. A number of more than 20 borrowers is kept as a `SharedNumber` instead. Four statements at most, and the
    audit entry if anything was found.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OF_ALL if changed_at is None else _OF_WRITTEN, {"at": at, "changed_at": changed_at})
        merges, shared_numbers, stale = cursor.fetchone()
    lapsed = 0
    if stale:
        lapsed = move_all(rows=PersonMerge.objects.filter(pk__in=stale), lifecycle=PERSON_MERGE, action="lapse", at=at)
    if changed_at is None:
        SharedNumber.objects.filter(counted_at__lt=at).delete()
    to_part = _review_standing(changed_at, at)
    found = Suggested(merges=merges, lapsed=lapsed, to_part=to_part, shared_numbers=shared_numbers)
    if merges or lapsed or to_part:
        body = {"merges": merges, "lapsed": lapsed, "to_part": to_part, "shared_numbers": shared_numbers}
        record(actor=None, action="personmerge.suggested", subject=("cases.personmerge", "set"), at=at, body=body)
    return found


def _review_standing(changed_at: datetime | None, at: datetime) -> int:
    """
    Suggest to part approved merges of the rule whose borrowers have several numbers by now; return how many.

    A number that a person has kept merged counts again when it changes once more. Where the numbers are one again, nothing
    is to be parted.
    """
    rows = PersonMerge.objects.filter(ground=MergeGround.SAME_ID_NUMBER)
    if changed_at is not None:
        written = MergedBorrower.objects.filter(borrower__updated_at=changed_at).values("merge")
        rows = rows.filter(pk__in=written)
    changed = MergedBorrower.objects.filter(merge=OuterRef("pk")).exclude(
        id_number_index=F("borrower__id_number_index")
    )
    several = rows.filter(Exists(changed), state=PersonMergeState.APPROVED)
    to_part = move_all(
        rows=_by_numbers(several).exclude(numbers=1), lifecycle=PERSON_MERGE, action="suggest_parting", at=at
    )
    again_one = rows.filter(state=PersonMergeState.PART_SUGGESTED)
    move_all(rows=_by_numbers(again_one).filter(numbers=1, empty=0), lifecycle=PERSON_MERGE, action="keep", at=at)
    return to_part


def _by_numbers(rows: QuerySet[Any]) -> QuerySet[Any]:
    """Return the merges with how many identity numbers their borrowers have, and how many of these have none."""
    numbers = "members__borrower__id_number_index"
    counted: QuerySet[Any] = rows.annotate(
        numbers=Count(numbers, distinct=True), empty=Count("pk", filter=Q(**{numbers: b""}))
    )
    return counted
