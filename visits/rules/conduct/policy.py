"""
The limits that a visit must keep, as one value with shipped defaults (domain table b).

The defaults are parameters with a source, not law; the operator's lawyers must confirm them. A tenant
may only tighten: each field says which way is tighter, and `tightened` refuses the other way.
"""

from dataclasses import dataclass
from datetime import time
from typing import Annotated

from cases.rules.tightening import (
    FIXED,
    FREE,
    HIGHER,
    LOWER,
    PolicyLoosened,
    Tighter,
    loosened_fields,
    tightened,
    tighter_ways,
)

__all__ = ["TIGHTER_WAY", "ConductPolicy", "PolicyLoosened", "Tighter", "loosened_fields", "tightened"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductPolicy:
    """
    The conduct limits of one jurisdiction. Times are local at the borrower's address, by the clock of `official_time_zone`:
    China's one zone, elsewhere the zone of the territory.

    Windows are half open for starts: the visit window is [visit_from, visit_until] for a whole visit,
    the quiet window is [quiet_from, quiet_until) across midnight.

    :raises ValueError: if the visit window is empty or reaches into the quiet window.
    """

    jurisdiction: Annotated[str, FIXED] = "CN"
    version: Annotated[str, FREE] = "CN-1"
    official_time_zone: Annotated[str, FIXED] = "Asia/Shanghai"

    quiet_from: Annotated[time, LOWER] = time(22, 0)
    quiet_until: Annotated[time, HIGHER] = time(8, 0)
    visit_from: Annotated[time, HIGHER] = time(9, 0)
    visit_until: Annotated[time, LOWER] = time(20, 0)
    workplace_from: Annotated[time, HIGHER] = time(9, 0)
    workplace_until: Annotated[time, LOWER] = time(20, 0)
    permission_first: Annotated[bool, HIGHER] = False
    holidays_off: Annotated[bool, HIGHER] = True
    spring_festival_edge_days: Annotated[int, HIGHER] = 3

    address_cap: Annotated[int, LOWER] = 1
    address_cap_days: Annotated[int, HIGHER] = 7
    # Of all people at one door, as for one person.
    door_cap: Annotated[int, LOWER] = 2
    door_cap_days: Annotated[int, HIGHER] = 30
    door_agency_days: Annotated[int, HIGHER] = 30
    debtor_cap: Annotated[int, LOWER] = 2
    debtor_cap_days: Annotated[int, HIGHER] = 30
    placement_cap: Annotated[int, LOWER] = 4
    after_visit_days: Annotated[int, HIGHER] = 7
    after_refusal_days: Annotated[int, HIGHER] = 30
    after_promise_days: Annotated[int, HIGHER] = 3

    notice_min_hours: Annotated[int, HIGHER] = 24
    order_valid_days: Annotated[int, LOWER] = 14
    exception_max_days: Annotated[int, LOWER] = 30
    attempts_min: Annotated[int, HIGHER] = 6
    attempt_days_min: Annotated[int, HIGHER] = 7
    attempt_channels_min: Annotated[int, HIGHER] = 3
    attempt_dayparts_min: Annotated[int, HIGHER] = 3
    voice_failure_days_min: Annotated[int, HIGHER] = 3
    app_quiet_days_min: Annotated[int, HIGHER] = 7
    reached_quiet_days: Annotated[int, HIGHER] = 7

    min_crew: Annotated[int, HIGHER] = 2
    crew_orders_per_day: Annotated[int, LOWER] = 8
    training_valid_days: Annotated[int, LOWER] = 365
    mandate_max_days: Annotated[int, LOWER] = 90
    agency_share_percent: Annotated[int, LOWER] = 40
    agencies_min: Annotated[int, HIGHER] = 3

    check_in_minutes: Annotated[int, LOWER] = 10
    check_in_metres: Annotated[int, LOWER] = 50
    geofence_urban_m: Annotated[int, LOWER] = 200
    geofence_rural_m: Annotated[int, LOWER] = 500
    accuracy_m: Annotated[int, LOWER] = 50
    accuracy_indoor_m: Annotated[int, LOWER] = 100
    clock_drift_seconds: Annotated[int, LOWER] = 300
    unmet_minutes_max: Annotated[int, LOWER] = 15
    met_minutes_max: Annotated[int, LOWER] = 45
    recording_gap_seconds: Annotated[int, LOWER] = 30
    photos_min: Annotated[int, HIGHER] = 4
    photos_max: Annotated[int, LOWER] = 12
    identity_factors_min: Annotated[int, HIGHER] = 2

    # Below this score of 0 to 100, with a serious reason, a report counts only after a second look and a call-back.
    trust_low_below: Annotated[int, HIGHER] = 60
    call_back_share_percent: Annotated[int, HIGHER] = 5
    call_back_days: Annotated[int, LOWER] = 5
    # No crew travels faster between two doors; a stay with a full report is no shorter, and none is longer.
    travel_kmh_max: Annotated[int, LOWER] = 150
    talk_seconds_min: Annotated[int, HIGHER] = 180
    stay_hours_max: Annotated[int, LOWER] = 3

    complaint_days: Annotated[int, HIGHER] = 15
    bereaved_days: Annotated[int, HIGHER] = 90
    childbirth_days: Annotated[int, HIGHER] = 180
    disaster_days: Annotated[int, HIGHER] = 60
    after_hospital_days: Annotated[int, HIGHER] = 30
    illness_days: Annotated[int, HIGHER] = 30
    self_harm_days: Annotated[int, HIGHER] = 180
    aged_years: Annotated[int, LOWER] = 70

    def __post_init__(self) -> None:
        ordered = self.quiet_until <= self.visit_from < self.visit_until <= self.quiet_from
        if not ordered:
            raise ValueError("The visit window must lie within the day, outside the quiet window.")
        if self.photos_min > self.photos_max:
            raise ValueError("More photographs asked for than allowed.")
        if self.agency_share_percent * self.agencies_min < 100:
            raise ValueError("The least number of agencies, each with its largest share, must make up the whole.")


TIGHTER_WAY = tighter_ways(ConductPolicy)
