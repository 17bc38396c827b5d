"""Admin of shadow runs: versions that are compared with those in force after each finished night."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import DANGER, Press, button, day_input
from backoffice.core.pages.cells import label, linked, named
from backoffice.core.pages.pages import form_page
from backoffice.core.scoping import acts_everywhere
from cases.admin.trials.trial import VersionChoice, version_name
from cases.models import PolicyVersion, ShadowRun
from cases.selectors.policies.versions import policy_versions
from cases.selectors.trials.charts import moved_charts, series_chart
from cases.selectors.trials.figures import rule_titles, shadow_series
from cases.selectors.trials.tables import rule_rows
from cases.services.trials import shadow_runs


class ShadowForm(forms.Form):
    """Which version, and for how long."""

    version = VersionChoice(
        label=_("Policy version"), queryset=PolicyVersion.objects.none(), widget=UnfoldAdminSelectWidget
    )
    from_date = forms.DateField(label=_("From business date"), initial=timezone.localdate, widget=day_input())
    until_date = forms.DateField(label=_("To business date"), widget=day_input())

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        version: Any = self.fields["version"]
        version.queryset = policy_versions().visible_to(user).filter(state__in=shadow_runs.NOT_IN_FORCE)  # type: ignore[attr-defined]


@admin.register(ShadowRun)
class ShadowRunAdmin(ScopedAdmin):
    """Versions that are compared each night before they come into force."""

    list_display = ("name", "from_date", "until_date", "set_by", "standing", "created_at")
    list_select_related = ("version__policy", "set_by")
    empty_hint = _("No version runs in shadow. Begin one to see, night after night, what it would change.")
    fieldsets = (
        (None, {"fields": (("version_link", "standing"), ("from_date", "until_date"), ("beginner", "ended_at"))}),
    )
    beginner = named("set_by", _("set by"))
    change_form_outer_before_template = "admin/cases/shadow_page.html"
    actions_list = ("begin",)
    actions_detail = ("end",)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related(*self.list_select_related)

    @action(
        description=_("Begin a shadow run"), permissions=["cases.run_policytrial"], icon="tonality", url_path="begin"
    )
    def begin(self, request: HttpRequest) -> HttpResponse:
        """Show the form of version and days; POST starts the run."""
        if not acts_everywhere(user=request.user):
            raise PermissionDenied
        data = request.POST if request.method == "POST" else None
        form = ShadowForm(data, user=request.user, initial={"version": request.GET.get("version")})
        if form.is_valid():
            try:
                shadow = shadow_runs.begin_shadow(actor=request.user, at=timezone.now(), **form.cleaned_data)
            except DoorstepError as error:
                field = getattr(error, "field", "")
                form.add_error(field if field in form.fields else None, str(error))
            else:
                messages.success(
                    request,
                    _("The version runs in shadow. A few minutes after each finished night its comparison is here."),
                )
                return HttpResponseRedirect(self.page_of(shadow))
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Begin"),
            title=_("Begin a shadow run"),
            text=_("After each finished night the version is judged on the same facts. Nothing follows from it."),
        )

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Add the series to the page."""
        shadow = self.get_object(request, object_id)
        context: dict[str, Any] = dict(extra_context or {})
        if shadow is not None and self.has_view_permission(request, shadow):
            context["page"] = shadow_page(shadow)
        return super().change_view(request, object_id, form_url, context)  # type: ignore[no-any-return]

    @button(
        label=_("End"),
        permission="cases.run_policytrial",
        everywhere=True,
        variant=DANGER,
        icon="stop",
        submit=_("End it"),
        text=_("No further night is compared. What was recorded stays."),
        done=_("The shadow run has ended."),
    )
    def end(self, press: Press) -> None:
        """End the shadow run now."""
        shadow_runs.end_shadow(shadow=press.record, actor=press.actor, at=press.at)

    @admin.display(description=_("policy version"))
    def name(self, shadow: ShadowRun) -> str:
        return version_name(shadow.version)

    @admin.display(description=_("policy version"))
    def version_link(self, shadow: ShadowRun) -> Any:
        return linked(shadow.version, version_name(shadow.version))

    @admin.display(description=_("state"))
    def standing(self, shadow: ShadowRun) -> Any:
        if shadow.ended_at is not None:
            return label(_("ended"))
        return label(_("running"), "info") if timezone.localdate() <= shadow.until_date else label(_("run out"))


def shadow_page(shadow: ShadowRun) -> dict[str, Any]:
    """Return the series over the nights, and the last night's figures in full."""
    series = shadow_series(shadow=shadow)
    if not series:
        return {"nights": ()}
    trial, latest = series[-1]
    titles = rule_titles(trial=trial)
    return {
        "nights": [
            {
                "link": linked(each, figures.business_date.isoformat()),
                "people": figures.borrowers,
                "accounts": figures.accounts,
            }
            for each, figures in reversed(series)
        ],
        "series": series_chart(days=tuple(figures for _trial, figures in series)),
        "latest": latest,
        "charts": moved_charts(figures=latest, titles=titles),
        "rules": rule_rows(figures=latest, titles=titles),
    }
