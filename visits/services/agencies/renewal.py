"""A later end of an agency's contract: asked for by one person and granted by another, with the evaluations behind it."""

from datetime import date, datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, SelfApproval, StateConflict
from backoffice.core.transitions import move
from visits.enums import AgencyState
from visits.models import Agency, AgencyEvaluation, ContractRenewal
from visits.rules.agencies.lifecycles import RENEWAL_LIFECYCLE
from visits.rules.agencies.renewal import Evaluated, renewal_gaps
from visits.services.agencies.managing import locked_agency, must_be_person, must_manage

RENEWABLE: Final = frozenset({AgencyState.ACTIVE, AgencyState.RESTRICTED})


@transaction.atomic
def ask_renewal(*, agency: Agency, until: date, actor: Any, at: datetime, business_date: date) -> ContractRenewal:
    """
    Ask for a contract to end on a later day, `until` included. Nothing changes until another person grants it.

    :raises NotAllowed: if the actor is no person, or may not change this agency.
    :raises InvalidInput: if an evaluation is missing or too poor, or the day is not allowed; it lists all reasons.
    :raises StateConflict: if the agency is not on the list, or a renewal is open already.
    """
    must_be_person(actor=actor, permission="visits.change_agency")
    must_manage(agency=agency, actor=actor)
    agency = locked_agency(agency=agency)
    _must_be_renewable(agency, until=until, business_date=business_date)
    try:
        with transaction.atomic():
            renewal = ContractRenewal.objects.create(
                agency=agency,
                from_day=agency.contract_ends_on,
                until=until,
                entered_by=actor,
                created_at=at,
                updated_at=at,
            )
    except IntegrityError as error:
        raise StateConflict(_("A renewal of this agency awaits its decision already.")) from error
    _recorded("renewal_asked", renewal, actor=actor, at=at)
    return renewal


@transaction.atomic
def renew_agency(*, renewal: ContractRenewal, actor: Any, at: datetime, business_date: date) -> Agency:
    """
    Grant a renewal that another person asked for: the contract ends on the later day.

    :raises NotAllowed: if the actor is no person, or may not admit this agency.
    :raises SelfApproval: if the actor asked for it.
    :raises InvalidInput: if an evaluation is missing or too poor by now; it lists all reasons.
    :raises StateConflict: if it has been decided, or the contract's end has moved since.
    """
    must_be_person(actor=actor, permission="visits.admit_agency")
    must_manage(agency=renewal.agency, actor=actor)
    agency = locked_agency(agency=renewal.agency)
    if renewal.entered_by_id == actor.pk:
        raise SelfApproval
    if renewal.from_day != agency.contract_ends_on:
        raise StateConflict
    move(record=renewal, lifecycle=RENEWAL_LIFECYCLE, action="confirm", actor=actor, at=at, confirmed_by=actor)
    _must_be_renewable(agency, until=renewal.until, business_date=business_date)
    agency.contract_ends_on, agency.updated_at = renewal.until, at
    agency.save(update_fields=["contract_ends_on", "updated_at"])
    _recorded("renewed", renewal, actor=actor, at=at)
    return agency


@transaction.atomic
def withdraw_renewal(*, renewal: ContractRenewal, actor: Any, at: datetime) -> ContractRenewal:
    """
    Withdraw or refuse a renewal that awaits its decision. It is kept.

    :raises NotAllowed: if the actor may not change this agency.
    :raises StateConflict: if it has been decided.
    """
    must_manage(agency=renewal.agency, actor=actor)
    move(record=renewal, lifecycle=RENEWAL_LIFECYCLE, action="withdraw", actor=actor, at=at)
    _recorded("renewal_withdrawn", renewal, actor=actor, at=at)
    return renewal


def evaluations_of(*, agency: Agency) -> list[Evaluated]:
    """Return the agency's evaluations, the oldest first."""
    rows = AgencyEvaluation.objects.filter(agency=agency).order_by("evaluated_on", "pk")
    return [Evaluated(on=on, score=score) for on, score in rows.values_list("evaluated_on", "score")]


def _must_be_renewable(agency: Agency, *, until: date, business_date: date) -> None:
    if agency.state not in RENEWABLE:
        raise StateConflict(_("Only an agency on the list is renewed."))
    gaps = renewal_gaps(
        evaluations=evaluations_of(agency=agency),
        contract_ends_on=agency.contract_ends_on,
        until=until,
        day=business_date,
    )
    if gaps:
        raise InvalidInput(" ".join(map(str, gaps)), field="until")


def _recorded(done: str, renewal: ContractRenewal, *, actor: Any, at: datetime) -> None:
    body = {
        "agency": renewal.agency.code,
        "from": renewal.from_day.isoformat(),
        "until": renewal.until.isoformat(),
    }
    record(actor=actor, action=f"agency.{done}", subject=renewal, at=at, body=body)
