"""The page "Publish preview": what a version would change for borrowers, agencies, costs and the conduct guard."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.cells import money
from backoffice.core.pages.charts import chart
from cases.enums import TrialKind
from cases.models import PolicyTrial
from cases.selectors.trials.charts import moved_charts, rules_chart
from cases.selectors.trials.figures import outcome_reports, policy_trials, rule_titles
from cases.selectors.trials.tables import outcome_table, rule_rows, standing_rows
from reports.selectors.policy_preview import CityAhead, PolicyPreview, policy_preview
from visits.selectors.refusals_ahead import refusal_words

# A chart with more cities is not readable; the table below it has all of them.
MOST_CITIES = 12


def policy_preview_page(request: HttpRequest, trial_id: int) -> TemplateResponse:
    """Show one preview with today's agencies, prices and protections."""
    user: Any = request.user
    if not user.has_perm("cases.view_policytrial"):
        raise PermissionDenied
    seen = PolicyTrial.objects.visible_to(user)
    trial = policy_trials().filter(pk=trial_id, pk__in=seen, kind=TrialKind.PREVIEW).first()
    if trial is None:
        raise Http404
    now = timezone.now()
    preview = policy_preview(trial=trial, business_date=timezone.localdate(now), at=now)
    title = _("Publish preview")
    context = {
        **admin.site.each_context(request),
        "title": title,
        "trial": trial,
        "preview": preview,
        "version": f"{trial.version.policy} {trial.version.number}",
        "against": f"{trial.against.policy} {trial.against.number}" if trial.against else "",
    }
    if preview is not None:
        context |= _panels(trial, preview)
    return TemplateResponse(request, "admin/policy_preview.html", context)


def _panels(trial: PolicyTrial, preview: PolicyPreview) -> dict[str, Any]:
    titles = rule_titles(trial=trial)
    figures = preview.figures
    return {
        "cards": _cards(preview),
        "charts": [*moved_charts(figures=figures, titles=titles), rules_chart(figures, titles)],
        "rules": rule_rows(figures=figures, titles=titles),
        "standing": standing_rows(figures=figures, titles=titles),
        "outcomes": [outcome_table(report=report, titles=titles) for report in outcome_reports(figures=figures)],
        "capacity_chart": _capacity_chart(preview),
        "cities": [{"city": city, "told": _told(city)} for city in preview.cities],
        "costs": [
            {
                "mean": money(cost.mean, cost.currency),
                "low": money(cost.low, cost.currency),
                "high": money(cost.high, cost.currency),
                "saved": money(cost.saved, cost.currency) if cost.saved else "",
            }
            for cost in preview.costs
        ],
        "refused": _refused(preview),
        "reasons": [
            {"words": refusal_words(code=code), "number": number} for code, number in preview.refusals.reasons.items()
        ],
        "refusal_chart": chart(
            title=_("Why visits would be refused"),
            sideways=True,
            labels=[refusal_words(code=code) for code in preview.refusals.reasons],
            series={("danger", _("Borrowers")): list(preview.refusals.reasons.values())},
        ),
    }


def _cards(preview: PolicyPreview) -> list[dict[str, Any]]:
    people = preview.figures.borrowers
    cost = preview.costs[0] if preview.costs else None
    return [
        {"name": _("Cases opened"), "value": people.get("opened", 0), "below": _("a reason under this version only")},
        {
            "name": _("Cases closed"),
            "value": people.get("closed", 0),
            "below": _("a reason under the other version only"),
        },
        {"name": _("Visits more"), "value": preview.more, "below": _("a reason for a visit under this version only")},
        {"name": _("Cities without room"), "value": len(preview.overloaded), "below": _("agencies would be full")},
        {
            "name": _("Cost of the visits"),
            "value": f"{cost.mean:,.0f}" if cost else 0,
            "below": cost.currency if cost else "",
        },
        {
            "name": _("Would be refused"),
            "value": _refused(preview)["share"],
            "below": _("of the new visits, by the conduct guard"),
        },
    ]


def _capacity_chart(preview: PolicyPreview) -> dict[str, Any]:
    cities = preview.cities[:MOST_CITIES]
    return chart(
        title=_("New visits against free places, by city"),
        labels=[city.name for city in cities],
        sideways=True,
        series={
            ("old", _("Free places")): [city.room.free for city in cities],
            ("fewer", _("Waiting already")): [city.room.waiting for city in cities],
            ("more", _("New visits")): [city.more for city in cities],
        },
    )


def _told(city: CityAhead) -> Any:
    """Return in words whether the city's agencies can take the new visits, and else from when to when they are full."""
    over = city.overload
    if over is None:
        return _("fits")
    if city.room.agencies == 0:
        return _("no agency takes cases here")
    values = {"n": over.over, "since": over.since.isoformat(), "until": over.until and over.until.isoformat()}
    if over.until is None:
        return _("{n} too many from {since} on; 90 days do not free enough places").format(**values)
    return _("{n} too many from {since} until {until}").format(**values)


def _refused(preview: PolicyPreview) -> dict[str, Any]:
    if preview.refused_within is None:
        return {"share": "-", "low": "", "high": ""}
    low, high = preview.refused_within
    asked = preview.refusals
    return {
        "share": f"{100 * asked.refused / asked.asked:.0f}%",
        "low": f"{100 * low:.1f}%",
        "high": f"{100 * high:.1f}%",
        "asked": asked.asked,
        "refused": asked.refused,
    }
