"""National holidays: how certain the coming years are, entering a year's notice, and confirming another person's."""

from dataclasses import replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter
from unfold.decorators import action

from backoffice.access.filters import territory_filter
from backoffice.access.models import Jurisdiction, Territory
from backoffice.core.errors import DoorstepError
from backoffice.core.pages.admin import ScopedAdmin
from backoffice.core.pages.buttons import DANGER, SUCCESS, Press, button
from backoffice.core.pages.cells import chip, named, tones
from backoffice.core.pages.pages import form_page
from backoffice.core.scoping import acts_everywhere
from cases.admin.policy.holiday_words import certainty_words, day_words
from cases.admin.policy.holidays_form import NoticeForm, YearForm
from cases.enums import NoticeState
from cases.models import HolidayNotice
from cases.rules.holiday_lifecycle import HOLIDAY_NOTICE
from cases.rules.holiday_notice import YEARS, breaks_as_json, changed_days, notice_from_json
from cases.rules.holidays import Notice
from cases.selectors.policies.holidays import calendar_in_use, jurisdictions_at_work, said, years_ahead
from cases.services.policies.holidays import confirm_notice, discard_notice, enter_notice

STATE_TONES = tones(NoticeState, success=["CONFIRMED"], info=["DRAFT"])
ENTER = "cases.add_holidaynotice"
CONFIRM = "cases.confirm_holidaynotice"
ENTER_PAGE = "admin:cases_holidaynotice_enter"
# Where the session keeps the days of a file until they are saved.
FROM_FILE = "holidays_from_file"
# Regional holidays are only those that are entered.
REGIONAL = "REGIONAL"


