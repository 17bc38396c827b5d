"""The page "Daily difference": hits that began, ended or stayed and cases regraded on a business date."""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from backoffice.access.models import Territory
from backoffice.core.csv_cells import BOM, csv_line
from backoffice.core.pages.buttons import day_input
from backoffice.core.pages.cells import EMPTY, linked
from cases.models import Case
from cases.selectors.casework.timeline import event_sentence
from cases.selectors.runs.daily_difference import (
    CURRENT,
    PAGE,
    Difference,
    changed_hits,
    difference,
    regraded,
    rule_titles,
    worked_days,
)

KINDS = {"entered": _("Entered"), "left": _("Left"), "regraded": _("Regraded")}
# Further territories are summed up in one line.
TERRITORIES_SHOWN = 40
LAST_BUCKET = 7


class DayForm(forms.Form):
    """Which business date, and which of its changes. Every field is optional; an invalid one is refused."""

    day = forms.DateField(label=_("Business date"), required=False, widget=day_input())
    show = forms.ChoiceField(choices=list(KINDS.items()), required=False, widget=forms.HiddenInput)
    rule = forms.CharField(max_length=40, required=False, widget=forms.HiddenInput)
    territory = forms.CharField(max_length=20, required=False, widget=forms.HiddenInput)
    bucket = forms.IntegerField(min_value=0, max_value=LAST_BUCKET, required=False, widget=forms.HiddenInput)
    after = forms.IntegerField(min_value=0, max_value=2**63 - 1, required=False, widget=forms.HiddenInput)


def daily_difference_page(request: HttpRequest) -> HttpResponse:
    """Show the page, by default of the last finished business date. `format=csv` returns the counts as a file."""
    user: Any = request.user
    if not user.has_perm("cases.view_triggerhit"):
        raise PermissionDenied
    form = DayForm(request.GET)
    context: dict[str, Any] = {**admin.site.each_context(request), "title": _("Daily difference"), "form": form}
    if not form.is_valid():
        return TemplateResponse(request, "admin/cases/daily_difference.html", context, status=400)
    chosen = {name: value for name, value in form.cleaned_data.items() if value not in (None, "")}
    days = worked_days(around=chosen.get("day"))
    before, day, after = days.before, days.day, days.after
    if day is None:
        return TemplateResponse(request, "admin/cases/daily_difference.html", context)
    found = difference(user=user, business_date=day, newest=days.newest)
    titles, territories = rule_titles(), Territory.objects.visible_to(user).in_bulk()
    if request.GET.get("format") == "csv":
        return _csv(found, titles, territories)
    context |= {
        "day": day,
        **{f"{name}_text": each.isoformat() for name, each in _named(before, day, after)},
        "form": DayForm(initial={"day": day}),
        "before": before,
        "after": after,
        "found": found,
        "stayed": EMPTY if found.stayed is None else sum(found.stayed.values()),
        "rules": _by_rule(found, titles),
        "places": _by_place(found, territories),
        "buckets": [_bucket(number) for number in _buckets(found)],
        **_list(user=user, day=day, chosen=chosen, titles=titles, territories=territories),
    }
    return TemplateResponse(request, "admin/cases/daily_difference.html", context)


def _named(before: date | None, day: date, after: date | None) -> list[tuple[str, date]]:
    return [(name, each) for name, each in (("before", before), ("day", day), ("after", after)) if each is not None]


def _link(**chosen: Any) -> str:
    query = {name: value for name, value in chosen.items() if value not in (None, "")}
    return f"{reverse('cases_daily_difference')}?{urlencode(query)}#hits"


def _bucket(number: int) -> str:
    if number == CURRENT:
        return str(_("paid up"))
    return f"M{number}+" if number >= LAST_BUCKET else f"M{number}"


def _buckets(found: Difference) -> list[int]:
    return sorted({change.bucket for change in found.changes})


def _by_rule(found: Difference, titles: dict[str, str]) -> list[dict[str, Any]]:
    sums: dict[str, dict[str, int]] = defaultdict(lambda: {"entered": 0, "left": 0})
    for change in found.changes:
        sums[change.rule]["entered"] += change.entered
        sums[change.rule]["left"] += change.left
    day, stayed = found.business_date.isoformat(), found.stayed or {}
    is_known = found.stayed is not None
    return [
        {
            "title": titles.get(rule, rule),
            **sums[rule],
            "stayed": stayed.get(rule, 0) if is_known else EMPTY,
            "holding": stayed.get(rule, 0) + sums[rule]["entered"] if is_known else EMPTY,
            "entered_link": _link(day=day, show="entered", rule=rule),
            "left_link": _link(day=day, show="left", rule=rule),
        }
        for rule in sorted({*sums, *stayed}, key=lambda rule: titles.get(rule, rule))
    ]


