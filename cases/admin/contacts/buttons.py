"""The buttons about contacts: a borrower's wishes and refused numbers, and the question whether to call now."""

from uuid import uuid4

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.buttons import WARNING, Press, button
from cases.admin.contacts.forms import AskForm, EndWishForm, StopForm, WishForm
from cases.admin.contacts.permit import said
from cases.rules.contact_budget.refusals import from_kept
from cases.services.contacts import permits, stops, wishes


class BorrowerContactButtons:
    """What people note of a borrower's wishes and of those who refused contact."""

    @button(
        label=_("Note a wish about times"),
        permission="cases.add_contactwish",
        form=WishForm,
        icon="schedule",
        text=_("The borrower's own wish, with its recording or letter. Quiet hours open for at most 30 days."),
        done=_("The wish counts from now on."),
    )
    def note_wish(self, press: Press) -> None:
        wishes.record_wish(borrower=press.record, actor=press.actor, at=press.at, **press.values)

    @button(
        label=_("End a wish about times"),
        permission="cases.change_contactwish",
        form=EndWishForm,
        icon="event_busy",
        done=_("The wish has ended."),
    )
    def end_wish(self, press: Press) -> None:
        wishes.end_wish(wish=press.values["wish"], actor=press.actor, at=press.at)

    @button(
        label=_("Note refused contact"),
        permission="cases.add_contactstop",
        form=StopForm,
        icon="phone_disabled",
        variant=WARNING,
        text=_("Nobody contacts this person's number again, for whichever borrower. This is not taken back."),
        done=_("The number is not used again."),
    )
    def note_stop(self, press: Press) -> None:
        stops.stop_number(actor=press.actor, at=press.at, **press.values)


class CaseContactButtons:
    """The question whether the borrower of a case may be contacted now."""

    @button(
        label=_("May I call now?"),
        permission=permits.ASK,
        form=AskForm,
        icon="phone_enabled",
        submit=_("Ask"),
        text=_("A yes reserves the place for a quarter of an hour. Give it back if you do not call."),
    )
    def ask_permit(self, press: Press) -> HttpResponse:
        permit = permits.ask_permit(
            borrower=press.record.borrower,
            request_id=f"desk-{uuid4()}",
            actor=press.actor,
            at=press.at,
            **press.values,
        )
        reasons = [said(from_kept(kept)) for kept in permit.refusals]
        return HttpResponse(
            render_to_string(
                "admin/cases/permit_answer.html", {"permit": permit, "reasons": reasons}, request=press.request
            )
        )
