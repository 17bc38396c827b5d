"""The borrower's answer to a raised limit, on the page of its decision."""

from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from backoffice.core.pages.buttons import ButtonForm, Press, button
from backoffice.core.pages.cells import EMPTY
from cases.models import OptInAnswer
from cases.services.decisions import opt_in

ACCEPTED, DECLINED = "accepted", "declined"


class AnswerForm(ButtonForm):
    """What the borrower answered, and where it is recorded."""

    answer = forms.ChoiceField(
        label=_("Answer"),
        choices=[("", "–"), (ACCEPTED, _("Accepted")), (DECLINED, _("Declined"))],
        widget=UnfoldAdminSelectWidget,
    )
    evidence_ref = forms.CharField(
        label=_("Recording or message"),
        max_length=opt_in.LONGEST_REFERENCE,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Its reference; never what was said."),
    )


class OptInAnswers:
    """The part of the decisions' admin with which the borrower's answer is recorded."""

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Offer the button where the borrower can still answer and has not."""
        actions = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        offers = opt_in.open_offers().filter(decision=object_id, decision__opt_in__isnull=True)
        if any(each.path == "answer_offer" for each in actions) and not offers.exists():
            return [each for each in actions if each.path != "answer_offer"]
        return actions

    @button(
        label=_("Record the borrower's answer"),
        permission=opt_in.PERMISSION,
        form=AnswerForm,
        states={"APPROVED", "SENT"},
        icon="how_to_vote",
        text=_(
            "A raised limit counts once the borrower accepts it; declining has no disadvantage. No answer within 31 days is a no."
        ),
        done=_("The answer is recorded."),
    )
    def answer_offer(self, press: Press) -> None:
        opt_in.answer_offer(
            decision=press.record,
            accepted=press.values["answer"] == ACCEPTED,
            evidence_ref=press.values["evidence_ref"],
            actor=press.actor,
            at=press.at,
        )


def answer_words(decision: Any) -> str:
    """Return what the borrower answered, when, and where it is recorded."""
    # The page asks for a field several times; what it takes to answer is read once.
    if not hasattr(decision, "answer_kept"):
        answers = OptInAnswer.objects.select_related("recorded_by")
        decision.answer_kept = answers.filter(decision=decision).first()
    answer = decision.answer_kept
    if answer is None:
        return EMPTY
    said = _("Accepted") if answer.accepted else _("Declined")
    return f"{said} · {localtime(answer.created_at):%Y-%m-%d %H:%M} · {answer.evidence_ref} · {answer.recorded_by}"
