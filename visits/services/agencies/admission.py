"""Agencies on their way to the published list: entered by one person, admitted by another once nothing is missing."""

import re
from collections.abc import Collection
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory, User
from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput, SelfApproval
from backoffice.core.scoping import must_act_in
from backoffice.core.transitions import may, move
from visits.enums import AgencyState, CredentialKind, EntryState
from visits.models import Agency, AgencyTerritory
from visits.rules.agencies.entry import entry_criteria
from visits.rules.agencies.papers import missing_groups
from visits.rules.agencies.registration import canonical_code, code_problem
from visits.rules.lifecycle import AGENCY_LIFECYCLE
from visits.services.agencies.credentials import counted_papers
from visits.services.agencies.managing import locked_agency, must_be_person, must_manage
from visits.services.agencies.prices import push_visit_prices

NOTE_LENGTH: Final = 300
CODE: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")
CAPACITY_MAX: Final = 100_000
# What the contract and the admission stand on: it does not change in a form once the agency is admitted.
FIXED_BY_ADMISSION: Final = ("registration", "contract_number", "contract_starts_on", "contract_ends_on")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgencyDetails:
    """
    An agency as staff enter it. Days are whole, the contract's last one included; the capital is in RMB.

    `registration` is the unified social credit code, in any spelling.
    """

    code: str
    name: str
    registration: str
    complaints_phone: str
    contract_number: str
    contract_starts_on: date
    contract_ends_on: date
    no_subcontract_promise_on: date | None = None
    founded_on: date | None = None
    registered_capital: Decimal | None = None
    staff_count: int | None = None


def details_of(*, agency: Agency) -> AgencyDetails:
    """Return an agency as it was entered, to be changed in parts."""
    return AgencyDetails(**{field.name: getattr(agency, field.name) for field in fields(AgencyDetails)})


@transaction.atomic
def enter_agency(*, details: AgencyDetails, actor: Any, at: datetime, business_date: date) -> Agency:
    """
    Enter an applicant. It takes no case until another person has admitted it.

    :raises NotAllowed: if the actor is no person, or may not enter agencies.
    :raises InvalidInput: if a detail is missing or wrong, or the code is taken; it names the field.
    """
    must_be_person(actor=actor, permission="visits.add_agency")
    given = _checked(details, business_date=business_date)
    try:
        with transaction.atomic():
            agency = Agency.objects.create(**given, entered_by=actor, created_at=at, updated_at=at)
    except IntegrityError as error:
        raise InvalidInput(_("Another agency has this code."), field="code") from error
    record(actor=actor, action="agency.entered", subject=agency, at=at, body={"agency": agency.code})
    return agency


@transaction.atomic
def change_agency(*, agency: Agency, details: AgencyDetails, actor: Any, at: datetime, business_date: date) -> Agency:
    """
    Correct an agency's details. Whoever changes an applicant counts as who entered it, and does not admit it.

    The code never changes. After the admission registration and contract are fixed too: the end moves by a renewal.

    :raises NotAllowed: if the actor may not change this agency.
    :raises InvalidInput: if a detail is wrong, or fixed; it names the field.
    """
    must_be_person(actor=actor, permission="visits.change_agency")
    must_manage(agency=agency, actor=actor)
    agency = locked_agency(agency=agency)
    is_applicant = agency.state == AgencyState.APPLICANT
    given = _checked(details, business_date=business_date)
    changed = sorted(name for name, value in given.items() if getattr(agency, name) != value)
    for name in changed:
        if name == "code":
            raise InvalidInput(_("The code of an agency does not change."), field=name)
        if name in FIXED_BY_ADMISSION and not is_applicant:
            message = _("This is fixed by the admission; the contract's end moves by a renewal only.")
            raise InvalidInput(message, field=name)
    if not changed:
        return agency
    for name in changed:
        setattr(agency, name, given[name])
    agency.updated_at = at
    if is_applicant:
        agency.entered_by = actor
    agency.save(update_fields=[*changed, "updated_at", "entered_by"])
    body = {"agency": agency.code, "fields": changed}
    record(actor=actor, action="agency.changed", subject=agency, at=at, body=body)
    return agency


@transaction.atomic
def set_capacity(
    *, agency: Agency, territory: Territory, capacity: int, actor: Any, at: datetime, business_date: date
) -> AgencyTerritory:
    """
    Set how many cases an agency takes in a territory at once, 0 to 100,000. 0 gives it no new ones.

    :raises NotAllowed: if the actor may not change this agency, or the territory is not theirs.
    :raises InvalidInput: if the capacity is out of bounds.
    """
    must_be_person(actor=actor, permission="visits.change_agency")
    must_manage(agency=agency, actor=actor)
    must_act_in(actor=actor, territory_id=territory.pk)
    if not 0 <= capacity <= CAPACITY_MAX:
        raise InvalidInput(_("Give a number of cases from 0 to 100,000."), field="capacity")
    agency = locked_agency(agency=agency)
    room, _made = AgencyTerritory.objects.update_or_create(
        agency=agency, territory=territory, defaults={"capacity": capacity}
    )
    push_visit_prices(business_date=business_date, at=at, actor=actor)
    body = {"agency": agency.code, "territory": territory.code, "capacity": capacity}
    record(actor=actor, action="agency.capacity_set", subject=agency, at=at, body=body)
    return room


