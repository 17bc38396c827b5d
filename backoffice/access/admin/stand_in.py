"""Stand-ins of approvers who are away: entered on a form, ended by a button."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextareaWidget

from backoffice.access import stand_ins
from backoffice.access.models import StandIn, User
from backoffice.access.roles import Role
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import WARNING, Press, button, day_input
from backoffice.core.pages.cells import EMPTY, label, named
from backoffice.core.pages.pages import form_page


class StandInForm(forms.Form):
    """Who is away, who decides instead, from when to when, and why. Only administrators name the person who is away."""

    person = forms.ModelChoiceField(
        label=_("Person away"), queryset=User.objects.none(), widget=UnfoldAdminSelectWidget
    )
    stand_in = forms.ModelChoiceField(label=_("Stand-in"), queryset=User.objects.none(), widget=UnfoldAdminSelectWidget)
    starts_on = forms.DateField(label=_("First day"), widget=day_input())
    ends_on = forms.DateField(label=_("Last day"), widget=day_input())
    reason = forms.CharField(
        label=_("Reason"),
        max_length=stand_ins.LONGEST_REASON,
        widget=UnfoldAdminTextareaWidget({"rows": 3}),
        help_text=_("Kept sealed."),
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        deciding = User.objects.filter(role__in=stand_ins.ROLES, is_active=True)
        colleagues = deciding.exclude(pk=user.pk).order_by("display_name", "username", "pk")
        self.fields["stand_in"].queryset = colleagues  # type: ignore[attr-defined]
        self.fields["person"].queryset = colleagues  # type: ignore[attr-defined]
        if user.role != Role.ADMINISTRATOR:
            del self.fields["person"]


@admin.register(StandIn)
class StandInAdmin(ScopedAdmin):
    """Who decides for an approver who is away."""

    list_display = ("__str__", "starts_on", "ends_on", "standing", "entered")
    list_select_related = ("person", "stand_in", "entered_by", "ended_by")
    empty_hint = _("Nobody has a stand-in. Enter one before you are away, so that decisions do not wait.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("away", "deciding"),
                    ("starts_on", "ends_on"),
                    ("standing", "why"),
                    ("entered", "created_at"),
                    ("ended", "ended_at"),
                )
            },
        ),
    )
    away = named("person", _("person away"))
    deciding = named("stand_in", _("stand-in"))
    entered = named("entered_by", _("entered by"))
    ended = named("ended_by", _("ended by"))
    actions_list = ("enter",)
    actions_detail = ("end",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    @admin.display(description=_("reason"))
    def why(self, entry: StandIn) -> str:
        return str(entry.reason) or EMPTY

    @admin.display(description=_("state"))
    def standing(self, entry: StandIn) -> Any:
        today = timezone.localdate()
        if entry.ended_at is not None:
            return label(_("Ended early"))
        if entry.ends_on < today:
            return label(_("Over"))
        return label(_("Begins later"), "info") if entry.starts_on > today else label(_("In force"), "success")

    @action(description=_("Enter a stand-in"), permissions=["access.add_standin"], icon="person_add", url_path="enter")
    def enter(self, request: HttpRequest) -> HttpResponse:
        """Ask who decides instead and until when; GET only shows the form."""
        form = StandInForm(request.POST if request.method == "POST" else None, user=request.user)
        if form.is_valid():
            given = {"person": request.user, **form.cleaned_data}
            try:
                entry = stand_ins.enter_stand_in(actor=request.user, at=timezone.now(), **given)  # type: ignore[arg-type]  # the admin lets nobody in without a sign-in
            except DoorstepError as error:
                field = getattr(error, "field", "")
                form.add_error(field if field in form.fields else None, str(error))
            else:
                messages.success(
                    request, _("The stand-in sees and decides what waits in these territories on those days.")
                )
                return HttpResponseRedirect(self.page_of(entry))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Enter"),
            title=_("Enter a stand-in"),
            text=_(
                "Another approver sees and decides, for the days given, what waits in your territories. You keep your own rights."
                " What holds for all territories at once is not passed on."
            ),
        )

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Return the button for entries that are not over."""
        entry = self.get_object(request, str(object_id))
        is_open = entry is not None and entry.ended_at is None and entry.ends_on >= timezone.localdate()
        return super().get_actions_detail(request, object_id) if is_open else []

    @button(
        label=_("End now"),
        permission="access.change_standin",
        icon="event_busy",
        variant=WARNING,
        text=_("From this moment on only the person's own rights count."),
        done=_("The stand-in has ended."),
    )
    def end(self, press: Press) -> None:
        stand_ins.end_stand_in(entry=press.record, actor=press.actor, at=press.at)
