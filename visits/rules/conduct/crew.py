"""The conduct rules about who goes: crew, agency, mandate, and their arrival at the door."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import combinations

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from visits.enums import AgencyState
from visits.rules.conduct.clauses import ConductRule, Refusal
from visits.rules.conduct.contact import Arrival, CheckIn, VisitProposal
from visits.rules.conduct.policy import ConductPolicy
from visits.rules.conduct.timing import local_time
from visits.rules.geography import haversine_m


def crew_refusals(*, policy: ConductPolicy, proposal: VisitProposal) -> Iterator[Refusal]:
    """Yield what the crew lacks on the local day of the visit."""
    people = {member.ref: member for member in proposal.crew}
    if len(people) < policy.min_crew:
        message = format_lazy(_("A visit needs {n} crew members; add one."), n=policy.min_crew)
        yield Refusal(rule=ConductRule.CREW_SIZE, message=message)
    day = local_time(policy=policy, at=proposal.starts_at).date()
    exam_from = day - timedelta(days=policy.training_valid_days)
    for member in people.values():
        if not member.confirmed:
            message = _("A crew member is inactive or not confirmed by the lender; confirm them or choose another.")
            yield Refusal(rule=ConductRule.CREW_STANDING, message=message)
        if not (member.screened and member.certified and member.confidentiality_signed):
            message = _(
                "A crew member lacks clear screening, a valid certificate or signed confidentiality; choose another."
            )
            yield Refusal(rule=ConductRule.CREW_STANDING, message=message)
        # As `training_until` has it.
        if member.exam_passed_on is None or member.exam_passed_on < exam_from:
            message = _("A crew member's training has expired; choose another or train first.")
            yield Refusal(rule=ConductRule.CREW_TRAINING, message=message)
        if member.orders_that_day >= policy.crew_orders_per_day:
            message = _("A crew member's day is full; choose another day or crew.")
            yield Refusal(rule=ConductRule.CREW_LOAD, message=message)


def training_until(*, policy: ConductPolicy, exam_passed_on: date | None) -> date | None:
    """Return the last day on which the training of an exam is valid, None without an exam."""
    return exam_passed_on and exam_passed_on + timedelta(days=policy.training_valid_days)


def agency_refusals(*, policy: ConductPolicy, proposal: VisitProposal) -> Iterator[Refusal]:
    """Yield the refusals for the agency and its mandate. A mandate never counts longer than `mandate_max_days`."""
    agency, mandate = proposal.agency, proposal.mandate
    # RESTRICTED means no new cases; the visits of cases it already holds go on.
    if not agency.listed or agency.state not in {AgencyState.ACTIVE, AgencyState.RESTRICTED}:
        message = _("The agency is not active on the published list; recall the case.")
        yield Refusal(rule=ConductRule.AGENCY_LISTED, message=message)
    day = local_time(policy=policy, at=proposal.starts_at).date()
    if day > agency.contract_ends_on:
        message = _("The agency's contract has ended by that day; renew it or recall the case.")
        yield Refusal(rule=ConductRule.AGENCY_LISTED, message=message)
    if agency.papers_until is None or day > agency.papers_until:
        message = _("A required paper of the agency is missing or has expired by that day; enter the new one.")
        yield Refusal(rule=ConductRule.AGENCY_LISTED, message=message)
    is_mixed = mandate is not None and mandate.agency_ref != agency.ref
    if is_mixed or any(member.agency_ref != agency.ref for member in proposal.crew):
        message = _("Crew and mandate must belong to the agency that holds the case.")
        yield Refusal(rule=ConductRule.ONE_AGENCY, message=message)
    if mandate is None:
        yield Refusal(rule=ConductRule.MANDATE, message=_("There is no mandate; issue one."))
        return
    last_day = min(mandate.expires_on, mandate.issued_on + timedelta(days=policy.mandate_max_days))
    if not mandate.issued_on <= day <= last_day:
        yield Refusal(rule=ConductRule.MANDATE, message=_("The mandate is not valid that day; issue a new one."))


def arrival_refusals(*, policy: ConductPolicy, proposal: VisitProposal, arrival: Arrival) -> Iterator[Refusal]:
    """Yield the refusals for the check-ins and the photograph of badges; a person's last check-in counts."""
    crew = {member.ref for member in proposal.crew}
    in_time = sorted(arrival.check_ins, key=lambda check_in: check_in.at)
    here = list({check_in.crew_ref: check_in for check_in in in_time if check_in.crew_ref in crew}.values())
    together = len(here) >= policy.min_crew
    if not together or any(not are_together(policy=policy, one=a, other=b) for a, b in combinations(here, 2)):
        message = _("The crew must check in together; wait for each other and check in again.")
        yield Refusal(rule=ConductRule.CHECK_IN_TOGETHER, message=message)
    if any(check_in.is_mock for check_in in here):
        message = _("A device reports a mock position; switch it off and check in again.")
        yield Refusal(rule=ConductRule.TRUE_POSITION, message=message)
    fence_m = policy.geofence_rural_m if arrival.is_rural else policy.geofence_urban_m
    accuracy_m = policy.accuracy_indoor_m if arrival.is_indoors else policy.accuracy_m
    for check_in in here:
        away_m = haversine_m(
            from_latitude=check_in.latitude,
            from_longitude=check_in.longitude,
            to_latitude=arrival.target_latitude,
            to_longitude=arrival.target_longitude,
        )
        if away_m > fence_m or check_in.accuracy_m > accuracy_m:
            message = _("The position is not at the address or too inaccurate; step outside and check in again.")
            yield Refusal(rule=ConductRule.AT_ADDRESS, message=message)
    if not arrival.badge_evidence_ref.strip():
        message = _("Hold badges and mandate up at the door and photograph them.")
        yield Refusal(rule=ConductRule.BADGE_SHOWN, message=message)


def are_together(*, policy: ConductPolicy, one: CheckIn, other: CheckIn) -> bool:
    """Return whether two check-ins are close enough in time and place to be one arrival."""
    apart_m = haversine_m(
        from_latitude=one.latitude,
        from_longitude=one.longitude,
        to_latitude=other.latitude,
        to_longitude=other.longitude,
    )
    apart = abs(one.at - other.at)
    return apart <= timedelta(minutes=policy.check_in_minutes) and apart_m <= policy.check_in_metres
