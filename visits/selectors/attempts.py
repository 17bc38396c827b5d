"""What was tried to reach people before a visit, counted in the database: a person has dozens of contacts, and counts are few."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection
from django.db.models import Count, Q

from backoffice.core.id_lists import array_of
from backoffice.core.kept_queries import KeptQuery
from cases.enums import Channel, ContactOutcome, ContactVerdict, Direction
from cases.models import BorrowerPhone
from visits.rules.conduct.contact import AttemptTotals
from visits.rules.conduct.policy import ConductPolicy
from visits.selectors.persons import People

# Attempts older than this say nothing about reaching somebody now.
ATTEMPT_WINDOW_DAYS: Final = 90
REMOTE: Final = (Channel.APP, Channel.SMS, Channel.VOICE)
REACHED: Final = (ContactOutcome.RIGHT_PARTY, ContactOutcome.READ)

# Days and parts of the day are those of one time zone. Calls that failed count from the last contact that reached somebody.
_COUNTS: Final = """
WITH tried AS (
    SELECT given.person, a.id, a.attempted_at, a.attempted_at AT TIME ZONE %(zone)s AS local, a.channel, a.right_party,
           a.channel = ANY(%(remote)s) AS is_remote, a.outcome = ANY(%(reached)s) AS is_reached
    FROM unnest(%(borrowers)s::bigint[], %(persons)s::bigint[]) AS given (borrower_id, person)
    JOIN cases_contactattempt a USING (borrower_id)
    WHERE a.attempted_at BETWEEN %(since)s AND %(at)s AND (a.direction = %(outbound)s OR a.right_party)
), reached AS (
    SELECT DISTINCT ON (person) person, attempted_at, id FROM tried WHERE is_remote AND is_reached
    ORDER BY person, attempted_at DESC, id DESC
)
SELECT person,
       count(*) FILTER (WHERE is_remote) AS attempts,
       COALESCE(max(local::date) FILTER (WHERE is_remote) - min(local::date) FILTER (WHERE is_remote) + 1, 0) AS days_spanned,
       count(DISTINCT channel) FILTER (WHERE is_remote) AS channels,
       count(DISTINCT CASE WHEN local::time < '12:00' THEN 0 WHEN local::time < '18:00' THEN 1 ELSE 2 END)
           FILTER (WHERE is_remote) AS dayparts,
       count(*) FILTER (WHERE right_party) AS right_party_contacts,
       count(DISTINCT local::date) FILTER (
           WHERE channel = %(voice)s AND NOT is_reached
             AND (reached.id IS NULL OR (tried.attempted_at, tried.id) > (reached.attempted_at, reached.id))
       ) AS voice_failure_days,
       (%(at)s::timestamptz AT TIME ZONE %(zone)s)::date - max(local::date) FILTER (WHERE right_party) AS days_since_reached
FROM tried LEFT JOIN reached USING (person)
GROUP BY person"""


# What the columns above are for a person whom nobody tried to reach.
_NOTHING: Final = (0, 0, 0, 0, 0, 0, None)


def attempt_totals(*, people: People, quiet_days: Mapping[int, int | None], at: datetime) -> dict[int, AttemptTotals]:
    """
    Return what was tried to reach the person of each borrower up to `at`, under any of their borrowers, with two queries.

    Counted are remote contacts that went out, and whoever was reached by whatever way. Days are those of China's official
    zone. `quiet_days` says how many days ago each borrower asked for used the app, None for never.
    """
    params: dict[str, Any] = {
        "borrowers": people.ids,
        "persons": array_of(people.person_of.values()),
        "since": at - timedelta(days=ATTEMPT_WINDOW_DAYS),
        "at": at,
        "zone": ConductPolicy().official_time_zone,
        "remote": [channel.value for channel in REMOTE],
        "reached": [outcome.value for outcome in REACHED],
        "outbound": Direction.OUTBOUND.value,
        "voice": Channel.VOICE.value,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, params)
        counts = {row[0]: row[1:] for row in cursor.fetchall()}
    unreachable = _without_number(people=people)
    totals = {}
    for borrower_id, days in quiet_days.items():
        person = people.person_of[borrower_id]
        tried, spanned, channels, dayparts, reached, failed, reached_days = counts.get(person, _NOTHING)
        totals[borrower_id] = AttemptTotals(
            attempts=tried,
            days_spanned=spanned,
            channels=channels,
            dayparts=dayparts,
            right_party_contacts=reached,
            voice_failure_days=failed,
            all_numbers_invalid=person in unreachable,
            days_since_app_use=days,
            days_since_reached=reached_days,
        )
    return totals


_ALL_INVALID = KeptQuery(
    lambda borrowers: (
        BorrowerPhone.objects.filter(borrower__in=borrowers)
        .order_by()
        .values("borrower__person_key")
        .annotate(usable=Count("pk", filter=~Q(verdict=ContactVerdict.INVALID)))
        .filter(usable=0)
        .values_list("borrower__person_key")
    ),
    borrowers="ids",
)


def _without_number(*, people: People) -> set[int]:
    """Return the persons who have telephone numbers of which all proved invalid."""
    return {person for (person,) in _ALL_INVALID(borrowers=people.ids)}
