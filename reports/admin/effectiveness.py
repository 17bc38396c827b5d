"""The page "Effectiveness": what each channel achieved and cost, and how far the cases of a period have come."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminSelectWidget

from backoffice.access.models import Territory
from backoffice.core.pages.buttons import day_input
from backoffice.core.pages.cells import EMPTY, money, rate
from cases.enums import Channel
from reports.enums import Experiment
from reports.rules.exports import LONGEST_DAYS
from reports.selectors.effectiveness import ATTRIBUTION_DAYS, SMALL, ChannelEffect, channel_effect
from reports.selectors.experiment import ArmResult, compare_arms
from reports.selectors.funnel import FunnelStep, funnel

OPTIONS = json.dumps(
    {
        "responsive": True,
        "maintainAspectRatio": False,
        "animation": False,
        "plugins": {"legend": {"display": False}},
        "scales": {"x": {"grid": {"display": False}}, "y": {"beginAtZero": True}},
    }
)


class PeriodForm(forms.Form):
    """Which days, which territory, which currency."""

    start_on = forms.DateField(label=_("From"), widget=day_input())
    end_on = forms.DateField(label=_("To"), widget=day_input())
    territory = forms.ModelChoiceField(
        label=_("Territory"),
        queryset=Territory.objects.none(),
        required=False,
        empty_label=_("All that I see"),
        widget=UnfoldAdminSelectWidget,
    )
    currency = forms.RegexField(label=_("Currency"), regex=r"^[A-Z]{3}$", max_length=3)

    def __init__(self, *args: Any, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["territory"].queryset = Territory.objects.visible_to(user).order_by("code", "pk")  # type: ignore[attr-defined]
        self.fields["currency"].widget.attrs["class"] = self.fields["start_on"].widget.attrs["class"]

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        start_on, end_on = values.get("start_on"), values.get("end_on")
        if start_on and end_on and not start_on <= end_on <= start_on + timedelta(days=LONGEST_DAYS):
            raise forms.ValidationError(_("The period must end after it starts and last two years at most."))
        return values


def effectiveness_page(request: HttpRequest) -> TemplateResponse:
    """Show the page; without choices, the last ninety days in CNY."""
    user: Any = request.user
    if not user.has_perm("reports.view_effectiveness"):
        raise PermissionDenied
    today = timezone.localdate()
    chosen = {"start_on": today - timedelta(days=90), "end_on": today, "currency": "CNY"}
    form = PeriodForm(request.GET or chosen, user=user)
    context: dict[str, Any] = {**admin.site.each_context(request), "title": _("Effectiveness"), "form": form}
    if form.is_valid():
        values = form.cleaned_data
        effects = channel_effect(user=user, **values)
        steps = funnel(user=user, **{name: values[name] for name in ("start_on", "end_on", "territory")})
        context |= {
            "rows": [_row(effect) for effect in effects],
            "charts": _charts(effects),
            "options": OPTIONS,
            "arms": [_arm(result, values["currency"]) for result in _arms(user, values)],
            "steps": [_step(step) for step in steps],
            "is_empty": not any(effect.attempts or effect.repayments for effect in effects),
            "days": ATTRIBUTION_DAYS,
            "small": SMALL,
            "currency": values["currency"],
        }
    return TemplateResponse(request, "admin/effectiveness.html", context)


def _row(effect: ChannelEffect) -> dict[str, Any]:
    return {
        "channel": Channel(effect.channel).label,
        "effect": effect,
        "right_party_rate": rate(effect.right_party_rate),
        "promise_rate": rate(effect.promise_rate),
        "kept_rate": rate(effect.kept_rate),
        "recovered": money(effect.recovered, effect.currency),
        "cost": money(effect.cost, effect.currency),
        "cost_per_recovered": EMPTY if effect.cost_per_recovered is None else str(effect.cost_per_recovered),
    }


def _charts(effects: tuple[ChannelEffect, ...]) -> list[dict[str, Any]]:
    def percent(value: Any) -> float | None:
        return None if value is None else float(round(value * 100, 2))

    drawn: list[tuple[Any, Callable[[ChannelEffect], Any]]] = [
        (_("Borrower reached, % of attempts"), lambda e: percent(e.right_party_rate)),
        (_("Promises kept, % of those due"), lambda e: percent(e.kept_rate)),
        (_("Recovered"), lambda e: float(e.recovered)),
        (
            _("Cost of one unit recovered"),
            lambda e: None if e.cost_per_recovered is None else float(e.cost_per_recovered),
        ),
    ]
    labels = [str(Channel(effect.channel).label) for effect in effects]
    return [
        {
            "title": title,
            "data": json.dumps(
                {
                    "labels": labels,
                    "datasets": [
                        {
                            "label": str(title),
                            "data": [value(effect) for effect in effects],
                            "backgroundColor": "var(--color-primary-500)",
                            "borderRadius": 4,
                            "maxBarThickness": 48,
                        }
                    ],
                },
                ensure_ascii=False,
            ),
        }
        for title, value in drawn
    ]


def _step(step: FunnelStep) -> dict[str, Any]:
    width = min(100, float(step.share or 0) * 100)
    return {"label": step.label, "count": step.count, "share": rate(step.share), "width": f"{width:.1f}"}


def _arms(user: Any, values: dict[str, Any]) -> tuple[ArmResult, ...]:
    chosen = {name: values[name] for name in ("end_on", "territory", "currency")}
    return compare_arms(user=user, experiment=Experiment.VISIT_TIMING, **chosen)


def _arm(result: ArmResult, currency: str) -> dict[str, Any]:
    def counted(part: int, within: tuple[float, float] | None) -> str:
        low, high = within or (0.0, 1.0)
        return f"{100 * part / result.borrowers:.1f} ({100 * low:.1f}-{100 * high:.1f})"

    return {
        "name": result.arm.label,
        "borrowers": result.borrowers,
        "cured": counted(result.cured, result.cured_within),
        "complained": counted(result.complained, result.complained_within),
        "recovered": money(result.recovered_each, currency),
    }
