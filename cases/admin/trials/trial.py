"""Admin of trials: the form that requests one, its progress, and its figures as charts."""

import time
from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import Max
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import day_input
from backoffice.core.pages.cells import EMPTY, chip, named, tones
from backoffice.core.pages.pages import form_page
from cases.admin.trials.trial_panels import percent_done, trial_page
from cases.enums import TrialKind, TrialState
from cases.models import AccountFacts, PolicyTrial, PolicyVersion
from cases.selectors.policies.versions import policy_versions
from cases.selectors.trials.figures import total_of
from cases.services.trials import trial_requests, trial_worker

STATE_TONES = tones(TrialState, success=["FINISHED"], danger=["FAILED"], info=["RUNNING"])
KIND_TONES = tones(TrialKind, primary=["PREVIEW"], info=["SHADOW"])
# Seconds that the request itself works on a new trial, enough for a small portfolio; workers do the rest.
SECONDS_AT_ONCE = 2.0
ASKED_FOR = (TrialKind.BACKTEST, TrialKind.PREVIEW, TrialKind.REPLAY)
AGAINST = (("in force", _("the version in force")), ("", _("no policy at all")))


class VersionChoice(forms.ModelChoiceField[PolicyVersion]):
    """A version by policy, number and state."""

    def label_from_instance(self, version: Any) -> str:
        return f"{version.policy} {version.number} · {version.get_state_display()}"