def _by_place(found: Difference, territories: dict[int, Territory]) -> list[dict[str, Any]]:
    """Return a line for each territory, those with most changes first, with a cell for each bucket."""
    sums: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0]))
    for change in found.changes:
        cell = sums[change.territory_id][change.bucket]
        cell[0] += change.entered
        cell[1] += change.left
    order = sorted(sums, key=lambda pk: (-sum(map(sum, sums[pk].values())), pk))
    day, lines = found.business_date.isoformat(), []
    for pk in order[:TERRITORIES_SHOWN]:
        territory = territories[pk]
        cells = [
            {
                "entered": sums[pk][bucket][0],
                "left": sums[pk][bucket][1],
                "entered_link": _link(day=day, show="entered", territory=territory.code, bucket=bucket),
                "left_link": _link(day=day, show="left", territory=territory.code, bucket=bucket),
            }
            for bucket in _buckets(found)
        ]
        lines.append({"name": territory, "cells": cells})
    rest = order[TERRITORIES_SHOWN:]
    if rest:
        cells = [
            {"entered": sum(sums[pk][bucket][0] for pk in rest), "left": sum(sums[pk][bucket][1] for pk in rest)}
            for bucket in _buckets(found)
        ]
        lines.append({"name": _("{number} others").format(number=len(rest)), "cells": cells})
    return lines


def _list(
    *, user: Any, day: date, chosen: dict[str, Any], titles: dict[str, str], territories: dict[int, Territory]
) -> dict[str, Any]:
    """Return one page of the chosen hits or regraded cases, with its filters and the links to other pages."""
    show = chosen.get("show", "entered")
    code, rule, bucket = chosen.get("territory", ""), chosen.get("rule", ""), chosen.get("bucket")
    place = next((each for each in territories.values() if each.code == code), None)
    narrowed = [titles.get(rule, rule)] if rule else []
    narrowed += [str(place or code)] if code else []
    narrowed += [_bucket(bucket)] if bucket is not None else []
    after = chosen.get("after", 0)
    if show == "regraded":
        events = regraded(user=user, business_date=day).filter(pk__gt=after)
        found: list[Any] = list(events.select_related("case__borrower", "case__territory")[: PAGE + 1])
        rows = [_regraded_row(event) for event in found[:PAGE]]
    else:
        # 0, which no territory has, for one that the person may not see: None would mean all.
        found = changed_hits(
            user=user,
            business_date=day,
            kind=show,
            rule=rule,
            bucket=bucket,
            after=after,
            territory_id=place.pk if place else 0 if code else None,
        )
        rows = [_row(hit, titles) for hit in found[:PAGE]]
    is_more = len(found) > PAGE
    chosen_again = {"day": day.isoformat(), "show": show, "rule": rule, "territory": code, "bucket": bucket}
    return {
        "show": show,
        "rows": rows,
        "narrowed": " · ".join(map(str, narrowed)),
        "tabs": [
            {"label": label, "link": _link(day=day.isoformat(), show=kind), "is_current": kind == show}
            for kind, label in KINDS.items()
        ],
        "more": _link(**chosen_again, after=found[PAGE - 1].pk) if is_more else "",
        "first": _link(**chosen_again) if after else "",
        "all": _link(day=day.isoformat(), show=show) if narrowed else "",
    }


def _row(hit: Any, titles: dict[str, str]) -> dict[str, Any]:
    return {
        "case": linked(Case(pk=hit.case_id)) if hit.case_id else EMPTY,
        "borrower": linked(hit.borrower, hit.borrower.masked_name or hit.borrower.external_ref),
        "account": linked(hit.account),
        "territory": hit.borrower.territory,
        "bucket": _bucket(hit.bucket),
        "what": titles.get(hit.rule, hit.rule),
        "since": hit.entered_on,
        "muted": hit.muted,
    }


def _regraded_row(event: Any) -> dict[str, Any]:
    case = event.case
    return {
        "case": linked(case),
        "borrower": linked(case.borrower, case.borrower.masked_name or case.borrower.external_ref),
        "account": "",
        "territory": case.territory,
        "bucket": "",
        "since": case.opened_on,
        "muted": False,
        "what": event_sentence(kind=event.kind, body=event.body, names={}),
    }


def _csv(found: Difference, titles: dict[str, str], territories: dict[int, Territory]) -> HttpResponse:
    """Return the counts as a CSV file without names."""

    def lines() -> Iterator[str]:
        heads = (_("Business date"), _("Reason"), _("Territory"), _("Bucket"), _("Entered"), _("Left"))
        yield BOM + csv_line([str(head) for head in heads])
        for change in found.changes:
            yield csv_line(
                [
                    found.business_date.isoformat(),
                    titles.get(change.rule, change.rule),
                    str(territories[change.territory_id]),
                    _bucket(change.bucket),
                    str(change.entered),
                    str(change.left),
                ]
            )

    response = HttpResponse("".join(lines()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="difference-{found.business_date.isoformat()}.csv"'
    return response