@admin.register(HolidayNotice)
class HolidayNoticeAdmin(ScopedAdmin):
    """The holidays of one year as entered: by one person, confirmed by another."""

    lifecycle = HOLIDAY_NOTICE
    list_display = (
        "year",
        "jurisdiction",
        "territory",
        "state_chip",
        "source",
        "made_by",
        "confirmed_by",
        "created_at",
    )
    list_select_related = ("territory", "made_by", "confirmed_by")
    list_filter = (
        ("state", ChoicesDropdownFilter),
        ("jurisdiction", ChoicesDropdownFilter),
        territory_filter("territory"),
    )
    list_before_template = "admin/cases/holidays_ahead.html"
    change_form_outer_before_template = "admin/cases/holidays_page.html"
    ordering = ("-year", "-pk")
    empty_hint = _(
        "No notice has been entered. The State Council publishes the next year's holidays in November; enter them then with the button above."
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    ("year", "state_chip"),
                    ("jurisdiction", "territory"),
                    "source",
                    ("entered", "confirmed"),
                    ("created_at", "confirmed_at"),
                )
            },
        ),
    )
    entered = named("made_by", _("entered by"))
    confirmed = named("confirmed_by", _("confirmed by"))
    actions_list = ("enter",)
    actions_detail = ("confirm", "discard")

    @admin.display(description=_("state"))
    def state_chip(self, record: HolidayNotice) -> Any:
        return chip(record, "state", STATE_TONES)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Say above the list how certain this year and the next two are."""
        context = dict(extra_context or {})
        if self.has_view_permission(request):
            may_enter = request.user.has_perm(ENTER) and acts_everywhere(user=request.user)
            today = timezone.localdate()
            context["places_ahead"] = [
                {
                    "name": Jurisdiction(code).label,
                    "years": [
                        {
                            "words": certainty_words(each),
                            "waiting": self.page_of(each.waiting) if each.waiting else "",
                            "enter": f"{reverse(ENTER_PAGE)}?{urlencode({'year': each.year, 'jurisdiction': code})}"
                            if may_enter and not each.waiting
                            else "",
                        }
                        for each in years_ahead(user=request.user, business_date=today, jurisdiction=code)
                    ],
                }
                for code in jurisdictions_at_work(user=request.user)
            ]
        return super().changelist_view(request, context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        """Add what the notice says, and what it changes as long as it awaits confirmation."""
        record = self.get_object(request, object_id)
        context: dict[str, Any] = dict(extra_context or {})
        if record is not None and self.has_view_permission(request, record):
            context["page"] = _page(record, request.user)
        return super().change_view(request, object_id, form_url, context)  # type: ignore[no-any-return]

    @action(description=_("Enter a notice"), permissions=[ENTER], icon="add", url_path="enter")
    def enter(self, request: HttpRequest) -> HttpResponse:
        """Ask for the year; then for its days, begun with what counts now or, with `notice`, with what was entered."""
        if not acts_everywhere(user=request.user):
            raise PermissionDenied
        given = request.GET.get("year", "")
        year = int(given) if given.isdecimal() and len(given) == 4 else None
        return self._ask_year(request) if year not in YEARS or year is None else self._ask_days(request, year)

    def _ask_year(self, request: HttpRequest) -> HttpResponse:
        form = YearForm(
            request.POST if request.method == "POST" else None,
            request.FILES if request.method == "POST" else None,
            territories=Territory.objects.visible_to(request.user).order_by("code"),
            initial={"year": timezone.localdate().year + 1, "jurisdiction": Jurisdiction.CHINA},
        )
        if form.is_valid():
            place = {name: form.cleaned_data[name] for name in ("year", "jurisdiction")}
            if form.cleaned_data["territory"] is not None:
                place["territory"] = form.cleaned_data["territory"].pk
            if form.notice is not None:
                # Kept until the person has looked at the days and saved them.
                request.session[FROM_FILE] = _as_kept(form.notice)
                place["from_file"] = 1
            return HttpResponseRedirect(f"{reverse(ENTER_PAGE)}?{urlencode(place)}")
        return form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Next"),
            title=_("Enter a notice"),
            text=_(
                "The next page shows the days that count now for the year, or those of the file; correct them as the notice says."
            ),
        )

    def _ask_days(self, request: HttpRequest, year: int) -> HttpResponse:
        earlier = _earlier(request, year)
        jurisdiction, territory = _place(request, earlier)
        calendar = calendar_in_use(jurisdiction=jurisdiction, territory=territory.pk if territory else None)
        if territory is not None:
            calendar = replace(calendar, notices=calendar.regional, regional=(), jurisdiction=REGIONAL)
        start = said(entered=earlier) if earlier else calendar.as_notice(year=year)
        kept = request.session.get(FROM_FILE) if request.GET.get("from_file") else None
        if kept and kept["year"] == year:
            start = notice_from_json(
                year=year, breaks=kept["breaks"], make_up_days=[date.fromisoformat(day) for day in kept["make_up_days"]]
            )
        form = NoticeForm(
            request.POST if request.method == "POST" else None,
            year=year,
            start=start,
            source=earlier.source if earlier else "",
            is_whole=territory is None,
            jurisdiction=jurisdiction,
        )
        if form.is_valid() and form.notice is not None:
            try:
                entered = enter_notice(
                    notice=form.notice,
                    source=form.cleaned_data["source"],
                    jurisdiction=jurisdiction,
                    territory=territory,
                    actor=request.user,
                    at=timezone.now(),
                )
            except DoorstepError as error:
                field = getattr(error, "field", "")
                form.add_error(field if field in form.fields else None, str(error))
            else:
                request.session.pop(FROM_FILE, None)
                return HttpResponseRedirect(self.page_of(entered))
        answer = form_page(
            model_admin=self,
            request=request,
            form=form,
            submit=_("Save for confirmation"),
            title=_("Holidays of {year}: {place}").format(
                year=year, place=territory or Jurisdiction(jurisdiction).label
            ),
            text=_(
                "These days count now, or stand in the file. Correct them as the notice says, in China the State Council's, the days of a break including its weekends. Nothing changes until another person confirms."
            ),
        )
        answer.template_name = "admin/cases/holidays_form.html"
        return answer

    @button(
        label=_("Confirm"),
        permission=CONFIRM,
        everywhere=True,
        icon="check",
        variant=SUCCESS,
        text=_(
            "Compare every day with the published notice first. It counts at once: nobody is visited on its holidays, visits planned on them are refused at the door and must be planned again. Nobody confirms what they entered themselves."
        ),
        done=_("The holidays are in use."),
    )
    def confirm(self, press: Press) -> None:
        confirm_notice(entered=press.record, actor=press.actor, at=press.at)

    @button(
        label=_("Discard"),
        permission="cases.change_holidaynotice",
        everywhere=True,
        icon="delete",
        variant=DANGER,
        text=_("It is kept and never counts."),
        done=_("The notice is discarded."),
    )
    def discard(self, press: Press) -> None:
        discard_notice(entered=press.record, actor=press.actor, at=press.at)


def _earlier(request: HttpRequest, year: int) -> HolidayNotice | None:
    pk = request.GET.get("notice", "")
    if not (pk.isdecimal() and len(pk) < 19):
        return None
    return HolidayNotice.objects.visible_to(request.user).filter(year=year, pk=int(pk)).first()


def _place(request: HttpRequest, earlier: HolidayNotice | None) -> tuple[str, Territory | None]:
    """Return whose holidays are entered: those of the notice that is corrected, else of the page's address."""
    if earlier is not None:
        return earlier.jurisdiction, earlier.territory
    given, pk = request.GET.get("jurisdiction", ""), request.GET.get("territory", "")
    jurisdiction = given if given in Jurisdiction.values else str(Jurisdiction.CHINA)
    if not (pk.isdecimal() and len(pk) < 19):
        return jurisdiction, None
    territory = Territory.objects.visible_to(request.user).filter(pk=int(pk)).first()
    return (territory.jurisdiction, territory) if territory is not None else (jurisdiction, None)


def _as_kept(notice: Notice) -> dict[str, Any]:
    return {
        "year": notice.year,
        "breaks": breaks_as_json(notice=notice),
        "make_up_days": [day.isoformat() for day in notice.make_up_days],
    }


def _page(record: HolidayNotice, user: Any) -> dict[str, Any]:
    may_enter = user.has_perm(ENTER) and acts_everywhere(user=user)
    page: dict[str, Any] = {
        "is_draft": record.state == NoticeState.DRAFT,
        "is_own": record.made_by_id == user.pk,
        "may_confirm": user.has_perm(CONFIRM) and acts_everywhere(user=user),
        "again": f"{reverse(ENTER_PAGE)}?{urlencode({'year': record.year, 'notice': record.pk})}" if may_enter else "",
        "notice": said(entered=record),
    }
    if page["is_draft"]:
        page["changes"] = [
            {"day": each.day, "before": day_words(each.day, each.before), "after": day_words(each.day, each.after)}
            for each in changed_days(
                before=calendar_in_use(jurisdiction=record.jurisdiction, territory=record.territory_id),
                notice=page["notice"],
                is_whole=record.territory_id is None,
            )
        ]
    return page
