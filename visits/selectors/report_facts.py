"""What the rules of trust look at in one report: its stay, the ways of its crew, positions and texts that repeat."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Final

from django.db.models import Count, QuerySet

from cases.models import Address
from visits.enums import Finding, TrustSignal
from visits.models import CheckIn, Evidence, ReportShingle, VisitReport
from visits.rules.geography import haversine_m
from visits.rules.report.report_signals import Journey, ReportFacts
from visits.rules.report.trust_level import PhotoTrust

# Check-ins of the crew this long before and after are looked at for the way between them.
AROUND: Final = timedelta(hours=12)
# Addresses nearer than this may be one yard: a telephone that keeps its position repeats it there honestly.
YARD_M: Final = 150
# A position that repeats more often says no more.
SAME_PLACE_ROWS: Final = 50


def report_facts(*, report: VisitReport, photos: Sequence[Evidence]) -> ReportFacts:
    """Return the facts of one report, whose read files are `photos`, with at most seven queries."""
    own = list(
        CheckIn.objects.filter(order=report.order_id).select_related("order__address", "device").order_by("happened_at")
    )
    arrived = [each for each in own if each.moment == CheckIn.Moment.IN]
    left = [each.happened_at for each in own if each.moment == CheckIn.Moment.OUT]
    return ReportFacts(
        findings=tuple(Finding(each) for each in report.findings),
        sections=report.sections.count(),
        opened_at=max((each.happened_at for each in arrived), default=None),
        left_at=max(left, default=None),
        submitted_at=report.submitted_at,
        incident_codes=frozenset(report.incident_codes),
        journeys=_journeys(own),
        phone_journeys=_phone_journeys(own),
        same_place_addresses=_same_place_addresses(arrived),
        same_photo_place_addresses=_same_photo_place_addresses(report, photos),
        shared_pieces=_shared_pieces(report),
        repeated_pictures=sum(TrustSignal.REPEATED_IN_REPORT in signals_of(each) for each in photos),
    )


def photo_trust(*, evidence: Evidence) -> PhotoTrust:
    """Return one read file as the rules of a report's trust see it."""
    return PhotoTrust(score=evidence.trust_score, signals=signals_of(evidence))


def signals_of(evidence: Evidence) -> frozenset[TrustSignal]:
    """Return the signals of one file."""
    return frozenset(TrustSignal(each["signal"]) for each in evidence.signals)


def _journeys(own: list[CheckIn]) -> tuple[Journey, ...]:
    """Return the ways of each member to and from this visit."""
    if not own:
        return ()
    around = _around(own).filter(member__in={each.member_id for each in own}).order_by("member", "happened_at", "pk")
    return tuple(
        _journey(before, after) for before, after in _of_this_visit(own, around) if before.member_id == after.member_id
    )


def _phone_journeys(own: list[CheckIn]) -> tuple[Journey, ...]:
    """
    Return the ways of telephones to and from this visit between two members; those of one member are the member's own.

    A telephone is known by its reference: it may have been taken back from one member and bound to another.
    """
    phones = {each.device.device_ref for each in own if each.device is not None}
    if not phones:
        return ()
    around = (
        _around(own)
        .filter(device__device_ref__in=phones)
        .select_related("device")
        .order_by("device__device_ref", "happened_at", "pk")
    )
    return tuple(
        _journey(before, after)
        for before, after in _of_this_visit(own, around)
        if before.member_id != after.member_id and _phone(before) == _phone(after)
    )


def _around(own: list[CheckIn]) -> "QuerySet[CheckIn]":
    rows: QuerySet[CheckIn] = CheckIn.objects.filter(
        happened_at__range=(own[0].happened_at - AROUND, own[-1].happened_at + AROUND)
    )
    return rows


def _of_this_visit(own: list[CheckIn], around: Iterable[CheckIn]) -> Iterator[tuple[CheckIn, CheckIn]]:
    """Yield the neighbouring pairs to and from this visit: others are looked at with their own reports."""
    for before, after in pairwise(around):
        if before.order_id != after.order_id and own[0].order_id in (before.order_id, after.order_id):
            yield before, after


def _journey(before: CheckIn, after: CheckIn) -> Journey:
    return Journey(
        metres=_metres(before, after) - (before.accuracy_m or 0) - (after.accuracy_m or 0),
        seconds=(after.happened_at - before.happened_at).total_seconds(),
    )


def _phone(check_in: CheckIn) -> str:
    return check_in.device.device_ref if check_in.device is not None else ""


def _metres(before: CheckIn, after: CheckIn) -> float:
    (from_latitude, from_longitude), (to_latitude, to_longitude) = (
        tuple(float(part) for part in each.point.split(",")) for each in (before, after)
    )
    return haversine_m(
        from_latitude=from_latitude,
        from_longitude=from_longitude,
        to_latitude=to_latitude,
        to_longitude=to_longitude,
    )


def _same_place_addresses(arrived: list[CheckIn]) -> int:
    digests = {bytes(each.place_digest) for each in arrived} - {b""}
    if not digests:
        return 0
    here = arrived[0].order.address
    others = (
        CheckIn.objects.filter(place_digest__in=digests)
        .exclude(order__address=here)
        .select_related("order__address")
        .order_by("order__address", "-pk")
        .distinct("order__address")[:SAME_PLACE_ROWS]
    )
    return _far_addresses(here, (each.order.address for each in others))


def _same_photo_place_addresses(report: VisitReport, photos: Sequence[Evidence]) -> int:
    digests = {bytes(each.place_digest) for each in photos} - {b""}
    if not digests or report.order.placement_id is None:
        return 0
    here = report.order.address
    others = (
        Evidence.objects.filter(
            place_digest__in=digests, report__order__placement__agency__placements=report.order.placement_id
        )
        .exclude(report__order__address=here)
        .select_related("report__order__address")
        .order_by("report__order__address", "-pk")
        .distinct("report__order__address")[:SAME_PLACE_ROWS]
    )
    return _far_addresses(here, (each.report.order.address for each in others))


def _far_addresses(here: Address, others: Iterable[Address]) -> int:
    """Return how many different addresses among `others` are known to lie further from `here` than one yard."""
    far = {
        there.pk
        for there in others
        if here.coordinates and there.coordinates and _apart_m(here.coordinates, there.coordinates) > YARD_M
    }
    return len(far)


def _apart_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    return haversine_m(from_latitude=one[0], from_longitude=one[1], to_latitude=other[0], to_longitude=other[1])


def _shared_pieces(report: VisitReport) -> int:
    own = ReportShingle.objects.filter(report=report).values("digest")
    nearest = (
        ReportShingle.objects.filter(digest__in=own)
        # A crew describes one borrower's door twice in the same words, and a returned report comes again.
        .exclude(report__order__case__borrower=report.order.case.borrower_id)
        .values("report")
        .annotate(shared=Count("pk"))
        .order_by("-shared", "report")
        .values_list("shared", flat=True)
        .first()
    )
    return int(nearest or 0)
