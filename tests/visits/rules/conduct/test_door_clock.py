"""When something happened that a phone reports later."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from visits.rules.conduct.door_clock import TICKET_HOURS, ClockProblem, Ticket, door_moment

SERVER = datetime(2026, 3, 9, 10, 0, 0, 123456, tzinfo=UTC)
DRIFT = 300


def moment(*, phone_off=0, made=600, received=3600, clock_set=0):
    """Return the moment of a message that was made `made` seconds after the ticket, on a phone whose clock is off."""
    ticket = Ticket(server_at=SERVER, device_at=SERVER + timedelta(seconds=phone_off))
    return door_moment(
        ticket=ticket,
        device_at=SERVER + timedelta(seconds=phone_off + made + clock_set),
        received_at=SERVER + timedelta(seconds=received),
        drift_seconds=DRIFT,
    )


@pytest.mark.parametrize("phone_off", [-299, 0, 299])
def test_a_clock_that_is_off_by_the_same_all_the_time_tells_the_moment(phone_off):
    assert moment(phone_off=phone_off) == SERVER + timedelta(seconds=600)


@pytest.mark.parametrize(
    ("clock_set", "expected"),
    [
        (-900, SERVER),
        (-901, ClockProblem.CLOCK_CHANGED),
        (3300, SERVER + timedelta(seconds=3600)),
        (3301, ClockProblem.CLOCK_CHANGED),
    ],
)
def test_a_clock_that_was_set_meanwhile_moves_no_moment_out_of_what_the_server_knows(clock_set, expected):
    assert moment(clock_set=clock_set) == expected


def test_a_ticket_is_good_for_half_a_day():
    last = TICKET_HOURS * 3600
    assert moment(received=last) == SERVER + timedelta(seconds=600)
    assert moment(received=last + 1) == ClockProblem.TICKET_TOO_OLD


@given(
    phone_off=st.integers(-300, 300),
    made=st.integers(0, 40_000),
    later=st.integers(0, 3_000),
    clock_set=st.integers(-50_000, 50_000),
)
def test_no_clock_gives_a_moment_outside_of_ticket_and_receipt(phone_off, made, later, clock_set):
    found = moment(phone_off=phone_off, made=made, received=made + later, clock_set=clock_set)

    assert isinstance(found, ClockProblem) or SERVER <= found <= SERVER + timedelta(seconds=made + later)
