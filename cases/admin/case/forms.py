"""What the buttons of a case ask for."""

from decimal import Decimal
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.access.models import User
from backoffice.access.roles import Role
from backoffice.core.pages.buttons import ButtonForm, ReasonForm, day_input
from cases.admin.policy.rules_text import rule_titles
from cases.enums import NEW_TOPICS, OWN_KINDS, AccountStatus, Channel, ComplaintKind, ContactOutcome
from cases.models import Account, Decision
from cases.rules.proposals import RATE_POINTS
from cases.services.casework.cases import REASONS_BY_HAND


class AssignForm(ButtonForm):
    """A colleague who works cases of this territory."""

    owner = forms.ModelChoiceField(
        label=_("Case officer"), queryset=User.objects.none(), widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        here = Q(territories=self.record.territory_id) | Q(all_territories=True)
        officers = User.objects.filter(here, role=Role.CASE_OFFICER, is_active=True)
        self.fields["owner"].queryset = officers.order_by("display_name", "username", "pk").distinct()


class NoteForm(ButtonForm):
    """A note and, if it is known, the day of the next step."""

    text = forms.CharField(
        label=_("Note"), max_length=2000, widget=UnfoldAdminTextareaWidget({"rows": 5}), help_text=_("Kept sealed.")
    )
    next_action_on = forms.DateField(label=_("Next action on"), required=False, widget=day_input())


class HoldForm(ReasonForm):
    """The last day on hold, and the reason."""

    until = forms.DateField(label=_("On hold until"), widget=day_input())


class VisitForm(ButtonForm):
    """The day by which the visit is needed."""

    by = forms.DateField(label=_("Needs a visit by"), widget=day_input())


class CloseForm(ButtonForm):
    """One of the reasons for closing, and a note."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[(reason.value, reason.label) for reason in REASONS_BY_HAND],
        widget=UnfoldAdminSelectWidget,
    )
    note = forms.CharField(
        label=_("Note"), max_length=300, required=False, widget=UnfoldAdminTextareaWidget({"rows": 3})
    )


class ProposeForm(ButtonForm):
    """A decision of the officer's own on one of the borrower's accounts. Terms follow from the kind."""

    account = forms.ModelChoiceField(
        label=_("Account"), queryset=Account.objects.none(), widget=UnfoldAdminSelectWidget
    )
    kind = forms.ChoiceField(label=_("Decision"), choices=OWN_KINDS, widget=UnfoldAdminSelectWidget)
    days = forms.IntegerField(
        label=_("For how many days"), min_value=1, max_value=180, required=False, widget=UnfoldAdminTextInputWidget
    )
    points = forms.TypedChoiceField(
        label=_("Off the annual rate"),
        choices=[
            ("", "–"),
            *((f"{n}", format_lazy(_("{n} percentage points"), n=f"{n * 100:.1f}")) for n in RATE_POINTS),
        ],
        coerce=Decimal,
        empty_value=None,
        required=False,
        widget=UnfoldAdminSelectWidget,
        help_text=_("For rate relief and a lower rate; half a point unless chosen."),
    )
    amount = forms.DecimalField(
        label=_("New limit"),
        min_value=0,
        max_digits=14,
        decimal_places=2,
        required=False,
        widget=UnfoldAdminTextInputWidget,
    )
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        accounts = Account.objects.visible_to(self.request.user).filter(borrower_id=self.record.borrower_id)
        self.fields["account"].queryset = accounts.exclude(status=AccountStatus.CLOSED).order_by("pk")
        # The page of the case offers kinds that fit; a value that is none of the choices selects nothing.
        self.initial |= {name: self.request.GET[name] for name in ("account", "kind") if name in self.request.GET}


class ContactForm(ButtonForm):
    """One attempt by one channel, just now."""

    channel = forms.ChoiceField(label=_("Channel"), choices=Channel.choices, widget=UnfoldAdminSelectWidget)
    outcome = forms.ChoiceField(label=_("Outcome"), choices=ContactOutcome.choices, widget=UnfoldAdminSelectWidget)
    permit_ref = forms.CharField(
        label=_("Permit"),
        max_length=40,
        required=False,
        widget=UnfoldAdminTextInputWidget,
        help_text=_("Its reference, if you asked before the contact."),
    )


class ComplaintForm(ButtonForm):
    """A complaint's kind, topic and words, and the decision that an appeal is against."""

    kind = forms.ChoiceField(label=_("Kind"), choices=ComplaintKind.choices, widget=UnfoldAdminSelectWidget)
    topic = forms.ChoiceField(label=_("About"), choices=NEW_TOPICS, widget=UnfoldAdminSelectWidget)
    occurred_on = forms.DateField(
        label=_("Happened on"),
        required=False,
        widget=day_input(),
        help_text=_("Of somebody's conduct always: the agency answers for what it did itself."),
    )
    subject = forms.CharField(
        label=_("What the borrower says"),
        max_length=200,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=_("Kept sealed."),
    )
    decision = forms.ModelChoiceField(
        label=_("Decision"), queryset=Decision.objects.none(), required=False, widget=UnfoldAdminSelectWidget
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        decided = Decision.objects.visible_to(self.request.user).filter(borrower_id=self.record.borrower_id)
        self.fields["decision"].queryset = decided.order_by("-pk")


class MuteForm(ButtonForm):
    """The rule to mute, the last day, and the reason."""

    rule = forms.ChoiceField(label=_("Reason"), widget=UnfoldAdminSelectWidget)
    until = forms.DateField(label=_("Muted until"), widget=day_input())
    why = forms.CharField(label=_("Why"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 3}))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rule"].choices = list(rule_titles(self.record.policy_version).items())