class TryForm(forms.Form):
    """The kind of trial, the version, what it is compared with, and the days."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(kind.value, kind.label) for kind in ASKED_FOR],
        widget=UnfoldAdminSelectWidget,
        help_text=_(
            "A backtest counts what would have happened. A publish preview adds rewards, restrictions, agencies, cost and"
            " conduct. A replay judges a past day again by the policies of that day and names every difference."
        ),
    )
    version = VersionChoice(
        label=_("Policy version"), queryset=PolicyVersion.objects.none(), widget=UnfoldAdminSelectWidget
    )
    against = forms.ChoiceField(
        label=_("Compared with"), required=False, widget=UnfoldAdminSelectWidget, help_text=_("A replay needs none.")
    )
    business_date = forms.DateField(label=_("From business date"), widget=day_input())
    until_date = forms.DateField(
        label=_("To business date"), required=False, widget=day_input(), help_text=_("Empty for one day.")
    )

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        versions = policy_versions().visible_to(user)  # type: ignore[attr-defined]
        version: Any = self.fields["version"]
        version.queryset = versions
        others = [(str(each.pk), version.label_from_instance(each)) for each in versions[:50]]
        self.fields["against"].choices = [*AGAINST, *others]  # type: ignore[attr-defined]

    def clean_against(self) -> Any:
        chosen = self.cleaned_data["against"]
        if chosen == trial_requests.IN_FORCE:
            return chosen
        return PolicyVersion.objects.filter(pk=chosen).first() if chosen else None


@admin.register(PolicyTrial)
class PolicyTrialAdmin(ScopedAdmin):
    """One version over the facts of one day or several, compared with another."""

    list_display = (
        "__str__",
        "kind_chip",
        "version_name",
        "against_name",
        "state_chip",
        "progress",
        "opened",
        "closed",
        "asked_by",
        "asked_at",
    )
    list_filter = (("kind", ChoicesDropdownFilter), ("state", ChoicesDropdownFilter))
    list_select_related = ("version__policy", "against__policy", "asked_by")
    empty_hint = _("Nothing has been tried yet. Try a draft on the facts of a past day before it is submitted.")
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("kind_chip", "state_chip"),
                    ("version_name", "against_name"),
                    ("business_date", "until_date"),
                    ("asked", "asked_at"),
                    ("finished_at", "last_error"),
                )
            },
        ),
    )
    asked = named("asked_by", _("asked for by"))
    change_form_outer_before_template = "admin/cases/trial_page.html"
    actions_list = ("try_version",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related).defer("sample")

    @action(description=_("Try a version"), permissions=["cases.run_policytrial"], icon="experiment", url_path="try")
    def try_version(self, request: HttpRequest) -> HttpResponse:
        """Ask what to try; GET only shows the form, filled from the address where a page leads here."""
        data = request.POST if request.method == "POST" else None
        form = TryForm(data, user=request.user, initial=_suggested(request))
        if form.is_valid():
            try:
                trial = trial_requests.request_trial(actor=request.user, at=timezone.now(), **form.cleaned_data)
            except DoorstepError as error:
                field = getattr(error, "field", "")
                form.add_error(field if field in form.fields else None, str(error))
            else:
                _work_a_little(trial)
                messages.success(request, _("The trial has begun. It reads kept facts and changes nothing."))
                return HttpResponseRedirect(self.page_of(trial))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Try it"),
            title=_("Try a version"),
            text=_("The version is judged on facts that evaluations have kept. No case, hit or decision is touched."),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Add the figures to the page; while the trial is worked the page asks for itself again."""
        trial = self.get_object(request, object_id)
        context: dict[str, Any] = dict(extra_context or {})
        if trial is not None and self.has_view_permission(request, trial):
            context["page"] = trial_page(trial=trial, user=request.user)
            if trial.kind == TrialKind.PREVIEW and trial.state == TrialState.FINISHED:
                context["preview_address"] = _preview_address(trial)
        answer = super().change_view(request, object_id, form_url, context)
        if trial is not None and trial.finished_at is None:
            answer.headers["Refresh"] = "3"
        return answer  # type: ignore[no-any-return]

    @admin.display(description=_("kind"), ordering="kind")
    def kind_chip(self, trial: PolicyTrial) -> Any:
        return chip(trial, "kind", KIND_TONES)

    @admin.display(description=_("state"), ordering="state")
    def state_chip(self, trial: PolicyTrial) -> Any:
        return chip(trial, "state", STATE_TONES)

    @admin.display(description=_("policy version"))
    def version_name(self, trial: PolicyTrial) -> str:
        return version_name(trial.version)

    @admin.display(description=_("compared with"))
    def against_name(self, trial: PolicyTrial) -> str:
        return EMPTY if trial.against is None else version_name(trial.against)

    @admin.display(description=_("progress"))
    def progress(self, trial: PolicyTrial) -> str:
        return f"{trial.done_count:,} / {trial.account_count:,} ({percent_done(trial=trial)}%)"

    @admin.display(description=_("opened"))
    def opened(self, trial: PolicyTrial) -> Any:
        return _moved(trial, "opened")

    @admin.display(description=_("closed"))
    def closed(self, trial: PolicyTrial) -> Any:
        return _moved(trial, "closed")


def version_name(version: PolicyVersion) -> str:
    """Return a version as people name it: policy and number."""
    return f"{version.policy} {version.number}"


def _moved(trial: PolicyTrial, name: str) -> Any:
    figures = total_of(trial=trial)
    return EMPTY if figures is None or trial.kind == TrialKind.REPLAY else figures.borrowers.get(name, 0)


def _suggested(request: HttpRequest) -> dict[str, Any]:
    """Return what the form begins with: as the address says, on the latest day of which facts are kept."""
    latest: date | None = AccountFacts.objects.aggregate(day=Max("business_date"))["day"]
    asked = {name: request.GET[name] for name in ("kind", "version") if name in request.GET}
    return {"against": trial_requests.IN_FORCE, "business_date": latest or timezone.localdate(), **asked}


def _work_a_little(trial: PolicyTrial) -> None:
    ends = time.monotonic() + SECONDS_AT_ONCE
    while trial_worker.work_trial(trial_id=trial.pk, at=timezone.now()) and time.monotonic() < ends:
        continue


def _preview_address(trial: PolicyTrial) -> str:
    """Return the page of the roof that adds agencies, cost and conduct; nothing where that floor is not there."""
    try:
        return reverse("reports_policy_preview", args=[trial.pk])
    except NoReverseMatch:
        return ""
