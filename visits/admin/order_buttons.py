"""The steps of a visit order as buttons: each opens a dialog and calls one service."""

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.buttons import PRIMARY, SUCCESS, WARNING, Press, ReasonForm, button
from visits.admin.agreement_forms import ConsentButtonForm, WishButtonForm
from visits.admin.order_forms import AbortForm, CancelForm, CrewForm, PermissionForm
from visits.enums import AgreementKind, VisitState
from visits.rules.conduct.answers import IN_TIME
from visits.rules.lifecycle import VISIT_LIFECYCLE
from visits.selectors.least_view import ADDRESS_CLEAR
from visits.services.answers import agreements
from visits.services.dispatch import letters, permissions, scheduling
from visits.services.dispatch import orders as dispatch
from visits.services.dispatch.permissions import UNPLANNED_STATES
from visits.services.doorstep import attendance
from visits.services.orders import address_reveal
from visits.services.review import review

WITH_LETTER = frozenset({VisitState.SCHEDULED, VisitState.ACCEPTED})


class OrderButtons:
    """Every step that a person takes with one visit order on its page."""

    @button(
        label=_("Approve"),
        permission="visits.approve_visitorder",
        icon="check",
        variant=SUCCESS,
        text=_("Nobody approves a visit that they requested."),
        done=_("The visit is approved and can be planned."),
    )
    def approve(self, press: Press) -> None:
        dispatch.approve_visit(order=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Assign a crew"),
        permission="visits.dispatch_visitorder",
        form=CrewForm,
        icon="groups",
        variant=PRIMARY,
        states=frozenset({VisitState.APPROVED}),
        done=_("The visit is planned; notice and letter are prepared."),
    )
    def assign_crew(self, press: Press) -> None:
        scheduling.assign_crew(order=press.record, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("Record the permission"),
        permission="visits.dispatch_visitorder",
        form=PermissionForm,
        icon="how_to_reg",
        states=frozenset(UNPLANNED_STATES),
        text=_("Where the rules of contact ask for the borrower's permission first, no visit is planned without it."),
        done=_("The permission is recorded."),
    )
    def record_permission(self, press: Press) -> None:
        permissions.record_permission(order=press.record, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("Note a wish about the time"),
        permission=agreements.RECORD,
        form=WishButtonForm,
        icon="more_time",
        states=IN_TIME,
        text=_(
            "The borrower asked for it. A visit that is planned for another time is planned anew, and its crew called back. "
            "A time that leaves the hours of visits needs its recording or letter."
        ),
        done=_("The time is recorded. A visit that was planned for another time is planned anew."),
    )
    def note_wish(self, press: Press) -> None:
        agreements.record_agreement(
            case=press.record.case,
            order=press.record,
            kind=AgreementKind.TIME,
            actor=press.actor,
            at=press.at,
            **press.values,
        )

    @button(
        label=_("Record the consent to this place"),
        permission=agreements.RECORD,
        form=ConsentButtonForm,
        icon="handshake",
        states=frozenset(UNPLANNED_STATES),
        text=_("Nobody is visited at a workplace or a relative's home without their recorded consent."),
        done=_("The consent is recorded; a visit there can be requested and planned."),
    )
    def record_consent(self, press: Press) -> None:
        agreements.record_agreement(
            case=press.record.case,
            order=press.record,
            kind=AgreementKind.PLACE,
            address=press.record.address,
            actor=press.actor,
            at=press.at,
            **press.values,
        )

    @button(
        label=_("Issue the letter anew"),
        permission="visits.dispatch_visitorder",
        icon="mail",
        states=WITH_LETTER,
        text=_("The former letter's code stops working."),
        done=_("The letter is issued."),
    )
    def issue_letter(self, press: Press) -> None:
        letters.issue_letter(order=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Accept"),
        permission="visits.accept_visitorder",
        icon="thumb_up",
        variant=SUCCESS,
        done=_("The visit is accepted."),
    )
    def accept(self, press: Press) -> None:
        dispatch.accept_visit(order=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Decline"),
        permission="visits.accept_visitorder",
        form=ReasonForm,
        icon="thumb_down",
        done=_("The visit is declined and will be planned anew."),
    )
    def decline(self, press: Press) -> None:
        dispatch.decline_visit(order=press.record, reason=press.values["reason"], actor=press.actor, at=press.at)

    @button(
        label=_("Take back to plan anew"),
        permission="visits.dispatch_visitorder",
        form=ReasonForm,
        icon="event_repeat",
        done=_("The visit can be planned anew."),
    )
    def unschedule(self, press: Press) -> None:
        dispatch.unschedule_visit(order=press.record, reason=press.values["reason"], actor=press.actor, at=press.at)

    @button(
        label=_("Set out"),
        permission="visits.report_visitorder",
        icon="directions_walk",
        variant=PRIMARY,
        text=_("Asks once more whether the visit is still due."),
        done=_("Asked again whether the visit is due; its state is up to date."),
    )
    def depart(self, press: Press) -> None:
        dispatch.depart(order=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Break off"),
        permission="visits.report_visitorder",
        form=AbortForm,
        icon="cancel",
        variant=WARNING,
        done=_("The visit is broken off. Report it all the same."),
    )
    def abort(self, press: Press) -> None:
        attendance.abort_visit(
            order=press.record,
            finding=press.values["finding"],
            reason=press.values["reason"],
            actor=press.actor,
            at=press.at,
        )

    @button(
        label=_("Cancel the visit"),
        permission="visits.cancel_visitorder",
        form=CancelForm,
        icon="event_busy",
        variant=WARNING,
        states=VISIT_LIFECYCLE.step("cancel").sources,
        done=_("The visit is cancelled."),
    )
    def cancel(self, press: Press) -> None:
        dispatch.cancel_visit(order=press.record, **press.values, actor=press.actor, at=press.at)

    @button(
        label=_("Begin review"),
        permission="visits.review_visitorder",
        icon="rate_review",
        variant=PRIMARY,
        done=_("The report is yours to review."),
    )
    def begin_review(self, press: Press) -> None:
        review.begin_review(order=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Show the address"),
        permission="visits.report_visitorder",
        icon="visibility",
        states=ADDRESS_CLEAR,
        text=_("Shown once, for the way there. Who saw it is kept in the access log."),
    )
    def show_address(self, press: Press) -> HttpResponse:
        shown = address_reveal.reveal_visit_address(order=press.record, actor=press.actor, at=press.at)
        return HttpResponse(render_to_string("admin/visits/address.html", {"shown": shown}, request=press.request))
