"""Strategy upgrades: raised by the risk department, approved by another person."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from backoffice.access.models import Territory
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import SUCCESS, Press, button, day_input
from backoffice.core.pages.cells import EMPTY, label, named
from backoffice.core.pages.pages import form_page
from backoffice.core.scoping import acts_in
from cases.models import StrategyUpgrade
from cases.services.policies import strategy_upgrades


class UpgradeForm(forms.Form):
    """What is put under review, from when to when, and why."""

    territory = forms.ModelChoiceField(
        label=_("Territory"), queryset=Territory.objects.none(), required=False, widget=UnfoldAdminSelectWidget
    )
    segment = forms.CharField(label=_("Segment"), max_length=40, required=False, widget=UnfoldAdminTextInputWidget)
    starts_on = forms.DateField(label=_("Starts on"), widget=day_input())
    ends_on = forms.DateField(label=_("Ends on"), widget=day_input())
    reason = forms.CharField(label=_("Reason"), max_length=300, widget=UnfoldAdminTextareaWidget({"rows": 3}))

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.visible_to(user).order_by("code", "pk")  # type: ignore[attr-defined]


@admin.register(StrategyUpgrade)
class StrategyUpgradeAdmin(ScopedAdmin):
    """A territory or segment under review for some days: the first of the four reasons for a visit."""

    list_display = ("__str__", "part", "starts_on", "ends_on", "reason", "raised_by", "standing")
    list_select_related = ("territory", "raised_by", "approved_by")
    link_lookups = ("approved_by__isnull",)
    empty_hint = _(
        "Nothing is under review. The risk department raises an upgrade when a part of the portfolio worsens."
    )
    fieldsets = (
        (None, {"fields": (("part", "standing"), ("starts_on", "ends_on"), "reason", ("raised", "approved"))}),
    )
    approved = named("approved_by", _("approved by"))
    raised = named("raised_by", _("raised by"))
    actions_list = ("raise_upgrade",)
    actions_detail = ("approve",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    @admin.display(description=_("under review"))
    def part(self, upgrade: StrategyUpgrade) -> str:
        return " · ".join(str(part) for part in (upgrade.territory, upgrade.segment) if part) or EMPTY

    @admin.display(description=_("state"))
    def standing(self, upgrade: StrategyUpgrade) -> Any:
        return label(_("Approved"), "success") if upgrade.approved_by_id else label(_("Waits for approval"), "primary")

    @action(
        description=_("Raise an upgrade"),
        permissions=["cases.raise_strategyupgrade"],
        icon="campaign",
        url_path="raise",
    )
    def raise_upgrade(self, request: HttpRequest) -> HttpResponse:
        """Ask what is to be reviewed; GET only shows the form."""
        form = UpgradeForm(request.POST if request.method == "POST" else None, user=request.user)
        if form.is_valid():
            try:
                raised = strategy_upgrades.raise_upgrade(actor=request.user, at=timezone.now(), **form.cleaned_data)
            except DoorstepError as error:
                form.add_error(getattr(error, "field", "") or None, str(error))
            else:
                messages.success(request, _("The upgrade waits for another person's approval."))
                return HttpResponseRedirect(self.page_of(raised))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Raise"),
            title=_("Raise a strategy upgrade"),
            text=_(
                "Accounts of this part count as under review from the next evaluation after another person has approved."
            ),
        )

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Return the approval for upgrades that wait for it and concern only territories of the person."""
        upgrade = self.get_object(request, str(object_id))
        actions = super().get_actions_detail(request, object_id)
        is_open = upgrade is not None and upgrade.approved_by_id is None
        return actions if is_open and acts_in(user=request.user, territory_id=upgrade.territory_id) else []

    @button(
        label=_("Approve"),
        permission="cases.approve_strategyupgrade",
        icon="check",
        variant=SUCCESS,
        text=_("Nobody approves what they raised themselves."),
        done=_("The upgrade counts from the next evaluation on."),
    )
    def approve(self, press: Press) -> None:
        strategy_upgrades.approve_upgrade(upgrade=press.record, actor=press.actor, at=press.at)
