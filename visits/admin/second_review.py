"""The buttons of a second reviewer on the page of a report that has reasons to check."""

from django import forms
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminTextareaWidget

from backoffice.core.pages.buttons import DANGER, SUCCESS, WARNING, ButtonForm, Press, button
from cases.services.casework.wording import REASON_MAX
from visits.enums import ReviewVerdict
from visits.services.review.second_review import second_review

SECOND_BUTTONS = ("agree", "return_again", "red_line_again")


class SecondForm(ButtonForm):
    """Why the second reviewer judges so."""

    reason = forms.CharField(label=_("Reason"), max_length=REASON_MAX, widget=UnfoldAdminTextareaWidget({"rows": 3}))


class SecondReviewButtons:
    """What a second reviewer decides about a report that another one would accept."""

    @button(
        label=_("Agree to accept"),
        permission="visits.review_visitorder",
        form=SecondForm,
        icon="done_all",
        variant=SUCCESS,
        text=_("There are reasons to check this report. Look at each of them, and say why it counts all the same."),
        done=_("The report is accepted and its facts are recorded."),
    )
    def agree(self, press: Press) -> None:
        second_review(
            report=press.record, verdict=ReviewVerdict.ACCEPTED, actor=press.actor, at=press.at, **press.values
        )

    @button(
        label=_("Return all the same"),
        permission="visits.review_visitorder",
        form=SecondForm,
        icon="undo",
        variant=WARNING,
        text=_("The crew hands in another version; this one stays."),
        done=_("The report is returned."),
    )
    def return_again(self, press: Press) -> None:
        second_review(
            report=press.record, verdict=ReviewVerdict.RETURNED, actor=press.actor, at=press.at, **press.values
        )

    @button(
        label=_("Find a red line crossed"),
        permission="visits.review_visitorder",
        form=SecondForm,
        icon="report",
        variant=DANGER,
        text=_("Nothing of this report counts; the agency answers for it."),
        done=_("The red line is recorded."),
    )
    def red_line_again(self, press: Press) -> None:
        second_review(
            report=press.record, verdict=ReviewVerdict.RED_LINE, actor=press.actor, at=press.at, **press.values
        )
