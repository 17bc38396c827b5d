"""The buttons of an agency's page, each with one service."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import StateConflict
from backoffice.core.pages.buttons import PRIMARY, SUCCESS, WARNING, Press, ReasonForm, button
from visits.admin.agency_forms import (
    CapacityForm,
    ChangeAgencyForm,
    CoordinatorsForm,
    CredentialForm,
    EvaluateForm,
    PriceForm,
    RenewalForm,
)
from visits.enums import AgencyState, EntryState
from visits.models import Agency, ContractRenewal
from visits.services.agencies import admission, agencies, credentials, price_cards, renewal

STAYING = frozenset(AgencyState) - {AgencyState.EXITED}
LISTED = frozenset({AgencyState.ACTIVE, AgencyState.RESTRICTED})


class AgencyButtons:
    """What is done with an agency."""

    @button(
        label=_("Edit"),
        permission="visits.change_agency",
        form=ChangeAgencyForm,
        icon="edit",
        states=STAYING,
        page=True,
        submit=_("Save"),
        done=_("The agency is changed."),
    )
    def edit(self, press: Press) -> None:
        names = admission.AgencyDetails.__dataclass_fields__
        details = admission.AgencyDetails(**{name: press.values[name] for name in names})
        admission.change_agency(
            agency=press.record,
            details=details,
            actor=press.actor,
            at=press.at,
            business_date=press.business_date,
        )

    @button(
        label=_("Set a capacity"),
        permission="visits.change_agency",
        form=CapacityForm,
        icon="inventory_2",
        states=STAYING,
        text=_("How many cases it takes in a territory at once. 0 gives it no new ones."),
        done=_("The capacity is set."),
    )
    def capacity(self, press: Press) -> None:
        admission.set_capacity(
            agency=press.record, **press.values, actor=press.actor, at=press.at, business_date=press.business_date
        )

    @button(
        label=_("Enter a paper"),
        permission="visits.add_agencycredential",
        form=CredentialForm,
        icon="description",
        states=STAYING,
        page=True,
        submit=_("Save for confirmation"),
        text=_("It counts once another person has confirmed it."),
        done=_("The paper awaits confirmation by another person."),
    )
    def paper(self, press: Press) -> None:
        values = dict(press.values)
        file = values.pop("file", None)
        credentials.enter_credential(
            agency=press.record,
            details=credentials.CredentialDetails(**values),
            content=file.read() if file else None,
            actor=press.actor,
            at=press.at,
        )

    @button(
        label=_("Enter a price"),
        permission="visits.add_pricecard",
        form=PriceForm,
        icon="price_change",
        states=STAYING,
        text=_("It counts once another person has confirmed it. A price never depends on what a visit finds."),
        done=_("The price awaits confirmation by another person."),
    )
    def price(self, press: Press) -> None:
        price_cards.enter_price(
            agency=press.record, **press.values, actor=press.actor, at=press.at, business_date=press.business_date
        )

    @button(
        label=_("Admit"),
        permission="visits.admit_agency",
        form=ReasonForm,
        icon="verified",
        variant=SUCCESS,
        text=_("Another person than who entered it admits it, once no paper is missing."),
        done=_("The agency may take cases."),
    )
    def admit(self, press: Press) -> None:
        admission.admit_agency(agency=press.record, **dated(press))

    @button(
        label=_("Suspend"),
        permission="visits.suspend_agency",
        form=ReasonForm,
        icon="block",
        variant=WARNING,
        text=_("Live placements are recalled; the agency's people lose sight of their visits at once."),
        done=_("The agency is suspended."),
    )
    def suspend(self, press: Press) -> None:
        agencies.suspend_agency(agency=press.record, **dated(press))

    @button(
        label=_("Reinstate"),
        permission="visits.admit_agency",
        form=ReasonForm,
        icon="restart_alt",
        variant=SUCCESS,
        done=_("The agency may take cases again."),
    )
    def reinstate(self, press: Press) -> None:
        agencies.reinstate_agency(agency=press.record, **dated(press))

    @button(
        label=_("End cooperation"),
        permission="visits.suspend_agency",
        form=ReasonForm,
        icon="logout",
        variant=WARNING,
        done=_("The cooperation has ended."),
    )
    def exit(self, press: Press) -> None:
        agencies.exit_agency(agency=press.record, **dated(press))

    @button(
        label=_("Evaluate"),
        permission="visits.evaluate_agency",
        form=EvaluateForm,
        icon="grade",
        states=STAYING - {AgencyState.APPLICANT},
        text=_(
            "The score is computed from the last twelve months and from the cases of all agencies: conduct, complaints "
            "about its own visits, quality and punctuality."
        ),
        done=_("The evaluation is filed."),
    )
    def evaluate(self, press: Press) -> None:
        agencies.evaluate_agency(agency=press.record, **dated(press))

    @button(
        label=_("Ask for a renewal"),
        permission="visits.change_agency",
        form=RenewalForm,
        icon="event_repeat",
        states=LISTED,
        text=_("Behind it stand an evaluation of the last twelve months and one of the 90 days before the end."),
        done=_("The renewal awaits the decision of another person."),
    )
    def ask_renewal(self, press: Press) -> None:
        renewal.ask_renewal(agency=press.record, **dated(press))

    @button(
        label=_("Grant the renewal"),
        permission="visits.admit_agency",
        icon="verified",
        variant=PRIMARY,
        states=LISTED,
        text=_("The contract then ends on the later day. Nobody grants what they asked for themselves."),
        done=_("The contract is renewed."),
    )
    def renew(self, press: Press) -> None:
        renewal.renew_agency(renewal=must_be_open(press.record), **dated(press))

    @button(
        label=_("Withdraw the renewal"),
        permission="visits.change_agency",
        icon="undo",
        states=LISTED,
        done=_("The renewal is withdrawn."),
    )
    def withdraw_renewal(self, press: Press) -> None:
        renewal.withdraw_renewal(renewal=must_be_open(press.record), actor=press.actor, at=press.at)

    @button(
        label=_("Name coordinators"),
        permission="access.change_user",
        form=CoordinatorsForm,
        icon="group",
        page=True,
        submit=_("Save"),
        text=_("The people and programs of the agency: they see its visits and enter its crew."),
        done=_("The coordinators are named."),
    )
    def coordinators(self, press: Press) -> None:
        admission.set_coordinators(
            agency=press.record, coordinators=press.values["coordinators"], actor=press.actor, at=press.at
        )


def dated(press: Press) -> dict[str, Any]:
    """Return what was asked for, with who pressed the button and when."""
    return press.values | {"actor": press.actor, "at": press.at, "business_date": press.business_date}


def open_renewal(agency_id: Any) -> ContractRenewal | None:
    """Return the renewal of an agency that awaits its decision, None without one."""
    return ContractRenewal.objects.filter(agency=agency_id, state=EntryState.ENTERED).select_related("agency").first()


def must_be_open(agency: Agency) -> ContractRenewal:
    """Return the agency's open renewal. :raises StateConflict: if somebody decided it meanwhile."""
    found = open_renewal(agency.pk)
    if found is None:
        raise StateConflict
    return found
