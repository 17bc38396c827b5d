"""
The limits that a visit must keep, as one value with shipped defaults (domain table b).

The defaults are parameters with a source, not law; the operator's lawyers must confirm them. A tenant
may only tighten: each field says which way is tighter, and `tightened` refuses the other way.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import time
from enum import StrEnum
from types import MappingProxyType
from typing import Annotated, Any, get_type_hints


class Tighter(StrEnum):
    """Which change of a limit makes it stricter; FREE limits nothing (a version's name)."""

    LOWER = "LOWER"
    HIGHER = "HIGHER"
    FIXED = "FIXED"
    FREE = "FREE"


LOWER, HIGHER, FIXED, FREE = Tighter.LOWER, Tighter.HIGHER, Tighter.FIXED, Tighter.FREE


class PolicyLoosened(ValueError):
    """A tenant's change would loosen a shipped limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConductPolicy:
    """
    The conduct limits of one jurisdiction. Times are local at the borrower's address.

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
    holidays_off: Annotated[bool, HIGHER] = True
    spring_festival_edge_days: Annotated[int, HIGHER] = 3

    address_cap: Annotated[int, LOWER] = 1
    address_cap_days: Annotated[int, HIGHER] = 7
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

    complaint_days: Annotated[int, HIGHER] = 15
    bereaved_days: Annotated[int, HIGHER] = 90
    childbirth_days: Annotated[int, HIGHER] = 180
    disaster_days: Annotated[int, HIGHER] = 60
    after_hospital_days: Annotated[int, HIGHER] = 30

    def __post_init__(self) -> None:
        ordered = self.quiet_until <= self.visit_from < self.visit_until <= self.quiet_from
        if not ordered:
            raise ValueError("The visit window must lie within the day, outside the quiet window.")
        if self.photos_min > self.photos_max:
            raise ValueError("More photographs asked for than allowed.")
        if self.agency_share_percent * self.agencies_min < 100:
            raise ValueError("The least number of agencies, each with its largest share, must make up the whole.")


TIGHTER_WAY: Mapping[str, Tighter] = MappingProxyType(
    {name: hint.__metadata__[0] for name, hint in get_type_hints(ConductPolicy, include_extras=True).items()}
)


def loosened_fields(*, base: ConductPolicy, changed: ConductPolicy) -> tuple[str, ...]:
    """Return the names of the fields in which `changed` is looser than `base`, in field order."""
    return tuple(
        name
        for name, way in TIGHTER_WAY.items()
        if _is_looser(old=getattr(base, name), new=getattr(changed, name), way=way)
    )


def tightened(base: ConductPolicy, **changes: Any) -> ConductPolicy:
    """
    Return `base` with a tenant's stricter limits.

    :raises PolicyLoosened: if any change is looser than `base`, or touches a fixed field.
    :raises TypeError: if a name is not a limit.
    :raises ValueError: if the result contradicts itself.
    """
    changed = replace(base, **changes)
    looser = loosened_fields(base=base, changed=changed)
    if looser:
        raise PolicyLoosened(", ".join(looser))
    return changed


def _is_looser(*, old: Any, new: Any, way: Tighter) -> bool:
    if way is LOWER:
        return bool(new > old)
    if way is HIGHER:
        return bool(new < old)
    return way is FIXED and bool(new != old)
