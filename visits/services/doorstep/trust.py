"""What speaks for and against a file: the rules of trust applied to a visit's check-ins, address and other visits."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from backoffice.core.sealed.sealing import keyed_digest
from visits.enums import EvidenceState, TrustSignal
from visits.models import CheckIn, Evidence, VisitOrder
from visits.rules.geography import is_position
from visits.rules.report.evidence import (
    WEIGHTS,
    CheckInPlace,
    KnownCopies,
    PhotoFacts,
    TrustReading,
    VisitFrame,
    trust_score,
    trust_signals,
)
from visits.selectors.lookalikes import lookalikes
from visits.selectors.policy import conduct_policy
from visits.services.doorstep.arrivals import coordinates
from visits.services.doorstep.media import PhotoReading
from visits.services.files.prints import PhotoPrints


def recording_signals(*, order: VisitOrder, sha256: str) -> tuple[TrustReading, ...]:
    """Return what speaks against a recording that is not kept yet: the same file sent for another visit, or nothing."""
    if not _elsewhere(order).filter(sha256=sha256).exists():
        return ()
    text = _("The very same file was sent for another visit.")
    return (TrustReading(signal=TrustSignal.SAME_FILE, weight=WEIGHTS[TrustSignal.SAME_FILE], explanation=text),)


def photo_signals(*, evidence: Evidence, order: VisitOrder, photo: PhotoReading) -> tuple[TrustReading, ...]:
    """
    Return every signal of one photograph of `order`, as of the instant at which it was received.

    It is compared with the same file of other visits, received before it or read already, and with every photograph that
    has ever been read: those of other visits, and the others of its own report. What an earlier version of the report
    brought may be sent again.
    """
    moments = list(CheckIn.objects.filter(order=order))
    check_ins = [each for each in moments if each.moment == CheckIn.Moment.IN]
    arrived = min((each.happened_at for each in check_ins), default=None)
    left = max((each.happened_at for each in moments if each.moment == CheckIn.Moment.OUT), default=None)
    latitude, longitude = order.address.coordinates or (None, None)
    received_at = evidence.received_at
    return trust_signals(
        policy=conduct_policy(territory=order.case.territory),
        photo=PhotoFacts(
            has_exif=photo.has_camera_data,
            # Without a check-in there is nothing to compare with.
            captured_at=photo.taken_at if arrived else None,
            software=photo.software,
            latitude=photo.latitude,
            longitude=photo.longitude,
            accuracy_m=photo.accuracy_m,
            clock_drift_seconds=((evidence.device_at or received_at) - received_at).total_seconds(),
            is_mock_location=evidence.mock_location,
        ),
        visit=VisitFrame(
            checked_in_at=arrived or received_at,
            checked_out_at=left,
            latitude=latitude,
            longitude=longitude,
            is_rural=order.address.is_rural,
            check_ins=tuple(_place_of(each) for each in check_ins if each.point),
        ),
        copies=_copies(evidence=evidence, order=order, prints=photo.prints),
    )


def trust_columns(*, signals: Iterable[TrustReading]) -> dict[str, Any]:
    """Return the columns of `Evidence` that hold the signals and the score (0 to 100) that follows from them."""
    found = tuple(signals)
    return {
        "trust_score": trust_score(signals=found),
        "signals": [{"signal": reading.signal.value, "weight": reading.weight} for reading in found],
    }


def place_digest(*, latitude: float, longitude: float) -> bytes:
    """Return the keyed digest (16 bytes) of a photograph's position to the metre; empty where it is no place on earth, as (0, 0)."""
    if not is_position(latitude=latitude, longitude=longitude):
        return b""
    # Five decimals are a metre.
    return keyed_digest(text=f"{latitude:.5f},{longitude:.5f}", kind="evidence.place")


def _place_of(check_in: CheckIn) -> CheckInPlace:
    latitude, longitude = coordinates(check_in.point)
    return CheckInPlace(latitude=latitude, longitude=longitude, accuracy_m=check_in.accuracy_m or 0)


def _elsewhere(order: VisitOrder) -> QuerySet[Evidence]:
    rows: QuerySet[Evidence] = Evidence.objects.exclude(report__order=order.pk)
    return rows


def _copies(*, evidence: Evidence, order: VisitOrder, prints: PhotoPrints) -> KnownCopies:
    # Of two visits with the same file the later one is marked, and the earlier one only where it is read after it.
    before = Q(pk__lt=evidence.pk) | ~Q(state=EvidenceState.WAITING)
    alike = lookalikes(asked=prints.asked, turned=prints.turned, itself=evidence.pk, report=evidence.report_id)
    return KnownCopies(
        same_file_elsewhere=_elsewhere(order).filter(before, sha256=evidence.sha256).exists(),
        elsewhere_bits=next((each.bits for each in alike if each.order_id != order.pk), None),
        here_bits=next((each.bits for each in alike if each.report_id == evidence.report_id), None),
    )
