"""What was tried before a visit, counted in the database as it is counted by hand."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cases.models import ContactAttempt
from tests.factories.portfolio import make_borrower, make_phone
from tests.factories.visits import AT
from visits.rules.conduct.contact import AttemptTotals
from visits.selectors.attempts import attempt_totals
from visits.selectors.persons import people_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
# Around the instant asked about, the edge of the window and midnights in Shanghai, to the microsecond.
EDGES = [
    AT,
    AT - timedelta(days=90),
    datetime(2026, 3, 1, 16, tzinfo=UTC),
    datetime(2026, 2, 20, 4, tzinfo=UTC),
    datetime(2026, 2, 20, 10, tzinfo=UTC),
]
INSTANTS = st.builds(
    lambda edge, step, microseconds: edge + timedelta(hours=step, microseconds=microseconds),
    st.sampled_from(EDGES),
    st.integers(-80, 2),
    st.integers(-1, 1),
)
CONTACTS = st.lists(
    st.tuples(
        INSTANTS,
        st.sampled_from(["VOICE", "SMS", "APP", "LETTER", "VISIT"]),
        st.sampled_from(["OUTBOUND", "INBOUND"]),
        st.sampled_from(["NO_ANSWER", "DELIVERED", "READ", "RIGHT_PARTY", "SWITCHED_OFF"]),
        st.booleans(),
    ),
    max_size=12,
)


def by_hand(contacts):
    there = sorted(
        (
            (at, number, channel, outcome, right_party)
            for number, (at, channel, direction, outcome, right_party) in enumerate(contacts)
            if AT - timedelta(days=90) <= at <= AT and (direction == "OUTBOUND" or right_party)
        ),
    )
    local = [(at.astimezone(SHANGHAI), *rest) for at, *rest in there]
    remote = [each for each in local if each[2] in ("VOICE", "SMS", "APP")]
    days = {each[0].date() for each in remote}
    failed = set()
    for at, _number, channel, outcome, _right_party in remote:
        if outcome in ("READ", "RIGHT_PARTY"):
            failed = set()
        elif channel == "VOICE":
            failed.add(at.date())
    reached = [each[0].date() for each in local if each[4]]
    return AttemptTotals(
        attempts=len(remote),
        days_spanned=(max(days) - min(days)).days + 1 if days else 0,
        channels=len({each[2] for each in remote}),
        dayparts=len({(each[0].hour >= 12) + (each[0].hour >= 18) for each in remote}),
        right_party_contacts=len(reached),
        voice_failure_days=len(failed),
        days_since_reached=(AT.astimezone(SHANGHAI).date() - max(reached)).days if reached else None,
    )


@pytest.mark.django_db
@given(contacts=CONTACTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_database_counts_as_one_counts_by_hand(shanghai, contacts):
    borrower = make_borrower(territory=shanghai)
    ContactAttempt.objects.bulk_create(
        ContactAttempt(
            borrower=borrower,
            external_ref=f"{borrower.external_ref}-{number}",
            channel=channel,
            direction=direction,
            outcome=outcome,
            right_party=right_party,
            attempted_at=at,
            created_at=AT,
        )
        for number, (at, channel, direction, outcome, right_party) in enumerate(contacts)
    )

    people = people_of(borrowers=[borrower.pk])

    assert attempt_totals(people=people, quiet_days={borrower.pk: None}, at=AT) == {borrower.pk: by_hand(contacts)}


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_two_queries_count_for_any_number_of_people(number, shanghai, django_assert_num_queries):
    borrowers = [make_borrower(territory=shanghai) for _each in range(number)]
    for borrower in borrowers:
        make_phone(borrower=borrower, verdict="INVALID")
    people = people_of(borrowers=[borrower.pk for borrower in borrowers])

    with django_assert_num_queries(2):
        found = attempt_totals(people=people, quiet_days={borrower.pk: 3 for borrower in borrowers}, at=AT)

    assert found == {
        borrower.pk: AttemptTotals(all_numbers_invalid=True, days_since_app_use=3) for borrower in borrowers
    }
