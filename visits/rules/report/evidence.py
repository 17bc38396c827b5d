"""
How far a photograph may be trusted, from plain values. Signals for a reviewer, never proof.

The score starts at 50 and moves by the weights below, bounded to 0..100. A photograph taken by the
app's camera, during the visit, at the address, reaches 100; one that carries nothing (no time, no
place, no camera data) ends at 30; the same file sent for another visit ends at 0 whatever else holds.
The weights are house values.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from cases.rules.coordinates import Position, to_wgs84
from visits.enums import TrustSignal
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.geography import haversine_m, is_position

BASE_SCORE = 50

WEIGHTS: Mapping[TrustSignal, int] = MappingProxyType(
    {
        TrustSignal.CAPTURED_DURING_VISIT: 20,
        TrustSignal.WITHIN_GEOFENCE: 20,
        TrustSignal.CAMERA_METADATA: 10,
        # It only takes the place of OUTSIDE_GEOFENCE: whoever can choose the datum must gain nothing by it.
        TrustSignal.POSITION_CONVERTED: 0,
        TrustSignal.POSITION_INACCURATE: -10,
        TrustSignal.POSITION_ZERO: -10,
        TrustSignal.CLOCK_DRIFT: -15,
        TrustSignal.REPEATED_IN_REPORT: -15,
        TrustSignal.NO_METADATA: -20,
        TrustSignal.EDITED: -25,
        TrustSignal.AWAY_FROM_CHECK_IN: -30,
        TrustSignal.CAPTURED_OUTSIDE_VISIT: -40,
        TrustSignal.OUTSIDE_GEOFENCE: -40,
        TrustSignal.LOOKALIKE: -50,
        TrustSignal.MOCK_LOCATION: -60,
        TrustSignal.SAME_FILE: -100,
    }
)

# Lower case; found anywhere in the EXIF software tag. A phone's own firmware names none of these.
EDITING_SOFTWARE = (
    "photoshop",
    "lightroom",
    "snapseed",
    "gimp",
    "picsart",
    "meitu",
    "美图",
    "醒图",
    "xingtu",
    "facetune",
    "vsco",
    "canva",
    "pixlr",
    "affinity",
    "capture one",
    "paint.net",
    "imagemagick",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PhotoFacts:
    """
    What is known of one photograph. Instants are aware, positions in degrees, accuracy in metres.

    `clock_drift_seconds` is device minus server at upload.
    """

    has_exif: bool
    captured_at: datetime | None = None
    software: str = ""
    latitude: float | None = None
    longitude: float | None = None
    accuracy_m: float | None = None
    clock_drift_seconds: float = 0
    is_mock_location: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitFrame:
    """
    When and where the photograph should have been taken: during the stay, at the address, where the crew checked in.

    `checked_out_at` is None while the crew is there, `latitude` and `longitude` where the address has no position.
    """

    checked_in_at: datetime
    checked_out_at: datetime | None
    latitude: float | None
    longitude: float | None
    is_rural: bool = False
    check_ins: tuple["CheckInPlace", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckInPlace:
    """Where one of the crew checked in, in degrees (WGS 84), good to `accuracy_m` metres."""

    latitude: float
    longitude: float
    accuracy_m: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownCopies:
    """
    What is known of copies of a photograph: the same file in another visit, and the nearest that look the same.

    `elsewhere_bits` is in another visit, `here_bits` among the other photographs of the same report; of 256 bits, None
    where none is near enough to count.
    """

    same_file_elsewhere: bool = False
    elsewhere_bits: int | None = None
    here_bits: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustReading:
    """One signal, what it adds to or takes from the score, and why, for the reviewer."""

    signal: TrustSignal
    weight: int
    explanation: str | Promise


def trust_signals(
    *, policy: ConductPolicy, photo: PhotoFacts, visit: VisitFrame, copies: KnownCopies | None = None
) -> tuple[TrustReading, ...]:
    """
    Return every signal of one photograph, each at most once, in a fixed order.

    The capture time may miss the visit by the allowed clock drift. The position may miss the address by
    the geofence (200 m, rural 500 m); its accuracy does not widen the fence, it is a signal of its own. It may miss the
    nearest check-in by as much, beyond what both are inaccurate by; only one of the two distances is raised. A position
    that fits once it is read as GCJ-02 raises neither.
    """
    found = [
        _time_signal(policy=policy, photo=photo, visit=visit),
        *_place_signals(policy=policy, photo=photo, visit=visit),
        *_file_signals(photo=photo),
        *_copy_signals(copies or KnownCopies()),
    ]
    drift_seconds = abs(photo.clock_drift_seconds)
    if drift_seconds > policy.clock_drift_seconds:
        text = format_lazy(_("The device clock is {n} minutes off."), n=round(drift_seconds / 60))
        found.append(_reading(TrustSignal.CLOCK_DRIFT, text))
    if photo.is_mock_location:
        found.append(_reading(TrustSignal.MOCK_LOCATION, _("The device said its position was set by a program.")))
    return tuple(reading for reading in found if reading is not None)


def trust_score(*, signals: Iterable[TrustReading]) -> int:
    """Return 50 plus the weights of `signals`, bounded to 0..100; no signals at all is 50, unknown."""
    return max(0, min(100, BASE_SCORE + sum(reading.weight for reading in signals)))


def _reading(signal: TrustSignal, explanation: str | Promise) -> TrustReading:
    return TrustReading(signal=signal, weight=WEIGHTS[signal], explanation=explanation)


def _time_signal(*, policy: ConductPolicy, photo: PhotoFacts, visit: VisitFrame) -> TrustReading | None:
    if photo.captured_at is None:
        return None
    slack = timedelta(seconds=policy.clock_drift_seconds)
    too_early = photo.captured_at < visit.checked_in_at - slack
    too_late = visit.checked_out_at is not None and photo.captured_at > visit.checked_out_at + slack
    if too_early:
        return _reading(TrustSignal.CAPTURED_OUTSIDE_VISIT, _("Taken before the crew checked in."))
    if too_late:
        return _reading(TrustSignal.CAPTURED_OUTSIDE_VISIT, _("Taken after the crew checked out."))
    return _reading(TrustSignal.CAPTURED_DURING_VISIT, _("Taken between check-in and check-out."))


def _place_signals(*, policy: ConductPolicy, photo: PhotoFacts, visit: VisitFrame) -> Iterable[TrustReading]:
    if photo.latitude is None or photo.longitude is None:
        return
    if photo.latitude == 0 and photo.longitude == 0:
        yield _reading(TrustSignal.POSITION_ZERO, _("A camera without a fix writes 0, 0, and so does a program."))
    if not is_position(latitude=photo.latitude, longitude=photo.longitude):
        return
    fence_m = policy.geofence_rural_m if visit.is_rural else policy.geofence_urban_m
    here = Position(photo.latitude, photo.longitude)
    door_m, crew_m = _from_door_m(here, visit), _from_crew_m(here, photo, visit)
    if max(door_m or 0, crew_m or 0) > fence_m:
        # Cameras write WGS 84; one that takes its position from a map of China writes what that shifts it to.
        unshifted = to_wgs84(latitude=here.latitude, longitude=here.longitude, datum="gcj02")
        away_m = max(_from_door_m(unshifted, visit) or 0, _from_crew_m(unshifted, photo, visit) or 0)
        if away_m <= fence_m:
            text = format_lazy(_("Read as GCJ-02 the position is {n} m away at most."), n=round(away_m))
            yield _reading(TrustSignal.POSITION_CONVERTED, text)
        elif door_m is not None and door_m > fence_m:
            text = format_lazy(
                _("Taken {n} m from the address; {fence} m are allowed."), n=round(door_m), fence=fence_m
            )
            yield _reading(TrustSignal.OUTSIDE_GEOFENCE, text)
        else:
            text = format_lazy(_("Taken {n} m from the nearest check-in of the crew."), n=round(crew_m or 0))
            yield _reading(TrustSignal.AWAY_FROM_CHECK_IN, text)
    elif door_m is not None:
        text = format_lazy(_("Taken {n} m from the address."), n=round(door_m))
        yield _reading(TrustSignal.WITHIN_GEOFENCE, text)
    if photo.accuracy_m is not None and photo.accuracy_m > policy.accuracy_indoor_m:
        text = format_lazy(_("The position is only good to {n} m."), n=round(photo.accuracy_m))
        yield _reading(TrustSignal.POSITION_INACCURATE, text)


def _from_door_m(here: Position, visit: VisitFrame) -> float | None:
    """Return the metres from the address; None if its position is not known."""
    if visit.latitude is None or visit.longitude is None:
        return None
    return _apart_m(here, visit.latitude, visit.longitude)


def _from_crew_m(here: Position, photo: PhotoFacts, visit: VisitFrame) -> float | None:
    """Return the metres from the nearest check-in, less what both positions are inaccurate by; None without one."""
    slack_m = photo.accuracy_m or 0
    return min(
        (_apart_m(here, each.latitude, each.longitude) - each.accuracy_m - slack_m for each in visit.check_ins),
        default=None,
    )


def _apart_m(here: Position, latitude: float, longitude: float) -> float:
    return haversine_m(
        from_latitude=here.latitude, from_longitude=here.longitude, to_latitude=latitude, to_longitude=longitude
    )


def _file_signals(*, photo: PhotoFacts) -> Iterable[TrustReading]:
    if photo.has_exif:
        yield _reading(TrustSignal.CAMERA_METADATA, _("The file carries the camera's data."))
    else:
        yield _reading(TrustSignal.NO_METADATA, _("The file carries no camera data, as after forwarding in a chat."))
    software = photo.software.casefold()
    if any(name in software for name in EDITING_SOFTWARE):
        yield _reading(TrustSignal.EDITED, _("The file names an editing program."))


def _copy_signals(copies: KnownCopies) -> Iterable[TrustReading]:
    if copies.same_file_elsewhere:
        yield _reading(TrustSignal.SAME_FILE, _("The very same file was sent for another visit."))
    elif copies.elsewhere_bits is not None:
        text = format_lazy(_("Differs in {n} of 256 bits from a photograph of another visit."), n=copies.elsewhere_bits)
        yield _reading(TrustSignal.LOOKALIKE, text)
    if copies.here_bits is not None:
        text = format_lazy(_("Differs in {n} of 256 bits from another photograph of this report."), n=copies.here_bits)
        yield _reading(TrustSignal.REPEATED_IN_REPORT, text)
