"""The limits of contact of one jurisdiction, as one value. An operator may only tighten them."""

from dataclasses import dataclass
from datetime import time
from enum import StrEnum
from typing import Annotated

from cases.rules.tightening import FIXED, FREE, HIGHER, LOWER


class TextStatus(StrEnum):
    """Whether the text that the limits follow is in force."""

    IN_FORCE = "in force"
    DRAFT = "draft"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactPolicy:
    """
    The limits of contact of one jurisdiction. None is a limit that its text does not name.

    Times are local at the borrower: in `official_time_zone` where a country has one, else in the time zone of the
    territory. Contact may begin in [contact_from, contact_until) from Monday to Friday and in
    [weekend_from, weekend_until) on other days. Conversations, tries and calls are outbound ones; those of a day count
    on the local day, the others in the last 7 or 30 days of 24 hours each.

    A permit is good for a contact that begins within `permit_minutes`. Its place stays taken for `report_minutes` more
    (a visit: `visit_report_days`), the time in which the contact is reported.

    :raises ValueError: if hours are empty, or a permit would be good for no time.
    """

    jurisdiction: Annotated[str, FIXED]
    source: Annotated[str, FIXED]
    status: Annotated[TextStatus, FIXED] = TextStatus.IN_FORCE
    version: Annotated[str, FREE]
    official_time_zone: Annotated[str | None, FIXED] = None

    contact_from: Annotated[time, HIGHER] = time(8, 0)
    contact_until: Annotated[time, LOWER] = time(22, 0)
    weekend_from: Annotated[time, HIGHER] = time(8, 0)
    weekend_until: Annotated[time, LOWER] = time(22, 0)
    holidays_off: Annotated[bool, HIGHER] = False

    conversations_a_day: Annotated[int | None, LOWER] = None
    conversations_a_week: Annotated[int | None, LOWER] = None
    conversations_a_month: Annotated[int | None, LOWER] = None
    tries_a_number: Annotated[int | None, LOWER] = None
    calls_a_week: Annotated[int | None, LOWER] = None
    after_conversation_days: Annotated[int | None, HIGHER] = None

    after_promise_days: Annotated[int, HIGHER] = 3
    after_refusal_days: Annotated[int, HIGHER] = 30
    after_hospital_days: Annotated[int, HIGHER] = 30
    wish_max_days: Annotated[int, LOWER] = 30
    voice_failure_days_min: Annotated[int, HIGHER] = 3
    app_quiet_days_min: Annotated[int, HIGHER] = 7

    permit_minutes: Annotated[int, LOWER] = 15
    report_minutes: Annotated[int, HIGHER] = 60
    visit_report_days: Annotated[int, HIGHER] = 30

    def __post_init__(self) -> None:
        if self.contact_from >= self.contact_until or self.weekend_from >= self.weekend_until:
            raise ValueError("The hours of contact must begin before they end, within one day.")
        if self.permit_minutes < 1 or self.report_minutes < 0:
            raise ValueError("A permit must be good for at least a minute.")
