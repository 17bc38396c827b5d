"""
When something happened at a door that a phone reports later, as far as the server can prove it.

While it is connected a phone gets tickets: what the server's clock and the phone's said at one moment, signed by the server.
A message that names a ticket was made after the ticket, and before it was received. Between the two the phone's own clock is
believed, by the difference to the server's that the ticket holds.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

# House value: how long a ticket is good for. A crew is without connection for a house or a village, not for days.
TICKET_HOURS: Final = 12


class ClockProblem(StrEnum):
    """Why a moment is not believed."""

    # Made before the ticket that it names, or later than it was received: the phone's clock was set meanwhile.
    CLOCK_CHANGED = "CLOCK_CHANGED"
    TICKET_TOO_OLD = "TICKET_TOO_OLD"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticket:
    """What both clocks said at one moment: the server's, and the phone's as it told. Aware instants."""

    server_at: datetime
    device_at: datetime


def door_moment(
    *, ticket: Ticket, device_at: datetime, received_at: datetime, drift_seconds: int
) -> datetime | ClockProblem:
    """
    Return when a message was made by the server's clock, or why that is not known.

    `device_at` is what the phone's clock said. A moment that lies outside of what the server knows by no more than
    `drift_seconds` is moved to the nearest that it knows.
    """
    if received_at - ticket.server_at > timedelta(hours=TICKET_HOURS):
        return ClockProblem.TICKET_TOO_OLD
    slack = timedelta(seconds=drift_seconds)
    moment = device_at + (ticket.server_at - ticket.device_at)
    if not ticket.server_at - slack <= moment <= received_at + slack:
        return ClockProblem.CLOCK_CHANGED
    return min(max(moment, ticket.server_at), received_at)
