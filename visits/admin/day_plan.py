"""Planning a day from the list of visits: the chosen visits, the crews that go, and a planning run for a worker."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from backoffice.core.errors import DoorstepError
from backoffice.core.pages.buttons import day_input
from visits.admin.letter_answer import wish_text
from visits.enums import CrewState
from visits.models import CrewMember
from visits.selectors.wishes import wishes_of
from visits.services.dispatch.planning_requests import request_planning
from visits.services.dispatch.routes import CrewPair

# How long the search may take; a longer one is asked for on the day desk.
SECONDS = 10


class MembersChoice(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Crew members by agency, badge and masked name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.agency} · {obj.external_ref} · {obj.masked_name}"


class DayForm(forms.Form):
    """Which day, and who is on shift. They go in pairs, in the order of their badges within an agency."""

    day = forms.DateField(label=gettext_lazy("Day"), widget=day_input())
    members = MembersChoice(
        label=gettext_lazy("On shift"),
        queryset=CrewMember.objects.none(),
        widget=UnfoldAdminCheckboxSelectMultipleWidget,
        help_text=gettext_lazy("They go in pairs of one agency, in the order of their badges."),
    )

    def __init__(self, *args: Any, user: Any, agencies: Iterable[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        members = (
            CrewMember.objects.visible_to(user)
            .filter(state=CrewState.CONFIRMED, agency__in=agencies)
            .select_related("agency")
        )
        self.fields["members"].queryset = members.order_by("agency", "external_ref", "pk")  # type: ignore[attr-defined]

    def pairs(self) -> list[CrewPair]:
        """Return the members two by two; a member left over stays at home."""
        by_agency: dict[int, list[CrewMember]] = {}
        for member in self.cleaned_data["members"]:
            by_agency.setdefault(member.agency_id, []).append(member)
        return [
            CrewPair(lead=lead, second=second)
            for crew in by_agency.values()
            for lead, second in zip(crew[::2], crew[1::2], strict=False)
        ]


def plan_day(*, model_admin: Any, request: HttpRequest, orders: list[Any]) -> HttpResponse:
    """Show what is to be planned and ask for day and crews; after the confirmation a worker plans."""
    agencies = {order.placement.agency_id for order in orders if order.placement}
    confirmed = request.POST.get("confirmed") == "yes"
    form = DayForm(request.POST if confirmed else None, user=request.user, agencies=agencies)
    if form.is_valid():
        try:
            run = request_planning(
                day=form.cleaned_data["day"],
                territory=orders[0].case.territory,
                crews=form.pairs(),
                orders=orders,
                seconds=SECONDS,
                actor=request.user,
                at=timezone.now(),
            )
        except DoorstepError as error:
            form.add_error(None, str(error))
        else:
            return HttpResponseRedirect(reverse("admin:visits_planningrun_change", args=[run.pk]))
    wishes = wishes_of(orders=[order.pk for order in orders], user=request.user)
    for order in orders:
        order.wish = wish_text(wishes[order.pk]) if order.pk in wishes else ""
    context = model_admin.admin_site.each_context(request) | {
        "title": _("Plan a day"),
        "opts": model_admin.model._meta,
        "rows": orders,
        "form": form,
        "checkbox_name": ACTION_CHECKBOX_NAME,
    }
    return TemplateResponse(request, "admin/visits/plan_day.html", context)