@transaction.atomic
def set_coordinators(*, agency: Agency, coordinators: Collection[User], actor: Any, at: datetime) -> Agency:
    """
    Name the people and programs of an agency; they replace those of before.

    :raises NotAllowed: if the actor may not change users: they would not see whom they drop.
    """
    may(actor=actor, permission="access.change_user")
    agency = locked_agency(agency=agency)
    agency.coordinators.set(coordinators)
    body = {"agency": agency.code, "users": sorted(user.pk for user in coordinators)}
    record(actor=actor, action="agency.coordinators_set", subject=agency, at=at, body=body)
    return agency


def admission_gaps(*, agency: Agency, day: date) -> tuple[str | Promise, ...]:
    """Return what an agency lacks on `day` to be admitted, in words; empty means nothing."""
    gaps: list[str | Promise] = []
    problem = code_problem(code=agency.registration)
    if problem is not None:
        gaps.append(problem)
    if agency.no_subcontract_promise_on is None:
        gaps.append(_("The written promise not to subcontract is missing."))
    if not agency.contract_number or agency.contract_starts_on is None:
        gaps.append(_("Number and first day of the contract are missing."))
    elif agency.contract_starts_on > day:
        gaps.append(_("The agency's contract has not begun."))
    if agency.contract_ends_on <= day:
        gaps.append(_("The agency's contract has ended."))
    waiting = set(agency.credentials.filter(state=EntryState.ENTERED).values_list("kind", flat=True))
    for group in missing_groups(papers=counted_papers(agency=agency), day=day):
        names = " / ".join(str(kind.label) for kind in CredentialKind if kind in group)
        if group & waiting:
            gaps.append(_("This paper awaits confirmation by another person: {names}.").format(names=names))
        else:
            gaps.append(_("No valid paper of this kind: {names}.").format(names=names))
    if not agency.capacities.filter(capacity__gt=0).exists():
        gaps.append(_("It has no capacity in any territory."))
    return tuple(gaps)


@transaction.atomic
def admit_agency(*, agency: Agency, reason: str, actor: Any, at: datetime, business_date: date) -> Agency:
    """
    Put an applicant on the published list. Open entry criteria do not stop it; they are recorded.

    :raises NotAllowed: if the actor is no person, or may not admit this agency.
    :raises SelfApproval: if the actor entered it.
    :raises InvalidInput: if anything is missing; it lists all of it.
    :raises StateConflict: if it is no applicant.
    """
    must_be_person(actor=actor, permission="visits.admit_agency")
    must_manage(agency=agency, actor=actor)
    agency = locked_agency(agency=agency)
    if agency.state == AgencyState.APPLICANT:
        if agency.entered_by_id in (None, actor.pk):
            raise SelfApproval
        gaps = admission_gaps(agency=agency, day=business_date)
        if gaps:
            raise InvalidInput(_("Missing: {gaps}").format(gaps=" ".join(map(str, gaps))), field="agency")
    move(
        record=agency,
        lifecycle=AGENCY_LIFECYCLE,
        action="admit",
        actor=actor,
        at=at,
        admitted_on=business_date,
        admitted_by=actor,
    )
    agency.state_note = reason.strip()[:NOTE_LENGTH]
    agency.save(update_fields=["state_note"])
    criteria = entry_criteria(
        founded_on=agency.founded_on,
        capital=agency.registered_capital,
        staff=agency.staff_count,
        day=business_date,
    )
    body = {"agency": agency.code, "open": [str(each.criterion) for each in criteria if not each.is_met]}
    record(actor=actor, action="agency.admitted", subject=agency, at=at, body=body)
    return agency


def _checked(details: AgencyDetails, *, business_date: date) -> dict[str, Any]:
    """Return the details as they are stored. :raises InvalidInput: at the first field that is wrong."""
    given = asdict(details)
    given |= {
        name: " ".join(str(given[name]).split()) for name in ("code", "name", "complaints_phone", "contract_number")
    }
    given["registration"] = canonical_code(text=details.registration)
    if not CODE.fullmatch(given["code"]):
        raise InvalidInput(_("A code has 1 to 20 letters, digits, hyphens or underscores."), field="code")
    for name, most in (("name", 80), ("complaints_phone", 30), ("contract_number", 60)):
        if not 0 < len(given[name]) <= most:
            raise InvalidInput(_("Fill this in, with at most {n} characters.").format(n=most), field=name)
    problem = code_problem(code=given["registration"])
    if problem is not None:
        raise InvalidInput(problem, field="registration")
    if given["contract_starts_on"] is None or given["contract_ends_on"] is None:
        raise InvalidInput(_("Give the first and the last day of the contract."), field="contract_starts_on")
    if given["contract_ends_on"] <= given["contract_starts_on"]:
        raise InvalidInput(_("The contract's end must be later than its beginning."), field="contract_ends_on")
    for name in ("no_subcontract_promise_on", "founded_on"):
        if given[name] is not None and given[name] > business_date:
            raise InvalidInput(_("This day is still to come."), field=name)
    capital, staff = given["registered_capital"], given["staff_count"]
    if capital is not None and not (capital.is_finite() and 0 <= capital < Decimal("1e14")):
        raise InvalidInput(_("Give the capital in RMB, from zero."), field="registered_capital")
    if staff is not None and not 0 <= staff <= 1_000_000:
        raise InvalidInput(_("Give the number of staff, from zero."), field="staff_count")
    return given
